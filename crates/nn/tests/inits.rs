//! First values: moments, orthogonality, LSUV, and independence of other layers.

mod support;

use gradwise_graph::{Feeds, Graph, Tensor};
use gradwise_nn::init::Fan;
use gradwise_nn::{Activation, Features, Init, Layer, LayerSpec, Mode, NetworkSpec, lsuv};
use support::value;

const FAN: Fan = Fan { inputs: 300, units: 200, activation: Activation::Relu };

fn draw(init: &str, fan: Fan) -> Vec<f64> {
    let init: Init = init.parse().unwrap();
    let mut weights = vec![f32::NAN; fan.inputs * fan.units * fan.activation.pieces()];
    init.initializer(4, "dense1.weight", fan).fill(&mut weights);
    weights.into_iter().map(f64::from).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[test]
fn every_init_has_its_moments() {
    let cases = [
        ("zeros", 0.0, 0.0),
        ("constant(0.3)", f64::from(0.3f32), 0.0),
        ("normal(0.01)", 0.0, 0.01),
        ("uniform(0.6)", 0.0, 0.6 / 3f64.sqrt()),
        ("truncated-normal(0.5)", 0.0, 0.5 * 0.879_626),
        ("lecun", 0.0, (1.0f64 / 300.0).sqrt()),
        ("xavier", 0.0, (2.0f64 / 500.0).sqrt()),
        ("xavier-uniform", 0.0, (2.0f64 / 500.0).sqrt()),
        ("he", 0.0, (2.0f64 / 300.0).sqrt()),
        ("he-uniform", 0.0, (2.0f64 / 300.0).sqrt()),
        ("orthogonal", 0.0, (2.0f64 / 300.0).sqrt()),
        ("lsuv", 0.0, (2.0f64 / 300.0).sqrt()),
    ];
    assert_eq!(cases.len(), Init::forms().len());
    for (init, mean, deviation) in cases {
        let found = moments(&draw(init, FAN));
        assert!((found.0 - mean).abs() <= 0.02 * deviation + 1e-9, "{init}: mean {}", found.0);
        let tolerance = 0.01 * deviation + 1e-9;
        assert!((found.1 - deviation).abs() <= tolerance, "{init}: deviation {}", found.1);
        let known = init.parse::<Init>().unwrap().deviation(FAN);
        assert!((known - deviation).abs() < 1e-6, "{init}: it says {known}");
    }
}

#[test]
fn bounded_inits_stay_within_their_bounds() {
    assert!(draw("uniform(0.6)", FAN).iter().all(|x| x.abs() <= 0.6));
    assert!(draw("truncated-normal(0.5)", FAN).iter().all(|x| x.abs() <= 1.0));
}

#[test]
fn maxout_and_leaky_units_are_counted_as_such() {
    let maxout = Fan { activation: Activation::Maxout(5), ..FAN };
    let (_, deviation) = moments(&draw("xavier", maxout));
    assert!((deviation / (2.0f64 / 500.0).sqrt() - 1.0).abs() < 0.01, "pieces are no fan-out");
    let leaky = Fan { activation: Activation::LeakyRelu(1.0), ..FAN };
    let (_, deviation) = moments(&draw("he", leaky));
    assert!((deviation * 300f64.sqrt() - 1.0).abs() < 0.01, "a = 1 is linear");
}

#[test]
fn each_piece_is_orthogonal() {
    let fan = Fan { inputs: 20, units: 12, activation: Activation::Maxout(3) };
    let (weights, gain) = (draw("orthogonal", fan), fan.activation.facts().gain);
    for piece in 0..3 {
        let at = |row: usize, unit: usize| weights[row * 36 + piece * 12 + unit] / gain;
        for a in 0..12 {
            for b in 0..12 {
                let product: f64 = (0..20).map(|row| at(row, a) * at(row, b)).sum();
                assert!((product - f64::from(a == b)).abs() < 1e-6, "piece {piece}: {a}·{b}");
            }
        }
    }
    assert_ne!(weights[0], weights[12], "pieces differ");
}

fn net(depth: usize, init: Init) -> NetworkSpec {
    NetworkSpec {
        inputs: 6,
        features: Features::None,
        layers: vec![LayerSpec::new(8, Activation::Relu, init); depth],
        output: LayerSpec::new(3, Activation::Softmax, init),
    }
}

#[test]
fn another_layer_or_seed_changes_what_it_should() {
    let first = |depth, seed| {
        let graph = Graph::new();
        net(depth, Init::He).build(&graph, seed, Mode::Evaluation).unwrap();
        let parameters = graph.parameters();
        ["dense1.weight", "output.weight"]
            .map(|name| parameters.iter().find(|p| p.name == name).unwrap().initial())
    };
    assert_eq!(first(1, 0), first(3, 0));
    assert_ne!(first(1, 0)[0], first(1, 1)[0]);
    assert_ne!(first(1, 0)[0][..8], first(1, 0)[1][..8]);
}

#[test]
fn lsuv_gives_every_layer_unit_variance() {
    let graph = Graph::new();
    let network = net(4, Init::Lsuv).build(&graph, 1, Mode::Evaluation).unwrap();
    let scaled = support::normal(3, &[64, 6]).map(|x| 30.0 * x + 5.0);
    let mut feeds = Feeds::new().with("x", scaled);
    let mut passes = 0;
    let mut pass = |layer: &Layer<'_>, factor: f64| {
        passes += 1;
        let name = graph.node(layer.weight.id()).label();
        let weight = value(&graph, layer.weight, &feeds).map(|w| w * factor);
        feeds.set(&name, weight);
        let sums = value(&graph, layer.preactivation, &feeds);
        Ok::<f64, String>(moments(sums.data()).1.powi(2))
    };
    lsuv(network.layers(), &mut pass).unwrap();
    for layer in network.layers() {
        let sums: Tensor = value(&graph, layer.preactivation, &feeds);
        let deviation = moments(sums.data()).1;
        assert!((deviation - 1.0).abs() < 0.01, "{}: {deviation}", layer.name);
    }
    assert!(passes <= 10, "{passes} passes over 5 layers without biases");
    let fails = lsuv(network.layers(), |_, _| Err("no data"));
    assert_eq!(fails, Err("no data"));
}

#[test]
fn texts_are_read_and_written() {
    for text in ["zeros", "constant(-1)", "normal(0.01)", "truncated-normal(2)", "he-uniform"] {
        assert_eq!(text.parse::<Init>().map(|i| i.to_string()), Ok(text.to_string()));
    }
    for wrong in ["normal", "normal(-1)", "normal(inf)", "he(2)", "kaiming"] {
        assert!(wrong.parse::<Init>().is_err(), "{wrong}");
    }
}
