//! `exploding-activations`: signals that grow with every layer.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_nn::Activation;

const GROWTH: Threshold = Threshold {
    of: "size of the last hidden layer's activations over that of the input",
    value: 1e3,
    source: "signals of networks near the critical point keep their size within a factor of 10 \
             (Schoenholz et al. 2017)",
};

pub(super) const RULE: Rule = Rule {
    id: "exploding-activations",
    group: Group::Forward,
    title: "activations grow from layer to layer",
    looks_at: "The size of every hidden layer's activations at the first weights, against that of \
               the input; and whether any is not finite.",
    harm: "Scores, loss and gradients are as large, and soon infinite.",
    thresholds: &[GROWTH],
    explains: &[
        "exploding-gradient",
        "nonfinite",
        "lr-too-high",
        "initial-loss-off",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "dead-units",
        "oscillating-loss",
        "unstable-optimizer",
        "stuck-layer",
        "vanishing-gradient",
        "collapsed-activations",
        "lr-too-low",
        "init-too-large",
        "one-sided-input",
        "noisy-gradient",
        "overfitting",
    ],
    remedy: "An activation that does not grow faster than its input; first weights at the \
             critical point.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let survey = run.initial.as_ref()?;
    let input = survey.layers.first()?.input_rms.max(1.0);
    let grown = |l: &&crate::survey::LayerSurvey| {
        l.nonfinite || !l.activation_rms.is_finite() || l.activation_rms > GROWTH.value * input
    };
    let exponential = run.setup.as_ref().is_some_and(|s| {
        s.network.layers.iter().filter(|l| l.activation == Activation::Exp).count() > 1
    });
    let layer = survey.hidden().iter().find(grown);
    // Exponentials of exponentials explode in training if not at once.
    let lost = exponential && (run.is_nonfinite() || run.is_poor());
    let layer = layer.or_else(|| survey.hidden().iter().find(|_| lost))?;
    let setup = run.setup.as_ref();
    let mut remedies = match exponential {
        true => setup.map_or(Vec::new(), unexponential),
        false => remedies::start(run, "keeps sizes"),
    };
    if remedies.is_empty() {
        remedies = remedies::slower(run);
    }
    let because = match exponential {
        true => "exponentials of exponentials grow beyond any number".to_string(),
        false => "each layer makes signals larger".into(),
    };
    Some(Finding {
        layer: Some(layer.name.clone()),
        step: Some(0),
        evidence: evidence([("activation_rms", layer.activation_rms), ("input_rms", input)]),
        because: Some(because),
        remedies,
        ..finding(
            Severity::Error,
            format!("activations of {} have size {}", layer.name, short(layer.activation_rms)),
        )
    })
}

/// Activations that grow no faster than their input, for exponentials.
fn unexponential(setup: &Setup) -> Vec<Remedy> {
    let is = |a| a == Activation::Exp;
    let to = |to| remedies::activation(setup, is, to, "grows no faster than its input");
    [to(Activation::Relu), to(Activation::Tanh)].into_iter().flatten().collect()
}
