//! Any output goes with any loss: every pair builds, is finite, and has a finite
//! gradient that agrees with central differences.

mod support;

use gradwise_graph::{BATCH, Feeds, Graph, Tensor};
use gradwise_nn::{
    Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Reduction,
};
use support::{gradient_error, normal, value};

const OUTPUTS: [&str; 14] = [
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky-relu(0.1)",
    "prelu",
    "maxout(3)",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "exp",
    "softmax",
];
const LOSSES: [&str; 6] =
    ["cross-entropy", "binary-cross-entropy", "hinge(1)", "l2", "l1", "huber(0.7)"];
const ROWS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Targets {
    Classes,
    Values,
}

/// A network of one hidden layer with the given output, its loss, and how far the
/// gradient is from central differences.
fn check(output: &str, loss: &str, units: usize, targets: Targets, weighted: bool) {
    let case = format!("{output} with {loss}, {units} outputs, {targets:?}");
    let spec = NetworkSpec {
        inputs: 3,
        features: Features::None,
        layers: vec![LayerSpec::new(4, Activation::Tanh, Init::Xavier)],
        output: LayerSpec {
            l2: 0.01,
            ..LayerSpec::new(units, output.parse().unwrap(), Init::Normal(0.7))
        },
    };
    let graph = Graph::new();
    let network = spec.build(&graph, 3, Mode::Evaluation).unwrap();
    let classes = if units == 1 { 2 } else { units };
    let mut options = LossOptions::default();
    let (y, fed) = match targets {
        Targets::Classes => {
            options.class_weights = weighted.then(|| (1..=classes).map(|w| w as f64).collect());
            let label = |i: usize| (i * 2 % classes) as f64;
            (graph.input("y", [BATCH]), Tensor::from_fn([ROWS], label))
        }
        Targets::Values => {
            let bit = |i: usize| f64::from(i.is_multiple_of(3));
            let y = graph.input("y", [BATCH, units.into()]);
            (y, Tensor::from_fn([ROWS, units], bit))
        }
    };
    options.reduction = if weighted { Reduction::Mean } else { Reduction::Sum };
    let kind: Loss = loss.parse().unwrap();
    let nodes = kind.build(&network.output, y, &options).unwrap();
    let total = nodes.data_loss + network.penalty().unwrap();
    let feeds = Feeds::new().with("x", normal(1, &[ROWS, 3])).with("y", fed);
    let each = value(&graph, nodes.per_sample, &feeds);
    assert_eq!(each.sizes(), [ROWS], "{case}");
    assert!(each.data().iter().all(|l| l.is_finite()), "{case}: {each:?}");
    let error = gradient_error(&graph, total, &feeds, &graph.learnt());
    assert!(error < 1e-7, "{case}: gradient off by {error:e}");
}

#[test]
fn every_output_with_every_loss() {
    for output in OUTPUTS {
        for loss in LOSSES {
            for units in [1, 2, 5] {
                check(output, loss, units, Targets::Classes, true);
                check(output, loss, units, Targets::Classes, false);
                check(output, loss, units, Targets::Values, false);
            }
        }
    }
}
