//! How a training went: loss, metric and learning rate over the epochs.

use super::reduce::{smooth, thin};
use super::{Axis, Chart, Layer, Scale};
use crate::paint::{Label, Scene, Series};

/// What one step told.
#[derive(Clone, Copy, Debug)]
pub struct StepPoint {
    /// The time in epochs, with its fraction.
    pub epoch: f64,
    /// The loss of the batch.
    pub loss: f64,
    /// The learning rate.
    pub lr: f64,
}

/// What one epoch told.
#[derive(Clone, Copy, Debug, Default)]
pub struct EpochPoint {
    /// The number of epochs done.
    pub epoch: f64,
    /// The mean loss over the epoch's batches.
    pub train_loss: Option<f64>,
    /// The loss on the validation rows.
    pub validation_loss: Option<f64>,
    /// The metric on the training rows.
    pub train_metric: Option<f64>,
    /// The metric on the validation rows.
    pub validation_metric: Option<f64>,
}

/// A training's curves.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// What stands above them.
    pub title: String,
    /// What the metric is called.
    pub metric: String,
    /// The steps, in order.
    pub steps: Vec<StepPoint>,
    /// The epochs, in order.
    pub epochs: Vec<EpochPoint>,
}

/// The most points of one line in a picture.
const POINTS: usize = 800;
/// A smooth line is a mean over this share of all steps.
const WINDOW: f64 = 1.0 / 60.0;
/// From the first ratio of highest to lowest loss on, the axis is logarithmic.
const LOG_FROM: f64 = 30.0;

impl Curves {
    /// Each curve with its width in pixels: the loss, the metric if there is one, the
    /// learning rate if it changes.
    pub fn charts(&self) -> Vec<(Chart, f32)> {
        let mut charts = vec![(self.loss(), 430.0)];
        if self.epochs.iter().any(|e| e.train_metric.is_some() || e.validation_metric.is_some()) {
            charts.push((self.metric(), 360.0));
        }
        if self.steps.windows(2).any(|w| w[0].lr != w[1].lr) {
            charts.push((self.rate(), 250.0));
        }
        charts
    }

    /// The curves side by side.
    pub fn draw(&self) -> Scene {
        let charts = self.charts();
        let (mut x, head) = (16.0, 44.0);
        let width = charts.iter().map(|(_, w)| w + 16.0).sum::<f32>() + 16.0;
        let mut scene = Scene::new(width, 340.0, self.title.as_str());
        let title = Label::new(self.title.as_str(), (x + 8.0, 28.0), 15.0);
        scene.text(Label { bold: true, ..title });
        for (chart, width) in charts {
            chart.paint(&mut scene, (x, head), (width, 284.0));
            x += width + 16.0;
        }
        scene
    }

    fn loss(&self) -> Chart {
        let steps: Vec<(f64, f64)> = self.steps.iter().map(|s| (s.epoch, s.loss)).collect();
        let calm = smooth(&steps, steps.len() as f64 * WINDOW);
        let per_epoch = self.per_epoch(|e| e.train_loss);
        let held_out = self.per_epoch(|e| e.validation_loss);
        let mut layers = vec![Layer::Trace { points: thin(&steps, POINTS), series: Series::Blue }];
        let (points, dots) = if steps.len() > 20 || per_epoch.is_empty() {
            (thin(&calm, POINTS), false)
        } else {
            (per_epoch, true)
        };
        layers.push(line("training", points, Series::Blue, dots));
        layers.push(line("validation", held_out, Series::Vermilion, true));
        let lines = layers[1..].iter().flat_map(|l| match l {
            Layer::Line { points, .. } => points.as_slice(),
            _ => &[],
        });
        let lines: Vec<f64> = lines.map(|p| p.1).collect();
        let scale = scale_of(lines.iter().copied());
        let mut chart = chart("loss", layers, scale);
        chart.y.range = range(lines, steps.into_iter().map(|s| s.1), scale);
        chart
    }

