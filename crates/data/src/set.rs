//! A set of rows: what a training loop draws its batches from.
//!
//! The parts of one source share its memory: a set is the storage, the list of its
//! rows, and the affine part of the pipeline that is applied while rows are
//! gathered. Sets are cheap to clone and can be read from many threads.

use crate::affine::Affine;
use crate::error::DataError;
use crate::members::Members;
use crate::storage::Storage;
use crate::stream::Answers;
use crate::unseen::Unseen;
use std::sync::Arc;

/// Rows of features with their targets; see [`Set::gather`].
#[derive(Clone, Debug)]
pub struct Set {
    raw: Arc<Storage>,
    storage: Arc<Storage>,
    affine: Option<Arc<Affine>>,
    /// Rows of the file that they came from.
    source: Index,
    /// Rows of `raw` and `targets`.
    index: Index,
    /// Rows of `storage`.
    places: Index,
    targets: Option<Arc<Targets>>,
}

/// Answers that are read at once where all are.
const BLOCK: usize = 4096;

/// Which rows of the storage are in the set.
#[derive(Clone, Debug)]
pub(crate) enum Index {
    All,
    Some(Arc<Vec<u32>>),
    Members(Arc<Members>),
}

impl Index {
    /// How many rows of the set stand before row `row` of the storage.
    pub fn below(&self, row: usize) -> usize {
        match self {
            Index::All => row,
            Index::Some(rows) => rows.partition_point(|own| (*own as usize) < row),
            Index::Members(members) => members.below(row),
        }
    }

    pub fn of(&self, row: usize) -> usize {
        match self {
            Index::All => row,
            Index::Members(members) => members.nth(row),
            Index::Some(rows) => rows[row] as usize,
        }
    }
}

/// The answers of all rows of a storage.
#[derive(Clone, Debug)]
pub(crate) enum Targets {
    /// Row after row.
    Memory {
        values: Vec<f32>,
        columns: usize,
    },
    File(Answers),
}

impl Targets {
    fn columns(&self) -> usize {
        match self {
            Targets::Memory { columns, .. } => *columns,
            Targets::File(answers) => answers.columns(),
        }
    }

    /// The numbers, if they are in memory.
    pub fn into_memory(self) -> Option<Vec<f32>> {
        match self {
            Targets::Memory { values, .. } => Some(values),
            Targets::File(_) => None,
        }
    }

    /// Writes the answers of rows, by their places in the source, to `to`.
    fn gather(&self, places: impl Iterator<Item = usize>, to: &mut [f32]) -> Result<(), DataError> {
        let (values, columns) = match self {
            Targets::File(answers) => return answers.gather(&places.collect::<Vec<_>>(), to),
            Targets::Memory { values, columns } => (values, *columns),
        };
        for (i, place) in places.enumerate() {
            to[i * columns..][..columns].copy_from_slice(&values[place * columns..][..columns]);
        }
        Ok(())
    }
}

impl Set {
    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn affine(&self) -> Option<&Affine> {
        self.affine.as_deref()
    }

    pub(crate) fn places(&self) -> &Index {
        &self.places
    }

    pub(crate) fn new(storage: Arc<Storage>, index: Index, targets: Option<Arc<Targets>>) -> Self {
        let (raw, places, source) = (storage.clone(), index.clone(), index.clone());
        Set { raw, storage, affine: None, source, index, places, targets }
    }

    /// The same rows with other values, as a later stage of a pipeline makes them: row
    /// r of the set is row r of `storage`.
    pub(crate) fn with_storage(&self, storage: Arc<Storage>) -> Self {
        Set { storage, affine: None, places: Index::All, ..self.clone() }
    }

    pub(crate) fn with_affine(&self, affine: Affine) -> Self {
        Set { affine: Some(Arc::new(affine)), ..self.clone() }
    }

    /// The same rows before any pre-processing: what was read, one-hot encoded.
    pub fn raw(&self) -> Set {
        let (storage, places) = (self.raw.clone(), self.index.clone());
        Set { storage, affine: None, places, ..self.clone() }
    }

