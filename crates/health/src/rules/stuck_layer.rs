//! `stuck-layer`: a layer that does not move while others do.

use super::rule::prelude::*;
use crate::measures::median;

const STILL: Threshold = Threshold {
    of: "median step of a layer relative to its weights",
    value: 1e-8,
    source: "below half a unit in the last place of f32 (6e-8) weights do not change at all",
};
const MOVES: Threshold = Threshold {
    of: "the same of the layer that moves most",
    value: 1e-6,
    source: "a hundred times as much",
};

pub(super) const RULE: Rule = Rule {
    id: "stuck-layer",
    group: Group::Backward,
    title: "a layer does not move while others do",
    looks_at: "The median size of steps relative to weights, of every layer, over the run, where \
               the network did not come out well.",
    harm: "The layer keeps its first, random weights.",
    thresholds: &[STILL, MOVES],
    explains: &["underfitting", "not-learning"],
    remedy: "Its cause is nearly always another finding.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    if run.is_good() {
        return None;
    }
    let ratio = |layer: &String| Some((layer.clone(), median(&run.measures.update_ratio(layer))?));
    let ratios: Vec<(String, f64)> = run.measures.layers.iter().filter_map(ratio).collect();
    let most = ratios.iter().map(|(_, r)| *r).fold(0.0, f64::max);
    let (layer, least) = ratios.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    (*least < STILL.value && most > MOVES.value).then(|| Finding {
        layer: Some(layer.clone()),
        evidence: evidence([("step_over_weight", *least), ("of_fastest_layer", most)]),
        because: Some("no gradient reaches it".into()),
        ..finding(Severity::Error, format!("{layer} does not move"))
    })
}
