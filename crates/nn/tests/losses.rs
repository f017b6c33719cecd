//! Losses and activations against PyTorch's, in f64. The numbers come from
//! `torch/losses.py`.
#![allow(clippy::excessive_precision)] // pasted as PyTorch printed them

mod support;

use gradwise_graph::{BATCH, Feeds, Graph, Tensor};
use gradwise_nn::{
    Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Reduction,
};
use support::value;

const SCORES: [[f64; 3]; 3] = [[0.2, -1.5, 3.0], [1.0, 0.5, -0.25], [-2.0, 0.0, 0.75]];
const LABELS: [f64; 3] = [2.0, 0.0, 1.0];
const VALUES: [[f64; 3]; 3] = [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]];

/// The loss of three outputs whose scores are the input.
fn loss(loss: &str, output: Activation, y: Tensor, options: &LossOptions<'static>) -> f64 {
    let spec = NetworkSpec {
        inputs: 3,
        features: Features::None,
        layers: Vec::new(),
        output: LayerSpec { bias: None, ..LayerSpec::new(3, output, Init::Zeros) },
    };
    let graph = Graph::new();
    let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
    let targets = match y.sizes().len() {
        1 => graph.input("y", [BATCH]),
        _ => graph.input("y", [BATCH, 3.into()]),
    };
    let (reduction, class_weights) = (options.reduction, options.class_weights.clone());
    let options = LossOptions { reduction, class_weights, row_weights: None };
    let loss: Loss = loss.parse().unwrap();
    let nodes = loss.build(&network.output, targets, &options).unwrap();
    let identity = Tensor::from_fn([3, 3], |i| f64::from(i % 4 == 0));
    let feeds = Feeds::new().with("x", Tensor::rows(&SCORES)).with("y", y);
    value(&graph, nodes.data_loss, &feeds.with("output.weight", identity)).item()
}

fn agrees(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-14 * expected.abs().max(1.0), "{found}, not {expected}");
}

#[test]
fn class_weights_are_pytorchs() {
    let mut options =
        LossOptions { class_weights: Some(vec![1.0, 2.0, 0.5]), ..LossOptions::default() };
    let labels = || Tensor::vector(LABELS);
    agrees(loss("cross-entropy", Activation::Softmax, labels(), &options), 8.661867040760368e-01);
    options.reduction = Reduction::Sum;
    agrees(loss("cross-entropy", Activation::Softmax, labels(), &options), 3.031653464266129e+00);
}

#[test]
fn losses_of_values_are_pytorchs_times_the_outputs() {
    let mean = LossOptions::default();
    let values = || Tensor::rows(&VALUES);
    let linear = |kind: &str| loss(kind, Activation::Linear, values(), &mean);
    agrees(linear("huber(0.7)"), 2.025);
    agrees(linear("l1"), 3.933333333333334);
    agrees(linear("l2"), 6.755000000000001);
    let binary = loss("binary-cross-entropy", Activation::Sigmoid, values(), &mean);
    agrees(binary, 2.639454596077693);
    let soft = VALUES.map(|row| row.map(|t| t / row.iter().sum::<f64>()));
    let soft = loss("cross-entropy", Activation::Softmax, Tensor::rows(&soft), &mean);
    agrees(soft, 1.845668483268011);
}

/// What the natural pairs compute from scores is what outputs would give.
#[test]
fn the_stable_forms_agree_with_the_plain_ones() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let plain: f64 = SCORES
        .iter()
        .flatten()
        .zip(VALUES.iter().flatten())
        .map(|(s, t)| -(t * sigmoid(*s).ln() + (1.0 - t) * (1.0 - sigmoid(*s)).ln()))
        .sum();
    let options = LossOptions { reduction: Reduction::Sum, ..LossOptions::default() };
    let stable = loss("binary-cross-entropy", Activation::Sigmoid, Tensor::rows(&VALUES), &options);
    assert!((stable - plain).abs() < 1e-12);
}

