//! `one-sided-input`: layers fed by positive numbers alone.

use super::rule::prelude::*;
use gradwise_nn::Activation;

const LEAN: Threshold = Threshold {
    of: "mean of the input over its root mean square",
    value: 0.8,
    source: "lecture row L10: with inputs of one sign, a row's gradients of a unit's weights all \
             have one sign, and steps zig-zag (LeCun et al. 1998, section 4.3). Centred inputs \
             have 0, ReLU of normal numbers 0.56, a sigmoid of them 0.9",
};

pub(super) const RULE: Rule = Rule {
    id: "one-sided-input",
    group: Group::Forward,
    title: "a hidden layer is fed by positive numbers alone",
    looks_at: "Hidden layers on top of sigmoid, softplus or exp whose input is far more common \
               part than difference, with the share of their units whose weight gradients over \
               a batch all have one sign. On top of softplus, whose slope goes to 1 as that of \
               ReLU does, a remark unless the network came out badly. Silent where another \
               finding is an error.",
    harm: "All weights of a unit must grow or shrink together: steps zig-zag to where they go.",
    thresholds: &[LEAN],
    explains: &["too-few-epochs"],
    remedy: "`model.activation = \"tanh\"`, which is sigmoid centred at 0.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let survey = run.initial.as_ref()?;
    let places = setup.places();
    let positive = |a| matches!(a, Activation::Sigmoid | Activation::Softplus | Activation::Exp);
    let fed = places.windows(2).find_map(|pair| {
        let (below, layer) = (survey.layer(&pair[0].name)?, survey.layer(&pair[1].name)?);
        let lean = below.activation_mean / below.activation_rms;
        let hidden = layer.name != "output";
        let one_sided = hidden && positive(pair[0].spec.activation) && lean >= LEAN.value;
        one_sided.then_some((pair[0].spec.activation, layer, lean))
    });
    let (activation, layer, lean) = fed?;
    let severity = match activation {
        Activation::Softplus if !run.is_poor() => Severity::Info,
        _ => Severity::Warn,
    };
    Some(Finding {
        layer: Some(layer.name.clone()),
        step: Some(0),
        evidence: evidence([("mean_over_rms", lean), ("one_signed", layer.one_signed)]),
        because: Some(format!("{activation} is always positive")),
        remedies: remedies::centred(setup),
        ..finding(severity, format!("{} is fed by positive numbers alone", layer.name))
    })
}
