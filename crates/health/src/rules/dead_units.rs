//! `dead-units`: units that no row wakes.

use super::rule::prelude::*;
use crate::survey::{LayerSurvey, Survey};
use gradwise_nn::Activation;

const MOST: Threshold = Threshold {
    of: "share of a layer's units without slope on any row of the window",
    value: 0.5,
    source: "up to 40 % of a trained ReLU layer may die without loss (lecture row L12; Lu et al. \
             2019, Dying ReLU); a layer that lost half has lost the width it was given",
};
const ALL: Threshold = Threshold {
    of: "the same, at which the layer no longer passes what rows differ in",
    value: 0.95,
    source: "the rest of the layer is then narrower than a bottleneck",
};

/// Layers of fewer units are narrow.
const NARROW: usize = 32;

pub(super) const RULE: Rule = Rule {
    id: "dead-units",
    group: Group::Forward,
    title: "units are inactive on every row",
    looks_at: "Units of hidden layers whose activation has slope 0 on every row of a window of up \
               to 4096 training rows (all of a small set), at the first and at the last weights. \
               A single batch proves nothing: 60 % zeros in every batch are healthy ReLU. Of a \
               run of another program, its `units.dead` measure, or a layer that is 0 throughout.",
    harm: "A dead unit has no gradient and never comes back. Dead layers cut the network off.",
    thresholds: &[MOST, ALL],
    explains: &[
        "stuck-layer",
        "vanishing-gradient",
        "not-learning",
        "constant-prediction",
        "collapsed-activations",
        "underfitting",
        "too-few-epochs",
        "one-sided-input",
        "lr-too-low",
        "over-regularized",
        "saturated-units",
        "oscillating-loss",
    ],
    remedy: "A smaller `train.lr`, `model.bias = 0.1`, or `leaky-relu`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let early = run.initial.as_ref().and_then(worst);
    let late = run.trained.as_ref().filter(|_| run.has_trained()).and_then(worst);
    let born = early.filter(|l| l.dead >= MOST.value);
    if run.has_trained() && run.is_good() {
        return None;
    }
    let (name, dead, step) = match (born, late) {
        (Some(layer), _) => (layer.name.clone(), layer.dead, 0),
        (None, Some(layer)) => (layer.name.clone(), layer.dead, since(run, &layer.name)?),
        (None, None) => recorded(run)?,
    };
    if dead < MOST.value {
        return None;
    }
    // Before training half a layer is a remark: narrow deep nets often recover.
    let severity = match (dead >= ALL.value, run.has_trained() || run.is_nonfinite()) {
        (true, _) => Severity::Error,
        (false, true) => Severity::Warn,
        (false, false) => Severity::Info,
    };
    let because = match step {
        0 => "biases or weights start so low that no row reaches them",
        _ => "a step threw their weights to where no row reaches them",
    };
    Some(Finding {
        layer: Some(name.clone()),
        step: Some(step),
        evidence: evidence([("dead", dead), ("rows", rows(run))]),
        because: Some(because.into()),
        remedies: remedies(run, step),
        ..finding(severity, format!("{} % of {name} is inactive on every row", short(100.0 * dead)))
    })
}

/// Units that were never awake need another start, those that died shorter steps; a slope
/// on both sides keeps either alive. Narrow deep layers die by bad luck: wider ones have
/// more of it (Lu et al. 2019, Dying ReLU).
fn remedies(run: &Run, step: u64) -> Vec<Remedy> {
    let slope = "a slope on both sides";
    let Some(setup) = &run.setup else {
        return vec![set("model.activation", "leaky-relu(0.01)", slope)];
    };
    let mut all = match step {
        0 => remedies::start(run, "starts units awake"),
        _ => remedies::slower(run),
    };
    if step == 0 && all.is_empty() {
        all.extend(remedies::each(setup, "starts units awake", |l| l.bias = Some(0.1)));
    }
    let dies = |a| a == Activation::Relu;
    all.extend(remedies::activation(setup, dies, Activation::LeakyRelu(0.01), slope));
    all.extend(remedies::activation(setup, dies, Activation::Tanh, "never flat on one whole side"));
    if setup.network.layers.iter().all(|l| l.units < NARROW) {
        all.extend(remedies::each(setup, "some units of a wide layer stay alive", |l| {
            l.units *= 4
        }));
    }
    all
}

/// Whether units that were alive at the first weights died in training.
pub(super) fn died(run: &Run) -> bool {
    let dead = |survey: Option<&Survey>| survey.and_then(worst).map(|l| l.dead);
    let late = dead(run.trained.as_ref().filter(|_| run.has_trained()));
    if run.trained.is_none() {
        return silent(run).is_some_and(|(_, since)| since > first_measured(run));
    }
    matches!((dead(run.initial.as_ref()), late), (Some(early), Some(late))
        if early < MOST.value && late >= MOST.value)
}

fn worst(survey: &Survey) -> Option<&LayerSurvey> {
    survey.hidden().iter().max_by(|a, b| a.dead.total_cmp(&b.dead))
}

fn rows(run: &Run) -> f64 {
    run.trained.as_ref().or(run.initial.as_ref()).map_or(f64::NAN, |s| s.rows as f64)
}

/// The worst layer by the records of a run without a model.
fn recorded(run: &Run) -> Option<(String, f64, u64)> {
    let latest = run.measures.largest("units.dead");
    let Some(latest) = latest.filter(|latest| latest.value >= MOST.value) else {
        return silent(run).map(|(layer, since)| (layer, 1.0, since));
    };
    let step = since(run, &latest.layer).unwrap_or(latest.step);
    Some((latest.layer, latest.value, step))
}

/// The first layer of which every unit is 0 on every row that was measured, and since
/// when: so much needs no window, which a short run never fills.
fn silent(run: &Run) -> Option<(String, u64)> {
    let measures = &run.measures;
    let since = |layer: &String| measures.since(layer, "activation.zeros", |share| share >= 1.0);
    measures.hidden().iter().find_map(|layer| Some((layer.clone(), since(layer)?)))
}

fn first_measured(run: &Run) -> u64 {
    run.measures.steps().min().unwrap_or(0)
}

/// The step by which half of a layer was dead for good, as far as it was recorded.
fn since(run: &Run, layer: &str) -> Option<u64> {
    let recorded = run.measures.since(layer, "units.dead", |dead| dead >= MOST.value);
    recorded.or(run.steps.last().map(|step| step.step))
}
