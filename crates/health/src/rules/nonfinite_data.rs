//! `nonfinite-data`: NaN or infinity among the features.

use super::rule::prelude::*;
use gradwise_data::{DataError, Place};
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    id: "nonfinite-data",
    group: Group::Data,
    title: "features are NaN or infinite",
    looks_at: "The share of feature values, after pre-processing, that are not finite numbers. A \
               file with such a number is refused by every command; `check` names its row and \
               column.",
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

/// The finding that stands for data which were refused because of such a number; `None` if
/// they were refused for another reason.
pub(crate) fn refused(error: &DataError) -> Option<Finding> {
    let DataError::NotFinite { file, place, column, .. } = error else { return None };
    let (counted, number) = match place {
        Place::Row(row) => ("row", row),
        Place::Line(line) => ("line", line),
    };
    let pairs: [(&str, Value); 3] = [
        ("column", column.as_str().into()),
        ("file", file.as_str().into()),
        (counted, (*number).into()),
    ];
    Some(Finding {
        id: RULE.id.into(),
        evidence: pairs.map(|(name, value)| (name.to_string(), value)).into(),
        because: Some("a sum with such a value is no number either".into()),
        ..finding(Severity::Error, error.to_string())
    })
}
