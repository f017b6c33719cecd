//! `double-softmax`: a softmax of a softmax.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_nn::Activation;

pub(super) const RULE: Rule = Rule {
    id: "double-softmax",
    group: Group::Setup,
    title: "the output is a softmax of a softmax",
    looks_at: "A last hidden layer with softmax under a softmax or sigmoid output.",
    harm: "Probabilities instead of scores reach the second one: its inputs lie between 0 and 1, \
           so that gradients are small and no answer can be sure.",
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
        "bottleneck",
        "label-noise",
        "saturated-units",
        "over-regularized",
        "one-sided-input",
        "lr-too-high",
        "class-imbalance",
    ],
    remedy: "Give the last hidden layer another activation, such as `relu`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    is_double(setup).then_some(())?;
    let hidden = setup.hidden();
    let last = hidden.last()?;
    Some(Finding {
        layer: Some(last.name.clone()),
        because: Some("softmax is for the output alone".into()),
        remedies: super::hidden_softmax::remedies(setup),
        ..finding(Severity::Error, format!("{} is a softmax below the output", last.name))
    })
}

/// Whether the last hidden layer is a softmax below such an output.
pub(super) fn is_double(setup: &Setup) -> bool {
    let last = setup.hidden().last().map(|layer| layer.spec.activation);
    let output = matches!(setup.output(), Activation::Softmax | Activation::Sigmoid);
    output && last == Some(Activation::Softmax)
}
