//! `symmetric-init`: units that start alike and stay alike.

use super::rule::prelude::*;
use gradwise_nn::Init;

pub(super) const RULE: Rule = Rule {
    id: "symmetric-init",
    group: Group::Setup,
    title: "all units of a hidden layer start with the same weights",
    looks_at: "Hidden layers of several units whose weights are all the same, by the run file \
               (`zeros`, `constant`) or as measured. An output layer may start so.",
    harm: "Units with the same weights get the same gradients: the layer stays as good as one \
           unit. With zeros not even that one moves.",
    thresholds: &[],
    explains: &[
        "vanishing-gradient",
        "collapsed-activations",
        "dead-units",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "lr-too-low",
        "lr-too-high",
        "init-too-small",
        "init-too-large",
        "initial-loss-off",
        "one-sided-input",
        "saturated-units",
        "bottleneck",
        "exploding-activations",
        "exploding-gradient",
        "over-regularized",
        "oscillating-loss",
        "noisy-gradient",
        "idle-maxout-pieces",
        "class-imbalance",
        "label-noise",
    ],
    remedy: "A random `model.init`: `he` for ReLU and its kin, `xavier` for tanh and sigmoid.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let layer = match &run.setup {
        Some(setup) => {
            let alike = |init| matches!(init, Init::Zeros | Init::Constant(_));
            let mut hidden = setup.hidden().into_iter();
            hidden.find(|l| l.spec.units > 1 && alike(l.spec.init)).map(|l| l.name)
        }
        None => None,
    };
    let measured =
        || run.initial.as_ref()?.hidden().iter().find(|l| l.twins).map(|l| l.name.clone());
    let layer = layer.or_else(measured)?;
    let message = format!("all units of {layer} start with the same weights");
    Some(Finding {
        step: Some(0),
        layer: Some(layer),
        because: Some("equal units get equal gradients".into()),
        remedies: remedies::start(run, "breaks the symmetry"),
        ..finding(Severity::Error, message)
    })
}
