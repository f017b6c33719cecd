//! Some rows of a set, copied out.

use gradwise_data::{DataError, Set};

/// Rows with their answers, row after row.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// How many rows.
    pub rows: usize,
    /// Features of a row.
    pub columns: usize,
    /// The features.
    pub x: Vec<f32>,
    /// Numbers of an answer.
    pub outputs: usize,
    /// The answers.
    pub y: Vec<f32>,
}

impl Sample {
    /// At most `most` rows of a set, evenly spaced.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn evenly(set: &Set, most: usize) -> Result<Sample, DataError> {
        let (all, rows) = (set.rows(), set.rows().min(most));
        let row = |i: usize| (i as u64 * all as u64 / rows.max(1) as u64) as u32;
        Sample::take(set, &(0..rows).map(row).collect::<Vec<_>>())
    }

    /// These rows of a set.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn take(set: &Set, rows: &[u32]) -> Result<Sample, DataError> {
        let (columns, outputs) = (set.columns(), set.target_columns());
        let mut x = vec![0.0; rows.len() * columns];
        let mut y = vec![0.0; rows.len() * outputs];
        set.gather(rows, &mut x, columns)?;
        if set.has_targets() {
            set.targets(rows, &mut y)?;
        }
        Ok(Sample { rows: rows.len(), columns, x, outputs, y })
    }

    /// The features of each row.
    pub fn features(&self) -> impl Iterator<Item = &[f32]> {
        self.x.chunks_exact(self.columns.max(1)).take(self.rows)
    }

    /// The answer of each row.
    pub fn answers(&self) -> impl Iterator<Item = &[f32]> {
        self.y.chunks_exact(self.outputs.max(1)).take(self.rows)
    }
}
