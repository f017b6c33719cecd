//! `underfitting`: settled far from what can be reached.

use super::rule::prelude::*;
use crate::curve::Curve;
use crate::setup::Setup;
use gradwise_nn::Features;

const REACH: Threshold = Threshold {
    of: "share of the score that nearest neighbours reach on the training rows",
    value: 0.8,
    source: "a network with enough units learns its own rows better than neighbours do (Zhang et \
             al. 2017); a fifth below them is no matter of chance",
};
const GAIN: Threshold = Threshold {
    of: "fall of the loss over the last quarter",
    value: 0.05,
    source: "less means that the run has settled",
};

const BENDS: Threshold = Threshold {
    of: "units of the widest hidden layer, up to which a network that settled at a constant \
         answer is too small for the problem",
    value: 3.0,
    source: "a layer of k ReLU units cuts a line into k + 1 pieces (Montúfar et al. 2014)",
};

pub(super) const RULE: Rule = Rule {
    id: "underfitting",
    group: Group::Outcome,
    title: "the network settled far from what a simple method reaches",
    looks_at: "The score on training rows against that of ten nearest neighbours, and whether the \
               loss still falls. A network without hidden layers, or with two or three units, that has \
               settled underfits even where its answers are worth no more than a constant.",
    harm: "The network is too small for the problem, or something holds it back.",
    thresholds: &[REACH, GAIN, BENDS],
    explains: &[],
    remedy: "More units or layers, less regularization, a longer run.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (reach, curve) = (run.reach()?, run.curve.as_ref()?);
    if run.brief || reach >= REACH.value || !has_settled(run) || run.is_nonfinite() {
        return None;
    }
    let because = match (is_straight(run), is_tiny(run)) {
        (true, _) => "it has no hidden layer: its answers are straight lines",
        (_, true) => "its few units can bend the answers in a few places",
        _ => SETTLED,
    };
    let small = because != SETTLED;
    let severity = if small && run.is_at_chance() { Severity::Error } else { Severity::Warn };
    Some(Finding {
        evidence: evidence([("reach", reach), ("recent_gain", curve.recent_gain())]),
        because: Some(because.into()),
        remedies: remedies(run.setup.as_ref()?),
        ..finding(
            severity,
            format!(
                "the network settled at {} % of what neighbours reach",
                short(100.0 * reach.max(0.0))
            ),
        )
    })
}

const SETTLED: &str = "the loss no longer falls";

fn has_settled(run: &Run) -> bool {
    let settled = |curve: &Curve| curve.recent_gain() <= GAIN.value && !curve.fell_shortly();
    run.curve.as_ref().is_some_and(settled)
}

fn is_straight(run: &Run) -> bool {
    let straight =
        |setup: &Setup| setup.network.layers.is_empty() && setup.network.features == Features::None;
    run.setup.as_ref().is_some_and(straight)
}

/// Whether every hidden layer has so few units that the answers have hardly a bend.
fn is_tiny(run: &Run) -> bool {
    let tiny = |setup: &Setup| {
        let layers = &setup.network.layers;
        !layers.is_empty() && layers.iter().all(|layer| layer.units as f64 <= BENDS.value)
    };
    run.setup.as_ref().is_some_and(tiny)
}

/// Whether a network without hidden layers, or with hardly a unit, has settled: what it has
/// not learnt by then, no other training of it would.
pub(super) fn is_out_of_reach(run: &Run) -> bool {
    (is_straight(run) || is_tiny(run)) && has_settled(run) && run.reach().is_some()
}

/// More units, in two layers; shorter or longer steps do not help what has settled, but
/// those of another optimizer may; and no penalty.
fn remedies(setup: &Setup) -> Vec<Remedy> {
    let widest = setup.network.layers.iter().map(|l| l.units).max().unwrap_or(0);
    let wider = [("model.width", json!((4 * widest).max(64))), ("model.depth", json!(2))];
    let mut all = vec![set_all(wider, "more units can draw finer borders")];
    all.extend(remedies::adam(setup));
    let longer = set("train.epochs", 3 * setup.epochs.max(1), "goes on learning");
    all.push(longer);
    all
}
