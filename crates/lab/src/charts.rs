//! Shorthands for the charts of the experiments.

use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Axis, Chart, Layer, Panels, Scale};

/// An axis with equal steps for equal differences.
pub fn axis(label: &str) -> Axis {
    Axis { label: label.into(), ..Axis::default() }
}

/// An axis with equal steps for equal ratios.
pub fn log_axis(label: &str) -> Axis {
    Axis { label: label.into(), scale: Scale::Log, ..Axis::default() }
}

/// A line; without a name the legend is silent about it.
pub fn line(name: &str, points: impl IntoIterator<Item = (f64, f64)>, series: Series) -> Layer {
    Layer::Line { name: name.into(), points: points.into_iter().collect(), series, dots: false }
}

/// A line whose points are marked.
pub fn dotted(name: &str, points: impl IntoIterator<Item = (f64, f64)>, series: Series) -> Layer {
    Layer::Line { name: name.into(), points: points.into_iter().collect(), series, dots: true }
}

/// The band between the lowest and the highest of several curves over the same
/// positions 0, 1, 2, …, and the line of their means.
pub fn band(curves: &[Vec<f64>], start: f64, series: Series) -> [Layer; 2] {
    let length = curves.iter().map(Vec::len).min().unwrap_or(0);
    let at = |i: usize| curves.iter().map(move |curve| curve[i]);
    let x = |i: usize| start + i as f64;
    let edges = |i: usize| {
        let low = at(i).fold(f64::INFINITY, f64::min);
        (x(i), low, at(i).fold(f64::NEG_INFINITY, f64::max))
    };
    let mean = |i: usize| (x(i), at(i).sum::<f64>() / curves.len() as f64);
    [
        Layer::Band { points: (0..length).map(edges).collect(), series },
        line("", (0..length).map(mean), series),
    ]
}

/// Charts beside each other under one title.
pub fn panels(
    title: &str,
    columns: usize,
    size: (f32, f32),
    legend: &[(&str, Series)],
    charts: Vec<Chart>,
) -> Scene {
    let legend = legend.iter().map(|(name, series)| ((*name).into(), *series)).collect();
    Panels { title: title.into(), columns, size, legend, charts }.draw()
}

/// `count` numbers from `low` to `high`, both included.
pub fn steps(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> + Clone {
    (0..count).map(move |i| low + (high - low) * i as f64 / (count.max(2) - 1) as f64)
}
