//! `single-unit-softmax`: a softmax of one number, which is always 1.

use super::rule::prelude::*;
use gradwise_data::Task;
use gradwise_nn::Activation;

pub(super) const RULE: Rule = Rule {
    id: "single-unit-softmax",
    group: Group::Setup,
    title: "the output is a softmax of a single unit",
    looks_at: "An output of one unit with softmax.",
    harm: "e^z/e^z is 1 whatever the input: there is no gradient and nothing is learnt.",
    thresholds: &[],
    explains: &[
        "output-loss-mismatch",
        "vanishing-gradient",
        "collapsed-activations",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "too-few-epochs",
        "lr-too-low",
        "stuck-layer",
        "over-regularized",
        "initial-loss-off",
        "dead-units",
        "lr-too-high",
        "target-out-of-range",
        "uninformative-labels",
    ],
    remedy: "`model.output = \"linear\"` for numbers, `\"sigmoid\"` for two classes.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let single = setup.network.output.units == 1 && setup.output() == Activation::Softmax;
    let (output, loss) = match setup.task {
        Task::Regression => ("linear", "l2"),
        _ => ("sigmoid", "binary-cross-entropy"),
    };
    single.then(|| Finding {
        layer: Some("output".into()),
        because: Some("softmax divides by the sum over the units, and there is one".into()),
        remedies: vec![set_all(
            [("model.output", json!(output)), ("loss.kind", json!(loss))],
            "gives numbers that depend on the input",
        )],
        ..finding(Severity::Error, "a softmax of one unit is always 1")
    })
}
