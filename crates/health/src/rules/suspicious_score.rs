//! `suspicious-score`: too good to be true.

use super::rule::prelude::*;

const PERFECT: Threshold = Threshold {
    of: "accuracy (or R²) on validation rows",
    value: 0.9999,
    source: "labels of real sets are wrong in 0.5 to 5 % of rows (Northcutt, Athalye and Mueller \
             2021): a score beyond that has another source",
};
const ROWS: Threshold = Threshold {
    of: "validation rows",
    value: 200.0,
    source: "with fewer, chance gives a perfect score to a good network",
};

pub(super) const RULE: Rule = Rule {
    id: "suspicious-score",
    group: Group::Outcome,
    title: "the validation score is perfect",
    looks_at: "A perfect score on many validation rows. Easy problems have it too, so it is a \
               remark; with leaked rows it follows from them.",
    harm: "A feature may hold the answer, or validation rows may have been trained on.",
    thresholds: &[PERFECT, ROWS],
    explains: &[],
    remedy: "Look for a feature that is made from the answer.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let answers = run.trained.as_ref().filter(|_| run.has_trained())?.validation.as_ref()?;
    let score = answers.score?;
    let perfect = score > PERFECT.value && answers.rows as f64 >= ROWS.value;
    perfect.then(|| Finding {
        evidence: evidence([("score", score), ("rows", answers.rows as f64)]),
        ..finding(Severity::Info, "every validation row is answered rightly")
    })
}
