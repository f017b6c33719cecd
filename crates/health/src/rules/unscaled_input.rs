//! `unscaled-input`: features far larger than initializers count on.

use super::rule::prelude::*;

const WHOLE: Threshold = Threshold {
    of: "root mean square of all features",
    value: 10.0,
    source: "initializers keep the variance of unit-size inputs (LeCun et al. 1998, section 4.3; \
             He et al. 2015); from 10 on the first weighted sums have 100 times their variance, \
             and the loss is as steep",
};
const ONE: Threshold = Threshold {
    of: "root mean square of the largest feature",
    value: 30.0,
    source: "the largest stable step of gradient descent is 2 over the largest eigenvalue of the \
             Hessian, which grows with the square of the largest feature (LeCun et al. 1998, \
             section 4.5): 30 times the size is 900 times the steepness",
};

pub(super) const RULE: Rule = Rule {
    id: "unscaled-input",
    group: Group::Data,
    title: "features are far larger than 1",
    looks_at: "The root mean square of the features after pre-processing, of all and of each.",
    harm: "The first weighted sums, and with them the loss and its gradients, are larger by the \
           same factor: units saturate or die, and only a far smaller learning rate is stable. A \
           single large feature drowns the others.",
    thresholds: &[WHOLE, ONE],
    explains: &[
        "uncentered-input",
        "initial-loss-off",
        "saturated-units",
        "dead-units",
        "collapsed-activations",
        "exploding-activations",
        "exploding-gradient",
        "vanishing-gradient",
        "nonfinite",
        "stuck-layer",
        "lr-too-high",
        "lr-too-low",
        "oscillating-loss",
        "noisy-gradient",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "init-too-large",
        "over-regularized",
        "overfitting",
        "label-noise",
        "one-sided-input",
        "prelu-drift",
    ],
    remedy: "`data.preprocess`: `standardize` or `min-max` for tables, `scale(255)` for images.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let (column, loudest) = data.features.loudest()?;
    let rms = data.features.rms;
    if rms <= WHOLE.value && loudest <= ONE.value {
        return None;
    }
    let severity = if run.is_good() { Severity::Warn } else { Severity::Error };
    let what = match data.images {
        true => format!("the inputs are {} times too large", short(rms)),
        false => format!("feature {} has size {}", data.features.name(column), short(loudest)),
    };
    let largest = data.features.largest.iter().copied().fold(0.0, f64::max);
    let whole =
        json!([format!("scale({})", if largest <= 255.0 { 255.0 } else { largest.ceil() })]);
    let pixels = set("data.preprocess", whole, "pixels from 0 to 1");
    let each = set("data.preprocess", json!(["standardize"]), "mean 0 and deviation 1 for each");
    let remedies = match data.images {
        true => vec![pixels, each],
        false => {
            vec![each, set("data.preprocess", json!(["min-max"]), "from 0 to 1 for each")]
        }
    };
    Some(Finding {
        evidence: evidence([("input_rms", rms), ("largest_feature_rms", loudest)]),
        because: Some("initializers and learning rates count on inputs of about size 1".into()),
        remedies,
        ..finding(severity, what)
    })
}
