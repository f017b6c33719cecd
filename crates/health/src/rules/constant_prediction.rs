//! `constant-prediction`: the same answer to every row.

use super::rule::prelude::*;

const SPREAD: Threshold = Threshold {
    of: "deviation of the outputs over rows, relative to that of the targets",
    value: 0.01,
    source: "such answers explain under 0.01 % of the variance",
};

pub(super) const RULE: Rule = Rule {
    id: "constant-prediction",
    group: Group::Outcome,
    title: "every row gets the same answer",
    looks_at: "How much the trained network's outputs differ from row to row, relative to the \
               targets.",
    harm: "The inputs do not reach the output.",
    thresholds: &[SPREAD],
    explains: &["underfitting", "too-few-epochs", "not-learning"],
    remedy: "That of its cause.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let answers = &run.trained.as_ref().filter(|_| run.has_trained())?.answers;
    let relative = answers.spread / answers.wanted;
    let same = answers.wanted > 0.0 && relative < SPREAD.value && !run.is_good();
    (same && !super::underfitting::is_out_of_reach(run)).then(|| Finding {
        evidence: evidence([("output_deviation", answers.spread), ("relative", relative)]),
        ..finding(Severity::Error, "the network gives every row the same answer")
    })
}
