//! The affine part of pre-processing: (x − center) · factor, column by column.
//!
//! Scaling, min-max, mean subtraction and standardizing all have this form, and so
//! have they together: a chain of them is composed into one and applied while a
//! batch is gathered. Subtracting first keeps the digits of a column whose mean is
//! large beside its deviation, which x · a + b would lose in f32.

use serde::{Deserialize, Serialize};

/// (x − center) · factor, one pair per column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affine {
    /// What is subtracted, per column.
    pub center: Vec<f32>,
    /// What the difference is multiplied by, per column; never 0.
    pub factor: Vec<f32>,
}

impl Affine {
    /// Writes (x − center) · factor to `to`.
    pub(crate) fn apply(&self, from: &[f32], to: &mut [f32]) {
        let parameters = self.center.iter().zip(&self.factor);
        for ((to, from), (center, factor)) in to.iter_mut().zip(from).zip(parameters) {
            *to = (from - center) * factor;
        }
    }

    /// Replaces each x by (x − center) · factor.
    pub(crate) fn apply_in_place(&self, values: &mut [f32]) {
        let parameters = self.center.iter().zip(&self.factor);
        for (x, (center, factor)) in values.iter_mut().zip(parameters) {
            *x = (*x - center) * factor;
        }
    }

    /// The same from bytes.
    pub(crate) fn apply_bytes(&self, from: &[u8], to: &mut [f32]) {
        let parameters = self.center.iter().zip(&self.factor);
        for ((to, from), (center, factor)) in to.iter_mut().zip(from).zip(parameters) {
            *to = (f32::from(*from) - center) * factor;
        }
    }
}

/// An affine map under composition, in f64; rounded to f32 once, at the end.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    pub center: Vec<f64>,
    pub factor: Vec<f64>,
}

impl Composed {
    /// The map that changes nothing.
    pub fn identity(columns: usize) -> Self {
        Composed { center: vec![0.0; columns], factor: vec![1.0; columns] }
    }

    /// Follows the map of one column by y ↦ (y − center) · factor.
    pub fn then(&mut self, column: usize, center: f64, factor: f64) {
        self.center[column] += center / self.factor[column];
        self.factor[column] *= factor;
    }

    /// Rounded; `None` if it changes nothing.
    pub fn rounded(&self) -> Option<Affine> {
        let round = |v: &[f64]| v.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let affine = Affine { center: round(&self.center), factor: round(&self.factor) };
        let changes = affine.center.iter().any(|c| *c != 0.0)
            || affine.factor.iter().any(|factor| *factor != 1.0);
        changes.then_some(affine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_one_map() {
        let mut map = Composed::identity(1);
        map.then(0, 0.0, 1.0 / 255.0);
        map.then(0, 0.5, 1.0);
        map.then(0, 0.0, 4.0);
        let affine = map.rounded().unwrap();
        let mut to = [0.0];
        affine.apply_bytes(&[255], &mut to);
        assert!((to[0] - 2.0).abs() < 1e-6, "{to:?}");
        affine.apply(&[0.0], &mut to);
        assert!((to[0] + 2.0).abs() < 1e-6, "{to:?}");
    }

    #[test]
    fn the_identity_is_nothing() {
        assert_eq!(Composed::identity(3).rounded(), None);
    }

    /// Years around 2020 with deviation 0.01: the digits stay.
    #[test]
    fn a_large_mean_keeps_its_digits() {
        let mut map = Composed::identity(1);
        map.then(0, 2020.0, 100.0);
        let mut to = [0.0];
        map.rounded().unwrap().apply(&[2020.0 + 1.0 / 64.0], &mut to);
        assert_eq!(to[0], 100.0 / 64.0);
    }
}
