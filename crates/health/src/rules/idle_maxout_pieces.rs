//! `idle-maxout-pieces`: pieces that never win.

use super::rule::prelude::*;
use gradwise_nn::Activation;

const SHARE: Threshold = Threshold {
    of: "share of a layer's pieces that win on no row of the window, over that of a layer of which \
         one piece a unit wins",
    value: 0.8,
    source: "with one piece a unit, (k − 1)/k of them idle, nothing but a linear layer is left; \
             trained layers have under a fifth idle (Goodfellow et al. 2013, section 7)",
};

pub(super) const RULE: Rule = Rule {
    id: "idle-maxout-pieces",
    group: Group::Forward,
    title: "maxout pieces never win",
    looks_at: "Maxout pieces that are the largest of their unit on no row of a window of up to \
               4096, at the last weights (before training, at the first).",
    harm: "A piece that never wins has no gradient: its parameters are paid for, not used.",
    thresholds: &[SHARE],
    explains: &["underfitting"],
    remedy: "Fewer pieces, or first weights and biases that let all of them win.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (name, idle) = worst(run)?;
    let most = SHARE.value * linear(run, &name);
    (idle >= most)
        .then(|| Finding {
            step: run.measures.since(&name, "pieces.idle", |idle| idle >= most),
            evidence: evidence([("idle", idle)]),
            because: Some("the pieces of a unit start too far apart, or were pushed apart".into()),
            remedies: remedies(run),
            ..finding(
                Severity::Warn,
                format!("{} % of {name}'s pieces never win", short(100.0 * idle)),
            )
        })
        .map(|finding| Finding { layer: Some(name), ..finding })
}

/// The share of a layer's pieces that are idle where one wins in each unit; of two pieces where
/// the run file is not known.
fn linear(run: &Run, name: &str) -> f64 {
    let hidden = run.setup.iter().flat_map(|setup| setup.hidden());
    let pieces = hidden.into_iter().find_map(|place| match place.spec.activation {
        Activation::Maxout(pieces) if place.name == name => Some(pieces as f64),
        _ => None,
    });
    let pieces = pieces.unwrap_or(2.0);
    (pieces - 1.0) / pieces
}

/// Pieces of one size, inputs on both sides of 0: each piece then wins somewhere. Or no
/// pieces.
fn remedies(run: &Run) -> Vec<Remedy> {
    let Some(setup) = &run.setup else { return Vec::new() };
    let mut all = remedies::start(run, "pieces of one size: each wins somewhere");
    if setup.preprocess.iter().all(|step| step != "standardize") {
        all.push(set("data.preprocess", json!(["standardize"]), "inputs on both sides of 0"));
    }
    let pieces = |a| matches!(a, Activation::Maxout(_));
    all.extend(remedies::activation(setup, pieces, Activation::Relu, "has no piece to be idle"));
    all
}

/// The layer with the most idle pieces: at the weights that are known, or else as it was
/// recorded.
fn worst(run: &Run) -> Option<(String, f64)> {
    let Some(survey) = run.trained.as_ref().or(run.initial.as_ref()) else {
        let latest = run.measures.largest("pieces.idle")?;
        return Some((latest.layer, latest.value));
    };
    let layer = survey.layers.iter().max_by(|a, b| a.idle.total_cmp(&b.idle))?;
    Some((layer.name.clone(), layer.idle))
}
