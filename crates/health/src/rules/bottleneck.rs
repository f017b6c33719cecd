//! `bottleneck`: a layer too narrow for what must pass.

use super::rule::prelude::*;
use crate::setup::Place;
use gradwise_data::Task;

/// The width that a network of single units is offered.
const WIDER: usize = 16;

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
    looks_at: "Hidden layers, one or several in a row, with far fewer units than what lies on \
               either side and fewer than the classes (or numbers) to be told apart, or a single \
               one. The last hidden layers may be as narrow as half of them, and are but a \
               remark where the network came out well in spite of it. A single unit is \
               narrow whatever is beside it, if the network did not come out well. Networks \
               that answer with as many numbers as they take are left alone: autoencoders are \
               narrow on purpose.",
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
        "saturated-units",
    ],
    remedy: "As many units as its neighbours.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let answers = setup.network.output.units;
    if setup.task == Task::Regression && answers > 1 && answers >= setup.network.inputs {
        return None;
    }
    let places = setup.places();
    let last = places.iter().rev().nth(1).map(|place| place.name.clone());
    let is_last = |place: &Place<'_>| Some(&place.name) == last.as_ref();
    let few = |place: &Place<'_>| {
        let units = if is_last(place) { 2 * place.spec.units } else { place.spec.units };
        place.name != "output" && (place.spec.units == 1 || units < answers)
    };
    let narrow = places.chunk_by(|a, b| few(a) && few(b)).find_map(|stretch| {
        let (first, end) = (stretch.first()?, stretch.last()?);
        let layer = stretch.iter().min_by_key(|place| place.spec.units).filter(|l| few(l))?;
        let beside = first.inputs.min(behind(&places, &end.name));
        let narrow = beside as f64 >= NARROW.value * layer.spec.units as f64;
        narrow.then_some((layer, beside, is_last(end)))
    });
    // All that follows a single unit is a function of one number. Some problems need no more.
    let single = || {
        let hidden = places.split_last()?.1.iter().find(|layer| layer.spec.units == 1)?;
        (run.has_trained() && run.is_poor()).then_some((hidden, WIDER, false))
    };
    let (layer, beside, at_the_end) = narrow.or_else(single)?;
    let severity = match at_the_end && run.has_trained() && run.is_good() {
        true => Severity::Info,
        false => Severity::Warn,
    };
    let why = "lets through what rows differ in";
    let wider = remedies::each(setup, why, |l| l.units = l.units.max(beside));
    Some(Finding {
        layer: Some(layer.name.clone()),
        evidence: evidence([
            ("units", layer.spec.units as f64),
            ("neighbours", narrow.map_or(f64::NAN, |_| beside as f64)),
            ("answers", answers as f64),
        ]),
        because: Some(match answers {
            1 => "the answer is a function of what passes it".into(),
            _ => format!("{answers} answers must be told apart behind it"),
        }),
        remedies: wider.into_iter().collect(),
        ..finding(severity, message(layer, narrow.is_some().then_some(beside)))
    })
}

fn message(layer: &Place<'_>, between: Option<usize>) -> String {
    match between {
        Some(beside) => {
            format!("{} has {} units between {beside}", layer.name, layer.spec.units)
        }
        None => format!("{} has a single unit", layer.name),
    }
}

/// The units of the layer behind one. An output is narrow by nature: a last hidden layer is
/// measured by its input.
fn behind(places: &[Place<'_>], name: &str) -> usize {
    let next = places.iter().skip_while(|place| place.name != name).nth(1);
    next.filter(|place| place.name != "output").map_or(usize::MAX, |place| place.spec.units)
}
