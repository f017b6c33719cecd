//! Whether probabilities mean what they say.
//!
//! A reliability diagram (DeGroot and Fienberg, 1983): predictions are sorted into
//! bins by their confidence; in each, the share that is right should be that.

use super::told::number;
use super::{Axis, Chart, Layer};
use crate::paint::{Ink, Label, Scene, Series};

/// Predictions of similar confidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bin {
    /// The lowest confidence of the bin.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The mean confidence of its predictions.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
    /// How many there are.
    pub count: u64,
}

/// The quantile of the normal distribution that 95 % lie within.
const Z: f64 = 1.96;

impl Bin {
    /// From where to where the share that is right may be, seen from so few predictions: the
    /// score interval (Wilson 1927), upright at the bin's confidence. A bin of one
    /// prediction says next to nothing.
    fn interval(&self) -> [(f64, f64); 2] {
        let (share, count) = (self.accuracy, self.count.max(1) as f64);
        let wide = 1.0 + Z * Z / count;
        let middle = (share + Z * Z / (2.0 * count)) / wide;
        let variance = share * (1.0 - share) / count + Z * Z / (4.0 * count * count);
        let half = Z * variance.max(0.0).sqrt() / wide;
        [(self.confidence, middle - half), (self.confidence, middle + half)]
    }
}

impl Bin {
    fn told(&self) -> String {
        let [low, high] = [self.low, self.high].map(number);
        let share = 100.0 * self.accuracy;
        format!("confidence {low} to {high}: {share:.1} % right, of {}", self.count)
    }
}

/// A reliability diagram.
#[derive(Clone, Debug, Default)]
pub struct Reliability {
    /// What stands above it.
    pub title: String,
    /// The bins in order of confidence.
    pub bins: Vec<Bin>,
}

impl Reliability {
    /// The expected calibration error: the mean distance between confidence and
    /// accuracy, weighted by count (Naeini, Cooper and Hauskrecht, 2015).
    pub fn error(&self) -> f64 {
        let total: u64 = self.bins.iter().map(|b| b.count).sum();
        let filled = self.bins.iter().filter(|b| b.count > 0);
        let sum: f64 = filled.map(|b| (b.confidence - b.accuracy).abs() * b.count as f64).sum();
        sum / total.max(1) as f64
    }

    /// Accuracy over confidence, and below it how many predictions there are.
    pub fn draw(&self) -> Scene {
        let mut scene = Scene::new(420.0, 500.0, self.title.as_str());
        let title = format!("{}  (calibration error {:.3})", self.title, self.error());
        scene.text(Label { bold: true, ..Label::new(title, (24.0, 28.0), 14.0) });
        let filled = || self.bins.iter().filter(|b| b.count > 0);
        scene.told.extend(filled().map(Bin::told));
        let whole = || Some((0.0, 1.0));
        let shares: Vec<(f64, f64)> = filled().map(|b| (b.confidence, b.accuracy)).collect();
        let diagram = Chart {
            y: Axis {
                label: "share that is right, 95 % interval".into(),
                range: whole(),
                ..Axis::default()
            },
            x: Axis { range: whole(), ..Axis::default() },
            layers: vec![
                Layer::Guide { ends: [(0.0, 0.0), (1.0, 1.0)], name: "perfect".into() },
                // Pale: where bins are nearly empty, the line says nothing.
                Layer::Trace { points: shares.clone(), series: Series::Blue },
                Layer::Segments {
                    segments: filled().map(Bin::interval).collect(),
                    ink: Ink::Series(Series::Blue),
                    width: 1.2,
                },
                Layer::Dots { points: shares, series: Series::Blue, opacity: 1.0 },
            ],
            ..Chart::default()
        };
        diagram.paint(&mut scene, (12.0, 40.0), (396.0, 320.0));
        let most = filled().map(|b| b.count).max().unwrap_or(1) as f64;
        let counts = Chart {
            x: Axis { label: "confidence".into(), range: whole(), ..Axis::default() },
            y: Axis {
                label: "predictions".into(),
                range: Some((0.0, 1.08 * most)),
                ..Axis::default()
            },
            layers: vec![Layer::Bars {
                bars: filled().map(|b| (b.low, b.high, b.count as f64)).collect(),
                series: Series::Blue,
            }],
            ..Chart::default()
        };
        counts.paint(&mut scene, (12.0, 350.0), (396.0, 146.0));
        scene
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`.
    #[test]
    fn few_predictions_leave_a_wide_interval() {
        let of = |accuracy, count| Bin { accuracy, count, ..Bin::default() }.interval();
        for (accuracy, count, low, high) in [(1.0, 1, 0.2065, 1.0), (0.9, 10, 0.5958, 0.9821)] {
            let [(_, l), (_, h)] = of(accuracy, count);
            assert!((l - low).abs() < 1e-4 && (h - high).abs() < 1e-4, "{l} {h}");
        }
    }

    #[test]
    fn the_error_is_weighted_by_count() {
        let bin =
            |confidence, accuracy, count| Bin { confidence, accuracy, count, ..Bin::default() };
        let bins = vec![bin(0.5, 0.5, 10), bin(0.9, 0.7, 30), bin(f64::NAN, f64::NAN, 0)];
        let plot = Reliability { title: String::new(), bins };
        assert!((plot.error() - 0.15).abs() < 1e-12);
        assert!(!plot.draw().to_svg().contains("NaN"));
        assert_eq!(Reliability::default().error(), 0.0);
    }
}