    /// The same rows with their answers in memory.
    pub(crate) fn loaded(&self) -> Result<Set, DataError> {
        let (columns, outputs) = (self.columns(), self.target_columns());
        let mut values = vec![0.0; self.rows() * columns];
        let mut answers = vec![0.0; self.rows() * outputs];
        for start in (0..self.rows()).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.rows());
            let rows: Vec<u32> = (start..end).map(|row| row as u32).collect();
            self.gather(&rows, &mut values[start * columns..end * columns], columns)?;
            if self.has_targets() {
                self.targets(&rows, &mut answers[start * outputs..end * outputs])?;
            }
        }
        let unseen = self.unseen().to_vec();
        let storage = Arc::new(Storage::floats(values, columns).with_unseen(unseen));
        let answers = Targets::Memory { values: answers, columns: outputs };
        let targets = self.has_targets().then(|| Arc::new(answers));
        let (raw, index, places) = (storage.clone(), Index::All, Index::All);
        Ok(Set { raw, storage, affine: None, source: self.source.clone(), index, places, targets })
    }

    /// The same set without its targets.
    pub fn without_targets(&self) -> Set {
        Set { targets: None, ..self.clone() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match &self.index {
            Index::All => self.raw.rows(),
            Index::Members(members) => members.count(),
            Index::Some(rows) => rows.len(),
        }
    }

    /// How many features a row has.
    pub fn columns(&self) -> usize {
        self.storage.columns()
    }

    /// Whether the rows have answers.
    pub fn has_targets(&self) -> bool {
        self.targets.is_some()
    }

    /// How many numbers an answer has; 0 if there are no answers.
    pub fn target_columns(&self) -> usize {
        self.targets.as_ref().map_or(0, |t| t.columns())
    }

    /// Whether the rows lie in a file, from which they are read where they are needed.
    pub fn is_streamed(&self) -> bool {
        self.storage.as_file().is_some()
    }

    /// Whether the features are kept as bytes.
    pub fn is_bytes(&self) -> bool {
        self.storage.is_bytes()
    }

    /// Categories of these rows' file that the training data did not have.
    pub fn unseen(&self) -> &[Unseen] {
        self.raw.unseen()
    }

    /// The place of row `row` in the file it came from, counted from 0.
    pub fn source_row(&self, row: usize) -> usize {
        self.source.of(row)
    }

    /// Writes the pre-processed features of `rows` to `to`, row i at `i · stride`.
    /// Leaves the places between columns and stride as they are.
    ///
    /// # Errors
    /// A file of rows that cannot be read; never of rows in memory.
    ///
    /// # Panics
    /// If a row is not below [`Set::rows`], or `to` cannot hold the rows, or `stride`
    /// is less than [`Set::columns`]: mistakes of the program, not of the data.
    pub fn gather(&self, rows: &[u32], to: &mut [f32], stride: usize) -> Result<(), DataError> {
        let columns = self.columns();
        assert!(stride >= columns, "stride {stride} is less than {columns} columns");
        let places = rows.iter().map(|row| self.places.of(*row as usize));
        self.storage.copy_rows(places, self.affine.as_deref(), to, stride)
    }

    /// Writes the answers of `rows` to `to`, row after row: class indices, zeros and
    /// ones, or numbers.
    ///
    /// # Errors
    /// A file of answers that cannot be read; never of answers in memory.
    ///
    /// # Panics
    /// If the set has no targets, a row is not below [`Set::rows`], or `to` cannot
    /// hold the answers.
    pub fn targets(&self, rows: &[u32], to: &mut [f32]) -> Result<(), DataError> {
        let Some(targets) = &self.targets else { panic!("the set has no targets") };
        targets.gather(rows.iter().map(|row| self.index.of(*row as usize)), to)
    }

    /// How many rows each of `classes` classes has, counted in the first target.
    ///
    /// # Errors
    /// A file of answers that cannot be read; never of answers in memory.
    pub fn class_counts(&self, classes: usize) -> Result<Vec<u64>, DataError> {
        let mut counts = vec![0; classes];
        let Some(targets) = &self.targets else { return Ok(counts) };
        let columns = targets.columns().max(1);
        let mut answers = vec![0.0; BLOCK * columns];
        for start in (0..self.rows()).step_by(BLOCK) {
            let rows = start..(start + BLOCK).min(self.rows());
            let answers = &mut answers[..rows.len() * columns];
            targets.gather(rows.map(|row| self.index.of(row)), answers)?;
            for answer in answers.chunks_exact(columns) {
                if let Some(count) = counts.get_mut(answer[0] as usize) {
                    *count += 1;
                }
            }
        }
        Ok(counts)
    }

    /// Calls `visit` with blocks of pre-processed rows, in order, row after row.
    pub(crate) fn for_each_block(
        &self,
        block: usize,
        mut visit: impl FnMut(&[f32]),
    ) -> Result<(), DataError> {
        let columns = self.columns();
        let mut buffer = vec![0.0; block.min(self.rows()) * columns];
        let mut rows = Vec::with_capacity(block);
        for start in (0..self.rows()).step_by(block.max(1)) {
            rows.clear();
            rows.extend((start..(start + block).min(self.rows())).map(|r| r as u32));
            let values = &mut buffer[..rows.len() * columns];
            self.gather(&rows, values, columns)?;
            visit(values);
        }
        Ok(())
    }
}

/// The weights that make every class count the same: rows / (classes · count), as
/// scikit-learn's `class_weight="balanced"`. A class without rows gets 0.
pub fn balanced_weights(counts: &[u64]) -> Vec<f32> {
    let rows: u64 = counts.iter().sum();
    let weight = |count: u64| match count {
        0 => 0.0,
        _ => (rows as f64 / (counts.len() as f64 * count as f64)) as f32,
    };
    counts.iter().map(|count| weight(*count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Set {
        let storage = Storage::floats(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2);
        let targets = Targets::Memory { values: vec![0.0, 1.0, 1.0], columns: 1 };
        Set::new(Arc::new(storage), Index::Some(Arc::new(vec![2, 0])), Some(Arc::new(targets)))
    }

    #[test]
    fn rows_are_gathered_with_a_stride() {
        let mut to = [9.0; 6];
        set().gather(&[1, 0], &mut to, 3).unwrap();
        assert_eq!(to, [1.0, 2.0, 9.0, 5.0, 6.0, 9.0]);
        let mut targets = [0.0; 2];
        set().targets(&[1, 0], &mut targets).unwrap();
        assert_eq!(targets, [0.0, 1.0]);
        assert_eq!(set().source_row(0), 2);
    }

    #[test]
    fn classes_are_counted_and_balanced() {
        assert_eq!(set().class_counts(3).unwrap(), [1, 1, 0]);
        assert_eq!(balanced_weights(&[1, 3]), [2.0, 2.0 / 3.0]);
        assert_eq!(balanced_weights(&[4, 0]), [0.5, 0.0]);
    }

    #[test]
    fn sets_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Set>();
    }
}
