//! What a network answers: how well, how differently from row to row, and how often
//! it errs where it is surest.

use crate::data::{Errors, told};
use gradwise_data::Task;
use gradwise_nn::Activation;
use gradwise_train::runfile::Resolved;

/// The share of rows that count as those the network is surest of.
const SUREST: f64 = 0.2;

/// A network's answers over some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Rows.
    pub rows: usize,
    /// Accuracy, R² over all outputs, or for several labels a row the mean over them of the
    /// squared correlation between output and label.
    pub score: Option<f64>,
    /// Rows answered with each class.
    pub predicted: Vec<u64>,
    /// Rows of each class, and how many of them were answered rightly.
    pub recall: Vec<(u64, u64)>,
    /// The largest standard deviation of any output over the rows.
    pub spread: f64,
    /// The largest deviation of any target over the rows (classes: as zeros and ones).
    pub wanted: f64,
    /// The wrong answers, and those among the fifth of rows that the network is surest of.
    pub errors: Errors,
}

/// Collects answers.
pub(super) struct Teller {
    task: Task,
    outputs: usize,
    /// From where on a single output means class 1.
    threshold: f32,
    /// Whether outputs are probabilities of which one is the answer.
    shares: bool,
    classes: usize,
    y: Vec<f32>,
    answers: Vec<f32>,
}

impl Teller {
    pub fn new(resolved: &Resolved) -> Teller {
        let outputs = resolved.network.output.units;
        let probability = resolved.network.output.activation == Activation::Sigmoid
            || resolved.loss == gradwise_nn::Loss::L2;
        Teller {
            task: resolved.task,
            outputs,
            threshold: if probability { 0.5 } else { 0.0 },
            shares: resolved.network.output.activation == Activation::Softmax,
            classes: if outputs == 1 { 2 } else { outputs },
            y: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Takes `count` rows of outputs and targets.
    pub fn add(&mut self, outputs: &[f32], targets: &[f32], count: usize) {
        let width = if self.task.has_classes() { 1 } else { self.outputs };
        self.answers.extend(outputs.iter().take(count * self.outputs));
        self.y.extend(targets.iter().take(count * width));
    }

    pub fn finish(self) -> Answers {
        let rows = self.answers.len() / self.outputs.max(1);
        let spread = (0..self.outputs).map(|c| deviation(&self.answers, c, self.outputs));
        let answers = Answers { rows, spread: spread.fold(0.0, f64::max), ..Answers::default() };
        match self.task {
            Task::Binary | Task::Classification => self.of_classes(answers),
            Task::Regression => self.of_numbers(answers),
            Task::Multilabel => self.of_labels(answers),
        }
    }

    fn of_numbers(self, answers: Answers) -> Answers {
        let error: f64 =
            self.y.iter().zip(&self.answers).map(|(y, a)| f64::from(y - a).powi(2)).sum();
        let deviations = (0..self.outputs).map(|c| deviation(&self.y, c, self.outputs));
        let wanted = deviations.clone().fold(0.0, f64::max);
        let total = deviations.map(|d| d * d).sum::<f64>() * answers.rows as f64;
        let score = (total > 0.0).then(|| 1.0 - error / total);
        Answers { score, wanted, ..answers }
    }

    /// Labels are as rare as they like, and outputs probabilities or scores: a correlation is
    /// fair to both.
    fn of_labels(self, answers: Answers) -> Answers {
        let column = |of: &[f32], c: usize| -> Vec<f64> {
            of.iter().skip(c).step_by(self.outputs.max(1)).map(|x| f64::from(*x)).collect()
        };
        let said: Vec<Vec<f64>> = (0..self.outputs).map(|c| column(&self.answers, c)).collect();
        let labels: Vec<Vec<f64>> = (0..self.outputs).map(|c| column(&self.y, c)).collect();
        let deviations = (0..self.outputs).map(|c| deviation(&self.y, c, self.outputs));
        let wanted = deviations.fold(0.0, f64::max);
        Answers { score: told(&said, &labels), wanted, ..answers }
    }

    fn of_classes(self, mut answers: Answers) -> Answers {
        answers.predicted = vec![0; self.classes];
        answers.recall = vec![(0, 0); self.classes];
        let mut sure: Vec<(f32, usize)> = Vec::new();
        for (row, y) in self.answers.chunks_exact(self.outputs.max(1)).zip(&self.y) {
            let ([class, second], margin) = self.class(row);
            let right = class == *y as usize;
            let rank = if right { 0 } else { 1 + usize::from(second != *y as usize) };
            if let Some(count) = answers.predicted.get_mut(class) {
                *count += 1;
            }
            if let Some((all, hits)) = answers.recall.get_mut(*y as usize) {
                *all += 1;
                *hits += u64::from(right);
            }
            sure.push((margin, rank));
        }
        sure.sort_by(|a, b| b.0.total_cmp(&a.0));
        let surest = (sure.len() as f64 * SUREST).ceil() as usize;
        let ranks: Vec<usize> = sure.into_iter().map(|(_, rank)| rank).collect();
        answers.errors = Errors::of(&ranks, surest);
        answers.score = Some(1.0 - answers.errors.all);
        let share = |n: u64| n as f64 / answers.rows.max(1) as f64;
        let shares = answers.recall.iter().map(|(all, _)| share(*all));
        answers.wanted = shares.map(|p| (p * (1.0 - p)).sqrt()).fold(0.0, f64::max);
        answers
    }

    /// The class that a row is answered with, the second, and by how much the first leads.
    /// Probabilities are compared by their ratio: those of a network that is sure of all it
    /// says are all near 1, and their differences say nothing.
    fn class(&self, row: &[f32]) -> ([usize; 2], f32) {
        if let [only] = row {
            let class = usize::from(*only > self.threshold);
            return ([class, 1 - class], (only - self.threshold).abs());
        }
        let (mut best, mut second) = ((0, f32::NEG_INFINITY), (0, f32::NEG_INFINITY));
        for (class, x) in row.iter().enumerate() {
            if *x > best.1 {
                (second, best) = (best, (class, *x));
            } else if *x > second.1 {
                second = (class, *x);
            }
        }
        let classes = [best.0, second.0];
        match self.shares {
            true => (classes, best.1.ln() - second.1.ln()),
            false => (classes, best.1 - second.1),
        }
    }
}

/// The standard deviation of a column.
fn deviation(values: &[f32], column: usize, columns: usize) -> f64 {
    let of = || values.iter().skip(column).step_by(columns.max(1)).map(|x| f64::from(*x));
    let n = of().count().max(1) as f64;
    let mean = of().sum::<f64>() / n;
    (of().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
}
