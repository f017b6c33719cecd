//! Pictures of a network's layers: gradients by depth, and what of each layer changes
//! over time, from the `layer` and `histogram` records of a run.

use crate::paint::{Scene, Series};
use crate::plot::{Axis, Chart, Layer, Panels, Ridge, Ridges, Scale, thin};
use crate::terminal::rounded;
use gradwise_health::measures::Measures;
use gradwise_train::folder::event::{Event, Histogram};

/// A run's layers over time.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Every measure of every layer, by step.
    pub measures: Measures,
    histograms: Vec<Histogram>,
    /// Steps of an epoch.
    per_epoch: f64,
}

/// More layers than these cannot be told apart as lines; of more, as many are shown
/// from the first to the last.
const LINES: usize = 6;
/// The most points of a line.
const POINTS: usize = 300;
/// Points of a line that are few enough to be marked.
const DOTS: usize = 40;
/// The most layers and points in time that histograms are shown of.
const HISTOGRAMS: (usize, usize) = (6, 8);
/// The update of a weight is a thousandth of it in a healthy training: A. Karpathy,
/// CS231n notes "Neural Networks Part 3", "Ratio of weights:updates".
const USUAL_RATIO: f64 = 1e-3;
/// Width and height of a chart.
const SIZE: (f32, f32) = (420.0, 250.0);

impl Layers {
    /// From a run's records.
    pub fn of(events: &[Event]) -> Layers {
        let mut layers = Layers { per_epoch: 1.0, ..Layers::default() };
        for event in events {
            match event {
                Event::Start(start) => layers.per_epoch = start.steps_per_epoch.max(1) as f64,
                Event::Layer(layer) => layers.measures.add(layer.clone()),
                Event::Histogram(histogram) => layers.histograms.push(histogram.clone()),
                _ => {}
            }
        }
        layers
    }

    /// How large the gradients are from the first layer to the last: those that reach
    /// a layer and those of its weights, early, half way and late. `None` where nothing
    /// was measured, or there is but one layer.
    pub fn gradients(&self, title: &str) -> Option<Panels> {
        let parts = [
            ("gradient that reaches the layer", "activation-gradient"),
            ("gradient of its weights", "weight-gradient"),
        ];
        let times = self.times();
        let charts: Vec<Chart> =
            parts.iter().filter_map(|(title, value)| self.by_depth(title, value, &times)).collect();
        let legend = times.iter().enumerate();
        let legend = legend.map(|(i, step)| (format!("step {step}"), Series::at(i))).collect();
        let sound = !charts.is_empty() && self.measures.layers.len() > 1;
        sound.then(|| Panels { title: title.into(), columns: 2, size: SIZE, legend, charts })
    }

    /// The first step that was measured, one half way and the last.
    fn times(&self) -> Vec<u64> {
        let first = self.measures.layers.first();
        let steps: Vec<u64> = first.map_or(Vec::new(), |layer| {
            self.measures.of(layer, "weight.std").iter().map(|(step, _)| *step).collect()
        });
        let half = steps.last().map_or(0, |last| last / 2);
        let middle = steps.iter().min_by_key(|step| step.abs_diff(half));
        let mut chosen: Vec<u64> =
            [steps.first(), middle, steps.last()].into_iter().flatten().copied().collect();
        chosen.dedup();
        chosen
    }

    fn by_depth(&self, title: &str, value: &str, times: &[u64]) -> Option<Chart> {
        let names = &self.measures.layers;
        let sizes: Vec<Vec<(u64, f64)>> =
            names.iter().map(|layer| self.measures.rms(layer, value)).collect();
        let line = |(i, time): (usize, &u64)| Layer::Line {
            name: String::new(),
            points: sizes
                .iter()
                .enumerate()
                .filter_map(|(depth, series)| {
                    let (_, size) = series.iter().find(|(step, _)| step == time)?;
                    Some((depth as f64 + 1.0, *size))
                })
                .collect(),
            series: Series::at(i),
            dots: true,
        };
        let range = Some((0.7, names.len() as f64 + 0.3));
        (sizes.iter().any(|series| !series.is_empty())).then(|| Chart {
            title: title.into(),
            x: Axis { names: names.clone(), range, ..Axis::default() },
            y: Axis { label: "root mean square".into(), scale: Scale::Log, ..Axis::default() },
            layers: times.iter().enumerate().map(line).collect(),
        })
    }

