//! `tiny-input`: features so small that the first layer hears nothing.

use super::rule::prelude::*;

const LARGEST: Threshold = Threshold {
    of: "largest size of any feature",
    value: 0.05,
    source: "the gradient of the first weights is proportional to the inputs: at 1/20 of unit \
             size it is, with the forward signal, 1/400 of what initializers count on (LeCun et \
             al. 1998, section 4.3)",
};

pub(super) const RULE: Rule = Rule {
    id: "tiny-input",
    group: Group::Data,
    title: "all features are far smaller than 1",
    looks_at: "The largest size of any feature after pre-processing; zeros and ones that encoding \
               made of categories are left out.",
    harm: "The network's answers hardly depend on the inputs at first, and the first layer's \
           gradients are as small: it learns from its biases alone for a long time.",
    thresholds: &[LARGEST],
    explains: &[
        "init-too-small",
        "vanishing-gradient",
        "lr-too-low",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "collapsed-activations",
        "one-sided-input",
        "dead-units",
        "over-regularized",
    ],
    remedy: "Leave out what divides twice in `data.preprocess`, or `standardize`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let features = &run.data.as_ref()?.features;
    let numbers = features.largest.iter().zip(&features.encoded).filter(|(_, encoded)| !**encoded);
    let largest = numbers.map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    if !(0.0..LARGEST.value).contains(&largest) {
        return None;
    }
    let severity = if run.is_good() { Severity::Warn } else { Severity::Error };
    let twice = run.setup.as_ref().is_some_and(|s| s.preprocess.len() > 1);
    let because = match twice {
        true => "data.preprocess makes them small more than once",
        false => "they were scaled down before they were read",
    };
    Some(Finding {
        evidence: evidence([("largest_input", largest), ("input_rms", features.rms)]),
        because: Some(because.into()),
        remedies: vec![
            set("data.preprocess", json!(["standardize"]), "deviation 1 for each"),
            set("data.preprocess", json!(["min-max"]), "from 0 to 1"),
        ],
        ..finding(severity, format!("no input is larger than {}", short(largest)))
    })
}
