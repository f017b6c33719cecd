//! `clipped-output`: an output that cuts off what it should say.

use super::rule::prelude::*;
use gradwise_data::Task;
use gradwise_nn::{Activation, Loss};

pub(super) const RULE: Rule = Rule {
    id: "clipped-output",
    group: Group::Setup,
    title: "the output cuts off below 0",
    looks_at: "A ReLU output under a loss of classes, or with targets below 0.",
    harm: "Where the weighted sum is negative the output is 0 and has no gradient: such rows \
           cannot be learnt.",
    thresholds: &[],
    explains: &[
        "output-loss-mismatch",
        "dead-units",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "collapsed-activations",
        "nonfinite",
        "initial-loss-off",
        "vanishing-gradient",
        "lr-too-high",
        "lr-too-low",
        "over-regularized",
        "label-noise",
        "class-imbalance",
        "overfitting",
        "oscillating-loss",
    ],
    remedy: "`model.output`: `softmax` or `sigmoid` for classes, `linear` for numbers.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    if setup.output() != Activation::Relu {
        return None;
    }
    let columns = run.data.as_ref().map(|d| d.targets.columns.as_slice()).unwrap_or_default();
    let least = columns.iter().map(|c| c.least).fold(f64::INFINITY, f64::min);
    let (because, remedy) = match (setup.task, setup.loss) {
        (Task::Regression, _) if least < 0.0 => {
            ("targets lie below 0".to_string(), set("model.output", "linear", "gives any number"))
        }
        (Task::Regression, _) => return None,
        (task, loss) => {
            let output = if task == Task::Classification { "softmax" } else { "sigmoid" };
            let natural = match task {
                Task::Classification => "cross-entropy",
                _ => "binary-cross-entropy",
            };
            let kind = if matches!(loss, Loss::Hinge(_)) { "linear" } else { output };
            let pair = [("model.output", json!(kind)), ("loss.kind", json!(natural))];
            (format!("{loss} needs what ReLU cuts off"), set_all(pair, "no score is cut off"))
        }
    };
    Some(Finding {
        layer: Some("output".into()),
        because: Some(because),
        remedies: vec![remedy],
        ..finding(Severity::Error, "the output is a ReLU: it gives 0 for every negative score")
    })
}
