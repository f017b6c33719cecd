//! PCA and ZCA whitening: the stages that mix columns.
//!
//! Both come from the covariance of the training rows, summed in f64 over blocks of
//! rows; the fitted matrix is applied in f32.

use crate::eigen::{self, Eigen};
use crate::error::DataError;
use crate::parallel;
use crate::set::Set;
use crate::statistics::Statistics;
use crate::storage::Storage;
use crate::stream::{Decode, FileRows};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::sync::Arc;

/// More columns than this would take minutes and gigabytes.
const MOST_COLUMNS: usize = 4096;
/// Rows that are multiplied at a time.
const BLOCK: usize = 256;
/// Rows that are written at a time.
const WRITTEN: usize = 16 * BLOCK;
/// Rows of the covariance that are one job.
const PANEL: usize = 128;

/// matrix · (x − center).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// What is subtracted, per incoming column.
    pub center: Vec<f32>,
    /// One row of weights per outgoing column, row after row.
    pub matrix: Vec<f32>,
}

impl Linear {
    /// How many columns come out.
    pub fn outputs(&self) -> usize {
        self.matrix.len().checked_div(self.center.len()).unwrap_or(0)
    }

    /// The set with new numbers for each of its rows.
    pub(crate) fn apply(&self, set: &Set) -> Result<Set, DataError> {
        if let Some(file) = set.storage().as_file() {
            return Ok(set.with_storage(Arc::new(self.write(set, file)?)));
        }
        let outputs = self.outputs();
        let mut values = vec![0.0f32; set.rows() * outputs];
        self.multiply(set, 0, &mut values)?;
        Ok(set.with_storage(Arc::new(Storage::floats(values, outputs))))
    }

    /// The new numbers in a file, which is gone with the process.
    fn write(&self, set: &Set, file: &FileRows) -> Result<Storage, DataError> {
        let (rows, outputs) = (set.rows(), self.outputs());
        let wrap = |e| {
            let reason = format!("{e}: whitened rows are written there; is the disk full?");
            DataError::format(&file.scratch.display().to_string(), reason)
        };
        let scratch = tempfile::tempfile_in(&file.scratch).map_err(wrap)?;
        let (mut writer, mut bytes) = (&scratch, Vec::new());
        let mut values = vec![0.0f32; WRITTEN * outputs];
        for first in (0..rows).step_by(WRITTEN) {
            let values = &mut values[..WRITTEN.min(rows - first) * outputs];
            self.multiply(set, first, values)?;
            bytes.clear();
            bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
            writer.write_all(&bytes).map_err(wrap)?;
        }
        let (width, decode) = (4 * outputs, Decode::Floats);
        let file = FileRows { file: Arc::new(scratch), width, rows, decode, ..file.clone() };
        Ok(Storage::file(file, outputs))
    }

    /// Writes the new numbers of the rows from `first` on to `values`.
    fn multiply(&self, set: &Set, first: usize, values: &mut [f32]) -> Result<(), DataError> {
        let (columns, outputs) = (self.center.len(), self.outputs());
        let jobs = values.chunks_mut((BLOCK * outputs).max(1)).enumerate();
        let Ok(matrix) = ArrayView2::from_shape((outputs, columns), &self.matrix) else {
            return Ok(());
        };
        let scratch = || vec![0.0f32; BLOCK * columns];
        parallel::try_for_each(jobs, scratch, |(i, out), x| {
            let count = out.len() / outputs;
            let x = &mut x[..count * columns];
            self.gather(set, first + i * BLOCK, count, x)?;
            let x = ArrayView2::from_shape((count, columns), &*x);
            let out = ArrayViewMut2::from_shape((count, outputs), out);
            if let (Ok(x), Ok(mut out)) = (x, out) {
                general_mat_mul(1.0, &x, &matrix.t(), 0.0, &mut out);
            }
            Ok(())
        })
    }

    fn gather(
        &self,
        set: &Set,
        first: usize,
        count: usize,
        to: &mut [f32],
    ) -> Result<(), DataError> {
        let columns = self.center.len();
        let rows: Vec<u32> = (first..first + count).map(|row| row as u32).collect();
        set.gather(&rows, to, columns)?;
        for row in to.chunks_exact_mut(columns) {
            row.iter_mut().zip(&self.center).for_each(|(x, center)| *x -= center);
        }
        Ok(())
    }
}

/// The `k` directions of largest variance.
pub(crate) fn pca(train: &Set, k: usize) -> Result<Linear, DataError> {
    let (rows, columns) = (train.rows(), train.columns());
    if k > rows.min(columns) {
        let reason = format!(
            "pca({k}) of {rows} training rows with {columns} columns: K is at most {}",
            rows.min(columns)
        );
        return Err(DataError::setting("preprocess", reason));
    }
    let (center, eigen) = decompose(train, "pca")?;
    let mut matrix = Vec::with_capacity(k * columns);
    for vector in eigen.vectors.chunks_exact(columns).take(k) {
        let largest = vector.iter().fold(0f64, |m, x| if x.abs() > m.abs() { *x } else { m });
        matrix.extend(vector.iter().map(|x| (x * 1f64.copysign(largest)) as f32));
    }
    Ok(Linear { center, matrix })
}

