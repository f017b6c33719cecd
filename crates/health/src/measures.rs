//! Layers over time: what the `layer` records of a run say.

use gradwise_train::folder::event::Layer;
use std::collections::BTreeMap;

/// Every measure of every layer, by step.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// The layers in the order in which they were first met: from the input on.
    pub layers: Vec<String>,
    series: BTreeMap<(String, String), Vec<(u64, f64)>>,
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

    /// The root mean square of a value, from its mean and deviation, by step.
    pub fn rms(&self, layer: &str, value: &str) -> Vec<(u64, f64)> {
        let means = self.of(layer, &format!("{value}.mean"));
        let deviations = self.of(layer, &format!("{value}.std"));
        let both = means.iter().zip(deviations);
        both.map(|((step, mean), (_, deviation))| (*step, mean.hypot(*deviation))).collect()
    }

    /// The size of a layer's steps relative to its weights, by step.
    pub fn update_ratio(&self, layer: &str) -> Vec<(u64, f64)> {
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
