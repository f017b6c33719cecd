//! Products of a few rows with each other: how many directions they span, and how
//! much the gradients of single rows disagree.
//!
//! Both need the rows' Gram matrix alone. The gradient of row i by the weights of a
//! dense layer is the outer product aᵢδᵢᵀ of what the layer is given and of the loss's
//! gradient by its weighted sums, so ⟨gᵢ, gⱼ⟩ = ⟨aᵢ, aⱼ⟩⟨δᵢ, δⱼ⟩, summed over layers
//! (Goodfellow 2015, "Efficient per-example gradient computations").

use gradwise_cpu::Device;

/// The products of rows with each other, n × n.
#[derive(Clone, Debug)]
pub struct Gram {
    rows: usize,
    /// Of the rows.
    products: Vec<f64>,
    /// Of what they differ by from their mean.
    centred: Vec<f64>,
}

impl Gram {
    /// Of the first rows of `columns` numbers, at most `most`. `memory` is what earlier
    /// calls worked in, to be written over.
    pub fn of(
        device: &Device,
        values: &[f32],
        columns: usize,
        most: usize,
        memory: &mut Vec<f32>,
    ) -> Gram {
        let columns = columns.max(1);
        let rows = (values.len() / columns).min(most);
        let values = values.get(..rows * columns).unwrap_or_default();
        // The mean, the rows less the mean, and the products of one row.
        memory.clear();
        memory.resize(columns, 0.0);
        for row in values.chunks_exact(columns) {
            memory.iter_mut().zip(row).for_each(|(m, x)| *m += x);
        }
        memory.iter_mut().for_each(|m| *m /= rows.max(1) as f32);
        memory.resize((rows + 1) * columns + rows + 1, 0.0);
        let (mean, rest) = memory.split_at_mut(columns);
        let (apart, line) = rest.split_at_mut(rows * columns);
        for (row, of) in apart.chunks_exact_mut(columns).zip(values.chunks_exact(columns)) {
            row.iter_mut().zip(of).zip(&*mean).for_each(|((x, of), m)| *x = of - m);
        }
        let (of_rows, common) = line.split_at_mut(rows);
        device.products_with(mean, apart, of_rows);
        device.products_with(mean, mean, common);
        let lean: Vec<f64> = line.iter().map(|x| f64::from(*x)).collect();
        let common = lean.last().copied().unwrap_or(0.0);
        let (mut products, mut centred) = (vec![0.0; rows * rows], vec![0.0; rows * rows]);
        for (i, row) in apart.chunks_exact(columns).enumerate() {
            let before = apart.get(..(i + 1) * columns).unwrap_or_default();
            device.products_with(row, before, line);
            for (j, apart) in line.iter().take(i + 1).map(|x| f64::from(*x)).enumerate() {
                for at in [i * rows + j, j * rows + i] {
                    centred[at] = apart;
                    products[at] = apart + lean[i] + lean[j] + common;
                }
            }
        }
        Gram { rows, products, centred }
    }

    /// The number of directions in which the rows vary: the participation ratio
    /// (Σλ)²/Σλ² of their covariance (Gao et al. 2017, "A theory of multineuronal
    /// dimensionality"); 0 if they do not vary. At most the rows less one.
    pub fn rank(&self) -> f64 {
        let trace = self.trace(&self.centred);
        let squares: f64 = self.centred.iter().map(|x| x * x).sum();
        if squares > 0.0 { trace * trace / squares } else { 0.0 }
    }

    /// How much a column differs from row to row, relative to the root mean square of
    /// all elements.
    pub fn spread(&self) -> f64 {
        let whole = self.trace(&self.products);
        if whole > 0.0 { (self.trace(&self.centred) / whole).max(0.0).sqrt() } else { 0.0 }
    }

    fn trace(&self, of: &[f64]) -> f64 {
        of.iter().step_by(self.rows + 1).sum()
    }
}

/// The products of rows' gradients with each other, layer by layer.
#[derive(Clone, Debug, Default)]
pub struct RowGradients {
    rows: usize,
    products: Vec<f64>,
}

impl RowGradients {
    /// Adds a layer: what it is given, and the gradients by its weighted sums.
    pub fn add(&mut self, input: &Gram, gradient: &Gram, has_bias: bool) {
        if self.products.is_empty() {
            *self = RowGradients { rows: input.rows, products: vec![0.0; input.products.len()] };
        }
        let bias = f64::from(u8::from(has_bias));
        let of_layer = input.products.iter().zip(&gradient.products);
        for (product, (a, d)) in self.products.iter_mut().zip(of_layer) {
            *product += (a + bias) * d;
        }
    }

    /// The trace of the covariance of a row's gradient: Σᵢ|gᵢ − ḡ|²/(n − 1), which is
    /// the mean of |gᵢ|² less that of ⟨gᵢ, gⱼ⟩. `None` of fewer than two rows.
    pub fn variance(&self) -> Option<f64> {
        let n = self.rows as f64;
        let own: f64 = self.products.iter().step_by(self.rows + 1).sum();
        let all: f64 = self.products.iter().sum();
        (self.rows > 1).then(|| (own / n - (all - own) / (n * (n - 1.0))).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f32], columns: usize) -> Gram {
        Gram::of(&Device::new(Some(1)).unwrap(), values, columns, 100, &mut vec![7.0; 9])
    }

    #[test]
    fn the_rank_counts_directions() {
        let rank = |rows: &[f32]| of(rows, 2).rank();
        let line: Vec<f32> = (0..20).flat_map(|i| [i as f32, 2.0 * i as f32]).collect();
        assert!((rank(&line) - 1.0).abs() < 1e-6);
        assert!((rank(&[1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0]) - 2.0).abs() < 1e-9);
        assert_eq!(rank(&[1.0, 1.0, 1.0, 1.0]), 0.0);
    }

    #[test]
    fn the_spread_is_seen_beside_a_large_mean() {
        let rows: Vec<f32> = (0..32).map(|i| 1000.0 + (i % 2) as f32).collect();
        let spread = of(&rows, 1).spread();
        assert!((spread / 0.0005 - 1.0).abs() < 1e-2, "{spread}");
        assert_eq!(of(&[], 3).spread(), 0.0);
    }

    /// Two layers of two rows, against gradients written out.
    #[test]
    fn the_variance_is_that_of_the_rows_own_gradients() {
        let (a, d) = ([[1.0f32, 2.0], [3.0, -1.0]], [[0.5f32], [-2.0]]);
        let own = |i: usize| [a[i][0] * d[i][0], a[i][1] * d[i][0], d[i][0]];
        let twice: Vec<f32> = (0..2).flat_map(|i| [own(i), own(i)].concat()).collect();
        let (x, y) = twice.split_at(6);
        let wanted: f32 = x.iter().zip(y).map(|(x, y)| (x - y).powi(2) / 2.0).sum();
        let mut gradients = RowGradients::default();
        assert_eq!(gradients.variance(), None);
        for _ in 0..2 {
            gradients.add(&of(a.as_flattened(), 2), &of(d.as_flattened(), 1), true);
        }
        let found = gradients.variance().unwrap();
        assert!((found - f64::from(wanted)).abs() < 1e-5, "{found} {wanted}");
    }
}