/// V (Λ + ε)^(−½) Vᵀ. With ε = 0 the directions without variance are left out.
pub(crate) fn zca(train: &Set, epsilon: f64) -> Result<Linear, DataError> {
    let columns = train.columns();
    let (center, Eigen { values, mut vectors }) = decompose(train, "zca")?;
    let rounding = values.first().copied().unwrap_or(0.0) * 1e-12;
    for (vector, value) in vectors.chunks_exact_mut(columns).zip(values) {
        let variance = value.max(0.0) + epsilon;
        let scale = if variance > rounding { variance.powf(-0.25) } else { 0.0 };
        vector.iter_mut().for_each(|x| *x *= scale);
    }
    let mut matrix = vec![0.0; columns * columns];
    add_gram(&vectors, columns, &mut matrix);
    mirror(&mut matrix, columns);
    Ok(Linear { center, matrix: matrix.iter().map(|x| *x as f32).collect() })
}

/// The mean, and the eigenvectors of the covariance (over N).
fn decompose(train: &Set, step: &str) -> Result<(Vec<f32>, Eigen), DataError> {
    let columns = train.columns();
    let refuse = |reason: String| DataError::setting("preprocess", format!("{step}: {reason}"));
    if columns == 0 || columns > MOST_COLUMNS {
        let reason = format!("{columns} columns, where 1 to {MOST_COLUMNS} are possible");
        return Err(refuse(reason));
    }
    let mean: Vec<f64> = Statistics::of(train)?.columns.iter().map(|c| c.mean).collect();
    let mut covariance = vec![0.0; columns * columns];
    let mut block = Vec::with_capacity(BLOCK * columns);
    train.for_each_block(BLOCK, |values| {
        block.clear();
        for row in values.chunks_exact(columns) {
            block.extend(row.iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean));
        }
        add_gram(&block, columns, &mut covariance);
    })?;
    mirror(&mut covariance, columns);
    covariance.iter_mut().for_each(|x| *x /= train.rows() as f64);
    let eigen = eigen::symmetric(covariance, columns).ok_or_else(|| {
        refuse("the eigenvalues cannot be found; are the features finite?".into())
    })?;
    Ok((mean.iter().map(|x| *x as f32).collect(), eigen))
}

/// Adds BᵀB to the upper triangle of `to`, where B has rows of `columns`.
fn add_gram(b: &[f64], columns: usize, to: &mut [f64]) {
    let Ok(b) = ArrayView2::from_shape((b.len() / columns, columns), b) else { return };
    let jobs = to.chunks_mut(PANEL * columns).enumerate();
    parallel::for_each(
        jobs,
        || (),
        |(i, panel), ()| {
            let (first, count) = (i * PANEL, panel.len() / columns);
            if let Ok(mut panel) = ArrayViewMut2::from_shape((count, columns), panel) {
                let left = b.slice_axis(Axis(1), Slice::from(first..first + count));
                let right = b.slice_axis(Axis(1), Slice::from(first..));
                general_mat_mul(
                    1.0,
                    &left.t(),
                    &right,
                    1.0,
                    &mut panel.slice_axis_mut(Axis(1), Slice::from(first..)),
                );
            }
        },
    );
}

/// Copies the upper triangle to the lower one.
fn mirror(matrix: &mut [f64], n: usize) {
    for row in 1..n {
        for column in 0..row {
            matrix[row * n + column] = matrix[column * n + row];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set::Index;

    fn set(values: &[f32], columns: usize) -> Set {
        Set::new(Arc::new(Storage::floats(values.to_vec(), columns)), Index::All, None)
    }

    fn values(set: &Set) -> Vec<f32> {
        let mut all = Vec::new();
        set.for_each_block(7, |block| all.extend_from_slice(block)).unwrap();
        all
    }

    /// Points along (3, 4) / 5 with small deviations across it.
    #[test]
    fn directions_come_by_variance() {
        let points = [3.0, 4.0, -3.0, -4.0, 0.4, -0.3, -0.4, 0.3].map(|x: f32| x + 10.0);
        let linear = pca(&set(&points, 2), 2).unwrap();
        let known = [0.6, 0.8, 0.8, -0.6];
        assert!(linear.matrix.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-6));
        let projected = values(&linear.apply(&set(&points, 2)).unwrap());
        let known = [5.0, 0.0, -5.0, 0.0, 0.0, 0.5, 0.0, -0.5];
        assert!(projected.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-5), "{projected:?}");
        assert!(pca(&set(&points, 2), 3).is_err());
    }

    #[test]
    fn whitened_columns_are_uncorrelated() {
        let random = gradwise_graph::random::Philox::new(3, 0);
        let mix = |i: usize| {
            let [a, b, c] = [0, 1, 2].map(|k| random.normal((3 * i + k) as u64) as f32);
            [a, a + 0.5 * b, 2.0 * b - c, c]
        };
        let points: Vec<f32> = (0..500).flat_map(mix).collect();
        // Four columns of rank three: the fourth direction has no variance.
        let white = zca(&set(&points, 4), 0.0).unwrap().apply(&set(&points, 4)).unwrap();
        let white = values(&white);
        let moment = |i: usize, j: usize| {
            white.chunks(4).map(|r| f64::from(r[i]) * f64::from(r[j])).sum::<f64>() / 500.0
        };
        let trace: f64 = (0..4).map(|i| moment(i, i)).sum();
        assert!((trace - 3.0).abs() < 1e-4, "{trace}");
        // A projector: its square is itself.
        for (i, j) in [(0, 0), (0, 1), (2, 3)] {
            let square: f64 = (0..4).map(|k| moment(i, k) * moment(k, j)).sum();
            assert!((square - moment(i, j)).abs() < 1e-4, "{square}");
        }
    }

    #[test]
    fn epsilon_damps_small_directions() {
        let points = [3.0, 0.0, -3.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        let linear = zca(&set(&points, 2), 0.5).unwrap();
        let known = [1.0 / (4.5f32 + 0.5).sqrt(), 0.0, 0.0, 1.0];
        assert!(linear.matrix.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
