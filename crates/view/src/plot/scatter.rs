//! Predictions of a regression over the truth, and how far they are off.

use super::{Axis, Chart, Layer};
use crate::paint::{Label, Scene, Series};

/// Predictions beside the truth, for each target of a regression.
#[derive(Clone, Debug, Default)]
pub struct Scatter {
    /// What stands above them.
    pub title: String,
    /// The targets.
    pub targets: Vec<Fit>,
}

/// The predictions of one target.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// What is predicted.
    pub name: String,
    /// (true, predicted).
    pub points: Vec<(f64, f64)>,
}

/// More points say nothing more and make files large.
const MOST: usize = 3000;
/// More targets than these make a picture that nobody looks at.
const TARGETS: usize = 4;
/// Width and height of a chart.
const SIZE: (f32, f32) = (400.0, 400.0);

impl Scatter {
    /// A row for each target: predicted over true values with the line where they are
    /// equal, and residuals (prediction − truth) over predictions.
    pub fn draw(&self) -> Scene {
        let rows = self.targets.len().clamp(1, TARGETS) as f32;
        let size = (2.0 * SIZE.0 + 36.0, 44.0 + rows * (SIZE.1 + 8.0));
        let mut scene = Scene::new(size.0, size.1, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (24.0, 28.0), 14.0) });
        for (row, fit) in self.targets.iter().take(TARGETS).enumerate() {
            let y = 40.0 + row as f32 * (SIZE.1 + 8.0);
            let (against, residuals) = fit.charts();
            against.paint(&mut scene, (12.0, y), SIZE);
            residuals.paint(&mut scene, (24.0 + SIZE.0, y), SIZE);
        }
        scene
    }
}

impl Fit {
    fn charts(&self) -> (Chart, Chart) {
        let every = self.points.len().div_ceil(MOST).max(1);
        let points: Vec<(f64, f64)> = self.points.iter().copied().step_by(every).collect();
        let left: Vec<(f64, f64)> =
            points.iter().map(|(truth, said)| (*said, said - truth)).collect();
        let (both, across) =
            (range(points.iter().flat_map(|(x, y)| [*x, *y])), range(left.iter().map(|p| p.0)));
        let axis = |what: &str, range| Axis {
            label: format!("{what} {}", self.name),
            range,
            ..Axis::default()
        };
        let guide = |ends, name: &str| Layer::Guide { ends, name: name.into() };
        let (low, high) = both.unwrap_or((0.0, 1.0));
        let against = Chart {
            x: axis("true", both),
            y: axis("predicted", both),
            layers: vec![dots(points), guide([(low, low), (high, high)], "equal")],
            ..Chart::default()
        };
        let (low, high) = across.unwrap_or((0.0, 1.0));
        let residuals = Chart {
            x: axis("predicted", across),
            y: Axis { label: "residual: predicted − true".into(), ..Axis::default() },
            layers: vec![dots(left), guide([(low, 0.0), (high, 0.0)], "none")],
            ..Chart::default()
        };
        (against, residuals)
    }
}

/// Points that are the paler the more there are.
fn dots(points: Vec<(f64, f64)>) -> Layer {
    let opacity = (400.0 / points.len().max(1) as f32).clamp(0.15, 0.8);
    Layer::Dots { points, series: Series::Blue, opacity }
}

/// From the least to the greatest of the finite numbers, if they differ.
fn range(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = numbers
        .filter(|x| x.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    (low < high).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_points_make_a_small_file() {
        let points = (0..100_000).map(|i| (f64::from(i), f64::from(i % 977))).collect();
        let plot = Scatter {
            title: "t".into(),
            targets: vec![Fit { name: "y".into(), points }, Fit::default()],
        };
        let size = plot.draw().to_svg().len();
        assert!(size < 400_000, "{size}");
        Scatter::default().draw().to_png(1.0).unwrap();
    }

    #[test]
    fn broken_predictions_leave_gaps() {
        let points = vec![(1.0, f64::NAN), (2.0, 2.5), (3.0, f64::INFINITY), (4.0, 3.5)];
        let plot = Scatter { title: "t".into(), targets: vec![Fit { name: "<y>".into(), points }] };
        let svg = plot.draw().to_svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf") && svg.contains("&lt;y&gt;"));
    }
}
