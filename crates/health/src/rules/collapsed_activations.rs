//! `collapsed-activations`: a layer that answers every row alike.

use super::rule::prelude::*;

pub(super) const SPREAD: Threshold = Threshold {
    of: "deviation of a unit's activation over rows, relative to the layer's size",
    value: 0.01,
    source: "Schoenholz et al. 2017: in the ordered phase correlations of any two inputs go to 1; \
             at 1 % the rows differ less than the noise of a batch's gradient",
};

pub(super) const RULE: Rule = Rule {
    id: "collapsed-activations",
    group: Group::Forward,
    title: "a hidden layer answers every row alike",
    looks_at: "How much activations differ from row to row, relative to their size, of every \
               hidden layer at the first and the last weights, where the network did not come \
               out well.",
    harm: "What rows differ in is lost: layers above can only learn a constant.",
    thresholds: &[SPREAD],
    explains: &[
        "constant-prediction",
        "not-learning",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "lr-too-low",
        "one-sided-input",
    ],
    remedy: "Fewer layers, or first weights at the critical point: `he` for ReLU, `xavier` for \
             tanh; inputs with their mean taken off.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    if run.has_trained() && run.is_good() {
        return None;
    }
    let late = run.trained.as_ref().filter(|_| run.has_trained());
    let last = run.steps.last().map_or(0, |s| s.step);
    let surveys = [run.initial.as_ref().map(|s| (s, 0)), late.map(|s| (s, last))];
    let found = surveys.into_iter().flatten().find_map(|(survey, step)| {
        let layer = survey.hidden().iter().find(|l| l.spread < SPREAD.value && !l.nonfinite)?;
        Some((layer, step))
    });
    let Some((layer, step)) = found else { return recorded(run) };
    let recorded = run.measures.since(&layer.name, "activation.spread", is_small);
    let step = if step == 0 { 0 } else { recorded.unwrap_or(step) };
    Some(Finding {
        layer: Some(layer.name.clone()),
        step: Some(step),
        evidence: evidence([("relative_spread", layer.spread), ("rank", layer.rank)]),
        because: Some("inputs come to look alike on their way up".into()),
        remedies: remedies(run),
        ..finding(Severity::Error, format!("{} answers every row alike", layer.name))
    })
}

/// First weights and biases that keep rows apart; what is centred for what is not; fewer
/// layers.
fn remedies(run: &Run) -> Vec<Remedy> {
    let mut all = remedies::start(run, "keeps rows apart");
    all.extend(run.setup.iter().flat_map(remedies::for_depth));
    all
}

fn is_small(spread: f64) -> bool {
    spread < SPREAD.value
}

/// By the records alone, of a run without a model.
fn recorded(run: &Run) -> Option<Finding> {
    let is_alone = run.trained.is_none() && run.has_trained() && run.is_poor();
    let hidden = run.measures.hidden().iter().filter(|_| is_alone);
    let mut since = hidden.filter_map(|layer| {
        Some((layer, run.measures.since(layer, "activation.spread", is_small)?))
    });
    let (layer, step) = since.next()?;
    let (_, spread) = *run.measures.of(layer, "activation.spread").last()?;
    Some(Finding {
        layer: Some(layer.clone()),
        step: Some(step),
        evidence: evidence([("relative_spread", spread)]),
        because: Some("inputs come to look alike on their way up".into()),
        ..finding(Severity::Error, format!("{layer} answers every row alike"))
    })
}
