//! `hidden-softmax`: a softmax between hidden layers.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_nn::Activation;

pub(super) const RULE: Rule = Rule {
    id: "hidden-softmax",
    group: Group::Setup,
    title: "a hidden layer is a softmax",
    looks_at: "Hidden layers with softmax, but for the last below a softmax or sigmoid output, \
               which is a `double-softmax`.",
    harm: "Its units share a sum of 1: of hundreds each gives about 1/n, and gradients shrink by \
           as much on their way down.",
    thresholds: &[],
    explains: &[
        "vanishing-gradient",
        "collapsed-activations",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "lr-too-low",
        "stuck-layer",
        "init-too-small",
        "dead-units",
        "saturated-units",
        "over-regularized",
        "one-sided-input",
        "lr-too-high",
        "label-noise",
        "class-imbalance",
    ],
    remedy: "Another activation, such as `relu`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let hidden = setup.hidden();
    let between = hidden.len() - usize::from(super::double_softmax::is_double(setup));
    let mut between = hidden.into_iter().take(between);
    let layer = between.find(|l| l.spec.activation == Activation::Softmax)?;
    let each = 1.0 / layer.spec.units.max(1) as f64;
    Some(Finding {
        layer: Some(layer.name.clone()),
        evidence: evidence([("mean_activation", each)]),
        because: Some("softmax is for the output alone".into()),
        remedies: remedies(setup),
        ..finding(
            Severity::Error,
            format!("{} is a softmax: each of its units gives about {}", layer.name, short(each)),
        )
    })
}

/// ReLU, or tanh, where a hidden layer is a softmax or has no activation.
pub(super) fn remedies(setup: &Setup) -> Vec<Remedy> {
    let none = |a| a == Activation::Softmax || super::missing_activation::is_linear(a);
    let to = |to, why| remedies::activation(setup, none, to, why);
    let relu = to(Activation::Relu, "keeps signals and gradients alive");
    relu.into_iter().chain(to(Activation::Tanh, "bends, and is centred at 0")).collect()
}
