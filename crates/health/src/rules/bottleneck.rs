//! `bottleneck`: a layer too narrow for what must pass.

use super::rule::prelude::*;
use gradwise_data::Task;

const NARROW: Threshold = Threshold {
    of: "units of the narrower neighbour over those of the layer",
    value: 8.0,
    source: "widths that shrink on purpose halve or quarter (LeNet-5, AlexNet): a factor 8 on \
             both sides is a slip",
};

pub(super) const RULE: Rule = Rule {
    id: "bottleneck",
    group: Group::Setup,
    title: "a hidden layer is too narrow for what must pass",
    looks_at: "Hidden layers with far fewer units than both neighbours and fewer than the \
               classes (or numbers) to be told apart. Networks that answer with as many numbers \
               as they take are left alone: autoencoders are narrow on purpose.",
    harm: "All that rows differ in must pass through a few numbers, as must every gradient on its \
           way down.",
    thresholds: &[NARROW],
    explains: &[
        "underfitting",
        "not-learning",
        "constant-prediction",
        "collapsed-activations",
        "vanishing-gradient",
        "dead-units",
        "too-few-epochs",
        "stuck-layer",
        "lr-too-low",
        "lr-too-high",
        "oscillating-loss",
        "overfitting",
        "noisy-gradient",
        "label-noise",
    ],
    remedy: "As many units as its neighbours.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let answers = setup.network.output.units;
    if setup.task == Task::Regression && answers >= setup.network.inputs {
        return None;
    }
    let places = setup.places();
    let narrow = places.windows(2).find_map(|pair| {
        let (layer, next) = (&pair[0], &pair[1]);
        let units = layer.spec.units as f64;
        let beside = layer.inputs.min(next.spec.units.max(next_but_output(&places, &next.name)));
        let few = layer.spec.units < answers || layer.spec.units == 1;
        (few && beside as f64 >= NARROW.value * units).then_some((layer, beside))
    });
    let (layer, beside) = narrow?;
    let why = "lets through what rows differ in";
    let wider = remedies::each(setup, why, |l| l.units = l.units.max(beside));
    Some(Finding {
        layer: Some(layer.name.clone()),
        evidence: evidence([
            ("units", layer.spec.units as f64),
            ("neighbours", beside as f64),
            ("answers", answers as f64),
        ]),
        because: Some(format!("{answers} answers must be told apart behind it")),
        remedies: wider.into_iter().collect(),
        ..finding(
            Severity::Warn,
            format!("{} has {} units between {beside}", layer.name, layer.spec.units),
        )
    })
}

/// An output is narrow by nature: a last hidden layer is measured by its input.
fn next_but_output(places: &[crate::setup::Place<'_>], next: &str) -> usize {
    if places.last().is_some_and(|l| l.name == next) { usize::MAX } else { 0 }
}
