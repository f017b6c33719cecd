//! `uncentered-input`: features far from 0 compared with how much they vary.

use super::rule::prelude::*;

const RATIO: Threshold = Threshold {
    of: "mean over deviation, of most features",
    value: 10.0,
    source: "the Hessian's largest eigenvalue then exceeds the others by 10² (LeCun et al. 1998, \
             section 4.3: shift the mean to 0): gradient descent crawls in all other directions",
};

pub(super) const RULE: Rule = Rule {
    id: "uncentered-input",
    group: Group::Data,
    title: "features are far from 0 compared with how much they vary",
    looks_at: "The mean over the standard deviation of each feature after pre-processing; it \
               speaks where this is large for more than half of the features that vary.",
    harm: "What rows have in common is much larger than what tells them apart. Steps are taken \
           up by the common part.",
    thresholds: &[RATIO],
    explains: &[
        "lr-too-high",
        "lr-too-low",
        "oscillating-loss",
        "underfitting",
        "too-few-epochs",
        "not-learning",
        "constant-prediction",
        "collapsed-activations",
        "one-sided-input",
        "dead-units",
        "stuck-layer",
    ],
    remedy: "`data.preprocess = [\"standardize\"]`, or `mean-image` for images.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let features = &data.features;
    let numbers = features.mean.iter().zip(&features.deviation).zip(&features.encoded);
    let mut ratios: Vec<f64> = numbers
        .filter(|((_, deviation), encoded)| **deviation > 0.0 && !**encoded)
        .map(|((mean, deviation), _)| mean.abs() / deviation)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let middle = *ratios.get(ratios.len() / 2)?;
    (middle > RATIO.value).then(|| Finding {
        evidence: evidence([("median_mean_over_deviation", middle)]),
        because: Some("the mean of the features was not taken off".into()),
        remedies: vec![
            set("data.preprocess", json!(["standardize"]), "takes the mean off"),
            set("data.preprocess", json!(["min-max"]), "from 0 to 1"),
        ],
        ..finding(Severity::Warn, format!("features lie {} deviations from 0", short(middle)))
    })
}