    fn metric(&self) -> Chart {
        let layers = vec![
            line("training", self.per_epoch(|e| e.train_metric), Series::Blue, true),
            line("validation", self.per_epoch(|e| e.validation_metric), Series::Vermilion, true),
        ];
        chart(&self.metric, layers, Scale::Linear)
    }

    fn rate(&self) -> Chart {
        let points: Vec<(f64, f64)> = self.steps.iter().map(|s| (s.epoch, s.lr)).collect();
        chart(
            "learning rate",
            vec![line("", thin(&points, POINTS), Series::Green, false)],
            Scale::Linear,
        )
    }

    fn per_epoch(&self, get: impl Fn(&EpochPoint) -> Option<f64>) -> Vec<(f64, f64)> {
        let all: Vec<_> = self.epochs.iter().filter_map(|e| Some((e.epoch, get(e)?))).collect();
        thin(&all, POINTS)
    }
}

/// A line; without points it has no name, so that the legend is silent about it.
fn line(name: &str, points: Vec<(f64, f64)>, series: Series, dots: bool) -> Layer {
    let name = if points.is_empty() { String::new() } else { name.into() };
    let dots = dots && points.len() <= 60;
    Layer::Line { name, points, series, dots }
}

fn chart(title: &str, layers: Vec<Layer>, scale: Scale) -> Chart {
    Chart {
        title: title.into(),
        x: Axis { label: "epoch".into(), ..Axis::default() },
        y: Axis { scale, ..Axis::default() },
        layers,
    }
}

/// The range of the lines and of all but the outermost hundredths of the steps: a
/// single step far off must not press everything else flat.
fn range(lines: Vec<f64>, steps: impl Iterator<Item = f64>, scale: Scale) -> Option<(f64, f64)> {
    let usable = |x: &f64| x.is_finite() && (scale == Scale::Linear || *x > 0.0);
    let mut steps: Vec<f64> = steps.filter(usable).collect();
    steps.sort_by(f64::total_cmp);
    let outer = steps.len() / 50;
    let inner = steps.get(outer..steps.len() - outer).unwrap_or_default();
    let all = lines.into_iter().filter(usable).chain(inner.iter().copied());
    let (low, high) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    match scale {
        _ if low >= high => None,
        Scale::Linear => Some((low - 0.04 * (high - low), high + 0.04 * (high - low))),
        Scale::Log => Some((low * (low / high).powf(0.04), high * (high / low).powf(0.04))),
    }
}

/// Logarithmic if the numbers are far apart.
pub(super) fn scale_of(values: impl Iterator<Item = f64>) -> Scale {
    let range = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
    if range.0 > 0.0 && range.1 / range.0 > LOG_FROM { Scale::Log } else { Scale::Linear }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_broken_run_can_be_drawn() {
        let svg = Curves::default().draw().to_svg();
        assert!(svg.contains("no data"));
        let broken = |i: i32| StepPoint { epoch: f64::from(i), loss: f64::NAN, lr: 0.1 };
        let curves = Curves { steps: (0..50).map(broken).collect(), ..Curves::default() };
        assert!(!curves.draw().to_svg().contains("NaN"));
    }

    #[test]
    fn a_steep_loss_gets_a_log_axis_and_constant_rates_no_chart() {
        assert_eq!(scale_of([2.3, 0.001].into_iter()), Scale::Log);
        assert_eq!(scale_of([2.3, 0.5].into_iter()), Scale::Linear);
        assert_eq!(scale_of([2.3, 0.0].into_iter()), Scale::Linear);
        let step = |i: i32| StepPoint { epoch: f64::from(i), loss: 1.0, lr: 0.1 };
        let curves = Curves { steps: (0..50).map(step).collect(), ..Curves::default() };
        assert!(!curves.draw().to_svg().contains("learning rate"));
    }
}
