//! `prelu-drift`: PReLU slopes that ran away.

use super::rule::prelude::*;

const SLOPE: Threshold = Threshold {
    of: "size of a learnt slope",
    value: 2.0,
    source: "He et al. 2015, table 1: learnt slopes lie between 0.03 and 0.7; at 1 the unit is \
             linear, beyond it the negative side is the louder one",
};

pub(super) const RULE: Rule = Rule {
    id: "prelu-drift",
    group: Group::Forward,
    title: "PReLU slopes ran away",
    looks_at: "The learnt slopes α of every PReLU layer at the last weights.",
    harm: "Slopes multiply through depth: at 2 a layer doubles what lies below 0.",
    thresholds: &[SLOPE],
    explains: &["exploding-activations"],
    remedy: "A smaller learning rate, or `leaky-relu(0.25)`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let survey = run.trained.as_ref().filter(|_| run.has_trained())?;
    let size = |(least, most): (f32, f32)| f64::from(least.abs().max(most.abs()));
    let slopes = survey.layers.iter().filter_map(|l| Some((l, size(l.slopes?))));
    let (layer, slope) = slopes.max_by(|a, b| a.1.total_cmp(&b.1))?;
    (slope > SLOPE.value).then(|| Finding {
        layer: Some(layer.name.clone()),
        evidence: evidence([("slope", slope)]),
        because: Some("slopes are learnt with the weights' learning rate".into()),
        remedies: vec![set("model.activation", "leaky-relu(0.25)", "the slope stays")],
        ..finding(Severity::Warn, format!("a slope of {} became {}", layer.name, short(slope)))
    })
}
