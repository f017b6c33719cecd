//! Predictions of a regression over the truth.

use super::{Axis, Chart, Layer};
use crate::paint::{Label, Scene, Series};

/// Predicted over true values.
#[derive(Clone, Debug, Default)]
pub struct Scatter {
    /// What stands above it.
    pub title: String,
    /// What is predicted.
    pub target: String,
    /// (true, predicted).
    pub points: Vec<(f64, f64)>,
}

/// More points say nothing more and make files large.
const MOST: usize = 4000;

impl Scatter {
    /// The points, and the line where prediction equals truth.
    pub fn draw(&self) -> Scene {
        let mut scene = Scene::new(460.0, 480.0, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (24.0, 28.0), 14.0) });
        let every = self.points.len().div_ceil(MOST).max(1);
        let points: Vec<(f64, f64)> = self.points.iter().copied().step_by(every).collect();
        let numbers = points.iter().flat_map(|&(x, y)| [x, y]).filter(|x| x.is_finite());
        let (low, high) =
            numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let range = (low < high).then_some((low, high));
        let (low, high) = range.unwrap_or((0.0, 1.0));
        let opacity = (400.0 / points.len().max(1) as f32).clamp(0.15, 0.8);
        let axis = |label: String| Axis { label, range, ..Axis::default() };
        let chart = Chart {
            x: axis(format!("true {}", self.target)),
            y: axis(format!("predicted {}", self.target)),
            layers: vec![
                Layer::Dots { points, series: Series::Blue, opacity },
                Layer::Guide { ends: [(low, low), (high, high)], name: "equal".into() },
            ],
            ..Chart::default()
        };
        chart.paint(&mut scene, (12.0, 40.0), (436.0, 430.0));
        scene
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_points_make_a_small_file() {
        let points = (0..100_000).map(|i| (f64::from(i), f64::from(i % 977))).collect();
        let plot = Scatter { title: "t".into(), target: "y".into(), points };
        assert!(plot.draw().to_svg().len() < 2_000_000);
        Scatter::default().draw().to_png(1.0).unwrap();
    }
}
