//! `split-leak`: validation rows that were trained on.

use super::rule::prelude::*;

const EXCESS: Threshold = Threshold {
    of: "share of validation rows found among training rows, beyond what copies within the \
         training rows make likely",
    value: 0.05,
    source: "a score is off by up to the leaked share: 5 % is what published leaks in image sets \
             moved scores by (Barz and Denzler 2020, ciFAIR: 3 to 10 %)",
};

pub(super) const RULE: Rule = Rule {
    id: "split-leak",
    group: Group::Data,
    title: "validation or test rows were trained on",
    looks_at: "Validation and test rows whose features, before pre-processing, equal those of a \
               training row, against the share that copies within the training rows lead one to \
               expect, with three deviations of chance: a single such row proves nothing.",
    harm: "The score on such rows measures memory. It promises more than new rows will give.",
    thresholds: &[EXCESS],
    explains: &["suspicious-score", "duplicate-rows"],
    remedy: "Draw the parts anew from one file with `data.split`, after removing copies.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let copies = &run.data.as_ref()?.copies;
    let (expected, rows) = (copies.expected, copies.of as f64);
    // Counts of rare rows are Poisson's; one more keeps a lone copy from counting.
    let beyond_chance = 3.0 * (expected * rows + 1.0).sqrt();
    let excess = copies.leaked - expected;
    let many = excess > EXCESS.value && excess * rows > beyond_chance;
    (many && !copies.coarse).then(|| Finding {
        evidence: evidence([("leaked", copies.leaked), ("expected", expected)]),
        because: Some("the parts were not split from one set of different rows".into()),
        remedies: remedies::redrawn(run).into_iter().collect(),
        ..finding(
            Severity::Error,
            format!("{} % of the held-out rows were trained on", short(100.0 * copies.leaked)),
        )
    })
}
