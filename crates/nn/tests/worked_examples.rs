//! The worked examples of the lecture, with the right numbers.

mod support;

use gradwise_graph::{BATCH, Feeds, Graph, Tensor};
use gradwise_nn::{Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec};
use support::value;

/// The losses of rows of outputs: a layer with the identity as its weight.
fn losses<const N: usize>(
    loss: Loss,
    activation: Activation,
    scores: &[[f64; N]],
    y: Tensor,
) -> Vec<f64> {
    let spec = NetworkSpec {
        inputs: N,
        features: Features::None,
        layers: Vec::new(),
        output: LayerSpec { bias: None, ..LayerSpec::new(N, activation, Init::Zeros) },
    };
    let graph = Graph::new();
    let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
    let targets = match y.sizes().len() {
        1 => graph.input("y", [BATCH]),
        _ => graph.input("y", [BATCH, N.into()]),
    };
    let nodes = loss.build(&network.output, targets, &LossOptions::default()).unwrap();
    let identity = Tensor::from_fn([N, N], |i| f64::from(i / N == i % N));
    let feeds = Feeds::new().with("x", Tensor::rows(scores)).with("y", y);
    let feeds = feeds.with("output.weight", identity);
    let each = value(&graph, nodes.per_sample, &feeds);
    let mean = value(&graph, nodes.data_loss, &feeds).item();
    [each.data(), &[mean]].concat()
}

fn agrees(found: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= relative * b.abs(), "{found:?} is not {expected:?}");
    }
}

const SCORES: [[f64; 3]; 3] = [[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]];

#[test]
fn softmax_of_cat_chair_car() {
    let found =
        losses(Loss::CrossEntropy, Activation::Softmax, &SCORES, Tensor::vector([0.0, 1.0, 2.0]));
    agrees(&found, &[2.0403552, 0.0791318, 6.1564772, 2.7586547], 1e-6);
}

#[test]
fn hinge_of_cat_chair_car() {
    let found =
        losses(Loss::Hinge(1.0), Activation::Linear, &SCORES, Tensor::vector([0.0, 1.0, 2.0]));
    agrees(&found, &[2.9, 0.0, 12.9, 5.2666667], 1e-7);
}

#[test]
fn softmax_always_wants_more_and_hinge_is_satisfied() {
    let scores = [[5.0, -3.0, 2.0], [5.0, 10.0, 10.0], [5.0, -20.0, -20.0]];
    let y = Tensor::vector([0.0; 3]);
    let softmax = losses(Loss::CrossEntropy, Activation::Softmax, &scores, y.clone());
    agrees(&softmax[..3], &[0.0489069, 5.6965105, 2.7775888e-11], 1e-6);
    let hinge = losses(Loss::Hinge(1.0), Activation::Linear, &scores, y);
    assert_eq!(hinge[..3], [0.0, 12.0, 0.0]);
}

#[test]
fn l2_and_l1_of_the_integer_example() {
    let scores = [[12.0, 24.0, 42.0, 23.0]];
    let y = Tensor::rows(&[[15.0, 20.0, 40.0, 25.0]]);
    assert_eq!(losses(Loss::L2, Activation::Linear, &scores, y.clone()), [33.0, 33.0]);
    assert_eq!(losses(Loss::L1, Activation::Linear, &scores, y), [11.0, 11.0]);
}

#[test]
fn sigmoid_saturates() {
    let graph = Graph::new();
    let z = graph.input("z", [1]);
    let y = Activation::Sigmoid.apply(z, None);
    let slope = Activation::Sigmoid.slope(z, y, None).unwrap();
    let saturated = Activation::Sigmoid.saturated(z, y, None, 0.01).unwrap();
    let feeds = Feeds::new().with("z", Tensor::vector([6.0]));
    assert!((value(&graph, y, &feeds).item() - 0.9975274).abs() < 5e-8);
    assert!((value(&graph, slope, &feeds).item() - 0.0024665).abs() < 5e-8);
    assert_eq!(value(&graph, saturated, &feeds).item(), 1.0);
}

#[test]
fn two_weights_with_the_same_score_and_different_penalties() {
    let graph = Graph::new();
    let w = graph.input("w", [4]);
    let l2 = gradwise_nn::penalty::penalty(w, 0.0, 1.0).unwrap();
    let l1 = gradwise_nn::penalty::penalty(w, 1.0, 0.0).unwrap();
    for (weights, expected) in [([1.0, 0.0, 0.0, 0.0], 1.0), ([0.25; 4], 0.25)] {
        let feeds = Feeds::new().with("w", Tensor::vector(weights));
        assert_eq!(value(&graph, l2, &feeds).item(), expected);
        assert_eq!(value(&graph, l1, &feeds).item(), 1.0);
    }
}
