//! Dense f64 arrays for the reference evaluator: plain, row-major, no tricks.

/// A row-major array of f64 with its sizes; a scalar has no sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    sizes: Vec<usize>,
    data: Vec<f64>,
}

impl Tensor {
    /// An array of `sizes` holding `data` in row-major order, or `None` if the
    /// number of elements does not match.
    pub fn new(sizes: impl Into<Vec<usize>>, data: impl Into<Vec<f64>>) -> Option<Self> {
        let (sizes, data) = (sizes.into(), data.into());
        (count(&sizes)? == data.len()).then_some(Tensor { sizes, data })
    }

    /// A number without dimensions.
    pub fn scalar(value: f64) -> Self {
        Tensor { sizes: Vec::new(), data: vec![value] }
    }

    /// A one-dimensional array.
    pub fn vector(data: impl Into<Vec<f64>>) -> Self {
        let data = data.into();
        Tensor { sizes: vec![data.len()], data }
    }

    /// A matrix from its rows, or `None` if the rows differ in length.
    pub fn rows<const N: usize>(rows: &[[f64; N]]) -> Self {
        Tensor { sizes: vec![rows.len(), N], data: rows.concat() }
    }

    /// An array filled by a function of the flat index.
    pub fn from_fn(sizes: impl Into<Vec<usize>>, f: impl FnMut(usize) -> f64) -> Self {
        let sizes = sizes.into();
        let data = (0..sizes.iter().product()).map(f).collect();
        Tensor { sizes, data }
    }

    /// An array of zeros.
    pub fn zeros(sizes: impl Into<Vec<usize>>) -> Self {
        Self::from_fn(sizes, |_| 0.0)
    }

    /// The sizes, outermost first.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The elements in row-major order.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// The elements in row-major order, to be changed.
    pub fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// The first element; NaN for an empty array.
    pub fn item(&self) -> f64 {
        self.data.first().copied().unwrap_or(f64::NAN)
    }

    /// Size of the last dimension (1 for a scalar): the length of a row.
    pub fn columns(&self) -> usize {
        self.sizes.last().copied().unwrap_or(1)
    }

    /// The rows: slices along the last dimension, also where they are empty.
    pub fn iter_rows(&self) -> impl Iterator<Item = &[f64]> {
        let columns = self.columns();
        let rows: usize = self.sizes.iter().rev().skip(1).product();
        (0..rows).map(move |row| &self.data[row * columns..(row + 1) * columns])
    }

    /// Every element through a function.
    pub fn map(&self, f: impl FnMut(f64) -> f64) -> Tensor {
        Tensor { sizes: self.sizes.clone(), data: self.data.iter().copied().map(f).collect() }
    }

    /// For an index into an array of `sizes` that this one broadcasts to, the
    /// index of the element here.
    pub fn broadcast_index(&self, sizes: &[usize], flat: usize) -> usize {
        let (mut rest, mut index, mut stride) = (flat, 0, 1);
        for (axis, &size) in sizes.iter().enumerate().rev() {
            let at = rest % size.max(1);
            rest /= size.max(1);
            if let Some(own) = (axis + self.sizes.len()).checked_sub(sizes.len()) {
                if self.sizes[own] != 1 {
                    index += at * stride;
                }
                stride *= self.sizes[own];
            }
        }
        index
    }
}

fn count(sizes: &[usize]) -> Option<usize> {
    sizes.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcast_indices_repeat_along_size_one() {
        let column = Tensor::new([3, 1], [1.0, 2.0, 3.0]).unwrap();
        let seen: Vec<usize> = (0..6).map(|i| column.broadcast_index(&[3, 2], i)).collect();
        assert_eq!(seen, [0, 0, 1, 1, 2, 2]);
        let row = Tensor::vector([1.0, 2.0]);
        let seen: Vec<usize> = (0..6).map(|i| row.broadcast_index(&[3, 2], i)).collect();
        assert_eq!(seen, [0, 1, 0, 1, 0, 1]);
        assert_eq!(Tensor::scalar(1.0).broadcast_index(&[3, 2], 5), 0);
    }

    #[test]
    fn rows_without_columns_are_rows() {
        let rows = |sizes: &[usize]| Tensor::zeros(sizes).iter_rows().count();
        assert_eq!((rows(&[3, 0]), rows(&[0, 3]), rows(&[3]), rows(&[])), (3, 0, 1, 1));
    }

    #[test]
    fn a_wrong_count_is_refused() {
        assert!(Tensor::new([2, 2], [1.0, 2.0, 3.0]).is_none());
        assert!(Tensor::new([usize::MAX, 2], []).is_none());
    }
}
