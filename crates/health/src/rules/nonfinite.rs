//! `nonfinite`: a number that became NaN or infinite.

use super::rule::OUTCOMES;
use super::rule::prelude::*;

pub(super) const RULE: Rule = Rule {
    id: "nonfinite",
    group: Group::Backward,
    title: "a loss or a weight became NaN or infinite",
    looks_at: "What the trainer recorded: the first operation, in order of computing, whose value \
               was not finite, and how the run ended.",
    harm: "Training cannot go on.",
    thresholds: &[],
    explains: OUTCOMES,
    remedy: "The cause is nearly always another finding; alone, a smaller `train.lr` or \
             `train.clip = 1`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    if let Some(recorded) = run.recorded.iter().find(|f| f.id == "nonfinite") {
        return Some(recorded.clone());
    }
    let step = run.steps.iter().find(|s| !s.loss.0.is_finite()).map(|s| s.step);
    run.is_nonfinite().then(|| Finding {
        step,
        remedies: vec![set("train.clip", 1.0, "no step is then longer than the learning rate")],
        ..finding(Severity::Error, "the loss became NaN or infinite")
    })
}
