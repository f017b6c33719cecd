//! `target-out-of-range`: targets that the output can never give.

use super::rule::prelude::*;
use gradwise_data::Task;
use gradwise_nn::Activation;

pub(super) const RULE: Rule = Rule {
    id: "target-out-of-range",
    group: Group::Setup,
    title: "the targets lie beyond what the output can give",
    looks_at: "The range of a regression's targets against that of the output's activation: \
               sigmoid (0, 1), tanh (−1, 1), exp and softplus above 0.",
    harm: "The output is driven to its end and saturates there; the loss cannot fall further.",
    thresholds: &[],
    explains: &[
        "saturated-units",
        "vanishing-gradient",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "collapsed-activations",
        "unscaled-target",
        "initial-loss-off",
        "lr-too-high",
        "lr-too-low",
        "dead-units",
        "one-sided-input",
    ],
    remedy: "`model.output = \"linear\"`, or targets scaled into the output's range.",
    judge,
};

/// Targets of a larger size take long to be reached from outputs of size 1.
const LARGE: f64 = 3.0;

/// The open range of an activation, if it is bounded.
fn range(activation: Activation) -> Option<(f64, f64)> {
    Some(match activation {
        Activation::Sigmoid => (0.0, 1.0),
        Activation::Tanh => (-1.0, 1.0),
        Activation::Exp | Activation::Softplus => (0.0, f64::INFINITY),
        _ => return None,
    })
}

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let columns = &run.data.as_ref()?.targets.columns;
    let (low, high) = range(setup.output()).filter(|_| setup.task == Task::Regression)?;
    let least = columns.iter().map(|c| c.least).fold(f64::INFINITY, f64::min);
    let most = columns.iter().map(|c| c.most).fold(f64::NEG_INFINITY, f64::max);
    // Rounding may put a scaled target a hair outside.
    let slack = 1e-3 * (most - least);
    (least < low - slack || most > high + slack).then(|| Finding {
        layer: Some("output".into()),
        evidence: evidence([("least_target", least), ("most_target", most)]),
        because: Some(format!("{} gives numbers from {low} to {high}", setup.output())),
        remedies: remedies(run),
        ..finding(
            Severity::Error,
            format!(
                "targets from {} to {} under a {} output",
                short(least),
                short(most),
                setup.output()
            ),
        )
    })
}

/// An output without bounds; of large targets one that is compared in units of their
/// spread.
fn remedies(run: &Run) -> Vec<Remedy> {
    let linear = set("model.output", "linear", "gives any number");
    let large = run.data.as_ref().is_some_and(|d| d.targets.rms() > LARGE);
    let scaled = large.then(|| {
        let both = [("model.output", json!("linear")), ("data.scale-target", json!(true))];
        set_all(both, "gives any number, in units of the targets' spread")
    });
    [linear].into_iter().chain(scaled).collect()
}
