//! Mean, deviation and range of every column, in one pass over the rows.
//!
//! Blocks of rows are summed by themselves and merged by Chan's formula (Chan,
//! Golub & LeVeque 1983), so that a large mean costs no digits.

use crate::Set;
use crate::error::DataError;

/// What pre-processing needs to know of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    pub mean: f64,
    /// Sum of squared distances from the mean.
    pub squares: f64,
    pub min: f32,
    pub max: f32,
}

/// Of all columns.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    pub rows: usize,
    pub columns: Vec<Column>,
}

const BLOCK: usize = 64;

impl Statistics {
    /// Of the pre-processed rows of a set.
    pub fn of(set: &Set) -> Result<Self, DataError> {
        let empty = Column { mean: 0.0, squares: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY };
        let mut all = Statistics { rows: 0, columns: vec![empty; set.columns()] };
        let mut part = all.clone();
        if set.columns() > 0 {
            set.for_each_block(BLOCK, |values| all.add(values, &mut part))?;
        }
        Ok(all)
    }

    /// Takes in a block of rows; `part` is scratch memory.
    fn add(&mut self, values: &[f32], part: &mut Statistics) {
        let columns = self.columns.len();
        part.measure(values);
        part.rows = values.len() / columns;
        let (old, new) = (self.rows as f64, part.rows as f64);
        for (all, part) in self.columns.iter_mut().zip(&part.columns) {
            let delta = part.mean - all.mean;
            all.mean += delta * (new / (old + new));
            all.squares += part.squares + delta * delta * (old * new / (old + new));
            all.min = all.min.min(part.min);
            all.max = all.max.max(part.max);
        }
        self.rows += part.rows;
    }

    fn measure(&mut self, values: &[f32]) {
        let columns = self.columns.len();
        let rows = (values.len() / columns) as f64;
        for c in &mut self.columns {
            *c = Column { mean: 0.0, squares: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY };
        }
        for row in values.chunks_exact(columns) {
            for (c, x) in self.columns.iter_mut().zip(row) {
                c.mean += f64::from(*x);
                c.min = c.min.min(*x);
                c.max = c.max.max(*x);
            }
        }
        self.columns.iter_mut().for_each(|c| c.mean /= rows);
        for row in values.chunks_exact(columns) {
            for (c, x) in self.columns.iter_mut().zip(row) {
                c.squares += (f64::from(*x) - c.mean).powi(2);
            }
        }
    }

    /// The standard deviation over N of a column.
    pub fn deviation(&self, column: usize) -> f64 {
        (self.columns[column].squares / self.rows.max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set::Index;
    use crate::storage::Storage;
    use std::sync::Arc;

    #[test]
    fn a_large_mean_costs_no_digits() {
        let values: Vec<f32> = (0..200).map(|i| 4096.0 + (i % 2) as f32 / 64.0).collect();
        let set = Set::new(Arc::new(Storage::floats(values, 1)), Index::All, None);
        let statistics = Statistics::of(&set).unwrap();
        assert_eq!(statistics.rows, 200);
        assert_eq!(statistics.columns[0].mean, 4096.0 + 1.0 / 128.0);
        assert!((statistics.deviation(0) - 1.0 / 128.0).abs() < 1e-15);
        assert_eq!(statistics.columns[0].max, 4096.0 + 1.0 / 64.0);
    }
}
