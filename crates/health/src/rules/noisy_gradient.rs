//! `noisy-gradient`: batches that disagree.

use super::rule::prelude::*;
use super::steps::{late_roughness, still_falls};

const BATCH: Threshold = Threshold {
    of: "rows of a batch",
    value: 4.0,
    source: "the noise of a gradient falls with the root of the batch (McCandlish et al. 2018): \
             below four rows it is most of the gradient",
};
const ROUGH: Threshold = Threshold {
    of: "mean change of the loss from epoch to epoch over the last half, relative to the loss",
    value: 0.1,
    source: "runs that settle change by under 5 % an epoch",
};

pub(super) const RULE: Rule = Rule {
    id: "noisy-gradient",
    group: Group::Steps,
    title: "batches of a few rows disagree about the way",
    looks_at: "Batches of up to four rows, where the loss leaps from epoch to epoch. A noisy but \
               settling run is left alone.",
    harm: "Steps mostly undo each other.",
    thresholds: &[BATCH, ROUGH],
    explains: &["overfitting", "underfitting"],
    remedy: "`train.batch` of 32 or more.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (curve, setup) = (run.curve.as_ref()?, run.setup.as_ref()?);
    let rough = late_roughness(curve)?;
    let settled = curve.last() < 0.1 * curve.nothing() || still_falls(curve);
    if setup.batch as f64 > BATCH.value || rough < ROUGH.value || settled {
        return None;
    }
    Some(Finding {
        evidence: evidence([("batch", setup.batch as f64), ("change_per_epoch", rough)]),
        because: Some(format!("the gradient of {} rows is mostly noise", setup.batch)),
        remedies: vec![set("train.batch", 32, "averages the noise of single rows")],
        ..finding(Severity::Warn, "single rows throw the network about")
    })
}
