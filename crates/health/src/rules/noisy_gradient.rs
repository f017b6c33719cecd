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
    of: "mean change of the loss from epoch to epoch over the last half, relative to the loss, \
         of training or validation rows, whichever is less",
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
    let mut numbers = evidence([("batch", setup.batch as f64), ("change_per_epoch", rough)]);
    if let Some(scale) = noise_scale(run) {
        numbers.extend(evidence([("noise_scale", scale)]));
    }
    Some(Finding {
        evidence: numbers,
        because: Some(format!("the gradient of {} rows is mostly noise", setup.batch)),
        remedies: vec![set("train.batch", 32, "averages the noise of single rows")],
        ..finding(Severity::Warn, "single rows throw the network about")
    })
}

/// The rows of a batch whose gradient is as large as its noise, over the steps that were
/// measured: tr Σ/|G|², each a mean (McCandlish et al. 2018, appendix A). `None` where
/// the gradient drowns in its noise, or nothing was measured.
fn noise_scale(run: &Run) -> Option<f64> {
    let batch = run.setup.as_ref()?.batch.max(1) as f64;
    let of = |s: &gradwise_train::folder::event::Step| {
        Some((s.gradient_norm?.0.powi(2), s.gradient_noise?.0.powi(2)))
    };
    let (squares, traces): (Vec<f64>, Vec<f64>) = run.steps.iter().filter_map(of).unzip();
    let (square, trace) = (squares.iter().sum::<f64>(), traces.iter().sum::<f64>());
    Some(trace / (square - trace / batch)).filter(|scale| *scale >= 0.0 && scale.is_finite())
}
