//! Data sets as the experiments want them: whole, in memory, on a scale of about 1.

use crate::experiment::{Experiment, LabError, Setup};
use gradwise_data::{Data, DataError, DataSpec, Preprocess, Set, known, locate, open};

/// Rows of a data set, all gathered.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// Features, row after row.
    pub x: Vec<f32>,
    /// Class indices, or numbers.
    pub y: Vec<f32>,
    /// Features of a row.
    pub columns: usize,
}

impl Samples {
    /// All rows of a set.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn of(set: &Set) -> Result<Samples, DataError> {
        let rows: Vec<u32> = (0..set.rows() as u32).collect();
        let columns = set.columns();
        let mut x = vec![0.0; rows.len() * columns];
        let mut y = vec![0.0; rows.len() * set.target_columns()];
        set.gather(&rows, &mut x, columns)?;
        if set.has_targets() {
            set.targets(&rows, &mut y)?;
        }
        Ok(Samples { x, y, columns })
    }

    /// The validation rows of data, or the training rows where there are none.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn held_out(data: &Data) -> Result<Samples, DataError> {
        Samples::of(data.validation.as_ref().unwrap_or(&data.train))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.x.len() / self.columns.max(1)
    }

    /// The points of a class, for plots of two features.
    pub fn points(&self, class: usize) -> Vec<(f64, f64)> {
        let own = self.x.chunks_exact(self.columns.max(2)).zip(&self.y);
        let own = own.filter(|(_, y)| **y == class as f32);
        own.map(|(x, _)| (f64::from(x[0]), f64::from(x[1]))).collect()
    }
}

/// Rows used of a large data set: enough to see what the lecture says.
const LIMIT: usize = 10_000;

/// Opens `source` with a quarter of the rows held out, its features brought to a
/// scale of about 1: pixels are divided by their largest possible value, columns of
/// tables standardized, points in the plane left as they are.
///
/// # Errors
/// As [`open`].
pub fn scaled(source: &str, seed: u64) -> Result<Data, LabError> {
    with_steps(source, seed, &[])
}

/// As [`scaled`], with further steps of pre-processing.
///
/// # Errors
/// As [`open`].
pub fn with_steps(source: &str, seed: u64, steps: &[Preprocess]) -> Result<Data, LabError> {
    let bare = source.split('(').next().unwrap_or_default();
    let mut spec = DataSpec { seed, limit: Some(LIMIT), ..DataSpec::new(source) };
    spec.split = gradwise_data::Split { train: 0.75, validation: 0.25, test: 0.0 };
    if gradwise_data::SYNTHETIC.contains(&bare) {
        spec.preprocess = steps.to_vec();
        return Ok(open(&spec)?);
    }
    let look = open(&DataSpec { limit: Some(100), ..spec.clone() })?;
    let first = match (bare, look.schema.image) {
        ("digits", _) => Preprocess::Scale(16.0),
        (_, Some(_)) => Preprocess::Scale(255.0),
        _ => Preprocess::Standardize,
    };
    spec.preprocess = std::iter::once(first).chain(steps.iter().copied()).collect();
    Ok(open(&spec)?)
}

/// The data set of `--data`, else the first of `preferred` that is on this machine,
/// else the digits, which are in the program.
pub fn source(setup: &Setup, preferred: &[&str]) -> String {
    let here = |name: &&&str| known(name).is_some_and(|known| locate(known).is_some());
    let own = preferred.iter().find(here).map_or("digits", |name| name);
    setup.data.clone().unwrap_or_else(|| own.into())
}

/// How many classes data have, for an experiment that tells classes apart.
///
/// # Errors
/// The rows have no classes, or only one.
pub fn classes(experiment: &Experiment, source: &str, data: &Data) -> Result<usize, LabError> {
    match data.schema.classes.len() {
        0 | 1 => Err(LabError::Unsuitable {
            experiment: experiment.name,
            data: source.into(),
            reason: "its rows have no classes to tell apart; digits or iris would do".into(),
        }),
        count => Ok(count),
    }
}

/// The data in words: where from, how many rows of what.
pub fn describe(source: &str, data: &Data) -> String {
    let held = data.validation.as_ref().map_or(0, Set::rows);
    let classes = match data.schema.classes.len() {
        0 => String::new(),
        count => format!(", {count} classes"),
    };
    format!(
        "{source}: {} rows to train on, {held} held out, {} features{classes}",
        data.train.rows(),
        data.train.columns()
    )
}
