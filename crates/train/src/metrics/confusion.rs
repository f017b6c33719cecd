//! Which class was taken for which, and the scores that follow from it.

use serde::{Deserialize, Serialize};

/// Counts of rows by true and predicted class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// `counts[truth][predicted]`.
    pub counts: Vec<Vec<u64>>,
}

/// The scores of one class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The class's name.
    pub name: String,
    /// Of the rows predicted to be of this class, the share that are; 0 if none.
    pub precision: f64,
    /// Of the rows of this class, the share predicted to be; 0 if none.
    pub recall: f64,
    /// The harmonic mean of both; 0 if both are.
    pub f1: f64,
    /// Rows of this class.
    pub support: u64,
    /// The area under the ROC curve of this class against the rest; absent without
    /// rows of either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
}

impl Confusion {
    /// Counts pairs of true and predicted class; those of no known class are
    /// left out.
    pub fn count(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Confusion {
        let mut counts = vec![vec![0; classes]; classes];
        for (truth, predicted) in pairs {
            if let Some(n) = counts.get_mut(truth).and_then(|row| row.get_mut(predicted)) {
                *n += 1;
            }
        }
        Confusion { counts }
    }

    /// The share of rows on the diagonal; 0 without rows.
    pub fn accuracy(&self) -> f64 {
        let right = self.counts.iter().enumerate().filter_map(|(i, row)| row.get(i)).sum();
        ratio(right, self.counts.iter().flatten().sum())
    }

    /// The scores of each class; classes without a name have their number.
    pub fn scores(&self, names: &[String]) -> Vec<ClassScores> {
        let predicted = |class: usize| self.counts.iter().filter_map(|row| row.get(class)).sum();
        let score = |(class, row): (usize, &Vec<u64>)| {
            let hits = row.get(class).copied().unwrap_or(0);
            let support = row.iter().sum();
            let (precision, recall) = (ratio(hits, predicted(class)), ratio(hits, support));
            let f1 = if hits == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
            let name = names.get(class).cloned().unwrap_or_else(|| class.to_string());
            ClassScores { name, precision, recall, f1, support, auc: None }
        };
        self.counts.iter().enumerate().map(score).collect()
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `precision_recall_fscore_support` of scikit-learn 1.9 with `zero_division=0`.
    #[test]
    fn scores_are_those_of_scikit_learn() {
        let truth = [0, 1, 2, 2, 1, 0, 0, 2];
        let predicted = [0, 2, 2, 1, 1, 0, 1, 2];
        let confusion = Confusion::count(4, truth.into_iter().zip(predicted));
        assert_eq!(confusion.counts[0], [2, 1, 0, 0]);
        assert_eq!(confusion.accuracy(), 0.625);
        let scores = confusion.scores(&["a".into()]);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(scores[0].precision, 1.0);
        close(scores[0].recall, 2.0 / 3.0);
        close(scores[0].f1, 0.8);
        close(scores[1].precision, 1.0 / 3.0);
        close(scores[1].f1, 0.4);
        close(scores[2].f1, 2.0 / 3.0);
        assert_eq!((scores[0].name.as_str(), scores[2].name.as_str()), ("a", "2"));
        assert_eq!((scores[3].f1, scores[3].support), (0.0, 0));
    }
}
