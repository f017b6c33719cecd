//! Shapes whose batch size is symbolic until a plan is made.
//!
//! The same graph serves every batch size: a dimension is either a number or
//! [`Dim::Batch`]. Broadcasting follows NumPy: shapes are aligned at their last
//! dimension, and a size of 1 stretches.

use std::fmt;

/// One dimension: a fixed size, or the batch size that a plan fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dim {
    /// A size known when the graph is built.
    Fixed(usize),
    /// The number of rows in a batch.
    Batch,
}

/// The symbolic batch dimension, for use in shape literals: `[BATCH, 784.into()]`.
pub const BATCH: Dim = Dim::Batch;

impl Dim {
    /// The size once the batch size is known.
    pub fn size(self, batch: usize) -> usize {
        match self {
            Dim::Fixed(n) => n,
            Dim::Batch => batch,
        }
    }
}

impl From<usize> for Dim {
    fn from(n: usize) -> Self {
        Dim::Fixed(n)
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dim::Fixed(n) => write!(f, "{n}"),
            Dim::Batch => f.write_str("batch"),
        }
    }
}

/// The dimensions of a value, outermost first; a scalar has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<Dim>);

impl Shape {
    /// The shape of a scalar: no dimensions.
    pub fn scalar() -> Self {
        Shape(Vec::new())
    }

    /// `[batch, columns]`: the shape of a layer's values.
    pub fn batch_by(columns: usize) -> Self {
        Shape(vec![Dim::Batch, Dim::Fixed(columns)])
    }

    /// The dimensions, outermost first.
    pub fn dims(&self) -> &[Dim] {
        &self.0
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The innermost dimension; 1 for a scalar.
    pub fn last(&self) -> Dim {
        self.0.last().copied().unwrap_or(Dim::Fixed(1))
    }

    /// Whether the shape depends on the batch size.
    pub fn has_batch(&self) -> bool {
        self.0.contains(&Dim::Batch)
    }

    /// Sizes with the batch size filled in.
    pub fn sizes(&self, batch: usize) -> Vec<usize> {
        self.0.iter().map(|d| d.size(batch)).collect()
    }

    /// The number of elements with the batch size filled in; `None` if it overflows.
    pub fn count(&self, batch: usize) -> Option<usize> {
        self.0.iter().try_fold(1usize, |n, d| n.checked_mul(d.size(batch)))
    }

    /// The shape that both broadcast to, or `None` if they do not agree.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let at = |s: &Shape, i: usize| (i + s.rank()).checked_sub(rank).map(|j| s.0[j]);
        let dims = (0..rank).map(|i| match (at(self, i), at(other, i)) {
            (Some(a), Some(b)) if a == b => Some(a),
            (Some(Dim::Fixed(1)), Some(d)) | (Some(d), Some(Dim::Fixed(1))) => Some(d),
            (None, Some(d)) | (Some(d), None) => Some(d),
            _ => None,
        });
        dims.collect::<Option<Vec<_>>>().map(Shape)
    }

    /// Whether this shape broadcasts to exactly `to`.
    pub fn broadcasts_to(&self, to: &Shape) -> bool {
        self.broadcast(to).as_ref() == Some(to)
    }
}

impl<D: Into<Dim>, const N: usize> From<[D; N]> for Shape {
    fn from(dims: [D; N]) -> Self {
        Shape(dims.into_iter().map(Into::into).collect())
    }
}

impl From<Vec<Dim>> for Shape {
    fn from(dims: Vec<Dim>) -> Self {
        Shape(dims)
    }
}

impl From<(Dim, usize)> for Shape {
    fn from((rows, columns): (Dim, usize)) -> Self {
        Shape(vec![rows, columns.into()])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.0.iter().map(Dim::to_string).collect();
        write!(f, "[{}]", dims.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let rows = Shape::batch_by(10);
        assert_eq!(rows.broadcast(&[10].into()), Some(rows.clone()));
        assert_eq!(rows.broadcast(&Shape::scalar()), Some(rows.clone()));
        assert_eq!(rows.broadcast(&(BATCH, 1).into()), Some(rows.clone()));
        assert_eq!(rows.broadcast(&[9].into()), None);
        assert!(Shape::from([1]).broadcasts_to(&[4].into()));
        assert!(!Shape::from([4]).broadcasts_to(&[1].into()));
    }

    #[test]
    fn a_batch_is_not_a_number_even_if_it_could_be() {
        let symbolic: Shape = (BATCH, 3).into();
        assert_eq!(symbolic.broadcast(&[7, 3].into()), None);
    }

    #[test]
    fn counting_does_not_overflow() {
        assert_eq!(Shape::from([usize::MAX, 2]).count(1), None);
        assert_eq!(Shape::batch_by(3).count(5), Some(15));
    }
}
