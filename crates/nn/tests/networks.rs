//! Whole networks: names, shapes, shared parameters, dropout, features, and sizes
//! that no machine can hold.

mod support;

use gradwise_graph::{Feeds, Graph, Role, Shape, Tensor};
use gradwise_nn::{Activation, BuildError, Features, Init, LayerSpec, Mode, NetworkSpec, Sharing};
use proptest::prelude::*;
use support::value;

fn spec(layers: Vec<LayerSpec>) -> NetworkSpec {
    NetworkSpec {
        inputs: 4,
        features: Features::None,
        layers,
        output: LayerSpec::new(3, Activation::Softmax, Init::Xavier),
    }
}

fn dense(units: usize, activation: Activation) -> LayerSpec {
    LayerSpec::new(units, activation, Init::He)
}

#[test]
fn names_shapes_and_counts() {
    let spec = spec(vec![
        LayerSpec { bias: Some(0.1), ..dense(5, Activation::Maxout(2)) },
        LayerSpec { bias: None, dropout: 0.5, ..dense(6, Activation::Prelu(Sharing::Unit)) },
    ]);
    let graph = Graph::new();
    let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
    let found: Vec<(String, Vec<usize>, Role)> =
        graph.parameters().iter().map(|p| (p.name.clone(), p.sizes.clone(), p.role)).collect();
    let expected = [
        ("dense1.weight", vec![4, 10], Role::Weight),
        ("dense1.bias", vec![10], Role::Bias),
        ("dense2.weight", vec![5, 6], Role::Weight),
        ("dense2.slope", vec![6], Role::Slope),
        ("output.weight", vec![6, 3], Role::Weight),
        ("output.bias", vec![3], Role::Bias),
    ];
    assert_eq!(found, expected.map(|(name, sizes, role)| (name.to_string(), sizes, role)));
    assert_eq!(graph.parameters()[1].initial(), [0.1; 10]);
    assert_eq!(network.output.output.shape(), Shape::batch_by(3));
    assert_eq!(&*graph.node(network.hidden[1].activation.id()).scope, "dense2");
    let rows = spec.summary().unwrap();
    let total: usize = graph.parameters().iter().map(|p| p.count()).sum();
    assert_eq!(rows.iter().map(|row| row.learnt).sum::<usize>(), total);
    assert_eq!(rows[1].kind, "dense, prelu(unit), dropout 0.5");
    assert_eq!((rows[1].inputs, rows[1].outputs), (5, 6));
}

#[test]
fn training_and_evaluation_share_their_parameters_in_one_graph() {
    let spec = spec(vec![LayerSpec { dropout: 0.25, ..dense(400, Activation::Softplus) }]);
    let graph = Graph::new();
    let step = graph.input("step", Shape::scalar());
    let training = spec.build(&graph, 7, Mode::Training { step }).unwrap();
    let parameters = graph.parameters().len();
    let evaluation = spec.build(&graph, 7, Mode::Evaluation).unwrap();
    assert_eq!(graph.parameters().len(), parameters);
    assert_eq!(training.x.id(), evaluation.x.id());
    let feeds = |step| {
        Feeds::new().with("x", support::normal(1, &[9, 4])).with("step", Tensor::scalar(step))
    };
    let kept = |step| value(&graph, training.hidden[0].output, &feeds(step));
    let all = value(&graph, evaluation.hidden[0].output, &feeds(1.0));
    let scaled = |(a, b): (&f64, &f64)| *a == 0.0 || (a - b / 0.75).abs() < 1e-12;
    assert!(kept(1.0).data().iter().zip(all.data()).all(scaled));
    let dropped = kept(1.0).data().iter().filter(|x| **x == 0.0).count() as f64 / 3600.0;
    assert!((dropped - 0.25).abs() < 0.02, "{dropped} were dropped");
    assert_eq!(kept(1.0), kept(1.0));
    assert_ne!(kept(1.0), kept(2.0));
}

#[test]
fn a_dropped_unit_passes_no_gradient() {
    let spec = spec(vec![LayerSpec { dropout: 0.5, ..dense(20, Activation::Tanh) }]);
    let graph = Graph::new();
    let step = graph.input("step", Shape::scalar());
    let network = spec.build(&graph, 7, Mode::Training { step }).unwrap();
    let feeds =
        Feeds::new().with("x", support::normal(1, &[5, 4])).with("step", Tensor::scalar(3.0));
    let loss = (network.output.output * network.scores()).sum();
    let error = support::gradient_error(&graph, loss, &feeds, &graph.learnt());
    assert!(error < 1e-7, "off by {error:e}");
}

