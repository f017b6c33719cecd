//! `underfitting`: settled far from what can be reached.

use super::rule::prelude::*;
use crate::setup::Setup;

const REACH: Threshold = Threshold {
    of: "share of the score that nearest neighbours reach on the training rows",
    value: 0.8,
    source: "a network with enough units learns its own rows better than neighbours do (Zhang et \
             al. 2017); a fifth below them is no matter of chance",
};
const GAIN: Threshold = Threshold {
    of: "fall of the loss over the last quarter",
    value: 0.05,
    source: "less means that the run has settled",
};

pub(super) const RULE: Rule = Rule {
    id: "underfitting",
    group: Group::Outcome,
    title: "the network settled far from what a simple method reaches",
    looks_at: "The score on training rows against that of ten nearest neighbours, and whether the \
               loss still falls.",
    harm: "The network is too small for the problem, or something holds it back.",
    thresholds: &[REACH, GAIN],
    explains: &[],
    remedy: "More units or layers, less regularization, a longer run.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    let reach = run.reach()?;
    let settled = curve.recent_gain() <= GAIN.value && !curve.fell_shortly();
    if run.brief || reach >= REACH.value || !settled || run.is_nonfinite() {
        return None;
    }
    Some(Finding {
        evidence: evidence([("reach", reach), ("recent_gain", curve.recent_gain())]),
        because: Some("the loss no longer falls".into()),
        remedies: remedies(run.setup.as_ref()?),
        ..finding(
            Severity::Warn,
            format!(
                "the network settled at {} % of what neighbours reach",
                short(100.0 * reach.max(0.0))
            ),
        )
    })
}

/// More units, in two layers; shorter or longer steps do not help what has settled, but
/// those of another optimizer may; and no penalty.
fn remedies(setup: &Setup) -> Vec<Remedy> {
    let widest = setup.network.layers.iter().map(|l| l.units).max().unwrap_or(0);
    let wider = [("model.width", json!((4 * widest).max(64))), ("model.depth", json!(2))];
    let mut all = vec![set_all(wider, "more units can draw finer borders")];
    all.extend(remedies::adam(setup));
    let longer = set("train.epochs", 3 * setup.epochs.max(1), "goes on learning");
    all.push(longer);
    all
}
