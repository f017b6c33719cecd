//! The ROC curve: how many rows of a class are found for how many false alarms.
//!
//! Source: T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters
//! 27 (2006), algorithm 1; the area is that of [`super::area_under_roc`].

use super::ranking::area_under_roc;

/// The ROC curve of one class against the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roc {
    /// The class.
    pub name: String,
    /// The area under the curve: 1 is perfect order, 0.5 is chance.
    pub area: f64,
    /// False positive rate and true positive rate from (0, 0) to (1, 1), while the
    /// score from which on a row counts as positive falls.
    pub points: Vec<(f64, f64)>,
    /// Where the model itself decides; only of a binary task, where there is such a
    /// place.
    pub decision: Option<Decision>,
}

/// A place on a ROC curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The score from which on rows count as positive.
    pub threshold: f32,
    /// The share of the negative rows that do.
    pub false_positives: f64,
    /// The share of the positive rows that do.
    pub true_positives: f64,
}

/// Corners of a curve that are kept lie at least this far apart.
const FINE: f64 = 1.0 / 400.0;

impl Roc {
    /// The curve of rows by score and whether they are positive. `None` as for
    /// [`area_under_roc`].
    pub fn of(name: &str, rows: impl IntoIterator<Item = (f32, bool)>) -> Option<Roc> {
        let mut rows: Vec<(f32, bool)> = rows.into_iter().collect();
        let area = area_under_roc(rows.iter().copied())?;
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let positives = rows.iter().filter(|(_, positive)| *positive).count() as f64;
        let negatives = rows.len() as f64 - positives;
        let (mut up, mut across) = (0.0, 0.0);
        let mut points = vec![(0.0, 0.0)];
        for tied in rows.chunk_by(|a, b| a.0 == b.0) {
            let found = tied.iter().filter(|(_, positive)| *positive).count() as f64;
            up += found;
            across += tied.len() as f64 - found;
            points.push((across / negatives, up / positives));
        }
        Some(Roc { name: name.into(), area, points: corners(&points), decision: None })
    }

    /// The same curve with the place where rows of at least this score count as
    /// positive.
    pub fn decided(self, rows: impl IntoIterator<Item = (f32, bool)>, threshold: f32) -> Roc {
        // Rows and those from the threshold on, of either kind.
        let mut counts = [[0.0; 2]; 2];
        for (score, positive) in rows {
            let [all, above] = &mut counts[usize::from(positive)];
            *all += 1.0;
            *above += f64::from(score >= threshold);
        }
        let [false_positives, true_positives] = counts.map(|[all, above]| above / all);
        Roc { decision: Some(Decision { threshold, false_positives, true_positives }), ..self }
    }

    /// The true positive rate at a false positive rate, on straight lines between
    /// corners.
    pub fn at(&self, rate: f64) -> f64 {
        let right = self.points.partition_point(|(x, _)| *x <= rate);
        match (self.points.get(right.wrapping_sub(1)), self.points.get(right)) {
            (Some(a), Some(b)) => a.1 + (rate - a.0) / (b.0 - a.0) * (b.1 - a.1),
            (Some(last), None) => last.1,
            (None, _) => 0.0,
        }
    }
}

/// The points where a curve turns, without those closer than [`FINE`] to the one
/// before.
fn corners(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        let is_corner = match (i.checked_sub(1).and_then(|i| points.get(i)), points.get(i + 1)) {
            (Some(a), Some(b)) => ((x - a.0) * (b.1 - y) - (y - a.1) * (b.0 - x)).abs() > 1e-12,
            _ => true,
        };
        let far = kept.last().is_none_or(|last| x - last.0 + (y - last.1) >= FINE);
        if is_corner && (far || i + 1 == points.len()) {
            kept.push((x, y));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(f32, bool); 6] =
        [(0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.4, true), (0.1, false)];

    /// `roc_curve` and `roc_auc_score` of scikit-learn 1.9.
    #[test]
    fn curve_and_area_are_those_of_scikit_learn() {
        let roc = Roc::of("a", ROWS).unwrap();
        let third = 1.0 / 3.0;
        let expected = [
            (0.0, 0.0),
            (0.0, third),
            (third, third),
            (2.0 * third, 2.0 * third),
            (2.0 * third, 1.0),
            (1.0, 1.0),
        ];
        assert_eq!(roc.points.len(), expected.len(), "{:?}", roc.points);
        let close =
            |(a, b): (&(f64, f64), &(f64, f64))| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1e-12;
        assert!(roc.points.iter().zip(&expected).all(close), "{:?}", roc.points);
        assert!((roc.area - 0.611_111_111_111_111).abs() < 1e-12, "{}", roc.area);
        assert!((roc.at(0.5) - 0.5).abs() < 1e-12);
        assert_eq!((roc.at(0.0), roc.at(1.0)), (third, 1.0));
    }

    #[test]
    fn the_decision_lies_on_the_curve() {
        let roc = Roc::of("a", ROWS).unwrap().decided(ROWS, 0.7);
        let decision = roc.decision.unwrap();
        let rates = [decision.false_positives, decision.true_positives];
        assert!(rates.iter().all(|rate| (rate - 2.0 / 3.0).abs() < 1e-12), "{decision:?}");
    }

    #[test]
    fn a_long_curve_keeps_few_points_and_its_area() {
        let score = |i: u32| {
            (
                (i.wrapping_mul(2_654_435_761) >> 8) as f32,
                i.is_multiple_of(3) || i.is_multiple_of(7),
            )
        };
        let roc = Roc::of("a", (0..50_000).map(score)).unwrap();
        assert!(roc.points.len() < 900, "{}", roc.points.len());
        let under = |w: &[(f64, f64)]| (w[1].0 - w[0].0) * (w[1].1 + w[0].1) / 2.0;
        let area: f64 = roc.points.windows(2).map(under).sum();
        assert!((area - roc.area).abs() < 2e-3, "{area} {}", roc.area);
        assert!(Roc::of("a", [(0.5, true)]).is_none());
    }
}