    /// What of each layer changes over time, a chart each: the update of its weights
    /// relative to them, mean and deviation of its activations, the shares of units or
    /// activations that are off.
    pub fn over_time(&self, title: &str) -> Option<Panels> {
        let chosen = self.chosen(LINES);
        let legend = chosen.iter().enumerate();
        let legend = legend.map(|(i, name)| ((*name).clone(), Series::at(i))).collect();
        let charts = self.charts(&chosen);
        let size = SIZE;
        (!charts.is_empty()).then(|| Panels {
            title: title.into(),
            columns: 2,
            size,
            legend,
            charts,
        })
    }

    fn charts(&self, chosen: &[&String]) -> Vec<Chart> {
        let ratio = |layer: &str| self.measures.update_ratio(layer);
        let mut charts = Vec::new();
        if let Some(mut chart) = self.chart("update relative to weight", chosen, Scale::Log, ratio)
        {
            chart.layers.push(self.guide(USUAL_RATIO, "usual"));
            charts.push(chart);
        }
        for (title, measure, scale) in MEASURES {
            let series = |layer: &str| self.measures.of(layer, measure).to_vec();
            charts.extend(self.chart(title, chosen, scale, series).map(|chart| match measure {
                _ if scale == Scale::Log || measure.ends_with("mean") => chart,
                _ => Chart { y: Axis { range: Some((0.0, 1.0)), ..chart.y }, ..chart },
            }));
        }
        charts
    }

    /// One chart; `None` if no layer has the measure, or it never leaves 0.
    fn chart(
        &self,
        title: &str,
        chosen: &[&String],
        scale: Scale,
        series: impl Fn(&str) -> Vec<(u64, f64)>,
    ) -> Option<Chart> {
        let line = |(i, layer): (usize, &&String)| {
            let points = series(layer).into_iter();
            let points: Vec<(f64, f64)> =
                points.map(|(step, value)| (step as f64 / self.per_epoch, value)).collect();
            let points = thin(&points, POINTS);
            let dots = points.len() <= DOTS;
            Layer::Line { name: String::new(), points, series: Series::at(i), dots }
        };
        let layers: Vec<Layer> = chosen.iter().enumerate().map(line).collect();
        let says = |layer: &Layer| match layer {
            Layer::Line { points, .. } => points.iter().any(|(_, y)| *y != 0.0),
            _ => false,
        };
        layers.iter().any(says).then(|| Chart {
            title: title.into(),
            x: Axis { label: "epoch".into(), ..Axis::default() },
            y: Axis { scale, ..Axis::default() },
            layers,
        })
    }

    /// A line across at a height.
    fn guide(&self, height: f64, name: &str) -> Layer {
        let steps = self.measures.layers.first().map(|layer| self.measures.of(layer, "update.std"));
        let steps = steps.unwrap_or_default();
        let at = |step: Option<&(u64, f64)>| step.map_or(0.0, |s| s.0 as f64 / self.per_epoch);
        let ends = [(at(steps.first()), height), (at(steps.last()), height)];
        Layer::Guide { ends, name: name.into() }
    }

    /// At most so many layers, evenly from the first to the last.
    fn chosen(&self, most: usize) -> Vec<&String> {
        spread(&self.measures.layers, most)
    }