#[test]
fn row_weights_multiply_and_none_of_them_is_no_nan() {
    let spec = NetworkSpec {
        inputs: 1,
        features: Features::None,
        layers: Vec::new(),
        output: LayerSpec {
            bias: None,
            ..LayerSpec::new(1, Activation::Linear, Init::Constant(1.0))
        },
    };
    let graph = Graph::new();
    let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
    let y = graph.input("y", [BATCH, 1.into()]);
    let rows = graph.input("weights", [BATCH]);
    let options = LossOptions { row_weights: Some(rows), ..LossOptions::default() };
    let nodes = Loss::L1.build(&network.output, y, &options).unwrap();
    let feeds = Feeds::new()
        .with("x", Tensor::rows(&[[1.0], [4.0]]))
        .with("y", Tensor::rows(&[[0.0], [0.0]]));
    let of = |weights: [f64; 2]| {
        value(&graph, nodes.data_loss, &feeds.clone().with("weights", Tensor::vector(weights)))
    };
    assert_eq!(of([3.0, 1.0]).item(), 1.75);
    assert_eq!(of([0.0, 0.0]).item(), 0.0);
}

#[test]
fn targets_and_weights_that_do_not_fit_are_errors() {
    let spec = NetworkSpec {
        inputs: 2,
        features: Features::None,
        layers: Vec::new(),
        output: LayerSpec::new(3, Activation::Softmax, Init::Zeros),
    };
    let graph = Graph::new();
    let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
    let build = |y, class_weights| {
        let options = LossOptions { class_weights, ..LossOptions::default() };
        Loss::CrossEntropy.build(&network.output, y, &options).unwrap_err().to_string()
    };
    let (classes, pairs) = (graph.input("a", [BATCH]), graph.input("b", [BATCH, 2.into()]));
    let message = build(pairs, None);
    assert!(message.contains("[batch, 2]; 3 outputs need class indices [n]"), "{message}");
    assert!(build(classes, Some(vec![1.0])).contains("1 class weights for 3 classes"));
    assert!(build(classes, Some(vec![1.0, -1.0, 1.0])).contains("-1"));
    let three = graph.input("c", [BATCH, 3.into()]);
    assert!(build(three, Some(vec![1.0; 3])).contains("one class label a row"));
}

#[test]
fn balanced_weights_are_scikit_learns() {
    assert_eq!(gradwise_nn::balanced_weights(&[1, 3]), [2.0, 4.0 / 6.0]);
    assert_eq!(gradwise_nn::balanced_weights(&[2, 0, 2]), [1.0, 0.0, 1.0]);
    assert!(gradwise_nn::balanced_weights(&[]).is_empty());
}

const POINTS: [f64; 5] = [-3.0, -0.5, 0.0, 0.75, 4.0];

#[rustfmt::skip]
const ACTIVATIONS: [(&str, [f64; 5]); 5] = [
    ("elu", [-0.950212931632136, -0.3934693402873666, 0.0, 0.75, 4.0]),
    ("selu", [-1.670568728767112, -0.6917581878028713, 0.0, 0.7880257405166103, 4.202803949421922]),
    ("gelu", [-0.00404969409489031, -0.1542687693629934, 0.0, 0.5800294857173489, 3.999873315032668]),
    ("silu", [-0.1422776195327004, -0.1887703343990727, 0.0, 0.5093840243815447, 3.928055160151634]),
    ("softplus", [0.04858735157374206, 0.4740769841801067, std::f64::consts::LN_2, 1.1368710061149, 4.018149927917809]),
];

#[test]
fn activations_are_pytorchs() {
    for (name, expected) in ACTIVATIONS {
        let graph = Graph::new();
        let z = graph.constant(Tensor::vector(POINTS));
        let y = name.parse::<Activation>().unwrap().apply(z, None);
        let found = value(&graph, y, &Feeds::new());
        found.data().iter().zip(expected).for_each(|(a, b)| agrees(*a, b));
    }
}
