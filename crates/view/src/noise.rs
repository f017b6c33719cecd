//! Pictures of the whole gradient over time: how long it is, how much of it is noise of
//! the batch, and how large a batch would make both alike.

use crate::paint::Series;
use crate::plot::{Axis, Chart, Layer, Panels, Scale, smooth, thin};
use gradwise_train::folder::event::{Event, Step};

/// The gradient in the steps that layers were measured in.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    points: Vec<Point>,
    /// Rows of a step.
    batch: f64,
    /// Steps of an epoch.
    per_epoch: f64,
}

/// The gradient of one step; NaN where it was not measured.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The step.
    pub step: u64,
    /// The length of the gradient by all parameters, before clipping.
    pub norm: f64,
    /// How far the gradient of this batch may be from that of all rows: a row's
    /// deviation over the root of the batch.
    pub noise: f64,
    /// The batch whose gradient is as large as its noise, in rows: tr Σ/|G|² of means
    /// over neighbouring steps (McCandlish et al. 2018, appendix A.1, where numerator and
    /// denominator are averaged apart).
    pub scale: f64,
}

/// The most points of a line.
const POINTS: usize = 300;
/// Means are over this share of all points.
const WINDOW: f64 = 1.0 / 20.0;
/// Width and height of a chart.
const SIZE: (f32, f32) = (420.0, 250.0);

/// The gradient of steps of a run with so many rows a step; steps without it are left out.
pub fn points<'s>(steps: impl Iterator<Item = &'s Step>, batch: f64) -> Vec<Point> {
    let measured: Vec<&Step> = steps.filter(|s| s.gradient_norm.is_some()).collect();
    let square = |x: f64| x * x;
    let of_row = |s: &Step| s.gradient_noise.map_or(f64::NAN, |x| x.0);
    let norm = |s: &Step| s.gradient_norm.map_or(f64::NAN, |x| x.0);
    let mean = |of: &dyn Fn(&Step) -> f64| -> Vec<f64> {
        let all: Vec<(f64, f64)> = measured.iter().map(|s| (0.0, of(s))).collect();
        smooth(&all, all.len() as f64 * WINDOW).into_iter().map(|(_, y)| y).collect()
    };
    let trace = mean(&|s| square(of_row(s)));
    // What is left of the square of the norm without its share of noise.
    let sound = mean(&|s| square(norm(s)) - square(of_row(s)) / batch);
    let scale = trace.iter().zip(sound).map(|(trace, sound)| match sound > 0.0 {
        true => trace / sound,
        false => f64::NAN,
    });
    let point = |(s, scale): (&&Step, f64)| Point {
        step: s.step,
        norm: norm(s),
        noise: of_row(s) / batch.sqrt(),
        scale,
    };
    measured.iter().zip(scale).map(point).collect()
}

impl Noise {
    /// From a run's records.
    pub fn of(events: &[Event]) -> Noise {
        let (mut batch, mut per_epoch) = (f64::NAN, 1.0);
        for event in events {
            if let Event::Start(start) = event {
                batch = start.batch as f64;
                per_epoch = start.steps_per_epoch.max(1) as f64;
            }
        }
        let steps = events.iter().filter_map(|event| match event {
            Event::Step(step) => Some(step),
            _ => None,
        });
        Noise { points: points(steps, batch), batch, per_epoch }
    }

    /// The gradient's length beside its noise, and the noise scale beside the batch.
    /// `None` where the gradient was not measured.
    pub fn over_time(&self, title: &str) -> Option<Panels> {
        let length = self.chart(
            "gradient norm",
            [
                self.line("gradient", Series::Blue, |p| p.norm),
                self.line("noise of a batch", Series::Vermilion, |p| p.noise),
            ],
        );
        let mut scale = self.chart(
            "noise scale, in rows",
            [self.line("noise scale", Series::Green, |p| p.scale), None],
        );
        if let Some(chart) = &mut scale {
            chart.layers.extend(self.guide());
        }
        let charts: Vec<Chart> = length.into_iter().chain(scale).collect();
        let (title, legend) = (title.into(), Vec::new());
        (!charts.is_empty()).then_some(Panels { title, columns: 2, size: SIZE, legend, charts })
    }

    fn chart<const N: usize>(&self, title: &str, lines: [Option<Layer>; N]) -> Option<Chart> {
        let layers: Vec<Layer> = lines.into_iter().flatten().collect();
        (!layers.is_empty()).then(|| Chart {
            title: title.into(),
            x: Axis { label: "epoch".into(), ..Axis::default() },
            y: Axis { scale: Scale::Log, ..Axis::default() },
            layers,
        })
    }

    /// A line; `None` if nothing of it can stand on a logarithmic axis.
    fn line(&self, name: &str, series: Series, of: impl Fn(&Point) -> f64) -> Option<Layer> {
        let at = |p: &Point| (self.epoch(p), of(p));
        let points = thin(&self.points.iter().map(at).collect::<Vec<_>>(), POINTS);
        let dots = points.len() <= 40;
        let known = points.iter().any(|(_, y)| y.is_finite() && *y > 0.0);
        known.then(|| Layer::Line { name: name.into(), points, series, dots })
    }

    /// The batch as a line across.
    fn guide(&self) -> Option<Layer> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let ends = [(self.epoch(first), self.batch), (self.epoch(last), self.batch)];
        (self.batch > 0.0).then(|| Layer::Guide { ends, name: "batch".into() })
    }

    fn epoch(&self, point: &Point) -> f64 {
        point.step as f64 / self.per_epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Start;

    fn step(step: u64, norm: f64, noise: f64) -> Event {
        let (gradient_norm, gradient_noise) = (Some(norm.into()), Some(noise.into()));
        Event::Step(Step { step, gradient_norm, gradient_noise, ..Step::default() })
    }

    #[test]
    fn the_noise_scale_is_that_of_the_means() {
        let steps = [(2.0, 8.0), (2.0, 8.0)].map(|(norm, noise): (f64, f64)| Step {
            gradient_norm: Some(norm.into()),
            gradient_noise: Some(noise.into()),
            ..Step::default()
        });
        let unmeasured = Step::default();
        let points = points(steps.iter().chain([&unmeasured]), 64.0);
        assert_eq!(points.len(), 2);
        // 64 / (4 − 64/64).
        assert!((points[1].scale - 64.0 / 3.0).abs() < 1e-12 && points[1].noise == 1.0);
    }

    #[test]
    fn where_all_is_noise_there_is_no_scale() {
        let start = Event::Start(Start { batch: 4, steps_per_epoch: 2, ..Start::default() });
        let noise = Noise::of(&[start, step(1, 1.0, 9.0), step(3, f64::NAN, f64::INFINITY)]);
        assert!(noise.points.iter().all(|p| p.scale.is_nan()));
        let panels = noise.over_time("t").unwrap();
        assert_eq!(panels.charts.len(), 1);
        assert!(!panels.draw().to_svg().contains("NaN"));
        assert!(Noise::of(&[]).over_time("t").is_none());
    }

    #[test]
    fn a_run_without_a_start_has_lengths_at_least() {
        let noise = Noise::of(&[step(1, 1.0, 2.0), step(2, 3.0, 2.0)]);
        assert_eq!(noise.over_time("t").unwrap().charts.len(), 1);
    }
}