    /// How a value was distributed over time: a column for each layer, a row for each
    /// of several steps. Layers share an axis, on which signals that fade are seen to;
    /// gradients, which may be of any size, have an axis each and their deviation beside
    /// them. `None` where there are no such records.
    pub fn histograms(&self, title: &str, of: &str) -> Option<Scene> {
        let all: Vec<&Histogram> = self.histograms.iter().filter(|h| h.of == of).collect();
        let mut names: Vec<&String> = Vec::new();
        let mut steps: Vec<u64> = all.iter().map(|h| h.step).collect();
        all.iter().for_each(|h| {
            if !names.contains(&&h.layer) {
                names.push(&h.layer);
            }
        });
        steps.dedup();
        let (names, steps) = (spread(&names, HISTOGRAMS.0), spread(&steps, HISTOGRAMS.1));
        let whole = ends(&all)?;
        let apart = of.ends_with("gradient");
        let range = |layer: &str| match apart {
            true => ends(&all.iter().copied().filter(|h| h.layer == layer).collect::<Vec<_>>()),
            false => None,
        };
        let ranges: Vec<(f64, f64)> =
            names.iter().map(|name| range(name).unwrap_or(whole)).collect();
        let ridge = |layer: &str, step: u64, range: (f64, f64)| {
            let Some(found) = all.iter().find(|h| h.layer == layer && h.step == step) else {
                return Ridge::default();
            };
            let size = Some(deviation(found)).filter(|size| apart && size.is_finite());
            let note = size.map_or(String::new(), |size| rounded(size, 2));
            Ridge { note, ..rooted(rebinned(found, range)) }
        };
        let column = |(layer, range): (&&&String, &(f64, f64))| {
            let rows = steps.iter().map(|step| ridge(layer, **step, *range)).collect();
            ((**layer).clone(), rows)
        };
        let beside = if apart { "; beside it the deviation; an axis for each layer" } else { "" };
        let ridges = Ridges {
            title: title.into(),
            axis: Axis {
                label: format!("{of} (height: root of the share{beside})"),
                range: Some(whole),
                ..Axis::default()
            },
            rows: steps.iter().map(|step| format!("step {step}")).collect(),
            series: None,
            columns: names.iter().zip(&ranges).map(column).collect(),
            ranges,
        };
        Some(ridges.draw())
    }
}

/// What is drawn over time beside the ratio of updates: its title, the measure.
const MEASURES: [(&str, &str, Scale); 5] = [
    ("activations: standard deviation", "activation.std", Scale::Log),
    ("activations: mean", "activation.mean", Scale::Linear),
    ("share of activations that are 0", "activation.zeros", Scale::Linear),
    ("share of units that are dead", "units.dead", Scale::Linear),
    ("share of activations that are saturated", "activation.saturated", Scale::Linear),
];

/// At most `most` of some things, evenly from the first to the last.
fn spread<T>(all: &[T], most: usize) -> Vec<&T> {
    let count = all.len().min(most);
    let place = |i: usize| i * all.len().saturating_sub(1) / count.saturating_sub(1).max(1);
    (0..count).filter_map(|i| all.get(place(i))).collect()
}

/// Bins of a histogram as it is drawn.
const BINS: usize = 60;

/// The range in which all but the outermost hundredths of each histogram's values lie:
/// a single value far off must not press the rest together.
fn ends(histograms: &[&Histogram]) -> Option<(f64, f64)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for h in histograms {
        let (total, width) = (h.counts.iter().sum::<u64>(), width(h));
        let mut below = 0;
        for (i, count) in h.counts.iter().enumerate() {
            let start = h.low.0 + i as f64 * width;
            below += count;
            if *count > 0 && below * 100 >= total {
                low = low.min(start);
            }
            if *count > 0 && (below - count) * 100 <= total * 99 {
                high = high.max(start + width);
            }
        }
    }
    (low < high && (high - low).is_finite()).then_some((low, high))
}

fn width(histogram: &Histogram) -> f64 {
    (histogram.high.0 - histogram.low.0) / histogram.counts.len().max(1) as f64
}

/// The standard deviation of a histogram's values, as if each lay in the middle of its bin.
fn deviation(histogram: &Histogram) -> f64 {
    let total = histogram.counts.iter().sum::<u64>() as f64;
    let middle = |i: usize| histogram.low.0 + (i as f64 + 0.5) * width(histogram);
    let mean_of = |of: &dyn Fn(f64) -> f64| {
        let parts = histogram.counts.iter().enumerate();
        parts.map(|(i, count)| *count as f64 * of(middle(i))).sum::<f64>() / total
    };
    let mean = mean_of(&|x| x);
    mean_of(&|x| (x - mean).powi(2)).sqrt()
}

