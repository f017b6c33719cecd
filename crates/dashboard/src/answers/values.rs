//! One value of all layers over time, such as the activations: moments at each step
//! that layers were measured in, and histograms where the run has them.

use crate::series::thinned;
use crate::store::{Entry, Source};
use gradwise_train::folder::event::Histogram;
use gradwise_train::run::probes::MEASURED;
use serde::Serialize;
use std::collections::BTreeMap;

/// Steps that are sent, at most: a scrubber has no finer hand.
const MOST: usize = 200;

/// A value of all layers over time.
#[derive(Debug, Serialize)]
pub struct Values {
    version: u64,
    of: String,
    /// The values that the run has.
    known: Vec<String>,
    layers: Vec<Layer>,
}

/// A layer's.
#[derive(Debug, Serialize)]
struct Layer {
    name: String,
    step: Vec<u64>,
    mean: Vec<f32>,
    std: Vec<f32>,
    min: Vec<f32>,
    max: Vec<f32>,
    zeros: Vec<f32>,
    nonfinite: Vec<f32>,
    histograms: Vec<Histogram>,
}

/// The value `of` of a run's layers; the first that the run has if it lacks that one.
pub fn values(source: &Source, of: &str) -> Values {
    let entry = source.read();
    let known = known(&entry);
    let of = if known.iter().any(|k| k == of) { of } else { known.first().map_or("", |k| k) };
    let of = of.to_string();
    let layers = names(&entry).iter().map(|name| layer(&entry, name, &of)).collect();
    Values { version: entry.version, of, known, layers }
}

fn names(entry: &Entry) -> Vec<String> {
    let mut names = entry.run.measures.layers.clone();
    for histogram in &entry.histograms {
        if !names.contains(&histogram.layer) {
            names.push(histogram.layer.clone());
        }
    }
    names
}

fn known(entry: &Entry) -> Vec<String> {
    let measures = &entry.run.measures;
    let measured = |of: &str| {
        let mean = format!("{of}.mean");
        measures.layers.iter().any(|layer| !measures.of(layer, &mean).is_empty())
    };
    let mut known: Vec<String> =
        MEASURED.iter().filter(|of| measured(of)).map(ToString::to_string).collect();
    for histogram in &entry.histograms {
        if !known.contains(&histogram.of) {
            known.push(histogram.of.clone());
        }
    }
    known
}

fn layer(entry: &Entry, name: &str, of: &str) -> Layer {
    let measures = &entry.run.measures;
    let means = measures.of(name, &format!("{of}.mean"));
    let kept = thinned(means.len(), MOST);
    let step: Vec<u64> = kept.iter().filter_map(|i| means.get(*i)).map(|(step, _)| *step).collect();
    let part = |statistic: &str| -> Vec<f32> {
        let series = measures.of(name, &format!("{of}.{statistic}"));
        let by_step: BTreeMap<u64, f64> = series.iter().copied().collect();
        step.iter().map(|s| by_step.get(s).map_or(f32::NAN, |x| *x as f32)).collect()
    };
    Layer {
        name: name.into(),
        mean: part("mean"),
        std: part("std"),
        min: part("min"),
        max: part("max"),
        zeros: part("zeros"),
        nonfinite: part("nonfinite"),
        histograms: histograms(entry, name, of),
        step,
    }
}

fn histograms(entry: &Entry, layer: &str, of: &str) -> Vec<Histogram> {
    let own: Vec<&Histogram> =
        entry.histograms.iter().filter(|h| h.layer == layer && h.of == of).collect();
    let kept = thinned(own.len(), MOST);
    kept.into_iter().filter_map(|i| own.get(i)).map(|h| (*h).clone()).collect()
}
