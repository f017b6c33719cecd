//! `nonfinite-data`: NaN or infinity among the features.

use super::rule::prelude::*;

pub(super) const RULE: Rule = Rule {
    id: "nonfinite-data",
    group: Group::Data,
    title: "features are NaN or infinite",
    looks_at: "The share of feature values, after pre-processing, that are not finite numbers.",
    harm: "One such value makes the loss of its batch NaN, and the step after it every weight.",
    thresholds: &[],
    explains: &[
        "nonfinite",
        "lr-too-high",
        "exploding-activations",
        "exploding-gradient",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "initial-loss-off",
        "dead-units",
        "stuck-layer",
    ],
    remedy: "Repair or drop the rows; empty cells of a table are filled in by `data.missing`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let share = run.data.as_ref()?.features.nonfinite;
    (share > 0.0).then(|| Finding {
        evidence: evidence([("share", share)]),
        because: Some("a sum with such a value is no number either".into()),
        ..finding(Severity::Error, "some features are NaN or infinite")
    })
}
