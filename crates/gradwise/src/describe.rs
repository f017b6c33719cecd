//! What is in a data set: rows, answers, columns and their numbers.

use crate::failure::Failure;
use gradwise_data::{DataSpec, Encoder, Image, Schema, Set, Split, Task};
use serde::Serialize;

/// What is in a data set.
#[derive(Debug, Serialize)]
pub struct Description {
    /// Its name or path.
    pub source: String,
    /// Rows, without those of an official test part.
    pub rows: usize,
    /// Rows of an official test part.
    pub test_rows: usize,
    /// What is to be learnt.
    pub task: Task,
    /// The target columns.
    pub targets: Vec<String>,
    /// The classes, with their rows.
    pub classes: Vec<Class>,
    /// The numbers of a regression's targets.
    pub target_numbers: Vec<Numbers>,
    /// The size of images.
    pub image: Option<Image>,
    /// Whether all features are bytes.
    pub bytes: bool,
    /// The features of a table.
    pub features: Vec<Feature>,
    /// All features together.
    pub all: Numbers,
    /// How many numbers a row becomes.
    pub columns: usize,
    /// Columns that are not used, and why.
    pub left_out: Vec<gradwise_data::LeftOut>,
}

/// A class and its rows.
#[derive(Debug, Serialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// How many rows have it.
    pub rows: u64,
}

/// A column of a table.
#[derive(Debug, Serialize)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its categories, in a column of such.
    pub categories: Option<usize>,
    /// Its numbers, in a column of such.
    pub numbers: Option<Numbers>,
    /// Cells without a value.
    pub missing: u64,
}

/// What numbers are like.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Numbers {
    /// The lowest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The highest.
    pub max: f64,
    /// The standard deviation.
    pub std: f64,
}

/// Reads a source and describes it.
///
/// # Errors
/// Whatever is wrong with the source or the target.
pub fn describe(
    source: &str,
    target: &[String],
    task: Option<Task>,
) -> Result<Description, Failure> {
    let spec = DataSpec {
        target: target.to_vec(),
        task,
        split: Split { train: 1.0, validation: 0.0, test: 0.0 },
        ..DataSpec::new(source)
    };
    let data = gradwise_data::open(&spec)?;
    let (schema, train) = (data.schema, data.train);
    let sums = sums(&train, train.columns(), |set, rows, to| set.gather(rows, to, set.columns()));
    let answers = sums_of_targets(&train);
    let counts = train.class_counts(schema.classes.len());
    let class = |(name, rows): (&String, u64)| Class { name: name.clone(), rows };
    let regression = schema.task == Task::Regression;
    Ok(Description {
        source: source.into(),
        rows: train.rows(),
        test_rows: data.test.map_or(0, |set| set.rows()),
        task: schema.task,
        classes: schema.classes.iter().zip(counts).map(class).collect(),
        target_numbers: answers.iter().filter(|_| regression).map(Sums::numbers).collect(),
        image: schema.image,
        bytes: train.is_bytes(),
        features: features(&schema, &sums),
        all: sums.iter().fold(Sums::default(), Sums::and).numbers(),
        columns: schema.columns,
        targets: schema.targets,
        left_out: schema.left_out,
    })
}

/// Running sums of a column.
#[derive(Clone, Copy, Debug)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Sums {
    fn default() -> Self {
        Sums { count: 0.0, sum: 0.0, squares: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Sums {
    fn add(&mut self, x: f64) {
        let one = Sums { count: 1.0, sum: x, squares: x * x, min: x, max: x };
        *self = self.and(&one);
    }

    fn and(self, other: &Sums) -> Sums {
        Sums {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    fn numbers(&self) -> Numbers {
        let mean = self.sum / self.count;
        let variance = (self.squares / self.count - mean * mean).max(0.0);
        Numbers { min: self.min, mean, max: self.max, std: variance.sqrt() }
    }
}

/// Rows that are looked at together.
const CHUNK: usize = 256;

/// The sums of each of `columns` columns that `fetch` gives.
fn sums(set: &Set, columns: usize, fetch: impl Fn(&Set, &[u32], &mut [f32])) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); columns];
    let mut values = vec![0.0; CHUNK * columns];
    let rows: Vec<u32> = (0..set.rows() as u32).collect();
    for chunk in rows.chunks(CHUNK) {
        fetch(set, chunk, &mut values);
        for row in values.chunks_exact(columns.max(1)).take(chunk.len()) {
            sums.iter_mut().zip(row).for_each(|(sums, x)| sums.add(f64::from(*x)));
        }
    }
    sums
}

fn sums_of_targets(set: &Set) -> Vec<Sums> {
    sums(set, set.target_columns(), |set, rows, to| set.targets(rows, to))
}

/// The columns of a table, each with its share of the encoded columns.
fn features(schema: &Schema, sums: &[Sums]) -> Vec<Feature> {
    let mut sums = sums.iter();
    let mut features = Vec::new();
    for feature in &schema.features {
        let own: Vec<&Sums> = sums.by_ref().take(feature.encoder.columns()).collect();
        let last = || own.last().map_or(0, |sums| sums.sum as u64);
        let (numbers, categories, missing) = match &feature.encoder {
            Encoder::Number { indicator, .. } => {
                let missing = if *indicator { last() } else { 0 };
                (own.first().map(|sums| sums.numbers()), None, missing)
            }
            Encoder::Category { values, missing } => {
                (None, Some(values.len()), if *missing { last() } else { 0 })
            }
        };
        features.push(Feature { name: feature.name.clone(), categories, numbers, missing });
    }
    features
}
