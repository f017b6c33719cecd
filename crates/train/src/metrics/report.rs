//! All metrics of a model on a set of rows, by the task.

use super::calibration::Calibration;
use super::confusion::{ClassScores, Confusion};
use super::ranking::{area_under_roc, macro_area, one_against_rest};
use super::regression::RegressionScores;
use crate::folder::event::Measures;
use gradwise_data::Task;
use serde::{Deserialize, Serialize};

/// What a model said about rows, beside what was right.
#[derive(Clone, Copy, Debug)]
pub struct Outputs<'a> {
    /// The network's outputs, row-major `[n, columns]`.
    pub outputs: &'a [f32],
    /// Columns of the outputs.
    pub columns: usize,
    /// Class indices `[n]`, or numbers `[n, columns]`.
    pub targets: &'a [f32],
    /// Whether the outputs are probabilities (softmax or sigmoid).
    pub probabilities: bool,
}

/// All metrics of a model on a set of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows.
    pub rows: usize,
    /// The metrics that are one number: `loss`, `accuracy`, `auc`, `rmse`, ….
    pub measures: Measures,
    /// Scores by class, where rows have classes.
    #[serde(default)]
    pub classes: Vec<ClassScores>,
    /// Which class was taken for which.
    #[serde(default)]
    pub confusion: Option<Confusion>,
    /// Whether probabilities mean what they say.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

impl Outputs<'_> {
    /// The rows of outputs.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.outputs.chunks_exact(self.columns.max(1))
    }

    /// The output from which on a lone column means the second class.
    pub(crate) fn threshold(&self) -> f32 {
        if self.probabilities { 0.5 } else { 0.0 }
    }

    /// The class that a row of outputs says: the largest, the first of equals; of a
    /// lone output the second class from the threshold on.
    pub fn class_of(&self, row: &[f32]) -> usize {
        match row {
            [one] => usize::from(*one >= self.threshold()),
            row => largest(row),
        }
    }

    /// The score of the second of two classes.
    pub(super) fn second(&self, row: &[f32]) -> f32 {
        match row {
            [one] => *one,
            [first, second, ..] => second - first,
            [] => f32::NAN,
        }
    }

    /// The probability of the class that a row of outputs says, if they are
    /// probabilities.
    pub fn confidence(&self, row: &[f32]) -> f64 {
        match row {
            [one] => f64::from(one.max(1.0 - one)),
            row => f64::from(row.iter().copied().fold(0.0, f32::max)),
        }
    }

    fn labels(&self) -> Vec<usize> {
        self.targets.iter().map(|y| *y as usize).collect()
    }

    /// The metrics that are cheap enough for every epoch.
    pub fn headline(&self, task: Task) -> Measures {
        match task {
            Task::Regression => regression(self),
            Task::Multilabel => [("accuracy".to_string(), self.exact_share().into())].into(),
            Task::Binary | Task::Classification => {
                let right = self.rows().zip(self.targets);
                let right = right.filter(|(row, y)| self.class_of(row) as f32 == **y).count();
                let share = right as f64 / self.targets.len().max(1) as f64;
                [("accuracy".to_string(), share.into())].into()
            }
        }
    }

    /// All metrics; `names` are those of the classes or labels.
    pub fn report(&self, task: Task, names: &[String]) -> Report {
        match task {
            Task::Regression => {
                let rows = self.targets.len() / self.columns.max(1);
                Report { rows, measures: regression(self), ..Report::default() }
            }
            Task::Multilabel => self.labelled(names),
            Task::Binary | Task::Classification => self.classified(names),
        }
    }

    fn classified(&self, names: &[String]) -> Report {
        let labels = self.labels();
        let predicted: Vec<usize> = self.rows().map(|row| self.class_of(row)).collect();
        let classes = names.len().max(self.columns).max(2);
        let confusion =
            Confusion::count(classes, labels.iter().copied().zip(predicted.iter().copied()));
        let mut scores = confusion.scores(names);
        let areas = match classes {
            2 => {
                let rows = self.rows().zip(&labels);
                vec![area_under_roc(rows.map(|(row, y)| (self.second(row), *y == 1))); 2]
            }
            _ => one_against_rest(self.outputs, self.columns, &labels),
        };
        scores.iter_mut().zip(&areas).for_each(|(scores, area)| scores.auc = *area);
        let right = labels.iter().zip(&predicted).map(|(a, b)| a == b);
        let sure = self.rows().map(|row| self.confidence(row));
        let calibration = self.probabilities.then(|| Calibration::measure(sure.zip(right)));
        let mean = |f: fn(&ClassScores) -> f64| {
            scores.iter().map(f).sum::<f64>() / scores.len().max(1) as f64
        };
        let mut measures = Measures::new();
        let mut put = |name: &str, value: f64| measures.insert(name.into(), value.into());
        put("accuracy", confusion.accuracy());
        put("macro_f1", mean(|s| s.f1));
        put("macro_precision", mean(|s| s.precision));
        put("macro_recall", mean(|s| s.recall));
        macro_area(&areas).map(|area| put("auc", area));
        calibration.as_ref().map(|c| put("calibration_error", c.error));
        let rows = labels.len();
        Report { rows, measures, classes: scores, confusion: Some(confusion), calibration }
    }

    /// Whether each label of each row is rightly said to hold or not.
    fn label_pairs(&self) -> impl Iterator<Item = (bool, bool)> {
        let threshold = self.threshold();
        self.outputs.iter().zip(self.targets).map(move |(f, y)| (*f >= threshold, *y >= 0.5))
    }

    fn exact_share(&self) -> f64 {
        let pairs: Vec<_> = self.label_pairs().collect();
        let rows = pairs.chunks_exact(self.columns.max(1));
        let count = rows.len().max(1) as f64;
        rows.filter(|row| row.iter().all(|(f, y)| f == y)).count() as f64 / count
    }

    fn labelled(&self, names: &[String]) -> Report {
        let pairs: Vec<_> = self.label_pairs().collect();
        let columns = self.columns.max(1);
        let area = |label: usize| {
            let outputs = self.outputs.iter().skip(label).step_by(columns).copied();
            let truth = self.targets.iter().skip(label).step_by(columns).map(|y| *y >= 0.5);
            area_under_roc(outputs.zip(truth))
        };
        let score = |label: usize| {
            let own = pairs.iter().skip(label).step_by(columns);
            let counted = own.map(|(f, y)| (usize::from(*y), usize::from(*f)));
            let mut scores = Confusion::count(2, counted).scores(&[]);
            let mut second = scores.pop().unwrap_or_default();
            second.name = names.get(label).cloned().unwrap_or_else(|| label.to_string());
            second.auc = area(label);
            second
        };
        let classes: Vec<ClassScores> = (0..columns).map(score).collect();
        let areas: Vec<Option<f64>> = classes.iter().map(|class| class.auc).collect();
        let wrong = pairs.iter().filter(|(f, y)| f != y).count() as f64;
        let mut measures = Measures::new();
        measures.insert("accuracy".into(), self.exact_share().into());
        measures.insert("hamming_loss".into(), (wrong / pairs.len().max(1) as f64).into());
        if let Some(area) = macro_area(&areas) {
            measures.insert("auc".into(), area.into());
        }
        Report { rows: pairs.len() / columns, measures, classes, ..Report::default() }
    }
}

