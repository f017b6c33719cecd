//! One network, measured and predicted.

use crate::{LabError, Setup};
use gradwise_cpu::{Feed, Plan, Request, State};
use gradwise_graph::random::Philox;
use gradwise_graph::{Graph, Op, Shape, Value};
use gradwise_health::theory::MeanField;
use gradwise_nn::init::Fan;
use gradwise_nn::{Activation, Features, Init, Layer, LayerSpec, Mode, NetworkSpec, lsuv};
use gradwise_view::plot::Ridges;

pub const LAYERS: usize = 10;
const UNITS: usize = 500;
/// Bins of a histogram.
const BINS: usize = 44;
/// The axis of activations of tanh and sigmoid.
pub const ACTIVATIONS: (f64, f64) = (-1.0, 1.0);
/// The axis of logarithms of sizes.
pub const SIZES: (f64, f64) = (-9.0, 9.0);

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub activation: Activation,
    pub init: Init,
}

/// What becomes of signal and gradient, from layer 1 to 10.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Standard deviation of the activations.
    pub forward: Vec<f64>,
    /// Share of activations beyond ±0.97.
    pub saturated: Vec<f64>,
    /// Standard deviation of the gradient by the activations.
    pub backward: Vec<f64>,
    /// Root mean square of the gradient by the weights.
    pub weight_gradient: Vec<f64>,
    /// Histograms of the activations (of ReLU: of the logarithm of their size).
    pub activations: Vec<Vec<f64>>,
    /// Histograms of the logarithm of the gradients' size.
    pub gradients: Vec<Vec<f64>>,
}

/// Rows that are sent through.
pub fn rows(setup: &Setup) -> usize {
    setup.size(1000, 400)
}

/// Ten layers alike.
fn network(case: Case) -> NetworkSpec {
    let layer = LayerSpec { bias: None, ..LayerSpec::new(UNITS, case.activation, case.init) };
    NetworkSpec {
        inputs: UNITS,
        features: Features::None,
        layers: vec![layer.clone(); LAYERS - 1],
        output: layer,
    }
}

/// Sends unit Gaussian rows up: the standard deviation of each layer's activations.
/// Not for LSUV, whose weights are scaled by the data.
pub fn deviations(setup: &Setup, case: Case, seed: u64) -> Result<Vec<f64>, LabError> {
    let graph = Graph::new();
    let network = network(case).build(&graph, seed, Mode::Evaluation)?;
    let request = Request {
        batch: rows(setup),
        inputs: vec!["x".into()],
        outputs: network.layers().map(|layer| layer.activation.moments().id()).collect(),
        ..Request::default()
    };
    let mut plan = Plan::new(&setup.device, &graph, &request)?;
    let x = normals(seed, 0, rows(setup) * UNITS);
    plan.run(&mut State::new(&graph)?, &[Feed::rows(&x, UNITS)])?;
    Ok((0..LAYERS).map(|layer| f64::from(plan.output(layer)[2])).collect())
}

/// Sends unit Gaussian rows up and unit Gaussian gradients down.
pub fn measure(setup: &Setup, case: Case, seed: u64) -> Result<Signals, LabError> {
    let graph = Graph::new();
    let network = network(case).build(&graph, seed, Mode::Evaluation)?;
    let layers: Vec<&Layer<'_>> = network.layers().collect();
    // With the loss Σ r·y the gradient by the last activations y is r.
    let r = graph.input("r", Shape::batch_by(UNITS));
    let loss = (network.output.activation * r).sum();
    let activations: Vec<Value<'_>> = layers.iter().map(|layer| layer.activation).collect();
    let weights: Vec<Value<'_>> = layers.iter().map(|layer| layer.weight).collect();
    let by: Vec<Value<'_>> = activations.iter().chain(&weights).copied().collect();
    let gradients = graph.gradients(loss, &by)?;
    let squares = gradients[LAYERS..].iter().map(|g| g.square().mean().id());
    let outputs = activations.iter().chain(&gradients[..LAYERS]).map(Value::id);
    let request = Request {
        batch: rows(setup),
        inputs: vec!["x".into(), "r".into()],
        outputs: outputs.chain(squares).collect(),
        ..Request::default()
    };
    let mut state = State::new(&graph)?;
    let x = normals(seed, 0, rows(setup) * UNITS);
    scale(setup, &graph, &mut state, &layers, &x)?;
    let mut plan = Plan::new(&setup.device, &graph, &request)?;
    let r = normals(seed, 1, x.len());
    plan.run(&mut state, &[Feed::rows(&x, UNITS), Feed::rows(&r, UNITS)])?;
    let mut signals = Signals::default();
    for layer in 0..LAYERS {
        signals.add(case, plan.output(layer), plan.output(LAYERS + layer));
        signals.weight_gradient.push(f64::from(plan.output(2 * LAYERS + layer)[0]).sqrt());
    }
    Ok(signals)
}

