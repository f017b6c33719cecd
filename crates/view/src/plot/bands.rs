//! Variants of a training beside each other: every run's curves with mean and spread,
//! and where the runs ended with the mean's interval.
//!
//! The list of variants on the right is the legend of the curves too, so nothing hangs
//! on colour alone: each line has its dash, and each variant its own row.

use super::curves::scale_of;
use super::ticks::ticks;
use super::told::number;
use super::{Axis, Chart, Layer, Scale};
use crate::paint::{Anchor, Dash, Fill, Ink, Label, Mark, Scene, Series, Stroke, text_width};
use crate::terminal::significant;

/// One of the things that are compared.
#[derive(Clone, Debug, Default)]
pub struct Variant {
    /// What it is called.
    pub name: String,
    /// A word on it, such as `worse`.
    pub remark: String,
    /// The loss of each run on the validation rows: (epoch, value).
    pub loss: Vec<Vec<(f64, f64)>>,
    /// The metric of each run on the validation rows; empty if epochs do not measure it.
    pub metric: Vec<Vec<(f64, f64)>>,
    /// The metric at the end of each run.
    pub ends: Vec<f64>,
    /// The mean of these.
    pub mean: Option<f64>,
    /// The interval of the mean.
    pub interval: Option<(f64, f64)>,
    /// Whether its curves are drawn; those of the first six that want it are.
    pub curves: bool,
}

/// Variants of a training.
#[derive(Clone, Debug, Default)]
pub struct Bands {
    /// What stands above them.
    pub title: String,
    /// What the metric is called.
    pub metric: String,
    /// What runs differ in, such as `seeds`.
    pub over: String,
    /// What is compared.
    pub variants: Vec<Variant>,
    /// The place of the variant that the others are compared with.
    pub reference: Option<usize>,
}

/// At more runs than this their own curves are left out.
const TRACES: usize = 60;
const HEAD: f32 = 44.0;
const ROW: f32 = 24.0;
const WORD: f32 = 12.0;
/// The widest that a name may be.
const NAME: f32 = 230.0;
/// The length of a line's sample.
const SAMPLE: f32 = 26.0;
/// The width of the list's axis.
const AXIS: f32 = 210.0;

impl Bands {
    /// The curves, and beside them the list of variants.
    pub fn draw(&self) -> Scene {
        let charts = [
            ("validation loss".to_string(), self.chart(|v| &v.loss)),
            (format!("validation {}", self.metric), self.chart(|v| &v.metric)),
        ];
        let charts = charts.into_iter().filter(|(_, chart)| !chart.layers.is_empty());
        let list = self.list();
        let charts: Vec<_> = charts.collect();
        let width = 16.0 + charts.len() as f32 * 396.0 + list.width() + 16.0;
        let height = (HEAD + 300.0).max(HEAD + list.height() + 16.0);
        let mut scene = Scene::new(width, height, self.title.as_str());
        let title = Label::new(self.title.as_str(), (24.0, 28.0), 15.0);
        scene.text(Label { bold: true, ..title });
        let named = self.variants.iter().zip(self.series());
        let names: Vec<_> =
            named.filter_map(|(v, series)| Some((v.name.clone(), series?))).collect();
        scene.told = self.variants.iter().filter_map(|v| self.told(v)).collect();
        let mut x = 16.0;
        for (title, chart) in charts {
            let chart = Chart { title, ..chart };
            chart.paint_named(&mut scene, (x, HEAD), (380.0, 284.0), &names);
            x += 396.0;
        }
        list.paint(&mut scene, x + 8.0);
        scene
    }

    /// Where a variant ended, in words.
    fn told(&self, variant: &Variant) -> Option<String> {
        let (name, metric, mean) = (&variant.name, &self.metric, number(variant.mean?));
        let interval = variant.interval.map_or(String::new(), |(low, high)| {
            format!(", 95 % interval {} to {}", number(low), number(high))
        });
        Some(format!("{name}: {metric} {mean}{interval}"))
    }

    /// The series of each variant, if its curves are drawn.
    fn series(&self) -> Vec<Option<Series>> {
        let mut next = 0;
        let mut series = |variant: &Variant| {
            next += usize::from(variant.curves);
            (variant.curves && next <= Series::ALL.len()).then(|| Series::at(next - 1))
        };
        self.variants.iter().map(&mut series).collect()
    }