/// A histogram over another range, as if values lay evenly in their bins.
fn rebinned(histogram: &Histogram, (low, high): (f64, f64)) -> Ridge {
    let (own, new) = (width(histogram), (high - low) / BINS as f64);
    let mut counts = vec![0.0; BINS];
    for (i, count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let start = histogram.low.0 + i as f64 * own;
        // The share of the bin that lies in each new one; a bin without width is a point.
        for (j, to) in counts.iter_mut().enumerate() {
            let (left, right) = (low + j as f64 * new, low + (j + 1) as f64 * new);
            let share = match own > 0.0 {
                true => ((start + own).min(right) - start.max(left)).max(0.0) / own,
                false => f64::from(start >= left && start < right),
            };
            *to += share * *count as f64;
        }
    }
    Ridge { counts, note: String::new() }
}

/// The roots of the counts: the many zeros of a relu must not press the rest flat.
fn rooted(ridge: Ridge) -> Ridge {
    Ridge { counts: ridge.counts.into_iter().map(f64::sqrt).collect(), ..ridge }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::{Layer as Record, Start};

    fn record(step: u64, layer: &str, measure: &str, value: f64) -> Event {
        let (layer, measure) = (layer.into(), measure.into());
        Event::Layer(Record { step, layer, measure, value: value.into() })
    }

    fn events() -> Vec<Event> {
        let mut events = vec![Event::Start(Start { steps_per_epoch: 10, ..Start::default() })];
        for step in [1, 20, 40] {
            for layer in ["dense1", "<b>", "output"] {
                for value in
                    ["activation", "activation-gradient", "weight", "weight-gradient", "update"]
                {
                    events.push(record(step, layer, &format!("{value}.mean"), 0.0));
                    events.push(record(step, layer, &format!("{value}.std"), 0.1 / step as f64));
                }
            }
        }
        events
    }

    #[test]
    fn records_become_charts_with_layers_by_name() {
        let layers = Layers::of(&events());
        let depth = layers.gradients("t").unwrap();
        assert_eq!((depth.charts.len(), depth.legend.len()), (2, 3));
        assert_eq!(depth.legend[1].0, "step 20");
        let svg = depth.draw().to_svg();
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>"));
        let time = layers.over_time("t").unwrap();
        // Means are all 0, and so say nothing.
        assert_eq!(time.charts.len(), 2);
        assert!(
            Layers::of(&[]).gradients("t").is_none() && Layers::of(&[]).over_time("t").is_none()
        );
    }

    #[test]
    fn many_layers_are_thinned_evenly() {
        let all: Vec<usize> = (0..21).collect();
        assert_eq!(spread(&all, 6), [&0, &4, &8, &12, &16, &20]);
        assert_eq!((spread(&all[..1], 6), spread(&all[..0], 6)), (vec![&0], vec![]));
    }

    #[test]
    fn gradients_of_any_size_are_seen_and_their_size_beside_them() {
        let histogram = |layer: &str, size: f64| {
            let (low, high) = ((-size).into(), size.into());
            let (layer, of) = (layer.into(), "weight-gradient".into());
            Event::Histogram(Histogram { step: 1, layer, of, low, high, counts: vec![1, 2, 1] })
        };
        let events = [histogram("dense1", 1e-5), histogram("output", 10.0)];
        let svg = Layers::of(&events).histograms("t", "weight-gradient").unwrap().to_svg();
        // Bins at −⅔, 0, ⅔ of the size, one, two and one value in them.
        for word in ["4.7e-6", "4.7", "−1e−5", "10"] {
            assert!(svg.contains(&format!(">{word}<")), "{word}: {svg}");
        }
    }

    #[test]
    fn histograms_of_any_range_share_an_axis() {
        let histogram = |step, low: f64, high: f64, counts: Vec<u64>| {
            let (layer, of) = ("dense1".into(), "activation".into());
            let (low, high) = (low.into(), high.into());
            Event::Histogram(Histogram { step, layer, of, low, high, counts })
        };
        let events = [
            histogram(1, 0.0, 1.0, vec![5, 5]),
            histogram(9, 2.0, 2.0, vec![7]),
            histogram(9, f64::NAN, 1.0, vec![]),
        ];
        let layers = Layers::of(&events);
        let svg = layers.histograms("t", "activation").unwrap().to_svg();
        assert!(svg.contains("step 9") && svg.contains("dense1") && !svg.contains("NaN"));
        assert!(layers.histograms("t", "weight").is_none());
        let whole = rebinned(&layers.histograms[0], (0.0, 2.0));
        assert!((whole.counts.iter().sum::<f64>() - 10.0).abs() < 1e-9);
    }
}
