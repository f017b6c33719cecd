//! How good a model is on rows, with all that it said about them: what pictures and
//! reports are made of.

use crate::metrics::{Answers, Report};
use crate::run::Evaluator;
use gradwise_data::{DataError, Image, Schema, Set, Task};

/// Rows whose answers are known, as a name for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rows of a file that was named.
    File,
    /// The run's test rows.
    Test,
    /// Its validation rows, for want of test rows.
    Validation,
    /// Its training rows, for want of others.
    Training,
}

impl Part {
    /// Its name in a sentence or a document.
    pub fn name(self) -> &'static str {
        match self {
            Part::File => "file",
            Part::Test => "test",
            Part::Validation => "validation",
            Part::Training => "training",
        }
    }
}

/// How good a model is on rows.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Which rows they are.
    pub part: Part,
    /// The task.
    pub task: Task,
    /// The names of classes, else of labels or targets.
    pub names: Vec<String>,
    /// All metrics.
    pub report: Report,
    /// What the model said about each row.
    pub answers: Answers,
    /// The rows with the highest losses, the highest first.
    pub worst: Vec<Mistake>,
}

/// A row that a model did badly on.
#[derive(Clone, Debug, Default)]
pub struct Mistake {
    /// Its place in the file it came from, counted from 0.
    pub row: usize,
    /// Its loss.
    pub loss: f64,
    /// What is right.
    pub truth: String,
    /// What the model said.
    pub prediction: String,
    /// The probability it gave to that, where its outputs are probabilities of classes.
    pub probability: Option<f64>,
    /// The row as an image, if it is one.
    pub picture: Option<Picture>,
}

/// An image of the data as it was read.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its size.
    pub size: Image,
    /// From 0, black, to 255, channel after channel, each row after row.
    pub pixels: Vec<u8>,
}

/// How many of the worst rows are kept.
const WORST: usize = 24;

impl Evaluation {
    /// From an evaluator that has run; `loss` is what its run gave.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn new(
        part: Part,
        ran: Evaluator,
        loss: f64,
        task: Task,
        schema: &Schema,
    ) -> Result<Evaluation, DataError> {
        let (set, answers) = ran.into_answers();
        let names = if schema.classes.is_empty() { &schema.targets } else { &schema.classes };
        let mut report = answers.view().report(task, names);
        report.measures.insert("loss".into(), loss.into());
        let rows = answers.worst(WORST);
        let pictures = schema.image.map(|size| pictures(&set, &rows, size)).transpose()?;
        let mut pictures = pictures.unwrap_or_default();
        pictures.resize_with(rows.len(), || None);
        let told = Told { answers: &answers, task, names };
        let mistake = |(&row, picture): (&usize, Option<Picture>)| Mistake {
            row: set.source_row(row),
            loss: answers.losses.get(row).map_or(f64::NAN, |loss| f64::from(*loss)),
            picture,
            ..told.mistake(row)
        };
        let worst = rows.iter().zip(pictures).map(mistake).collect();
        Ok(Evaluation { part, task, names: names.clone(), report, answers, worst })
    }
}

/// What was said about rows, to be put into words.
struct Told<'a> {
    answers: &'a Answers,
    task: Task,
    names: &'a [String],
}

impl Told<'_> {
    /// Truth and prediction of a row.
    fn mistake(&self, row: usize) -> Mistake {
        let view = self.answers.view();
        let width = self.answers.columns.max(1);
        let part = |values| own(values, row, width);
        let (outputs, targets) = (part(&self.answers.outputs), part(&self.answers.targets));
        let name = |class: usize| self.names.get(class).cloned().unwrap_or(class.to_string());
        match self.task {
            Task::Regression => Mistake {
                truth: numbers(targets),
                prediction: numbers(outputs),
                ..Mistake::default()
            },
            Task::Multilabel => Mistake {
                truth: self.labels(targets, 0.5),
                prediction: self.labels(outputs, view.threshold()),
                ..Mistake::default()
            },
            Task::Binary | Task::Classification => {
                let truth = own(&self.answers.targets, row, 1).first().map(|y| *y as usize);
                let probability = view.probabilities.then(|| view.confidence(outputs));
                let prediction = name(view.class_of(outputs));
                let truth = truth.map_or_else(String::new, name);
                Mistake { truth, prediction, probability, ..Mistake::default() }
            }
        }
    }

    /// The labels that hold.
    fn labels(&self, values: &[f32], threshold: f32) -> String {
        let held = values.iter().zip(self.names).filter(|(x, _)| **x >= threshold);
        let names: Vec<&str> = held.map(|(_, name)| name.as_str()).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }
}

fn own(values: &[f32], row: usize, width: usize) -> &[f32] {
    values.get(row * width..(row + 1) * width).unwrap_or_default()
}

fn numbers(values: &[f32]) -> String {
    values.iter().map(f32::to_string).collect::<Vec<_>>().join(", ")
}

/// The rows as images: from the least of all shown numbers (or 0) to the greatest.
fn pictures(set: &Set, rows: &[usize], size: Image) -> Result<Vec<Option<Picture>>, DataError> {
    let raw = set.raw();
    if raw.columns() != size.columns() {
        return Ok(Vec::new());
    }
    let rows: Vec<u32> = rows.iter().map(|row| *row as u32).collect();
    let mut values = vec![0.0; rows.len() * raw.columns()];
    raw.gather(&rows, &mut values, raw.columns())?;
    let fold = |start: f32, f: fn(f32, f32) -> f32| values.iter().copied().fold(start, f);
    let (low, high) = (fold(0.0, f32::min), fold(f32::MIN_POSITIVE, f32::max));
    let level = |x: &f32| ((x - low) / (high - low) * 255.0).clamp(0.0, 255.0) as u8;
    let picture = |row: &[f32]| Some(Picture { size, pixels: row.iter().map(level).collect() });
    Ok(values.chunks(raw.columns().max(1)).map(picture).collect())
}
