//! `vanishing-gradient`: gradients that fade on their way down.

use super::collapsed_activations::SPREAD as ALIKE;
use super::rule::prelude::*;
use crate::theory::MeanField;

const RATIO: Threshold = Threshold {
    of: "gradient size at the first hidden layer over that at the last",
    value: 2.5e-3,
    source: "Schoenholz et al. 2017: networks train up to six depth scales; e⁻⁶ is 2.5e-3 of the \
             gradient's size",
};

const LOST: Threshold = Threshold {
    of: "the same, of a network that is no better than a constant and in which some layer was \
         given rows that had come to look alike",
    value: 0.05,
    source: "six depth scales of the gradient's variance, which is what χ is a factor of: e⁻³ of \
             its size",
};

pub(super) const RULE: Rule = Rule {
    id: "vanishing-gradient",
    group: Group::Backward,
    title: "the gradient fades on its way down",
    looks_at: "The size of a row's loss gradient by the weighted sums of the first and of the \
               last hidden layer at the first weights, where the network did not come out well; \
               beside it the mean-field factor √χ a layer. Of a run of another program, the \
               recorded `activation-gradient` measures.",
    harm: "Lower layers hardly move: what they were at first they stay.",
    thresholds: &[RATIO, LOST],
    explains: &[
        "stuck-layer",
        "not-learning",
        "constant-prediction",
        "collapsed-activations",
        "underfitting",
        "too-few-epochs",
        "one-sided-input",
        "lr-too-low",
        "saturated-units",
        "dead-units",
        "oscillating-loss",
        "lr-too-high",
        // Where no gradient arrives, a penalty of any size is all that moves the weights.
        "over-regularized",
    ],
    remedy: "`model.init` at the critical point (`xavier` for tanh, `he` for ReLU), ReLU or tanh \
             for sigmoid, fewer layers.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    if run.has_trained() && run.is_good() {
        return None;
    }
    let sizes = sizes(run)?;
    let ((first, low), (last, high)) = (sizes.first()?, sizes.last()?);
    let depth = sizes.len().checked_sub(1).filter(|d| *d >= 2)? as f64;
    let ratio = low / high;
    let lost = run.has_trained() && run.is_at_chance() && alike(run);
    let most = if lost { LOST.value } else { RATIO.value };
    if !(ratio < most && *high > 0.0) {
        return None;
    }
    let factor = ratio.powf(1.0 / depth);
    let theory = predicted(run);
    let because = match theory {
        Some(theory) => format!("mean-field theory has {} a layer for this network", short(theory)),
        None => "each layer passes only part of it".into(),
    };
    Some(Finding {
        layer: Some(first.clone()),
        step: Some(0),
        evidence: evidence([
            ("gradient_rms_first", *low),
            ("gradient_rms_last", *high),
            ("per_layer_factor", factor),
            ("predicted_factor", theory.unwrap_or(f64::NAN)),
        ]),
        because: Some(because),
        remedies: remedies(run),
        ..finding(
            Severity::Error,
            format!(
                "the gradient shrinks by {} a layer on its way down: {first} gets {} of {last}'s",
                short(factor),
                short(ratio)
            ),
        )
    })
}

/// Whether rows came to look alike on their way up before the first step: where gradients
/// fade, so does what rows differ in.
fn alike(run: &Run) -> bool {
    let layers = run.initial.iter().flat_map(|survey| survey.hidden());
    layers.into_iter().any(|layer| layer.spread < ALIKE.value)
}

/// What is centred for what is not, first weights that keep the variance, fewer layers.
fn remedies(run: &Run) -> Vec<Remedy> {
    let Some(setup) = &run.setup else {
        return remedies::start(run, "keeps the variance");
    };
    let mut all = remedies::centred(setup);
    all.extend(remedies::start(run, "keeps the variance"));
    all.extend(remedies::shallower(setup, remedies::SHALLOW, "fewer layers for it to fade in"));
    all
}

/// The gradient's size at each hidden layer, from the survey or from the records.
pub(super) fn sizes(run: &Run) -> Option<Vec<(String, f64)>> {
    if let Some(survey) = &run.initial {
        let hidden = survey.hidden().iter();
        return Some(hidden.map(|l| (l.name.clone(), l.gradient_rms)).collect());
    }
    let hidden = run.measures.layers.split_last()?.1;
    let first = |layer: &String| {
        let (_, size) = *run.measures.rms(layer, "activation-gradient").first()?;
        Some((layer.clone(), size))
    };
    Some(hidden.iter().filter_map(first).collect())
}

/// √χ of the middle hidden layer at its measured length.
fn predicted(run: &Run) -> Option<f64> {
    let (setup, survey) = (run.setup.as_ref()?, run.initial.as_ref()?);
    let middle = survey.hidden().get(survey.hidden().len() / 2)?;
    let place = setup.hidden().into_iter().find(|p| p.name == middle.name)?;
    let variance = middle.weight_rms.powi(2) * place.inputs as f64;
    let field = MeanField::new(place.spec.activation, variance, 0.0)?;
    Some(field.chi(middle.preactivation_rms.powi(2)).sqrt())
}
