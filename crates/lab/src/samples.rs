//! Data sets as the experiments want them: whole, in memory, on a scale of about 1.

use crate::experiment::{Experiment, LabError, Setup};
use gradwise_data::{Data, DataError, DataSpec, Preprocess, Set, known, locate, open, order};

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

    /// The training and the held-out rows together.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn all(data: &Data) -> Result<Samples, DataError> {
        let (mut all, held) = (Samples::of(&data.train)?, Samples::held_out(data)?);
        if data.validation.is_some() {
            all.x.extend(held.x);
            all.y.extend(held.y);
        }
        Ok(all)
    }

    /// Rows to train on, and a quarter that is held out, drawn by the seed.
    pub fn split(&self, seed: u64) -> (Samples, Samples) {
        let order = order(self.rows() as u32, seed, 0);
        let (held, train) = order.split_at(self.rows() / 4);
        (self.of_rows(train), self.of_rows(held))
    }

    fn of_rows(&self, rows: &[u32]) -> Samples {
        let row = |i: &u32| self.x.chunks_exact(self.columns.max(1)).nth(*i as usize);
        Samples {
            x: rows.iter().filter_map(row).flatten().copied().collect(),
            y: rows.iter().filter_map(|i| self.y.get(*i as usize)).copied().collect(),
            columns: self.columns,
        }
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

/// Where an experiment's rows come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// A known data set, a made one such as `circles(800, 0.08)`, or a path.
    pub name: String,
    /// The target of a table that does not say.
    target: Vec<String>,
    /// What brings its features to a scale of about 1: pixels are divided by their
    /// largest possible value, columns of tables standardized, made points left as
    /// they are.
    scale: Option<Preprocess>,
}

impl Source {
    /// Made data.
    pub fn made(name: &str) -> Source {
        Source { name: name.into(), target: Vec::new(), scale: None }
    }

    /// Data that are read; looks at a few rows to see what they are.
    ///
    /// # Errors
    /// As [`open`].
    pub fn read(name: &str, target: &[String]) -> Result<Source, LabError> {
        let mut source = Source { target: target.to_vec(), ..Source::made(name) };
        let bare = name.split('(').next().unwrap_or_default();
        if gradwise_data::SYNTHETIC.contains(&bare) {
            return Ok(source);
        }
        let look = open(&DataSpec { limit: Some(100), ..source.spec(0) })?;
        source.scale = Some(match (bare, look.schema.image) {
            ("digits", _) => Preprocess::Scale(16.0),
            (_, Some(_)) => Preprocess::Scale(255.0),
            _ => Preprocess::Standardize,
        });
        Ok(source)
    }

    /// The data set of `--data`, else the digits, which are in the program.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn of(setup: &Setup) -> Result<Source, LabError> {
        Source::read(setup.data.as_deref().unwrap_or("digits"), &setup.target)
    }

    fn spec(&self, seed: u64) -> DataSpec {
        let split = gradwise_data::Split { train: 0.75, validation: 0.25, test: 0.0 };
        let target = self.target.clone();
        let name = self.name.as_str();
        DataSpec { seed, limit: Some(LIMIT), target, split, ..DataSpec::new(name) }
    }
}

/// Opens a source, scaled, with a quarter of the rows held out.
///
/// # Errors
/// As [`open`].
pub fn scaled(source: &Source, seed: u64) -> Result<Data, LabError> {
    with_steps(source, seed, &[])
}

/// As [`scaled`], with further steps of pre-processing.
///
/// # Errors
/// As [`open`].
pub fn with_steps(source: &Source, seed: u64, steps: &[Preprocess]) -> Result<Data, LabError> {
    let preprocess = source.scale.iter().chain(steps).copied().collect();
    Ok(open(&DataSpec { preprocess, ..source.spec(seed) })?)
}

/// Those of the named data sets that are on this machine.
pub fn here<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let here = |name: &&str| known(name).is_some_and(|known| locate(known).is_some());
    names.into_iter().filter(here).collect()
}

/// How many classes data have, for an experiment that tells classes apart.
///
/// # Errors
/// The rows have no classes, or only one.
pub fn classes(experiment: &Experiment, source: &Source, data: &Data) -> Result<usize, LabError> {
    match data.schema.classes.len() {
        0 | 1 => Err(LabError::Unsuitable {
            experiment: experiment.name,
            data: source.name.clone(),
            reason: "its rows have no classes to tell apart; digits or iris would do".into(),
        }),
        count => Ok(count),
    }
}

/// The data in words: where from, how many rows of what.
pub fn describe(source: &Source, data: &Data) -> String {
    let held = data.validation.as_ref().map_or(0, Set::rows);
    let classes = match data.schema.classes.len() {
        0 => String::new(),
        count => format!(", {count} classes"),
    };
    format!(
        "{}: {} rows to train on, {held} held out, {} features{classes}",
        source.name,
        data.train.rows(),
        data.train.columns()
    )
}
