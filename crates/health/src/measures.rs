//! Layers over time: what the `layer` records of a run say.

use gradwise_train::folder::event::{Histogram, Layer};
use std::collections::BTreeMap;

/// A measure of one layer, where it stood last.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest {
    /// The layer.
    pub layer: String,
    /// The value.
    pub value: f64,
    /// The step that it was measured in.
    pub step: u64,
}

/// Every measure of every layer, by step.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// The layers in the order in which they were first met: from the input on.
    pub layers: Vec<String>,
    series: BTreeMap<(String, String), Vec<(u64, f64)>>,
    histograms: BTreeMap<(String, String), Histogram>,
}

impl Measures {
    /// Takes in one record.
    pub fn add(&mut self, record: Layer) {
        if !self.layers.contains(&record.layer) {
            self.layers.push(record.layer.clone());
        }
        let series = self.series.entry((record.layer, record.measure)).or_default();
        series.push((record.step, record.value.0));
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// One measure of one layer, by step; empty if it was not taken.
    pub fn of(&self, layer: &str, measure: &str) -> &[(u64, f64)] {
        let key = (layer.to_string(), measure.to_string());
        self.series.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The steps that layers were measured in, some of them more than once.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        self.series.values().flatten().map(|(step, _)| *step)
    }

    /// Takes in a distribution; the last one of each value is kept.
    pub fn add_histogram(&mut self, record: Histogram) {
        self.histograms.insert((record.layer.clone(), record.of.clone()), record);
    }

    /// The last distribution of each value of each layer.
    pub fn histograms(&self) -> impl Iterator<Item = &Histogram> {
        self.histograms.values()
    }

    /// Every measure: its layer, its name and its values by step.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &[(u64, f64)])> {
        let series = self.series.iter();
        series.map(|((layer, name), values)| (layer.as_str(), name.as_str(), values.as_slice()))
    }

    /// The hidden layers.
    pub fn hidden(&self) -> &[String] {
        self.layers.split_last().map_or(&[], |(_, hidden)| hidden)
    }

    /// The hidden layer in which a measure was largest when it was last taken.
    pub fn largest(&self, measure: &str) -> Option<Latest> {
        let of = |layer: &String| {
            let (step, value) = *self.of(layer, measure).last()?;
            Some(Latest { layer: layer.clone(), value, step })
        };
        let latest = self.hidden().iter().filter_map(of);
        latest.max_by(|a, b| a.value.total_cmp(&b.value))
    }

    /// From which step on a measure was as it should not be, to the end; `None` if it
    /// was not at the end.
    pub fn since(&self, layer: &str, measure: &str, is_bad: impl Fn(f64) -> bool) -> Option<u64> {
        let series = self.of(layer, measure).iter().rev();
        series.take_while(|(_, x)| is_bad(*x)).last().map(|(step, _)| *step)
    }

    /// The root mean square of a value, from its mean and deviation, by step.
    pub fn rms(&self, layer: &str, value: &str) -> Vec<(u64, f64)> {
        let means = self.of(layer, &format!("{value}.mean"));
        let deviations = self.of(layer, &format!("{value}.std"));
        let both = means.iter().zip(deviations);
        both.map(|((step, mean), (_, deviation))| (*step, mean.hypot(*deviation))).collect()
    }

    /// The size of a layer's steps relative to its weights, by step.
    pub fn update_ratio(&self, layer: &str) -> Vec<(u64, f64)> {
        let recorded = self.of(layer, "update.ratio");
        if !recorded.is_empty() {
            return recorded.iter().copied().filter(|(_, ratio)| ratio.is_finite()).collect();
        }
        let (updates, weights) = (self.rms(layer, "update"), self.rms(layer, "weight"));
        let both = updates.iter().zip(&weights);
        both.filter(|(_, (_, weight))| *weight > 0.0)
            .map(|((step, update), (_, weight))| (*step, update / weight))
            .collect()
    }
}

/// The median of a series' values; `None` if it is empty.
pub fn median(series: &[(u64, f64)]) -> Option<f64> {
    let mut values: Vec<f64> = series.iter().map(|(_, x)| *x).filter(|x| !x.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_when_and_where_most() {
        let mut measures = Measures::default();
        let shares =
            [("dense1", [0.1, 0.6, 0.2]), ("dense2", [0.1, 0.6, 0.7]), ("output", [0.9; 3])];
        for (layer, values) in shares {
            for (step, value) in (1..).zip(values) {
                let (layer, measure) = (layer.into(), "units.dead".into());
                measures.add(Layer { step, layer, measure, value: f64::into(value) });
            }
        }
        let latest = measures.largest("units.dead").unwrap();
        assert_eq!((latest.layer.as_str(), latest.value, latest.step), ("dense2", 0.7, 3));
        assert_eq!(measures.since("dense2", "units.dead", |x| x >= 0.5), Some(2));
        assert_eq!(measures.since("dense1", "units.dead", |x| x >= 0.5), None);
        assert_eq!(measures.largest("units.alive"), None);
    }

    #[test]
    fn the_ratio_of_updates_to_weights() {
        let mut measures = Measures::default();
        for (measure, value) in [
            ("update.mean", 0.0),
            ("update.std", 0.003),
            ("weight.mean", 0.04),
            ("weight.std", 0.03),
        ] {
            let (layer, measure) = ("dense1".into(), measure.into());
            measures.add(Layer { step: 1, layer, measure, value: value.into() });
        }
        let ratio = measures.update_ratio("dense1");
        assert!((ratio[0].1 - 0.06).abs() < 1e-12);
        assert_eq!(median(&[(1, 3.0), (2, 1.0), (3, f64::NAN)]), Some(3.0));
        assert!(measures.update_ratio("dense2").is_empty());
    }
}
