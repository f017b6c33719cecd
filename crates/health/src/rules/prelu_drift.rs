//! `prelu-drift`: PReLU slopes that ran away.

use super::rule::prelude::*;
use gradwise_nn::Activation;

const SLOPE: Threshold = Threshold {
    of: "size of a learnt slope",
    value: 2.0,
    source: "He et al. 2015, table 1: learnt slopes lie between 0.03 and 0.7; at 1 the unit is \
             linear, beyond it the negative side is the louder one",
};

pub(super) const RULE: Rule = Rule {
    id: "prelu-drift",
    group: Group::Forward,
    title: "PReLU slopes ran away",
    looks_at: "The learnt slopes α of every PReLU layer at the last weights. Of a network that \
               came out well they are a remark: single units may need it.",
    harm: "Slopes multiply through depth: at 2 a layer doubles what lies below 0.",
    thresholds: &[SLOPE],
    explains: &["exploding-activations"],
    remedy: "A smaller learning rate, or `leaky-relu(0.25)`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (layer, slope) = worst(run)?;
    let severity = if run.is_good() { Severity::Info } else { Severity::Warn };
    (slope > SLOPE.value).then(|| Finding {
        layer: Some(layer.clone()),
        step: ["slope.min", "slope.max"]
            .into_iter()
            .filter_map(|end| run.measures.since(&layer, end, |x| x.abs() > SLOPE.value))
            .min(),
        evidence: evidence([("slope", slope)]),
        because: Some("slopes are learnt with the weights' learning rate".into()),
        remedies: remedies(run),
        ..finding(severity, format!("a slope of {layer} became {}", short(slope)))
    })
}

/// The layer with the largest slope: at the last weights, or else as it was recorded.
fn worst(run: &Run) -> Option<(String, f64)> {
    let size = |(least, most): (f32, f32)| f64::from(least.abs().max(most.abs()));
    let slopes: Vec<(String, f64)> = match run.trained.as_ref().filter(|_| run.has_trained()) {
        Some(survey) => {
            let of = survey.layers.iter().filter_map(|l| Some((l.name.clone(), size(l.slopes?))));
            of.collect()
        }
        None => {
            let last = |layer: &String, end| {
                let (_, slope) = *run.measures.of(layer, end).last()?;
                Some((layer.clone(), slope.abs()))
            };
            let layers = run.measures.layers.iter();
            layers.flat_map(|l| [last(l, "slope.min"), last(l, "slope.max")]).flatten().collect()
        }
    };
    slopes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Shorter steps, or slopes that are not learnt.
fn remedies(run: &Run) -> Vec<Remedy> {
    let learnt = |a| matches!(a, Activation::Prelu(_));
    let fixed =
        |setup| remedies::activation(setup, learnt, Activation::LeakyRelu(0.25), "the slope stays");
    let mut all = remedies::slower(run);
    all.extend(run.setup.as_ref().and_then(fixed));
    all
}
