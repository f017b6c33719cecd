//! `init-too-large`: first weights that blow signals up.

use super::init::gains;
use super::rule::prelude::*;

const DECADES: Threshold = Threshold {
    of: "decades by which all layers together amplify beyond the critical point",
    value: 1.0,
    source: "mean-field theory: σw² over its critical value, a layer (Poole et al. 2016; 2 for \
             ReLU, He et al. 2015); ten times the signal is a hundred times the squared loss",
};
const LOSS: Threshold = Threshold {
    of: "first loss over that of a constant answer",
    value: 3.0,
    source: "fan-in scaled weights start within a factor 1.5 of it",
};
const SATURATED: Threshold = Threshold {
    of: "share of saturated activations at the start",
    value: 0.5,
    source: "lecture row L16: 0.92 for N(0, 1) in tanh layers of 500, 0.04 for N(0, 1/500)",
};

pub(super) const RULE: Rule = Rule {
    id: "init-too-large",
    group: Group::Setup,
    title: "the first weights are too large",
    looks_at: "σw² = fan-in · mean square of the first weights, for every layer, against the \
               critical value of its activation; and what came of it: a first loss far above \
               that of a constant answer, or saturated units.",
    harm: "Signals grow from layer to layer. The first steps only undo that; saturated or dead \
           units never do.",
    thresholds: &[DECADES, LOSS, SATURATED],
    explains: &[
        "initial-loss-off",
        "saturated-units",
        "exploding-activations",
        "exploding-gradient",
        "vanishing-gradient",
        "dead-units",
        "nonfinite",
        "lr-too-high",
        "oscillating-loss",
        "unstable-optimizer",
        "noisy-gradient",
        "overfitting",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "collapsed-activations",
        "lr-too-low",
        "one-sided-input",
        "over-regularized",
        "label-noise",
        "prelu-drift",
    ],
    remedy: "`model.init`: `he` for ReLU and its kin, `xavier` for tanh and sigmoid.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let gains = gains(run);
    let decades: f64 = gains.iter().map(super::init::Gain::decades).sum();
    let worst = gains.iter().max_by(|a, b| a.decades().total_cmp(&b.decades()))?;
    if decades < DECADES.value {
        return None;
    }
    let initial = run.initial.as_ref();
    let saturated =
        initial.map_or(0.0, |s| s.hidden().iter().map(|l| l.saturated).fold(0.0, f64::max));
    let setup = run.setup.as_ref()?;
    let baseline = run.data.as_ref().and_then(|d| d.targets.baseline(setup));
    let ratio = initial.zip(baseline).map(|(s, b)| s.loss / b);
    let harmful =
        ratio.is_some_and(|r| r > LOSS.value || r.is_nan()) || saturated > SATURATED.value;
    // Without a measurement, growth by three decades speaks for itself.
    if !harmful && (initial.is_some() || decades < 3.0 * DECADES.value) {
        return None;
    }
    let severity = if run.is_good() { Severity::Warn } else { Severity::Error };
    let times = (worst.variance / worst.critical).sqrt();
    let because = format!(
        "the weights of {} are {} times too large: σw² is {}, critical is {}",
        worst.layer,
        short(times),
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
            ("first_loss_ratio", ratio.unwrap_or(f64::NAN)),
            ("saturated", saturated),
        ]),
        because: Some(because),
        remedies: remedies::start(run, "keeps the variance from layer to layer"),
        ..finding(
            severity,
            format!("signals grow {} times through the layers", short(10f64.powf(decades))),
        )
    })
}
