//! `split-shift`: validation rows unlike the training rows.

use super::rule::prelude::*;
use crate::data::shift::What;

const SIZE: Threshold = Threshold {
    of: "distance of class shares (total variation), of means and spreads in deviations, or of shares of \
         rows answered rightly",
    value: 0.2,
    source: "Cohen 1988: 0.2 is a small effect, so anything below is harmless",
};
const SURPRISE: Threshold = Threshold {
    of: "the same, in deviations of chance",
    value: 8.0,
    source: "a random split exceeds it for none of 10,000 features (p < 1e-15 each)",
};

pub(super) const RULE: Rule = Rule {
    id: "split-shift",
    group: Group::Data,
    title: "validation rows differ from training rows",
    looks_at: "Class shares, mean and spread of every feature, and how well nearest neighbours among the \
               training rows answer the rows of both parts: the difference must be large and \
               beyond chance.",
    harm: "Validation measures another problem than the one that is learnt: scores, early \
           stopping and the kept epoch are arbitrary.",
    thresholds: &[SIZE, SURPRISE],
    explains: &[
        "overfitting",
        "class-imbalance",
        "label-noise",
        "suspicious-score",
        "duplicate-rows",
    ],
    remedy: "`data.shuffle = true` draws both parts at random, stratified by class.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let shift = data.shift.as_ref()?;
    let what = match shift.what {
        What::Classes => "the classes' shares".to_string(),
        What::Feature(column) => format!("feature {}", data.features.name(column)),
        What::Spread(column) => format!("the spread of feature {}", data.features.name(column)),
        What::Target => "the target".into(),
        What::Answers => "the answers of rows that are alike".into(),
    };
    let (because, remedies) = match shift.what {
        What::Answers => ("the answers of one part are wrong, or mean something else", Vec::new()),
        _ => (
            "rows were split in an order that means something",
            vec![set("data.shuffle", true, "parts drawn at random")],
        ),
    };
    (shift.size > SIZE.value && shift.surprise > SURPRISE.value).then(|| Finding {
        evidence: evidence([("size", shift.size), ("deviations_of_chance", shift.surprise)]),
        because: Some(because.into()),
        remedies,
        ..finding(Severity::Error, format!("{what} differ between training and validation rows"))
    })
}