#[test]
fn the_penalty_covers_weights_and_only_asked_for_biases() {
    let penalized = |penalize_bias| LayerSpec {
        l1: 0.5,
        l2: 2.0,
        bias: Some(-1.0),
        penalize_bias,
        ..LayerSpec::new(3, Activation::Relu, Init::Constant(-0.5))
    };
    for (with_bias, expected) in [(false, 12.0 * (0.25 + 0.5)), (true, 9.0 + 3.0 * (0.5 + 2.0))] {
        let graph = Graph::new();
        let spec = spec(vec![penalized(with_bias)]);
        let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
        let penalty = network.penalty().unwrap();
        assert_eq!(value(&graph, penalty, &Feeds::new()).item(), expected);
        let by = graph.learnt();
        let error = support::gradient_error(&graph, penalty, &Feeds::new(), &by[..2]);
        assert!(error < 1e-7, "off by {error:e}");
    }
    let graph = Graph::new();
    assert!(spec(vec![]).build(&graph, 0, Mode::Evaluation).unwrap().penalty().is_none());
}

#[test]
fn random_fourier_features_approximate_the_kernel() {
    let features: Features = "rff(20000, 0.3)".parse().unwrap();
    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(3));
    let z = features.build(&graph, x, 3, 5).unwrap();
    let rows = support::normal(6, &[4, 3]);
    let kernel = value(&graph, z.product(z, false, true), &Feeds::new().with("x", rows.clone()));
    let row = |i: usize| &rows.data()[3 * i..3 * i + 3];
    for i in 0..4 {
        for j in 0..4 {
            let distance: f64 = row(i).iter().zip(row(j)).map(|(a, b)| (a - b).powi(2)).sum();
            let found = kernel.data()[4 * i + j];
            assert!((found - (-0.3 * distance).exp()).abs() < 0.03, "k({i}, {j}) = {found}");
        }
    }
    assert!(graph.learnt().is_empty(), "features are not learnt");
}

/// `PolynomialFeatures(3, include_bias=False)` of scikit-learn on (2, 3).
#[test]
fn polynomial_features_are_scikit_learns() {
    let features: Features = "polynomial(3)".parse().unwrap();
    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(2));
    let z = features.build(&graph, x, 2, 0).unwrap();
    let found = value(&graph, z, &Feeds::new().with("x", Tensor::rows(&[[2.0, 3.0]])));
    assert_eq!(found.data(), [2.0, 3.0, 4.0, 6.0, 9.0, 8.0, 12.0, 18.0, 27.0]);
    assert_eq!(features.count(2), Ok(9));
}

#[test]
fn absurd_sizes_are_errors() {
    let huge = usize::MAX / 2;
    let with = |layer: LayerSpec| spec(vec![layer]).build(&Graph::new(), 0, Mode::Evaluation).err();
    let named = |error: Option<BuildError>, part: &str| {
        let message = error.expect("it is refused").to_string();
        assert!(message.contains(part), "{message}");
    };
    named(with(dense(huge, Activation::Relu)), "dense1.weight has");
    named(with(dense(1 << 30, Activation::Maxout(huge))), "dense1.weight has too many");
    named(with(dense(1 << 30, Activation::Relu)), "2147483647");
    named(with(dense(0, Activation::Relu)), "dense1: it has 0 units");
    named(with(LayerSpec { dropout: 1.0, ..dense(2, Activation::Relu) }), "dropout 1 is not");
    named(with(LayerSpec { l2: f64::NAN, ..dense(2, Activation::Relu) }), "l2 = NaN");
    let no_inputs = NetworkSpec { inputs: 0, ..spec(vec![]) };
    named(no_inputs.check().err(), "input");
    let features = |text: &str, inputs| {
        NetworkSpec { inputs, features: text.parse().unwrap(), ..spec(vec![]) }.check().err()
    };
    named(features("polynomial(9)", 784), "more than 100000");
    named(features("polynomial(18446744073709551615)", 1), "smaller degree");
    named(features("rff(18446744073709551615, 1)", 2), "features.weight");
}

fn activation() -> impl Strategy<Value = Activation> {
    proptest::sample::select(Activation::forms().to_vec()).prop_map(|form| {
        let text = form.replace("(a)", "(0.3)").replace("(k)", "(3)");
        text.parse().expect("a form")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Any stack of layers builds, agrees with its summary and gives finite values,
    /// for batches of 0 rows too.
    #[test]
    fn any_stack_builds(
        inputs in 1usize..6,
        rows in 0usize..5,
        layers in proptest::collection::vec((1usize..8, activation(), any::<bool>()), 0..5),
        output in activation(),
    ) {
        let layer = |(units, activation, bias): (usize, Activation, bool)| LayerSpec {
            bias: bias.then_some(0.1),
            ..LayerSpec::new(units, activation, Init::Lecun)
        };
        let spec = NetworkSpec {
            inputs,
            features: Features::None,
            layers: layers.into_iter().map(layer).collect(),
            output: LayerSpec::new(2, output, Init::Xavier),
        };
        let graph = Graph::new();
        let network = spec.build(&graph, 0, Mode::Evaluation).unwrap();
        let total: usize = graph.parameters().iter().map(|p| p.count()).sum();
        prop_assert_eq!(spec.summary().unwrap().iter().map(|r| r.learnt).sum::<usize>(), total);
        let feeds = Feeds::new().with("x", support::normal(2, &[rows, inputs]));
        let found = value(&graph, network.output.output, &feeds);
        prop_assert_eq!(found.sizes(), [rows, 2]);
        prop_assert!(found.data().iter().all(|x| x.is_finite()));
    }
}
