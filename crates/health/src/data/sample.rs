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

    /// At most `most` of these rows, evenly spaced.
    pub fn thinned(&self, most: usize) -> Sample {
        let rows = self.rows.min(most);
        let of = |values: &[f32], width: usize| -> Vec<f32> {
            let row = |i: usize| i * self.rows / rows.max(1) * width;
            let part = |i: usize| values.get(row(i)..row(i) + width).unwrap_or_default();
            (0..rows).flat_map(part).copied().collect()
        };
        let (x, y) = (of(&self.x, self.columns), of(&self.y, self.outputs));
        Sample { rows, x, y, ..*self }
    }

    /// The same rows without one feature.
    pub fn without(&self, column: usize) -> Sample {
        let kept = |(i, x): (usize, &f32)| (i % self.columns.max(1) != column).then_some(*x);
        let x = self.x.iter().enumerate().filter_map(kept).collect();
        let columns = self.columns.saturating_sub(1);
        Sample { columns, x, y: self.y.clone(), ..*self }
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
