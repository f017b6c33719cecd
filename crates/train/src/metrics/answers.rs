//! All that a model said about rows, kept: what pictures need beyond the numbers of a
//! [`Report`](super::Report).

use super::report::Outputs;
use super::roc::Roc;
use gradwise_data::Task;

/// A model's answers to rows beside what is right.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The network's outputs, row-major `[n, columns]`.
    pub outputs: Vec<f32>,
    /// Columns of the outputs.
    pub columns: usize,
    /// Class indices `[n]`, or numbers `[n, columns]`.
    pub targets: Vec<f32>,
    /// Each row's loss.
    pub losses: Vec<f32>,
    /// Whether the outputs are probabilities (softmax or sigmoid).
    pub probabilities: bool,
}

impl Answers {
    /// The answers as metrics take them.
    pub fn view(&self) -> Outputs<'_> {
        Outputs {
            outputs: &self.outputs,
            columns: self.columns,
            targets: &self.targets,
            probabilities: self.probabilities,
        }
    }

    /// The ROC curves: of the second class where there are two, else of each class or
    /// label against the rest; none of a regression, or where rows are of one kind.
    pub fn curves(&self, task: Task, names: &[String]) -> Vec<Roc> {
        let name = |i: usize| names.get(i).cloned().unwrap_or_else(|| i.to_string());
        let one = |column: usize| Roc::of(&name(column), self.one_against_rest(task, column));
        match task {
            Task::Regression => Vec::new(),
            Task::Binary | Task::Classification if names.len().max(self.columns) <= 2 => {
                self.second_class(&name(1)).into_iter().collect()
            }
            _ => (0..self.columns).filter_map(one).collect(),
        }
    }

    fn second_class(&self, name: &str) -> Option<Roc> {
        let view = self.view();
        let rows: Vec<(f32, bool)> = view
            .rows()
            .map(|row| view.second(row))
            .zip(self.targets.iter().map(|y| *y == 1.0))
            .collect();
        // Of two columns the score is their difference, decided at 0.
        let threshold = if self.columns == 1 { view.threshold() } else { 0.0 };
        Some(Roc::of(name, rows.iter().copied())?.decided(rows, threshold))
    }

    /// A column's scores with whether the row is of that class, or has that label.
    fn one_against_rest(&self, task: Task, column: usize) -> impl Iterator<Item = (f32, bool)> {
        let columns = self.columns.max(1);
        let truth = move |row: usize| match task {
            Task::Multilabel => self.targets.get(row * columns + column).is_some_and(|y| *y >= 0.5),
            _ => self.targets.get(row).is_some_and(|y| *y as usize == column),
        };
        let scores = self.outputs.iter().skip(column).step_by(columns);
        scores.enumerate().map(move |(row, score)| (*score, truth(row)))
    }

    /// (truth, prediction) of one target of a regression, row by row.
    pub fn pairs(&self, target: usize) -> Vec<(f64, f64)> {
        let columns = self.columns.max(1);
        let column = |values: &[f32]| -> Vec<f64> {
            values.iter().skip(target).step_by(columns).map(|x| f64::from(*x)).collect()
        };
        column(&self.targets).into_iter().zip(column(&self.outputs)).collect()
    }

    /// The rows with the highest losses, the highest first; a loss that is no number
    /// is the highest of all.
    pub fn worst(&self, count: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.losses.len()).collect();
        let loss = |row: &usize| match self.losses.get(*row) {
            Some(loss) if loss.is_nan() => f32::INFINITY,
            loss => loss.copied().unwrap_or(0.0),
        };
        rows.sort_by(|a, b| loss(b).total_cmp(&loss(a)));
        rows.truncate(count);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_classes_have_a_curve_each_and_two_have_one() {
        let three = Answers {
            outputs: vec![0.7, 0.2, 0.1, 0.2, 0.5, 0.3, 0.3, 0.3, 0.4, 0.4, 0.5, 0.1],
            columns: 3,
            targets: vec![0.0, 1.0, 2.0, 0.0],
            probabilities: true,
            ..Answers::default()
        };
        let curves = three.curves(Task::Classification, &["a".into()]);
        let names: Vec<&str> = curves.iter().map(|roc| roc.name.as_str()).collect();
        assert_eq!(names, ["a", "1", "2"]);
        let two = Answers {
            outputs: vec![0.8, 0.2, 0.1, 0.9, 0.6, 0.4, 0.4, 0.6],
            columns: 2,
            targets: vec![0.0, 1.0, 1.0, 0.0],
            ..three.clone()
        };
        let one = Answers { outputs: vec![0.2, 0.9, 0.4, 0.6], columns: 1, ..two.clone() };
        for answers in [two, one] {
            let curves = answers.curves(Task::Binary, &["no".into(), "yes".into()]);
            assert_eq!((curves.len(), curves[0].name.as_str(), curves[0].area), (1, "yes", 0.75));
            let decision = curves[0].decision.unwrap();
            assert_eq!((decision.false_positives, decision.true_positives), (0.5, 0.5));
        }
        assert!(three.curves(Task::Regression, &[]).is_empty());
        assert!(Answers::default().curves(Task::Multilabel, &[]).is_empty());
    }

    #[test]
    fn pairs_are_by_target_and_the_worst_come_first() {
        let answers = Answers {
            outputs: vec![1.0, 10.0, 2.0, 20.0],
            columns: 2,
            targets: vec![1.5, 11.0, 2.5, 21.0],
            losses: vec![0.5, f32::NAN],
            ..Answers::default()
        };
        assert_eq!(answers.pairs(1), [(11.0, 10.0), (21.0, 20.0)]);
        assert_eq!((answers.worst(9), answers.worst(1)), (vec![1, 0], vec![1]));
    }
}
