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

const CROWDED: Threshold = Threshold {
    of: "classes for each unit of a layer, in a network that did not come out well",
    value: 4.0,
    source: "a unit has two ends: of four classes for each, half must lie between others",
};

pub(super) const RULE: Rule = Rule {
    id: "bottleneck",
    group: Group::Setup,
    title: "a hidden layer is too narrow for what must pass",
    looks_at: "Hidden layers, one or several in a row, with far fewer units than what lies on \
               either side and fewer than the classes (or numbers) to be told apart, or a single \
               one. The last hidden layers may be as narrow as half of them, and are but a \
               remark where the network came out well in spite of it. A single unit is \
               narrow whatever is beside it, if the network did not come out well, and so are a few \
               for many classes. Networks \
               that answer with as many numbers as they take are left alone: autoencoders are \
               narrow on purpose.",
    harm: "All that rows differ in must pass through a few numbers, as must every gradient on its \
           way down.",
    thresholds: &[NARROW, CROWDED],
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
    let classes = if setup.task.has_classes() { answers } else { 1 };
    let Narrow { layer, between, at_the_end } =
        stretch(&places, answers).or_else(|| single(run, &places, classes))?;
    let severity = match at_the_end && run.has_trained() && run.is_good() {
        true => Severity::Info,
        false => Severity::Warn,
    };
    let (name, units) = (&layer.name, layer.spec.units);
    let why = "lets through what rows differ in";
    let wider = remedies::each(setup, why, |l| l.units = l.units.max(between.unwrap_or(WIDER)));
    Some(Finding {
        layer: Some(name.clone()),
        evidence: evidence([
            ("units", units as f64),
            ("neighbours", between.map_or(f64::NAN, |beside| beside as f64)),
            ("answers", answers as f64),
        ]),
        because: Some(match answers {
            1 => "the answer is a function of what passes it".into(),
            _ => format!("{answers} answers must be told apart behind it"),
        }),
        remedies: wider.into_iter().collect(),
        ..finding(
            severity,
            match (between, units) {
                (Some(beside), 2..) => format!("{name} has {units} units between {beside}"),
                (Some(beside), _) => format!("{name} has a single unit between {beside}"),
                (None, 2..) => format!("{name} has {units} units for {answers} classes"),
                (None, _) => format!("{name} has a single unit"),
            },
        )
    })
}

/// A layer that is too narrow.
struct Narrow<'a> {
    layer: &'a Place<'a>,
    /// The units of the narrower neighbour, where that is what it is measured by.
    between: Option<usize>,
    /// Whether nothing but the output follows.
    at_the_end: bool,
}

/// The narrowest of narrow layers in a row, far narrower than what lies on either side.
fn stretch<'a>(places: &'a [Place<'a>], answers: usize) -> Option<Narrow<'a>> {
    let last = places.iter().rev().nth(1).map(|place| &place.name);
    let is_last = |place: &Place<'_>| Some(&place.name) == last;
    let few = |place: &Place<'_>| {
        let units = if is_last(place) { 2 * place.spec.units } else { place.spec.units };
        place.name != "output" && (place.spec.units == 1 || units < answers)
    };
    places.chunk_by(|a, b| few(a) && few(b)).find_map(|stretch| {
        let (first, end) = (stretch.first()?, stretch.last()?);
        let layer = stretch.iter().min_by_key(|place| place.spec.units).filter(|l| few(l))?;
        let beside = first.inputs.min(behind(places, &end.name));
        (beside as f64 >= NARROW.value * layer.spec.units as f64).then_some(Narrow {
            layer,
            between: Some(beside),
            at_the_end: is_last(end),
        })
    })
}

/// All that follows a single unit is a function of one number. Some problems need no more,
/// and some with many classes no more than a few.
fn single<'a>(run: &Run, places: &'a [Place<'a>], classes: usize) -> Option<Narrow<'a>> {
    let crowded = |units: usize| classes as f64 >= CROWDED.value * units as f64;
    let few = |layer: &&Place<'_>| layer.spec.units == 1 || crowded(layer.spec.units);
    let layer = places.split_last()?.1.iter().filter(few).min_by_key(|l| l.spec.units)?;
    let narrow = Narrow { layer, between: None, at_the_end: false };
    (run.has_trained() && run.is_poor()).then_some(narrow)
}

/// The units of the layer behind one. An output is narrow by nature: a last hidden layer is
/// measured by its input.
fn behind(places: &[Place<'_>], name: &str) -> usize {
    let next = places.iter().skip_while(|place| place.name != name).nth(1);
    next.filter(|place| place.name != "output").map_or(usize::MAX, |place| place.spec.units)
}