impl Signals {
    fn add(&mut self, case: Case, activations: &[f32], gradients: &[f32]) {
        let size = |x: &f32| f64::from(x.abs()).log10();
        let beyond = activations.iter().filter(|y| y.abs() > 0.97).count();
        self.forward.push(deviation(activations));
        self.backward.push(deviation(gradients));
        self.saturated.push(beyond as f64 / activations.len() as f64);
        let histogram = if case.activation == Activation::Relu {
            let positive = activations.iter().filter(|y| **y > 0.0);
            Ridges::counts(positive.map(size), SIZES, BINS)
        } else {
            Ridges::counts(activations.iter().map(|y| f64::from(*y)), ACTIVATIONS, BINS)
        };
        self.activations.push(histogram);
        let flowing = gradients.iter().filter(|g| **g != 0.0);
        self.gradients.push(Ridges::counts(flowing.map(size), SIZES, BINS));
    }
}

fn deviation(numbers: &[f32]) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let square = numbers.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>();
    (square / count).sqrt()
}

fn normals(seed: u64, stream: u64, count: usize) -> Vec<f32> {
    let random = Philox::new(seed, 160 + stream);
    (0..count as u64).map(|i| random.normal(i) as f32).collect()
}

/// Scales the weights of the layers whose init is LSUV; nothing for others.
fn scale(
    setup: &Setup,
    graph: &Graph,
    state: &mut State,
    layers: &[&Layer<'_>],
    x: &[f32],
) -> Result<(), LabError> {
    lsuv(layers.iter().copied(), |layer, factor| {
        if let Op::Parameter(id) = graph.node(layer.weight.id()).op {
            let scaled = state.read(id).iter().map(|w| w * factor as f32).collect::<Vec<_>>();
            state.write(id, &scaled)?;
        }
        let request = Request {
            batch: x.len() / UNITS,
            inputs: vec!["x".into()],
            outputs: vec![layer.preactivation.moments().id()],
            ..Request::default()
        };
        let mut plan = Plan::new(&setup.device, graph, &request)?;
        plan.run(state, &[Feed::rows(x, UNITS)])?;
        Ok::<f64, LabError>(f64::from(plan.output(0)[2]).powi(2))
    })
}

/// What mean-field theory says of the same: deviations of activations and gradients.
/// `None` where nothing flows.
pub fn theory(case: Case) -> Option<(Vec<f64>, Vec<f64>)> {
    let fan = Fan { inputs: UNITS, units: UNITS, activation: case.activation };
    let variance = UNITS as f64 * case.init.deviation(fan).powi(2);
    let field = MeanField::new(case.activation, variance, 0.0)?;
    if variance == 0.0 {
        return None;
    }
    let (mut q, mut forward, mut factors) = (field.enter(1.0), Vec::new(), Vec::new());
    for layer in 0..LAYERS {
        let mut field = field;
        if case.init == Init::Lsuv {
            let below = if layer == 0 { 1.0 } else { field.activation_square(1.0) };
            (q, field) = (1.0, field.with_weight_variance(below.recip()));
        }
        forward.push(field.activation_deviation(q));
        factors.push(field.chi(q));
        q = field.next(q);
    }
    let mut backward = vec![1.0; LAYERS];
    for layer in (1..LAYERS).rev() {
        backward[layer - 1] = backward[layer] * factors[layer].sqrt();
    }
    Some((forward, backward))
}
