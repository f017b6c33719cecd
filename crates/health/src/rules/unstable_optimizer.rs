//! `unstable-optimizer`: settings under which steps can be of any length.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_nn::{Adam, Optimizer};

const EPSILON: Threshold = Threshold {
    of: "ε of adam, adamw or rmsprop",
    value: 1e-12,
    source: "squares of f32 gradients below 1e-19 are 0: a gradient that fades is then divided by \
             ε alone. Kingma and Ba 2015 have 1e-8",
};
const MOMENTUM: Threshold = Threshold {
    of: "momentum",
    value: 1.0,
    source: "steps are the gradient times 1/(1 − momentum): from 1 on without bound",
};

pub(super) const RULE: Rule = Rule {
    id: "unstable-optimizer",
    group: Group::Steps,
    title: "the optimizer's settings let steps grow without bound",
    looks_at: "ε of adaptive optimizers, momentum, and β₁ against β₂ (Adam needs β₁ < √β₂: \
               Kingma and Ba 2015, section 4).",
    harm: "Where gradients fade, steps do not: weights jump, the loss with them.",
    thresholds: &[EPSILON, MOMENTUM],
    explains: &[
        "lr-too-high",
        "nonfinite",
        "oscillating-loss",
        "noisy-gradient",
        "dead-units",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "saturated-units",
        "collapsed-activations",
        "stuck-layer",
        "exploding-activations",
        "overfitting",
    ],
    remedy: "Leave the settings at their defaults.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let (key, value, default, why) = match setup.optimizer {
        Optimizer::Adam(adam) | Optimizer::AdamW(adam) => of_adam(adam)?,
        Optimizer::RmsProp { epsilon, .. } if epsilon < EPSILON.value => {
            ("train.epsilon", epsilon, 1e-8, "gradients that fade are divided by it alone")
        }
        Optimizer::Sgd { momentum, .. } | Optimizer::RmsProp { momentum, .. }
            if momentum >= MOMENTUM.value =>
        {
            ("train.momentum", momentum, 0.9, "steps add up without bound")
        }
        _ => return None,
    };
    let severity = if run.is_poor() { Severity::Error } else { Severity::Warn };
    Some(Finding {
        evidence: evidence([(key, value)]),
        because: Some(why.into()),
        remedies: remedies(setup, key, default),
        ..finding(severity, format!("{key} = {value:e} lets steps be of any length"))
    })
}

/// The usual value; then with the usual learning rate, where the own is far higher.
fn remedies(setup: &Setup, key: &str, default: f64) -> Vec<Remedy> {
    let usual = remedies::usual_rate(&setup.optimizer);
    let alone = set(key, default, "the usual value");
    let rate = (setup.lr > 10.0 * usual)
        .then(|| set_all([(key, json!(default)), ("train.lr", json!(usual))], "the usual values"));
    [alone].into_iter().chain(rate).collect()
}

fn of_adam(adam: Adam) -> Option<(&'static str, f64, f64, &'static str)> {
    if adam.epsilon < EPSILON.value {
        return Some((
            "train.epsilon",
            adam.epsilon,
            1e-8,
            "gradients that fade are divided by it alone",
        ));
    }
    let unsound = adam.beta1 >= adam.beta2.sqrt();
    unsound.then_some((
        "train.beta2",
        adam.beta2,
        0.999,
        "the mean outlives the squares it is divided by",
    ))
}
