//! `sum-reduction`: a loss that grows with the batch.

use super::rule::prelude::*;
use gradwise_nn::Reduction;

const REACH: Threshold = Threshold {
    of: "learning rate times batch, of plain gradient descent",
    value: 0.2,
    source: "a mean at the common learning rates 0.01 to 0.1 never exceeds 0.2 (Bengio 2012, \
             Practical recommendations, section 3.1.1): a sum below it is no longer step",
};
const BATCH: Threshold = Threshold {
    of: "rows of a batch",
    value: 8.0,
    source: "with fewer, sum and mean differ less than usual learning rates do",
};

pub(super) const RULE: Rule = Rule {
    id: "sum-reduction",
    group: Group::Setup,
    title: "the loss is a sum over the batch",
    looks_at: "`loss.reduction = \"sum\"` with more than a few rows a step, unless plain descent \
               has a learning rate so small that it makes up for it.",
    harm: "Gradients are larger by the batch size, so learning rate, penalty, clipping and ε mean \
           something else with every batch size.",
    thresholds: &[REACH, BATCH],
    explains: &[
        "lr-too-high",
        "exploding-gradient",
        "nonfinite",
        "dead-units",
        "oscillating-loss",
        "unstable-optimizer",
        "noisy-gradient",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "saturated-units",
        "collapsed-activations",
        "stuck-layer",
        "exploding-activations",
        "overfitting",
        "too-few-epochs",
        "initial-loss-off",
    ],
    remedy: "`loss.reduction = \"mean\"`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let batch = setup.batch as f64;
    if setup.reduction != Reduction::Sum || batch < BATCH.value {
        return None;
    }
    if !setup.is_adaptive() && setup.lr * batch <= REACH.value && !run.is_poor() {
        return None;
    }
    let severity = if run.is_poor() { Severity::Error } else { Severity::Warn };
    Some(Finding {
        evidence: evidence([
            ("batch", batch),
            ("lr", setup.lr),
            ("lr_of_a_mean", setup.lr * batch),
        ]),
        because: Some(format!("{batch} gradients are added, not averaged")),
        remedies: vec![set("loss.reduction", "mean", "steps no longer depend on the batch size")],
        ..finding(severity, format!("every gradient is {batch} times that of a mean"))
    })
}
