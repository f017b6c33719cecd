//! `not-learning`: no better than a constant answer.

use super::rule::prelude::*;

pub(super) const RULE: Rule = Rule {
    id: "not-learning",
    group: Group::Outcome,
    title: "the network is no better than a constant answer",
    looks_at: "The score on training rows between that of the best constant (0) and that of \
               nearest neighbours (1): below 0.1. Without data, a loss that fell by under 2 %. A \
               network without hidden layers, or with hardly a unit, that has settled is \
               `underfitting`.",
    harm: "Nothing was learnt.",
    thresholds: &[Threshold {
        of: "share of the reachable score",
        value: 0.1,
        source: "a tenth of what neighbours reach is within the noise of a score",
    }],
    explains: &["underfitting", "constant-prediction"],
    remedy: "That of its cause.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    let learns_nothing = run.is_at_chance() && !super::underfitting::is_out_of_reach(run);
    learns_nothing.then(|| Finding {
        evidence: evidence([
            ("reach", run.reach().unwrap_or(f64::NAN)),
            ("loss", curve.last()),
            ("constant_answer", curve.nothing()),
        ]),
        remedies: remedies(run),
        ..finding(Severity::Error, "the network is no better than a constant answer")
    })
}

/// Where no cause is known: steps whose length hangs on no gradient's size, and signals of
/// the right size.
fn remedies(run: &Run) -> Vec<Remedy> {
    let adam = run.setup.as_ref().and_then(remedies::adam);
    adam.into_iter().chain(remedies::start(run, "keeps the size of signals")).collect()
}
