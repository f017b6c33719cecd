//! `saturated-units`: sigmoid and tanh units at their ends.

use super::rule::prelude::*;
use crate::survey::{LayerSurvey, Survey};
use gradwise_nn::Activation;

const START: Threshold = Threshold {
    of: "share of a hidden layer's activations that saturate at the first weights",
    value: 0.5,
    source: "lecture row L16: 0.92 for N(0, 1) in tanh layers of 500, 0.04 for N(0, 1/500)",
};
const END: Threshold = Threshold {
    of: "the same at the last weights of a network that did not come out well",
    value: 0.9,
    source: "gradients pass nine in ten units at under 6 % of the steepest slope",
};

pub(super) const RULE: Rule = Rule {
    id: "saturated-units",
    group: Group::Forward,
    title: "sigmoid or tanh units sit at their ends",
    looks_at: "The share of activations of hidden sigmoid and tanh layers whose own derivative is \
               under 5.9 % of the steepest (for tanh |y| > 0.97), at the first and at the last \
               weights. Networks that learnt their rows may saturate and are left alone, unless a \
               layer did at its first weights already.",
    harm: "Where the slope is 0 no gradient passes.",
    thresholds: &[START, END],
    explains: &[
        "vanishing-gradient",
        "stuck-layer",
        "not-learning",
        "constant-prediction",
        "collapsed-activations",
        "underfitting",
        "too-few-epochs",
        "one-sided-input",
        "lr-too-low",
    ],
    remedy: "`model.init = \"xavier\"` and scaled inputs; or an activation that does not saturate.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    // A network may learn around a layer that began at its ends; said before, it is said after.
    let learnt = run.has_trained() && run.is_good();
    let most = if learnt { END.value } else { START.value };
    let start = run.initial.as_ref().and_then(worst).filter(|l| l.saturated > most);
    if learnt && start.is_none() {
        return None;
    }
    let end = run.trained.as_ref().filter(|_| run.has_trained()).and_then(worst);
    let end = end.filter(|l| l.saturated > END.value);
    let (layer, step) = match (start, end) {
        (Some(layer), _) => (layer, 0),
        (None, Some(layer)) => (layer, since(run, &layer.name)?),
        (None, None) => return recorded(run),
    };
    let share = short(100.0 * layer.saturated);
    // Before training half of a layer is a remark: steps may well bring it back.
    let certain = layer.saturated > END.value || run.has_trained() || run.is_nonfinite();
    let severity = match (learnt, certain) {
        (true, _) => Severity::Warn,
        (false, true) => Severity::Error,
        (false, false) => Severity::Info,
    };
    Some(Finding {
        layer: Some(layer.name.clone()),
        step: Some(step),
        evidence: evidence([
            ("saturated", layer.saturated),
            ("preactivation_rms", layer.preactivation_rms),
        ]),
        because: Some(format!("its weighted sums have size {}", short(layer.preactivation_rms))),
        remedies: remedies(run, step),
        ..finding(severity, format!("{share} % of {}'s activations saturate", layer.name))
    })
}

/// Units that began saturated need another start, those that came to it shorter steps; or
/// what does not saturate.
fn remedies(run: &Run, step: u64) -> Vec<Remedy> {
    let start = remedies::start(run, "keeps weighted sums at about size 1");
    let slower = if step == 0 { Vec::new() } else { remedies::slower(run) };
    let flat = |a| matches!(a, Activation::Sigmoid | Activation::Tanh);
    let relu = |setup| remedies::activation(setup, flat, Activation::Relu, "does not saturate");
    let relu = run.setup.as_ref().and_then(relu);
    start.into_iter().chain(slower).chain(relu).collect()
}

/// The step from which on a layer was saturated, as far as it was recorded.
fn since(run: &Run, layer: &str) -> Option<u64> {
    let recorded = run.measures.since(layer, "activation.saturated", |s| s > END.value);
    recorded.or(run.steps.last().map(|step| step.step))
}

/// By the records alone, of a run without a model; of sigmoid and tanh, where the
/// records say what layers they are.
fn recorded(run: &Run) -> Option<Finding> {
    let latest = run.measures.largest("activation.saturated").filter(|_| run.trained.is_none())?;
    let layers = run.start.as_ref().map_or(&[][..], |start| &start.layers);
    let own = layers.iter().find(|info| info.name == latest.layer);
    let flat = own.is_none_or(|own| matches!(own.activation.as_str(), "sigmoid" | "tanh"));
    (flat && latest.value > END.value && run.is_poor()).then(|| Finding {
        layer: Some(latest.layer.clone()),
        step: since(run, &latest.layer),
        evidence: evidence([("saturated", latest.value)]),
        remedies: remedies(run, 1),
        ..finding(
            Severity::Error,
            format!("{} % of {}'s activations saturate", short(100.0 * latest.value), latest.layer),
        )
    })
}

fn worst(survey: &Survey) -> Option<&LayerSurvey> {
    survey.hidden().iter().max_by(|a, b| a.saturated.total_cmp(&b.saturated))
}
