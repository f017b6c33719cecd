//! Means over an epoch's steps, made while learning.

use super::program::Program;
use crate::folder::checkpoint::Sums;
use crate::folder::event::Measures;
use crate::metrics::Outputs;
use gradwise_data::Task;
use gradwise_nn::Reduction;

/// What a step read off its plan.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Rows of the step.
    pub rows: usize,
    /// The data loss as the optimizer sees it.
    pub data_loss: f32,
    /// The penalty.
    pub penalty: f32,
    /// The scores, row after row.
    pub scores: &'a [f32],
    /// The answers, row after row.
    pub y: &'a [f32],
}

impl Sums {
    /// Adds a step.
    pub fn add(&mut self, program: &Program, task: Task, reduction: Reduction, read: &Reading<'_>) {
        let rows = read.rows as f64;
        self.rows += read.rows as u64;
        self.penalty.0 = f64::from(read.penalty);
        self.loss.0 += match reduction {
            Reduction::Mean => f64::from(read.data_loss) * rows,
            Reduction::Sum => f64::from(read.data_loss),
        };
        let outputs = Outputs {
            outputs: read.scores,
            columns: program.sizes.outputs,
            targets: read.y,
            probabilities: false,
        };
        match task {
            Task::Regression => {
                for (f, y) in read.scores.iter().zip(read.y) {
                    let d = f64::from(*f) - f64::from(*y);
                    self.square.0 += d * d;
                    self.absolute.0 += d.abs();
                }
            }
            Task::Multilabel => {
                let pairs = outputs.rows().zip(read.y.chunks_exact(outputs.columns.max(1)));
                let right = |(f, y): &(&[f32], &[f32])| {
                    f.iter().zip(*y).all(|(f, y)| (*f >= 0.0) == (*y >= 0.5))
                };
                self.right += pairs.filter(right).count() as u64;
            }
            Task::Binary | Task::Classification => {
                let pairs = outputs.rows().zip(read.y);
                let right = pairs.filter(|(row, y)| outputs.class_of(row) as f32 == **y);
                self.right += right.count() as u64;
            }
        }
    }

    /// The means.
    pub fn measures(&self, program: &Program, task: Task) -> Measures {
        let rows = self.rows.max(1) as f64;
        let mut measures = Measures::new();
        let mut put = |name: &str, value: f64| measures.insert(name.into(), value.into());
        put("loss", self.loss.0 / rows);
        if program.training.penalty.is_some() {
            put("penalty", self.penalty.0);
        }
        if task == Task::Regression {
            let numbers = rows * program.sizes.targets.max(1) as f64;
            put("rmse", (self.square.0 / numbers).sqrt());
            put("mae", self.absolute.0 / numbers);
        } else {
            put("accuracy", self.right as f64 / rows);
        }
        measures
    }
}
