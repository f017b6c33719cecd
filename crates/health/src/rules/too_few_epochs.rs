//! `too-few-epochs`: ended while still learning.

use super::rule::prelude::*;
use gradwise_train::folder::event::Reason;

const GAIN: Threshold = Threshold {
    of: "fall of the loss over the last quarter",
    value: 0.05,
    source: "at this rate three more runs as long would halve the loss",
};

pub(super) const RULE: Rule = Rule {
    id: "too-few-epochs",
    group: Group::Outcome,
    title: "the run ended while the network was still learning",
    looks_at: "Whether the loss fell steadily to the end, of a network that did not come out \
               well.",
    harm: "The network is worse than it would be.",
    thresholds: &[GAIN],
    explains: &["underfitting", "not-learning", "constant-prediction"],
    remedy: "Three times `train.epochs`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (setup, curve) = (run.setup.as_ref()?, run.curve.as_ref()?);
    let stopped = run.end.as_ref().is_some_and(|e| e.reason == Reason::EarlyStop);
    let falls = curve.falls_steadily() && curve.recent_gain() > GAIN.value;
    if run.brief || run.is_good() || run.is_nonfinite() || stopped || !falls {
        return None;
    }
    Some(Finding {
        evidence: evidence([
            ("epochs", setup.epochs as f64),
            ("recent_gain", curve.recent_gain()),
            ("reach", run.reach().unwrap_or(f64::NAN)),
        ]),
        because: Some("the loss fell to the end".into()),
        remedies: remedies(run, setup.epochs.max(1)),
        ..finding(Severity::Warn, "the run ended while the loss was still falling")
    })
}

/// More time, or longer steps where they are shorter than usual.
fn remedies(run: &Run, epochs: u64) -> Vec<Remedy> {
    let longer = |times: u64| set("train.epochs", times * epochs, "goes on learning");
    let mut all = vec![longer(3)];
    all.extend(remedies::faster(run));
    all.push(longer(10));
    all
}