    fn chart(&self, of: impl Fn(&Variant) -> &Vec<Vec<(f64, f64)>>) -> Chart {
        let shown: Vec<(&Vec<_>, Series)> = {
            let all = self.variants.iter().zip(self.series());
            all.filter_map(|(v, series)| Some((of(v), series?))).collect()
        };
        let (mut bands, mut traces, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for (runs, series) in &shown {
            let (band, mean) = band(runs);
            if mean.is_empty() {
                continue;
            }
            let own =
                |points: &Vec<(f64, f64)>| Layer::Trace { points: points.clone(), series: *series };
            traces.extend(runs.iter().filter(|_| runs.len() > 1).map(own));
            bands.push(Layer::Band { points: band, series: *series });
            let dots = mean.len() <= 30;
            lines.push(Layer::Line { name: String::new(), points: mean, series: *series, dots });
        }
        if traces.len() > TRACES {
            traces.clear();
        }
        let means = lines.iter().flat_map(|layer| match layer {
            Layer::Line { points, .. } => points.as_slice(),
            _ => &[],
        });
        let scale = scale_of(means.map(|point| point.1));
        Chart {
            x: Axis { label: "epoch".into(), ..Axis::default() },
            y: Axis { scale, ..Axis::default() },
            layers: bands.into_iter().chain(traces).chain(lines).collect(),
            ..Chart::default()
        }
    }

    fn list(&self) -> List<'_> {
        let numbers = self.variants.iter().flat_map(|v| {
            let ends = v.interval.into_iter().flat_map(|(low, high)| [low, high]);
            v.ends.iter().copied().chain(ends)
        });
        let numbers = numbers.filter(|x| x.is_finite());
        let (low, high) =
            numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let span = match high - low {
            span if span > 0.0 => span,
            _ => low.abs().max(1.0) * 0.1,
        };
        let range = if low <= high { (low - 0.06 * span, high + 0.06 * span) } else { (0.0, 1.0) };
        let name = |variant: &Variant| text_width(&cut(&variant.name), WORD);
        let remark = |variant: &Variant| text_width(&remark(variant), WORD);
        let widest =
            |of: &dyn Fn(&Variant) -> f32| self.variants.iter().map(of).fold(40.0f32, f32::max);
        List { bands: self, range, name: widest(&name), remark: widest(&remark) }
    }
}

/// (epoch, lower border, upper border).
type Borders = Vec<(f64, f64, f64)>;

/// Mean ± standard deviation of runs, no wider than the runs, and the mean, over the
/// epochs that at least half of the runs reached.
fn band(runs: &[Vec<(f64, f64)>]) -> (Borders, Vec<(f64, f64)>) {
    let mut epochs: Vec<f64> = runs.iter().flatten().map(|point| point.0).collect();
    epochs.sort_by(f64::total_cmp);
    epochs.dedup();
    let (mut borders, mut means) = (Vec::new(), Vec::new());
    for epoch in epochs {
        let at = |run: &Vec<(f64, f64)>| {
            let index = run.binary_search_by(|point| point.0.total_cmp(&epoch)).ok()?;
            run.get(index).map(|point| point.1).filter(|y| y.is_finite())
        };
        let values: Vec<f64> = runs.iter().filter_map(at).collect();
        if values.is_empty() || 2 * values.len() < runs.len() {
            continue;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let std = (squares / (count - 1.0).max(1.0)).sqrt();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        borders.push((epoch, (mean - std).max(low), (mean + std).min(high)));
        means.push((epoch, mean));
    }
    (borders, means)
}

/// A name that is not too wide, its middle left out.
fn cut(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut kept = letters.len();
    loop {
        let shown: String = match kept == letters.len() {
            true => name.into(),
            false => {
                let (head, tail) = (kept.div_ceil(2), letters.len() - kept / 2);
                letters[..head].iter().chain(&['…']).chain(&letters[tail..]).collect()
            }
        };
        if kept == 0 || text_width(&shown, WORD) <= NAME {
            return shown;
        }
        kept -= 1;
    }
}

fn remark(variant: &Variant) -> String {
    match variant.mean {
        Some(mean) => format!("{}  {}", significant(mean), variant.remark),
        None => format!("–  {}", variant.remark),
    }
}

/// The list of variants with where their runs ended.
struct List<'b> {
    bands: &'b Bands,
    range: (f64, f64),
    /// The width of the names.
    name: f32,
    /// The width of the remarks.
    remark: f32,
}

