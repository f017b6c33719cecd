//! The vocabulary in f32 on the processor: the lecture's worked examples, every
//! pair of output and loss against the f64 evaluator, and optimizer steps.

mod support;

use gradwise_cpu::{Device, Feed, Plan, Request, State};
use gradwise_graph::{BATCH, Feeds, Graph, Shape, Tensor, Value};
use gradwise_nn::{
    Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Optimizer, Rates,
};

/// The values of `wanted` on the processor, with the inputs fed by name.
fn run(graph: &Graph, wanted: &[Value<'_>], feeds: &[(&str, &Tensor)]) -> Vec<Vec<f32>> {
    let device = Device::new(Some(1)).expect("a device");
    let mut state = State::new(graph).expect("a state");
    let request = Request {
        batch: feeds.first().map_or(1, |(_, value)| value.sizes()[0]),
        inputs: feeds.iter().map(|(name, _)| name.to_string()).collect(),
        outputs: wanted.iter().map(Value::id).collect(),
        update: false,
        gate: None,
        ..Request::default()
    };
    let mut plan = Plan::new(&device, graph, &request).expect("a plan");
    let short = |t: &Tensor| t.data().iter().map(|x| *x as f32).collect::<Vec<f32>>();
    let fed: Vec<(Vec<f32>, usize)> = feeds
        .iter()
        .map(|(_, t)| (short(t), if t.sizes().len() < 2 { 1 } else { t.columns() }))
        .collect();
    let fed: Vec<Feed<'_>> =
        fed.iter().map(|(values, columns)| Feed::rows(values, *columns)).collect();
    plan.run(&mut state, &fed).expect("a run");
    (0..wanted.len()).map(|i| plan.output(i).to_vec()).collect()
}

fn spec(units: usize, inputs: usize, output: Activation, init: Init) -> NetworkSpec {
    NetworkSpec {
        inputs,
        features: Features::None,
        layers: Vec::new(),
        output: LayerSpec { bias: None, ..LayerSpec::new(units, output, init) },
    }
}

/// The losses of rows of scores, which are fed in place of the weighted sums.
fn losses(loss: Loss, activation: Activation, scores: &Tensor, y: &Tensor) -> Vec<f32> {
    let graph = Graph::new();
    let mut layer = spec(3, 3, activation, Init::Zeros)
        .build(&graph, 0, Mode::Evaluation)
        .expect("a network")
        .output;
    layer.preactivation = graph.input("scores", Shape::batch_by(3));
    layer.output = activation.apply(layer.preactivation, None);
    let targets = graph.input("y", [BATCH]);
    let nodes = loss.build(&layer, targets, &LossOptions::default()).expect("a loss");
    run(&graph, &[nodes.per_sample], &[("scores", scores), ("y", y)]).remove(0)
}

#[test]
fn worked_examples() {
    let scores = Tensor::rows(&[
        [3.2, 5.1, -1.7],
        [1.3, 4.9, 2.0],
        [2.2, 2.5, -3.1],
        [5.0, -3.0, 2.0],
        [5.0, 10.0, 10.0],
        [5.0, -20.0, -20.0],
    ]);
    let y = Tensor::vector([0.0, 1.0, 2.0, 0.0, 0.0, 0.0]);
    let softmax = losses(Loss::CrossEntropy, Activation::Softmax, &scores, &y);
    let expected = [2.0403552, 0.0791318, 6.1564772, 0.0489069, 5.6965105, 2.7775888e-11];
    for (found, expected) in softmax.iter().zip(expected) {
        assert!((f64::from(*found) / expected - 1.0).abs() < 1e-6, "{softmax:?}");
    }
    let hinge = losses(Loss::Hinge(1.0), Activation::Linear, &scores, &y);
    for (found, expected) in hinge.iter().zip([2.9, 0.0, 12.9, 0.0, 12.0, 0.0]) {
        assert!((found - expected).abs() <= 1e-6 * expected, "{hinge:?}");
    }
}

/// As with softmax, a large score leaves a small loss and gradient, not 0.
#[test]
fn a_confident_sigmoid_still_has_its_loss_and_gradient() {
    let graph = Graph::new();
    let mut layer = spec(1, 1, Activation::Sigmoid, Init::Zeros)
        .build(&graph, 0, Mode::Evaluation)
        .expect("a network")
        .output;
    layer.preactivation = graph.input("scores", Shape::batch_by(1));
    let y = graph.input("y", [BATCH]);
    let nodes = Loss::BinaryCrossEntropy.build(&layer, y, &LossOptions::default()).expect("a loss");
    let slope = graph.gradients(nodes.per_sample.sum(), &[layer.preactivation]).expect("one")[0];
    let scores = Tensor::rows(&[[25.0], [-25.0], [0.0], [0.0]]);
    let labels = Tensor::vector([1.0, 0.0, 1.0, 0.0]);
    let found = run(&graph, &[nodes.per_sample, slope], &[("scores", &scores), ("y", &labels)]);
    let (tiny, ln2) = ((-25f64).exp().ln_1p(), std::f64::consts::LN_2);
    let expected = [[tiny, tiny, ln2, ln2], [-tiny, tiny, -0.5, 0.5]];
    for (found, expected) in found.iter().flatten().zip(expected.as_flattened()) {
        assert!((f64::from(*found) / expected - 1.0).abs() < 1e-6, "{found}, not {expected}");
    }
}

const ROWS: usize = 37;

/// How far loss and gradients in f32 are from those in f64, relative to the largest
/// element of each.
fn distance(output: Activation, loss: Loss, units: usize) -> f64 {
    let mut spec = spec(units, 5, output, Init::Normal(0.7));
    spec.layers =
        vec![LayerSpec { bias: Some(0.1), ..LayerSpec::new(7, Activation::Tanh, Init::Xavier) }];
    let graph = Graph::new();
    let network = spec.build(&graph, 1, Mode::Evaluation).expect("a network");
    let y = graph.input("y", [BATCH]);
    let nodes = loss.build(&network.output, y, &LossOptions::default()).expect("a loss");
    let mut wanted = graph.gradients(nodes.data_loss, &graph.learnt()).expect("gradients");
    wanted.push(nodes.data_loss);
    let x = support::normal(2, &[ROWS, 5]).map(|x| f64::from(x as f32));
    let labels = Tensor::from_fn([ROWS], |i| (i * 7 % units.max(2)) as f64);
    let exact = graph
        .evaluate(&wanted, &Feeds::new().with("x", x.clone()).with("y", labels.clone()))
        .expect("values");
    let found = run(&graph, &wanted, &[("x", &x), ("y", &labels)]);
    let mut worst = 0f64;
    for (found, exact) in found.iter().zip(&exact) {
        let largest = exact.data().iter().fold(1e-3f64, |m, x| m.max(x.abs()));
        let off = found.iter().zip(exact.data()).map(|(a, b)| (f64::from(*a) - b).abs());
        worst = off.fold(worst, |m, d| if d.is_nan() { f64::INFINITY } else { m.max(d / largest) });
    }
    worst
}

/// Sums of 37 rows in f32 err by a few roundings of 6e-8 each; the logarithm of an
/// output close to 0 or 1 multiplies them by up to a thousand here.
#[test]
fn every_output_with_every_loss() {
    for form in Activation::forms() {
        let text = form.replace("(a)", "(0.3)").replace("(k)", "(3)");
        for loss in Loss::forms() {
            let loss = loss.replace("(margin)", "(0.5)").replace("(delta)", "(0.5)");
            for units in [1, 4] {
                let error = distance(text.parse().unwrap(), loss.parse().unwrap(), units);
                let tolerance = if loss.ends_with("entropy") { 1e-4 } else { 2e-6 };
                assert!(error < tolerance, "{text} with {loss}, {units}: off by {error:e}");
            }
        }
    }
}

/// Forty steps of training in f32 and in f64 end close together.
fn drift(optimizer: &str, clip: Option<f64>) -> f64 {
    let graph = Graph::new();
    let network = spec(2, 3, Activation::Linear, Init::Xavier)
        .build(&graph, 3, Mode::Evaluation)
        .expect("a network");
    let y = graph.input("y", Shape::batch_by(2));
    let (lr, step) = (graph.input("lr", Shape::scalar()), graph.input("step", Shape::scalar()));
    let loss = Loss::L2.build(&network.output, y, &LossOptions::default()).expect("a loss");
    let by = graph.learnt();
    let gradients = graph.gradients(loss.data_loss, &by).expect("gradients");
    let optimizer: Optimizer = optimizer.parse().expect("an optimizer");
    optimizer.build(&graph, &by, &gradients, Rates { lr, step, clip }).expect("updates");
    let device = Device::new(Some(1)).expect("a device");
    let mut state = State::new(&graph).expect("a state");
    let inputs = ["x", "y", "lr", "step"].map(String::from).to_vec();
    let request =
        Request { batch: 8, inputs, outputs: Vec::new(), update: true, ..Request::default() };
    let mut plan = Plan::new(&device, &graph, &request).expect("a plan");
    let short = |t: &Tensor| t.data().iter().map(|x| *x as f32).collect::<Vec<f32>>();
    let (x, t) = (support::normal(4, &[8, 3]), support::normal(5, &[8, 2]));
    let mut feeds = Feeds::new().with("x", x.clone()).with("y", t.clone());
    let (x, t) = (short(&x), short(&t));
    for number in 1..=40u8 {
        feeds.set("lr", Tensor::scalar(0.01));
        feeds.set("step", Tensor::scalar(f64::from(number)));
        support::step(&graph, &mut feeds);
        let scalars = [[0.01], [f32::from(number)]];
        let fed =
            [Feed::rows(&x, 3), Feed::rows(&t, 2), Feed::row(&scalars[0]), Feed::row(&scalars[1])];
        plan.run(&mut state, &fed).expect("a step");
    }
    let id = graph.find_parameter("output.weight").expect("the weight");
    let exact = feeds.get("output.weight").expect("updated").data();
    let off = state.read(id).into_iter().zip(exact).map(|(a, b)| (f64::from(a) - b).abs());
    off.fold(0.0, f64::max)
}

#[test]
fn every_optimizer_stays_near_its_f64_path() {
    for optimizer in Optimizer::forms().iter().filter(|name| **name != "lbfgs") {
        for clip in [None, Some(0.5)] {
            let drift = drift(optimizer, clip);
            assert!(drift < 5e-6, "{optimizer}, clip {clip:?}: {drift:e}");
        }
    }
}
