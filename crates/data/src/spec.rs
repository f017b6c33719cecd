//! How data are to be read: the settings of the run file's `[data]` table.

use crate::error::{DataError, did_you_mean};
use crate::{Fold, Memory, Preprocess, Task, Watcher};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What to read and how, as the run file says it. `DataSpec::new(source)` fills in
/// the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSpec {
    /// A known data set (`digits`, `mnist`, …), a synthetic one (`circles(1000, 0.1)`)
    /// or a path.
    pub source: String,
    /// The target column or columns of a table; empty where the source knows its own
    /// or has a column named `target`, `label`, `class` or `y`.
    pub target: Vec<String>,
    /// The kind of answer; found from the target if `None`.
    pub task: Option<Task>,
    /// Which share of the rows goes where.
    pub split: Split,
    /// Validate on a fold of a cross-validation: the validation share of the split stays
    /// with training, and the fold's rows are taken from there.
    pub fold: Option<Fold>,
    /// Draw the parts of the split at random (seeded, stratified by class); if false,
    /// take them in file order.
    pub shuffle: bool,
    /// A file that holds the validation rows, instead of a share of the source.
    pub validation: Option<String>,
    /// A file that holds the test rows, instead of a share or an official test part.
    pub test: Option<String>,
    /// What is done to the features, in order; fitted on the training rows alone.
    pub preprocess: Vec<Preprocess>,
    /// Use this many rows of the source (official or own test parts stay whole).
    pub limit: Option<usize>,
    /// Seed of the split and of synthetic data.
    pub seed: u64,
    /// Where relative paths start; the current folder if `None`.
    pub base_dir: Option<PathBuf>,
    /// Columns to treat as categories although they hold numbers.
    pub categorical: Vec<String>,
    /// Columns to treat as numbers: a cell that is none is then an error.
    pub numeric: Vec<String>,
    /// Columns to leave out.
    pub ignore: Vec<String>,
    /// What becomes of missing values.
    pub missing: Missing,
    /// How much memory the data may take; data that need more are converted and streamed
    /// from disk. [`Memory::automatic`] if `None`.
    pub memory: Option<Memory>,
    /// Where converted data are kept; `streamed` in [`data_folder`](crate::data_folder) if
    /// `None`.
    pub cache: Option<PathBuf>,
    /// Who is told how far a conversion is.
    pub watcher: Watcher,
    /// Height and width to which a folder of images is resized; 32 × 32 if `None`.
    pub image_size: Option<(usize, usize)>,
}

impl DataSpec {
    /// The defaults for a source.
    pub fn new(source: impl Into<String>) -> Self {
        DataSpec {
            source: source.into(),
            target: Vec::new(),
            task: None,
            split: Split::default(),
            fold: None,
            shuffle: true,
            validation: None,
            test: None,
            preprocess: Vec::new(),
            limit: None,
            seed: 0,
            base_dir: None,
            categorical: Vec::new(),
            numeric: Vec::new(),
            ignore: Vec::new(),
            missing: Missing::default(),
            memory: None,
            cache: None,
            watcher: Watcher::default(),
            image_size: None,
        }
    }
}

/// Which share of the rows goes to training, validation and test. The shares may
/// sum to less than 1: the rest of the rows is then left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The share that is trained on.
    pub train: f64,
    /// The share that decides about stopping and settings.
    pub validation: f64,
    /// The share that only the final score sees.
    pub test: f64,
}

impl Default for Split {
    fn default() -> Self {
        Split { train: 0.8, validation: 0.1, test: 0.1 }
    }
}

impl Split {
    /// A split whose parts may be left out: `validation` and `test` are then 0, and
    /// `train` is what the others leave.
    pub fn new(
        train: Option<f64>,
        validation: Option<f64>,
        test: Option<f64>,
    ) -> Result<Self, DataError> {
        let (validation, test) = (validation.unwrap_or(0.0), test.unwrap_or(0.0));
        let split = Split { train: train.unwrap_or(1.0 - validation - test), validation, test };
        split.check()?;
        Ok(split)
    }

    /// That every share is in [0, 1], that training has some, and that they sum to
    /// at most 1.
    pub fn check(&self) -> Result<(), DataError> {
        let shares = [self.train, self.validation, self.test];
        let sum: f64 = shares.iter().sum();
        let possible = shares.iter().all(|s| (0.0..=1.0).contains(s)) && sum <= 1.0 + 1e-9;
        if possible && self.train > 0.0 {
            return Ok(());
        }
        let Split { train, validation, test } = self;
        Err(DataError::setting(
            "split",
            format!(
                "train = {train}, validation = {validation}, test = {test} is no split: \
                 shares lie between 0 and 1, sum to at most 1, and train has some"
            ),
        ))
    }
}

/// What becomes of missing cells: empty ones and `NA`, `N/A`, `?`, `nan`, `null`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The column's mean over the training rows, and one more column that is 1 where
    /// the value was missing. A missing category is a category of its own.
    #[default]
    Indicator,
    /// The mean alone; a missing category is none of the known ones.
    Mean,
    /// An error that names the cell.
    Error,
}

const MISSING: [(&str, Missing); 3] =
    [("indicator", Missing::Indicator), ("mean", Missing::Mean), ("error", Missing::Error)];

impl FromStr for Missing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = MISSING.map(|(name, _)| name);
        let found = MISSING.iter().find(|(name, _)| *name == text);
        found.map(|(_, missing)| *missing).ok_or_else(|| {
            format!("{text:?} is none of {}{}", names.join(", "), did_you_mean(text, &names))
        })
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MISSING.iter().find(|(_, m)| m == self).map_or("", |(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_be_left_out() {
        let split = Split::new(None, Some(0.25), None).unwrap();
        assert_eq!(split, Split { train: 0.75, validation: 0.25, test: 0.0 });
        let part = Split::new(Some(0.5), None, None).unwrap();
        assert_eq!(part, Split { train: 0.5, validation: 0.0, test: 0.0 });
    }

    #[test]
    fn impossible_shares_are_refused() {
        assert!(Split::new(Some(0.9), Some(0.2), None).is_err());
        assert!(Split::new(Some(1.5), None, None).is_err());
        assert!(Split::new(Some(0.5), Some(f64::NAN), None).is_err());
        assert!(Split::new(None, Some(0.5), Some(0.5)).is_err());
    }

    #[test]
    fn missing_names_are_read_back() {
        for (name, missing) in MISSING {
            assert_eq!((name.parse(), missing.to_string().as_str()), (Ok(missing), name));
        }
    }
}