impl List<'_> {
    fn width(&self) -> f32 {
        8.0 + SAMPLE + 10.0 + self.name + 16.0 + AXIS + 16.0 + self.remark + 8.0
    }

    fn height(&self) -> f32 {
        26.0 + ROW * self.bands.variants.len() as f32 + 44.0
    }

    fn axis(&self, left: f32) -> f32 {
        left + SAMPLE + 10.0 + self.name + 16.0
    }

    /// Where a number stands on the axis.
    fn at(&self, left: f32, value: f64) -> Option<f32> {
        let (low, high) = self.range;
        let share = (value - low) / (high - low);
        share.is_finite().then(|| self.axis(left) + share.clamp(0.0, 1.0) as f32 * AXIS)
    }

    fn paint(&self, scene: &mut Scene, left: f32) {
        let (top, axis) = (HEAD + 26.0, self.axis(left));
        let bottom = top + ROW * self.bands.variants.len() as f32;
        let words = format!("{} over {}", self.bands.metric, self.bands.over);
        scene.text(Label { bold: true, ..Label::new(words, (axis, HEAD + 13.0), 13.0) });
        let rule = Stroke::solid(Ink::Rule, 1.0);
        for (value, word) in ticks(self.range.0, self.range.1, Scale::Linear, 4) {
            let Some(x) = self.at(left, value) else { continue };
            scene.push(Mark::line([(x, top), (x, bottom)], rule));
            let label = Label::new(word, (x, bottom + 16.0), 11.0);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
        let ends = [(axis, bottom), (axis + AXIS, bottom)];
        scene.push(Mark::line(ends, Stroke::solid(Ink::Quiet, 1.0)));
        let note = Label::new("every run, mean and its 95 % interval", (axis, bottom + 33.0), 11.0);
        scene.text(Label { ink: Ink::Quiet, ..note });
        let reference = self.bands.reference.and_then(|at| self.bands.variants.get(at)?.mean);
        if let Some(x) = reference.and_then(|mean| self.at(left, mean)) {
            let stroke = Stroke::dashed(Ink::Quiet, 1.0, Dash::Dashed);
            scene.push(Mark::line([(x, top), (x, bottom)], stroke));
        }
        let rows = self.bands.variants.iter().zip(self.bands.series()).enumerate();
        for (row, (variant, series)) in rows {
            self.paint_row(scene, (left, top + ROW * (row as f32 + 0.5)), variant, series);
        }
    }

    fn paint_row(
        &self,
        scene: &mut Scene,
        (left, y): (f32, f32),
        variant: &Variant,
        series: Option<Series>,
    ) {
        let ink = series.map_or(Ink::Quiet, Ink::Series);
        if let Some(series) = series {
            let stroke = Stroke::dashed(ink, 2.0, series.dash());
            scene.push(Mark::line([(left, y), (left + SAMPLE, y)], stroke));
        }
        scene.text(Label::new(cut(&variant.name), (left + SAMPLE + 10.0, y + 4.0), WORD));
        for x in variant.ends.iter().filter_map(|end| self.at(left, *end)) {
            scene.push(Mark::dot((x, y), 3.4, Fill { ink, opacity: 0.35 }));
        }
        let interval = variant.interval.and_then(|(l, h)| self.at(left, l).zip(self.at(left, h)));
        if let Some((low, high)) = interval {
            scene.push(Mark::line([(low, y), (high, y)], Stroke::solid(ink, 2.0)));
            for x in [low, high] {
                scene.push(Mark::line([(x, y - 4.0), (x, y + 4.0)], Stroke::solid(ink, 1.5)));
            }
        }
        if let Some(x) = variant.mean.and_then(|mean| self.at(left, mean)) {
            scene.push(Mark::line([(x, y - 7.0), (x, y + 7.0)], Stroke::solid(ink, 3.0)));
        }
        let place = (self.axis(left) + AXIS + 16.0, y + 4.0);
        scene.text(Label { ink: Ink::Quiet, ..Label::new(remark(variant), place, WORD) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_is_mean_and_deviation_within_the_runs() {
        let runs = [
            vec![(1.0, 1.0), (2.0, 0.5)],
            vec![(1.0, 2.0), (2.0, f64::NAN)],
            vec![(1.0, 6.0), (2.0, 0.7), (3.0, 0.1)],
        ];
        let (borders, means) = band(&runs);
        assert_eq!(means, [(1.0, 3.0), (2.0, 0.6)]);
        let deviation = 7f64.sqrt();
        assert!((borders[0].1 - 1.0).abs() < 1e-12, "3 − √7 is under every run");
        assert!((borders[0].2 - (3.0 + deviation)).abs() < 1e-12);
        assert_eq!(band(&[]).1, []);
    }

    #[test]
    fn nothing_and_nonsense_can_be_drawn() {
        let svg = Bands::default().draw().to_svg();
        assert!(!svg.contains("NaN"));
        let lost = Variant {
            name: "a".repeat(500),
            loss: vec![vec![(1.0, f64::NAN)], Vec::new()],
            ends: vec![f64::INFINITY],
            curves: true,
            ..Variant::default()
        };
        let one = Variant { ends: vec![0.5], mean: Some(0.5), curves: true, ..Variant::default() };
        let mut variants = vec![lost; 3];
        variants.extend(vec![one; 9]);
        let bands = Bands { variants, reference: Some(99), ..Bands::default() };
        let svg = bands.draw().to_svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        assert!(svg.len() < 100_000 && svg.contains("aaa…aaa"));
        bands.draw().to_png(1.0).unwrap();
    }
}
