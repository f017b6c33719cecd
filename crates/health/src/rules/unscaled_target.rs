//! `unscaled-target`: numbers to be predicted that are far larger than 1.

use super::rule::prelude::*;
use gradwise_data::Task;

const LARGE: Threshold = Threshold {
    of: "root mean square of the targets",
    value: 30.0,
    source: "outputs start at about size 1; squared errors, and with them gradients, then start \
             900 times larger than those that default learning rates are for",
};

pub(super) const RULE: Rule = Rule {
    id: "unscaled-target",
    group: Group::Data,
    title: "the numbers to be predicted are far larger than 1",
    looks_at: "The root mean square of a regression's targets.",
    harm: "Gradients are larger by the same factor, so that plain descent diverges; adaptive \
           steps are no longer than the learning rate, so that they take as many times more.",
    thresholds: &[LARGE],
    explains: &[
        "lr-too-high",
        "lr-too-low",
        "exploding-activations",
        "exploding-gradient",
        "nonfinite",
        "not-learning",
        "underfitting",
        "too-few-epochs",
        "initial-loss-off",
        "dead-units",
        "constant-prediction",
        "oscillating-loss",
        "collapsed-activations",
        "stuck-layer",
        "init-too-small",
        "noisy-gradient",
        "overfitting",
        "saturated-units",
        "prelu-drift",
    ],
    remedy: "`data.scale-target = true`: the loss then compares targets in units of their spread.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (data, setup) = (run.data.as_ref()?, run.setup.as_ref()?);
    let rms = data.targets.rms();
    if setup.task != Task::Regression || rms <= LARGE.value {
        return None;
    }
    let severity = if run.is_good() { Severity::Warn } else { Severity::Error };
    Some(Finding {
        evidence: evidence([("target_rms", rms)]),
        because: Some("outputs start at about size 1".into()),
        remedies: vec![set("data.scale-target", true, "targets of mean 0 and deviation 1")],
        ..finding(severity, format!("the targets have size {}", short(rms)))
    })
}
