//! `too-few-epochs`: ended while still learning.

use super::rule::prelude::*;
use gradwise_train::folder::event::Reason;

const GAIN: Threshold = Threshold {
    of: "fall of the loss over the last quarter",
    value: 0.05,
    source: "at this rate three more runs as long would halve the loss",
};

const REACH: Threshold = Threshold {
    of: "share of the score that nearest neighbours reach, below which a loss that falls need \
         not fall steadily",
    value: 0.8,
    source: "that of `underfitting`, which is for a loss that has settled: one of the two must \
             hold of such a network",
};

pub(super) const RULE: Rule = Rule {
    id: "too-few-epochs",
    group: Group::Outcome,
    title: "the run ended while the network was still learning",
    looks_at: "Whether the loss fell to the end, of a network that did not come out well: \
               steadily, or the network is far from what can be reached. In a run of under a \
               hundred steps and three epochs single batches hide how the loss goes: that it fell \
               at all is enough there.",
    harm: "The network is worse than it would be.",
    thresholds: &[GAIN, REACH],
    explains: &["underfitting", "not-learning", "constant-prediction"],
    remedy: "Three times `train.epochs`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    let planned = run.setup.as_ref().map(|s| s.epochs);
    let epochs = planned.or(run.start.as_ref().map(|s| s.epochs))?.max(1);
    let stopped = run.end.as_ref().is_some_and(|e| e.reason == Reason::EarlyStop);
    let far = run.reach().is_some_and(|reach| reach < REACH.value);
    // Where not even a constant is reached, means of epochs are steady enough.
    let begun = run.is_at_chance() && curve.falls_each_epoch();
    let fell = (far || begun || curve.falls_steadily()) && curve.recent_gain() > GAIN.value;
    let falls = fell || far && curve.fell_shortly();
    if run.brief || run.is_good() || run.is_nonfinite() || stopped || !falls {
        return None;
    }
    Some(Finding {
        evidence: evidence([
            ("epochs", epochs as f64),
            ("recent_gain", curve.recent_gain()),
            ("reach", run.reach().unwrap_or(f64::NAN)),
        ]),
        because: Some("the loss fell to the end".into()),
        remedies: remedies(run, epochs),
        ..finding(Severity::Warn, "the run ended while the loss was still falling")
    })
}

/// More time, or longer steps where they are shorter than usual.
fn remedies(run: &Run, epochs: u64) -> Vec<Remedy> {
    let longer = |times: u64| set("train.epochs", times * epochs, "goes on learning");
    let mut all = vec![longer(3)];
    if !run.setup.as_ref().is_some_and(|setup| setup.has_no_rate()) {
        all.extend(remedies::faster(run));
    }
    all.push(longer(10));
    all
}
