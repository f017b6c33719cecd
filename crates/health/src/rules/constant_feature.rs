//! `constant-feature`: columns that say nothing.

use super::rule::prelude::*;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "constant-feature",
    group: Group::Data,
    title: "features are the same in every row",
    looks_at: "Features whose deviation over the training rows is 0 while their value, after \
               pre-processing, is not. Constant zeros (the border of images) are harmless.",
    harm: "Such a column can tell no row from another. It acts as one more bias, with its own \
           learning rate, and often shows that something went wrong when the data were made.",
    thresholds: &[],
    explains: &[],
    remedy: "`data.ignore` for a table's column; `standardize` turns it into 0.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let features = &data.features;
    let constant = |c: &usize| {
        let (deviation, largest) = (features.deviation[*c], features.largest[*c]);
        deviation <= 1e-12 * largest && largest > 0.0 && !features.encoded[*c]
    };
    let columns: Vec<usize> = (0..features.mean.len()).filter(constant).collect();
    let first = *columns.first()?;
    let name = features.name(first);
    let severity = if data.images { Severity::Info } else { Severity::Warn };
    let remedies = match data.images {
        true => vec![],
        false => {
            let names: BTreeSet<&str> = columns.iter().map(|c| features.name(*c)).collect();
            vec![
                set("data.ignore", json!(names), "such columns say nothing"),
                set("data.preprocess", json!(["standardize"]), "turns them into 0"),
            ]
        }
    };
    Some(Finding {
        evidence: evidence([("features", columns.len() as f64), ("value", features.mean[first])]),
        because: Some("its value does not change over the training rows".into()),
        remedies,
        ..finding(severity, format!("{name} is {} in every row", short(features.mean[first])))
    })
}
