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
    title: "the answer is among the features, or the validation score is perfect",
    looks_at: "A feature that is the answer under another name: as many values as there are \
               classes, each of one class; a straight line of the number to be predicted; or \
               borders that no row crosses, where the other features answer under 90 % of rows. And a \
               perfect score on many validation rows: easy problems have it too, so it is a \
               remark; with leaked rows it follows from them.",
    harm: "The network learns to read the answer off, which new rows will not have, or validation \
           rows were trained on.",
    thresholds: &[PERFECT, ROWS],
    explains: &[],
    remedy: "`data.ignore` for a column that is made from the answer.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    given_away(run).or_else(|| perfect(run))
}

/// A feature that is the answer.
fn given_away(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let name = data.features.name(data.proxy?);
    Some(Finding {
        because: Some(
            "its value alone answers every row: is it known before the answer is?".into(),
        ),
        remedies: vec![set(
            "data.ignore",
            json!([name]),
            "the network must find the answer itself",
        )],
        ..finding(Severity::Warn, format!("feature {name} gives the answer away"))
    })
}

fn perfect(run: &Run) -> Option<Finding> {
    let answers = run.trained.as_ref().filter(|_| run.has_trained())?.validation.as_ref()?;
    let score = answers.score?;
    let perfect = score > PERFECT.value && answers.rows as f64 >= ROWS.value;
    perfect.then(|| Finding {
        evidence: evidence([("score", score), ("rows", answers.rows as f64)]),
        ..finding(Severity::Info, "every validation row is answered rightly")
    })
}
