//! `init-too-small`: first weights through which signals fade.

use super::init::gains;
use super::rule::prelude::*;

const DECADES: Threshold = Threshold {
    of: "decades by which all layers together weaken signals below the critical point",
    value: 2.5,
    source: "mean-field theory, as `init-too-large`; PyTorch's default for dense layers weakens \
             by 0.4 a ReLU layer and trains up to about six of them",
};

pub(super) const RULE: Rule = Rule {
    id: "init-too-small",
    group: Group::Setup,
    title: "the first weights are too small",
    looks_at: "σw² = fan-in · mean square of the first weights, for every layer, against the \
               critical value of its activation. After training it speaks only where the network \
               did not come out well or lost the first tenth of the training.",
    harm: "Signals fade from layer to layer, gradients with them: the loss stays on a plateau.",
    thresholds: &[DECADES],
    explains: &[
        "vanishing-gradient",
        "collapsed-activations",
        "stuck-layer",
        "lr-too-low",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "dead-units",
        "over-regularized",
        "one-sided-input",
        "lr-too-high",
        "oscillating-loss",
    ],
    remedy: "`model.init`: `he` for ReLU and its kin, `xavier` for tanh and sigmoid.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let gains = gains(run);
    let decades: f64 = -gains.iter().map(super::init::Gain::decades).sum::<f64>();
    let worst = gains.iter().min_by(|a, b| a.decades().total_cmp(&b.decades()))?;
    // Zeros are another matter: symmetric-init.
    if decades < DECADES.value || !decades.is_finite() || !harmed(run) {
        return None;
    }
    let severity = if run.is_poor() { Severity::Error } else { Severity::Warn };
    let because = format!(
        "the weights of {} are {} times too small: σw² is {}, critical is {}",
        worst.layer,
        short((worst.critical / worst.variance).sqrt()),
        short(worst.variance),
        short(worst.critical)
    );
    Some(Finding {
        step: Some(0),
        layer: Some(worst.layer.clone()),
        evidence: evidence([
            ("decades", decades),
            ("weight_variance", worst.variance),
            ("critical_variance", worst.critical),
        ]),
        because: Some(because),
        remedies: remedies::start(run, "keeps the variance from layer to layer"),
        ..finding(
            severity,
            format!("signals fade {} times through the layers", short(10f64.powf(decades))),
        )
    })
}

/// Whether the first tenth of the training brought nothing, or the whole too little.
fn harmed(run: &Run) -> bool {
    let Some(curve) = &run.curve else { return true };
    let early = curve.blocks.get(curve.blocks.len() / 10);
    run.is_poor() || early.is_some_and(|loss| *loss > 0.95 * curve.nothing())
}
