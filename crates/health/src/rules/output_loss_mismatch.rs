//! `output-loss-mismatch`: an output that the loss was not made for.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_data::Task;
use gradwise_nn::{Activation, Loss};

pub(super) const RULE: Rule = Rule {
    id: "output-loss-mismatch",
    group: Group::Setup,
    title: "the loss was not made for this output or this task",
    looks_at: "The pair of output activation and loss, and the task, against the pairs of maximum \
               likelihood: softmax with cross-entropy, sigmoid with binary cross-entropy, a \
               linear output with squared, absolute or Huber error, linear scores with hinge.",
    harm: "Logarithms of what is no probability, or gradients that vanish where the answer is \
           most wrong (softmax or sigmoid under a squared error).",
    thresholds: &[],
    explains: &[
        "initial-loss-off",
        "lr-too-high",
        "lr-too-low",
        "dead-units",
        "saturated-units",
        "nonfinite",
        "vanishing-gradient",
        "exploding-gradient",
        "exploding-activations",
        "oscillating-loss",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "stuck-layer",
        "collapsed-activations",
        "overfitting",
        "noisy-gradient",
        "over-regularized",
        "label-noise",
        "one-sided-input",
    ],
    remedy: "Leave out `model.output` and `loss.kind`: the task then chooses both.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let (severity, why) = wrong(setup, run)?;
    let (output, loss) = natural(setup);
    let remedy = set_all(
        [("model.output", json!(output)), ("loss.kind", json!(loss))],
        "made for each other",
    );
    Some(Finding {
        because: Some(why.into()),
        remedies: vec![remedy],
        ..finding(
            severity,
            format!("{} output under {} for {}", setup.output(), setup.loss, setup.task),
        )
    })
}

/// The pair of maximum likelihood for a task.
fn natural(setup: &Setup) -> (&'static str, &'static str) {
    match setup.task {
        Task::Classification => ("softmax", "cross-entropy"),
        Task::Binary | Task::Multilabel => ("sigmoid", "binary-cross-entropy"),
        Task::Regression => ("linear", "l2"),
    }
}

/// How bad a pair is, and why; `None` if it is sound.
fn wrong(setup: &Setup, run: &Run) -> Option<(Severity, &'static str)> {
    let (output, regression) = (setup.output(), setup.task == Task::Regression);
    let probability = matches!(output, Activation::Softmax | Activation::Sigmoid);
    match setup.loss {
        Loss::CrossEntropy if regression => {
            Some((Severity::Error, "cross-entropy compares probabilities of classes, not numbers"))
        }
        Loss::CrossEntropy if output != Activation::Softmax => Some((
            Severity::Error,
            "cross-entropy takes the logarithm of the output, which is no distribution over classes",
        )),
        Loss::CrossEntropy if setup.task == Task::Multilabel => Some((
            Severity::Error,
            "shares that sum to 1 cannot say that a row has several labels, or none",
        )),
        Loss::BinaryCrossEntropy if output != Activation::Sigmoid => {
            let severity = if probability { Severity::Warn } else { Severity::Error };
            Some((severity, "binary cross-entropy takes each output for a probability of its own"))
        }
        Loss::BinaryCrossEntropy if regression && !targets_are_shares(run) => {
            Some((Severity::Error, "binary cross-entropy needs targets from 0 to 1"))
        }
        Loss::Hinge(_) if regression => {
            Some((Severity::Error, "a margin between classes means nothing for numbers"))
        }
        Loss::Hinge(_) if probability => {
            Some((Severity::Warn, "outputs that lie between 0 and 1 can hardly keep a margin"))
        }
        Loss::L2 | Loss::L1 | Loss::Huber(_) if !regression => Some((
            Severity::Warn,
            "a distance to zeros and ones gives little gradient where the class is most wrong",
        )),
        Loss::L2 | Loss::L1 | Loss::Huber(_) if output == Activation::Softmax => Some((
            Severity::Error,
            "softmax outputs sum to 1, whatever the numbers to be predicted",
        )),
        _ => None,
    }
}

/// Where the data are unknown, the benefit of the doubt.
fn targets_are_shares(run: &Run) -> bool {
    let columns = run.data.as_ref().map(|d| d.targets.columns.as_slice()).unwrap_or_default();
    columns.iter().all(|c| c.least >= 0.0 && c.most <= 1.0)
}
