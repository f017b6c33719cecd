//! `duplicate-rows`: training rows that repeat others.

use super::rule::prelude::*;

const MOST: Threshold = Threshold {
    of: "share of training rows that repeat an earlier one",
    value: 0.1,
    source: "public tables have up to a few percent (Adult 0.1 %, iris 1 %); Barz and Denzler \
             2020 found 3 % of CIFAR's test images repeated and scores inflated by as much",
};

pub(super) const RULE: Rule = Rule {
    id: "duplicate-rows",
    group: Group::Data,
    title: "many training rows are copies of others",
    looks_at: "Rows with the same features and answer as an earlier one, by hash, before \
               pre-processing. Tables whose columns take so few values that copies must come up \
               by chance are left alone.",
    harm: "Copies count twice in the loss, and a split puts them on both sides: validation then \
           measures memory.",
    thresholds: &[MOST],
    explains: &["split-leak", "suspicious-score", "overfitting"],
    remedy: "Take the copies out of the file.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let copies = &run.data.as_ref()?.copies;
    (copies.within > MOST.value && !copies.coarse).then(|| Finding {
        evidence: evidence([("share", copies.within)]),
        because: Some("the file repeats rows".into()),
        ..finding(
            Severity::Warn,
            format!("{} % of the training rows repeat others", short(100.0 * copies.within)),
        )
    })
}
