//! The answers: balance, range, and the loss of the best constant prediction.

use super::Sample;
use crate::setup::Setup;
use gradwise_data::{Data, DataError, Task};
use gradwise_nn::Loss;
use gradwise_train::runfile::TargetScale;

/// The answers of the training rows.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Rows of each class; empty without classes.
    pub classes: Vec<u64>,
    /// Each number of an answer, where answers are numbers.
    pub columns: Vec<Column>,
}

/// One number of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Column {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// Its mean distance from the median.
    pub spread: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// Rows that answers are looked at on.
const ROWS: usize = 100_000;

impl Targets {
    pub(super) fn of(data: &Data, scale: Option<&TargetScale>) -> Result<Targets, DataError> {
        if data.schema.task.has_classes() {
            let classes = data.train.class_counts(data.schema.classes.len())?;
            return Ok(Targets { classes, columns: Vec::new() });
        }
        let rows: Vec<u32> = (0..data.train.rows().min(ROWS) as u32).collect();
        let mut y = vec![0.0; rows.len() * data.train.target_columns()];
        if data.train.has_targets() {
            data.train.targets(&rows, &mut y)?;
        }
        let outputs = data.train.target_columns();
        let values = |c: usize| y.iter().skip(c).step_by(outputs.max(1)).map(|v| f64::from(*v));
        let unit = |c: usize| {
            let scale = scale.and_then(|s| Some((*s.mean.get(c)?, *s.deviation.get(c)?)));
            scale.map_or((0.0, 1.0), |(mean, deviation)| (f64::from(mean), f64::from(deviation)))
        };
        let column = |c: usize| {
            let (mean, deviation) = unit(c);
            Column::of(values(c).map(|y| (y - mean) / deviation).collect())
        };
        let columns = (0..outputs).map(column).collect();
        Ok(Targets { classes: Vec::new(), columns })
    }

    /// The share of each class.
    pub fn shares(&self) -> Vec<f64> {
        let all = self.classes.iter().sum::<u64>().max(1) as f64;
        self.classes.iter().map(|n| *n as f64 / all).collect()
    }

    /// The data loss of the best constant prediction, a row's mean. `None` where it
    /// is not known (a multiclass hinge with unequal classes is bounded from above).
    pub fn baseline(&self, setup: &Setup) -> Option<f64> {
        let shares = match self.classes.len() {
            0 => Vec::new(),
            n if setup.class_weights => vec![1.0 / n as f64; n],
            _ => self.shares(),
        };
        let of_classes = |loss: &dyn Fn(f64) -> f64| match (setup.task, &shares[..]) {
            (Task::Binary, [_, one]) if setup.network.output.units == 1 => loss(*one),
            _ => shares.iter().map(|p| loss(*p)).sum(),
        };
        let of_columns = |loss: &dyn Fn(&Column) -> f64| self.columns.iter().map(loss).sum();
        let binary = |p: f64| -p * ln(p) - (1.0 - p) * ln(1.0 - p);
        let classes = !shares.is_empty();
        Some(match setup.loss {
            Loss::CrossEntropy if classes => shares.iter().map(|p| -p * ln(*p)).sum(),
            Loss::BinaryCrossEntropy if classes => of_classes(&binary),
            Loss::BinaryCrossEntropy => of_columns(&|c| binary(c.mean.clamp(0.0, 1.0))),
            Loss::L2 | Loss::Huber(_) if classes => of_classes(&|p| p * (1.0 - p)),
            Loss::L1 if classes => of_classes(&|p| p.min(1.0 - p)),
            Loss::L2 => of_columns(&|c| c.deviation.powi(2)),
            Loss::L1 => of_columns(&|c| c.spread),
            Loss::Hinge(margin) if classes => match shares[..] {
                [a, b] => 2.0 * margin * a.min(b),
                _ => margin * (shares.len() as f64 - 1.0),
            },
            _ => return None,
        })
    }

    /// The root mean square of the numbers of an answer.
    pub fn rms(&self) -> f64 {
        let squares = self.columns.iter().map(|c| c.mean.powi(2) + c.deviation.powi(2));
        (squares.sum::<f64>() / self.columns.len().max(1) as f64).sqrt()
    }
}

/// A class that has no row costs nothing.
fn ln(p: f64) -> f64 {
    if p > 0.0 { p.ln() } else { 0.0 }
}

impl Column {
    fn of(mut values: Vec<f64>) -> Column {
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        values.sort_by(f64::total_cmp);
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        let spread = values.iter().map(|x| (x - median).abs()).sum::<f64>() / n;
        let end = |x: Option<&f64>| x.copied().unwrap_or(0.0);
        Column { mean, deviation, spread, least: end(values.first()), most: end(values.last()) }
    }
}

/// Class indices or the first number of each answer.
pub(super) fn first_answers(sample: &Sample) -> Vec<f64> {
    answers_of(sample, 0)
}

/// One number of each answer.
pub(super) fn answers_of(sample: &Sample, column: usize) -> Vec<f64> {
    sample.answers().map(|a| a.get(column).map_or(0.0, |y| f64::from(*y))).collect()
}