fn regression(outputs: &Outputs<'_>) -> Measures {
    let scores =
        RegressionScores::measure(outputs.outputs, outputs.targets, outputs.columns.max(1));
    let named = [("rmse", scores.rmse), ("mae", scores.mae), ("r2", scores.r2)];
    named.into_iter().map(|(name, value)| (name.to_string(), value.into())).collect()
}

/// The place of the largest number, the first of equals; NaN is never larger.
fn largest(row: &[f32]) -> usize {
    let start = (0, f32::NEG_INFINITY);
    let larger = |best: (usize, f32), (i, x): (usize, f32)| if x > best.1 { (i, x) } else { best };
    row.iter().copied().enumerate().fold(start, larger).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(report: &Report, name: &str) -> f64 {
        report.measures.get(name).map_or(f64::NAN, |n| n.0)
    }

    #[test]
    fn a_lone_sigmoid_and_two_softmax_columns_agree() {
        let targets = [0.0, 1.0, 1.0, 0.0];
        let one = Outputs {
            outputs: &[0.2, 0.9, 0.4, 0.6],
            columns: 1,
            targets: &targets,
            probabilities: true,
        };
        let pairs = [0.8, 0.2, 0.1, 0.9, 0.6, 0.4, 0.4, 0.6];
        let two = Outputs { outputs: &pairs, columns: 2, ..one };
        let names = ["no".to_string(), "yes".to_string()];
        let (one, two) = (one.report(Task::Binary, &names), two.report(Task::Binary, &names));
        assert_eq!(
            (one.confusion.clone(), one.classes.clone()),
            (two.confusion.clone(), two.classes.clone())
        );
        assert_eq!(measure(&one, "auc"), measure(&two, "auc"));
        assert_eq!((measure(&one, "accuracy"), measure(&one, "auc")), (0.5, 0.75));
        assert!((measure(&one, "calibration_error") - 0.375).abs() < 1e-6);
    }

    /// `accuracy_score` and `hamming_loss` of scikit-learn.
    #[test]
    fn several_labels_a_row() {
        let outputs = Outputs {
            outputs: &[0.9, 0.1, 0.6, 0.7, 0.2, 0.4],
            columns: 2,
            targets: &[1.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            probabilities: true,
        };
        let report = outputs.report(Task::Multilabel, &["a".into(), "b".into()]);
        assert!((measure(&report, "accuracy") - 2.0 / 3.0).abs() < 1e-12);
        assert!((measure(&report, "hamming_loss") - 1.0 / 6.0).abs() < 1e-12);
        assert_eq!((report.rows, report.classes[0].support), (3, 2));
    }

    #[test]
    fn nothing_panics_without_rows_or_with_nan() {
        for task in [Task::Binary, Task::Classification, Task::Multilabel, Task::Regression] {
            for (columns, outputs, targets) in
                [(0, &[][..], &[][..]), (3, &[], &[]), (2, &[f32::NAN; 2], &[f32::NAN; 2])]
            {
                let outputs = Outputs { outputs, columns, targets, probabilities: true };
                outputs.report(task, &[]);
                outputs.headline(task);
            }
        }
    }
}
