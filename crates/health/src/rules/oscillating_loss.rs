//! `oscillating-loss`: a loss that leaps instead of settling.

use super::rule::prelude::*;
use super::steps::{ROUGH, late_roughness, still_falls};
use gradwise_nn::Decay;

const LEVEL: Threshold = Threshold {
    of: "loss over that of a constant answer",
    value: 0.1,
    source: "a loss near 0 may double from epoch to epoch and mean nothing: one row more or less \
             is wrong",
};

pub(super) const RULE: Rule = Rule {
    id: "oscillating-loss",
    group: Group::Steps,
    title: "the loss leaps from epoch to epoch instead of settling",
    looks_at: "Changes of the loss between epochs over the last half of the run, on training and \
               on validation rows, less what it fell by in all. It needs eight epochs, and a loss \
               that is not near 0 and no longer falls.",
    harm: "The network circles around a minimum that shorter steps would reach.",
    thresholds: &[ROUGH, LEVEL],
    explains: &["noisy-gradient", "overfitting", "underfitting", "label-noise"],
    remedy: "`train.schedule = \"cosine\"`, a smaller `train.lr`, or a larger `train.batch`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    let rough = late_roughness(curve)?;
    if rough < ROUGH.value || still_falls(curve) || curve.last() < LEVEL.value * curve.nothing() {
        return None;
    }
    let constant = run.setup.as_ref().is_none_or(|s| s.schedule.decay == Decay::Constant);
    let cosine = set("train.schedule", "cosine", "steps shrink to nothing");
    let mut remedies: Vec<Remedy> = constant.then_some(cosine).into_iter().collect();
    if let Some(setup) = run.setup.as_ref().filter(|s| s.batch < 32) {
        let batch = (setup.batch * 16).min(128);
        remedies.push(set("train.batch", batch as u64, "averages the noise of single rows"));
    }
    remedies.extend(remedies::slower(run));
    Some(Finding {
        evidence: evidence([("change_per_epoch", rough), ("loss", curve.last())]),
        because: Some("steps are too long for the noise of their gradients".into()),
        remedies,
        ..finding(Severity::Warn, format!("the loss leaps by {} % an epoch", short(100.0 * rough)))
    })
}
