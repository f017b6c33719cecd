//! Optimizer steps against PyTorch's, in f64. The numbers come from
//! `torch/optimizers.py`.
#![allow(clippy::excessive_precision)] // pasted as PyTorch printed them

mod support;

use gradwise_graph::{Feeds, Graph, Initializer, Pass, Role, Shape, Tensor};
use gradwise_nn::{Optimizer, Rates, Setting};

const RATES: [f64; 5] = [0.1, 0.1, 0.05, 0.05, 0.025];

/// Name, changed settings, clip, weights after the first and the fifth step.
type Case = (&'static str, &'static [(&'static str, f64)], Option<f64>, [f64; 3], [f64; 3]);

#[rustfmt::skip]
const CASES: [Case; 11] = [
    ("sgd", &[], None,
     [5.5e-1, 5.000000000000007e-02, 1.875],
     [6.436253125000001e-01, 1.326080000000000e+00, 1.606070553588867e+00]),
    ("sgd", &[("momentum", 0.9)], None,
     [5.5e-1, 5.000000000000007e-02, 1.875],
     [8.025456250000000e-01, 3.618987500000000e+00, 1.155950363159180e+00]),
    ("sgd", &[("momentum", 0.9), ("nesterov", 1.0), ("weight-decay", 0.1)], None,
     [5.855e-1, 1.24375, 1.7245],
     [8.245444603257667e-01, 2.905048457308484e+00, 7.317994162569108e-01]),
    ("sgd", &[("momentum", 0.5)], Some(2.0),
     [5.076513865335428e-01, -1.051063950127887e+00, 1.980871533666143e+00],
     [5.394443031192079e-01, -2.967594561081330e-01, 1.899586068889074e+00]),
    ("adam", &[], None,
     [5.999999980000000e-01, -1.150000000076923e+00, 1.900000000800000e+00],
     [8.166423566727119e-01, -9.255605640416885e-01, 1.675344004336224e+00]),
    ("adam", &[("beta1", 0.8), ("beta2", 0.95), ("epsilon", 1e-3), ("weight-decay", 0.1)], None,
     [5.997782705099778e-01, -1.150007618467164e+00, 1.900068917987595e+00],
     [8.085266427392198e-01, -9.259020310385017e-01, 1.675885852740838e+00]),
    ("adamw", &[], None,
     [5.994999980000000e-01, -1.148750000076923e+00, 1.898000000800000e+00],
     [8.147143480338112e-01, -9.219102811316110e-01, 1.669258972910002e+00]),
    ("rmsprop", &[], None,
     [1.499999800000039e+00, -2.500000076923079e-01, 1.000000079999994e+00],
     [9.862297840901416e-01, 7.535207311855141e-01, -1.503616776230166e-01]),
    ("rmsprop", &[("rho", 0.9), ("momentum", 0.9), ("weight-decay", 0.1)], None,
     [8.162277437946174e-01, -9.337722347450668e-01, 1.683772240879714e+00],
     [1.157836777475601e+00, 4.028184041826747e-01, 3.227650135684780e-01]),
    ("adagrad", &[], None,
     [5.999999999800000e-01, -1.150000000000769e+00, 1.900000000008000e+00],
     [7.144315585147730e-01, -1.017048770723765e+00, 1.766047979124310e+00]),
    ("adagrad", &[("weight-decay", 0.1)], None,
     [5.999999999777778e-01, -1.150000000000762e+00, 1.900000000006897e+00],
     [7.086566003116251e-01, -1.017092795648626e+00, 1.766430168525136e+00]),
];

fn optimizer(name: &str, settings: &[(&str, f64)]) -> Optimizer {
    let mut optimizer: Optimizer = name.parse().unwrap();
    for &(key, value) in settings {
        let setting = match key {
            "nesterov" => Setting::Flag(value != 0.0),
            _ => Setting::Number(value),
        };
        optimizer.set(key, setting).unwrap();
    }
    optimizer
}

fn path(optimizer: Optimizer, clip: Option<f64>) -> Vec<Vec<f64>> {
    let graph = Graph::new();
    let start = Initializer::values([0.5, -1.25, 2.0]);
    let w = graph.parameter("w", [3], Role::Weight, start);
    let a = graph.constant(Tensor::vector([1.0, 4.0, 0.25]));
    let c = graph.constant(Tensor::vector([1.0, 2.0, -3.0]));
    let loss = (a * (w - c).square()).sum() * 0.5;
    let gradients = graph.gradients(loss, &[w]).unwrap();
    let rates = Rates {
        lr: graph.input("lr", Shape::scalar()),
        step: graph.input("step", Shape::scalar()),
        clip,
    };
    optimizer.build(&graph, &[w], &gradients, rates).unwrap();
    let mut feeds = Feeds::new();
    let mut path = Vec::new();
    for (number, rate) in (1..).zip(RATES) {
        feeds.set("lr", Tensor::scalar(rate));
        feeds.set("step", Tensor::scalar(f64::from(number)));
        support::step(&graph, &mut feeds);
        path.push(feeds.get("w").unwrap().data().to_vec());
    }
    path
}

#[test]
fn five_steps_are_those_of_pytorch() {
    for (name, settings, clip, first, last) in CASES {
        let path = path(optimizer(name, settings), clip);
        for (found, expected) in [(&path[0], first), (&path[4], last)] {
            for (a, b) in found.iter().zip(expected) {
                let error = (a - b).abs() / b.abs();
                assert!(error < 1e-12, "{name} {settings:?}: {found:?}, not {expected:?}");
            }
        }
    }
}

#[test]
fn settings_are_pytorchs_and_can_be_changed_by_name() {
    let adamw = optimizer("adamw", &[("beta1", 0.8)]);
    let expected = [("beta1", 0.8), ("beta2", 0.999), ("epsilon", 1e-8), ("weight-decay", 0.01)];
    let expected = expected.map(|(key, value)| (key, Setting::Number(value)));
    assert_eq!(adamw.settings(), expected);
    for name in Optimizer::forms() {
        for (key, _) in optimizer(name, &[]).settings() {
            assert!(gradwise_nn::optimizer::SETTINGS.contains(&key), "{key} is not listed");
        }
    }
}

#[test]
fn wrong_settings_are_errors_that_say_what_is_right() {
    let mut adam = optimizer("adam", &[]);
    let message = adam.set("beta", Setting::Number(0.5)).unwrap_err().to_string();
    assert!(message.contains("did you mean \"beta1\"?"), "{message}");
    let message = adam.set("beta1", Setting::Number(1.0)).unwrap_err().to_string();
    assert_eq!(message, "optimizer adam: beta1 is not a number of at least 0 and below 1");
    assert!(adam.set("beta1", Setting::Number(f64::NAN)).is_err());
    assert!(optimizer("lbfgs", &[]).set("history", Setting::Number(1e300)).is_err());
    let message = "adam(0.9)".parse::<Optimizer>().unwrap_err().to_string();
    assert!(message.contains("keys of [train]"), "{message}");
}

#[test]
fn an_update_that_cannot_be_built_is_an_error() {
    let graph = Graph::new();
    let w = graph.parameter("w", [2], Role::Weight, Initializer::constant(1.0));
    let g = graph.input("g", [2]);
    let rates = |clip| Rates { lr: graph.scalar(0.1), step: graph.scalar(1.0), clip };
    let build = |optimizer: Optimizer, by, clip| {
        optimizer.build(&graph, &[by], &[g], rates(clip)).unwrap_err().to_string()
    };
    assert!(build(optimizer("lbfgs", &[]), w, None).contains("full batches"));
    assert!(build(optimizer("sgd", &[("nesterov", 1.0)]), w, None).contains("needs momentum"));
    assert!(build(optimizer("sgd", &[]), w, Some(0.0)).contains("clip"));
    assert!(build(optimizer("sgd", &[]), g, None).contains("g is no parameter"));
}

#[test]
fn updates_belong_to_their_pass_and_layer_and_tell_the_norm() {
    let graph = Graph::new();
    let make = |name: &str| graph.parameter(name, [2], Role::Weight, Initializer::constant(1.0));
    let (a, b) = (graph.scope("dense1", || make("a")), graph.scope("dense2", || make("b")));
    let g = [3.0, 4.0].map(|g| graph.constant(Tensor::vector([g, 0.0])));
    let rates = Rates { lr: graph.scalar(1.0), step: graph.scalar(1.0), clip: Some(2.5) };
    let norm = optimizer("adam", &[]).build(&graph, &[a, b], &g, rates).unwrap().unwrap();
    assert_eq!(support::value(&graph, norm, &Feeds::new()).item(), 5.0);
    assert_eq!(graph.updates().len(), 6);
    for (parameter, node) in graph.updates() {
        let name = graph.parameters()[parameter.index()].name.clone();
        let layer = if name.starts_with('a') { "dense1" } else { "dense2" };
        assert_eq!((graph.node(node).pass, &*graph.node(node).scope), (Pass::Update, layer));
    }
    assert_eq!(graph.learnt().len(), 2, "state is not learnt");
}

/// Adam's corrections 1 − βᵗ must not cancel where a backend computes in f32.
#[test]
fn bias_corrections_keep_their_digits() {
    let f32_expm1 = |x: f64| f64::from((x as f32).exp_m1());
    let exact = 1.0 - 0.999f64;
    assert!((-f32_expm1(0.999f64.ln()) / exact - 1.0).abs() < 1e-6);
}
