//! `missing-activation`: hidden layers that are linear.

use super::rule::prelude::*;
use crate::setup::{Place, Setup};
use gradwise_nn::Activation;

pub(super) const RULE: Rule = Rule {
    id: "missing-activation",
    group: Group::Setup,
    title: "hidden layers have no activation",
    looks_at: "Hidden layers with `linear`, or what is the same: `leaky-relu(1)`. A linear layer narrower than both its neighbours is \
               left alone: it factorizes a weight on purpose.",
    harm: "Two linear layers after each other are one: depth is paid for but not had, and only \
           straight borders can be learnt.",
    thresholds: &[],
    explains: &[
        "underfitting",
        "not-learning",
        "too-few-epochs",
        "constant-prediction",
        "exploding-activations",
        "exploding-gradient",
        "nonfinite",
        "lr-too-high",
        "init-too-large",
    ],
    remedy: "`model.activation = \"relu\"`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let hidden = setup.hidden();
    let wasted: Vec<&Place<'_>> = hidden
        .iter()
        .enumerate()
        .filter(|(at, layer)| is_linear(layer.spec.activation) && !is_factor(setup, *at))
        .map(|(_, layer)| layer)
        .collect();
    let first = wasted.first()?;
    let all = wasted.len() == hidden.len();
    let message = match all {
        true => "no hidden layer has an activation: the network is linear".to_string(),
        false => format!("{} has no activation", first.name),
    };
    Some(Finding {
        layer: Some(first.name.clone()),
        evidence: evidence([("layers", wasted.len() as f64)]),
        because: Some("a product of matrices is a matrix".into()),
        remedies: super::hidden_softmax::remedies(setup),
        ..finding(Severity::Warn, message)
    })
}

/// Whether it passes weighted sums on as they are, whatever it is called.
pub(super) fn is_linear(activation: Activation) -> bool {
    match activation {
        Activation::Linear => true,
        Activation::LeakyRelu(slope) => slope == 1.0,
        _ => false,
    }
}

/// Whether hidden layer `at` is narrower than what it takes and what it feeds.
fn is_factor(setup: &Setup, at: usize) -> bool {
    let places = setup.places();
    match (places.get(at), places.get(at + 1)) {
        (Some(layer), Some(next)) => {
            layer.spec.units < layer.inputs && layer.spec.units < next.spec.units
        }
        _ => false,
    }
}
