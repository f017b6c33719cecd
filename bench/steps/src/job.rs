//! One network with its plan, state and data: everything that a step needs.

use gradwise_cpu::{Device, Feed, Plan, Request, State, Stopped, stride};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Graph, Shape};
use gradwise_nn::{
    Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Optimizer, Rates,
    Setting,
};
use serde::Deserialize;
use std::error::Error;

/// Batches that are gone through in turn, as many as the peers have.
const BATCHES: usize = 4;

/// A row of `networks.py`, and the number of threads.
#[derive(Deserialize)]
pub struct Spec {
    /// Inputs, hidden units of each layer, classes.
    widths: Vec<usize>,
    /// Rows a step.
    batch: usize,
    /// The hidden layers' activation, as in a run file.
    activation: String,
    /// `sgd` (with momentum 0.9) or `adam`.
    optimizer: String,
    /// Threads that the step may use.
    threads: usize,
}

impl Spec {
    fn network(&self) -> Result<NetworkSpec, Box<dyn Error>> {
        let [inputs, hidden @ .., classes] = &self.widths[..] else {
            return Err("widths are at least inputs and classes".into());
        };
        let activation: Activation = self.activation.parse()?;
        let layer = |units: &usize| LayerSpec::new(*units, activation, Init::Xavier);
        Ok(NetworkSpec {
            inputs: *inputs,
            features: Features::None,
            layers: hidden.iter().map(layer).collect(),
            output: LayerSpec::new(*classes, Activation::Softmax, Init::Xavier),
        })
    }

    /// The optimizer with its learning rate, as the peers have it.
    fn optimizer(&self) -> Result<(Optimizer, f32), Box<dyn Error>> {
        let mut optimizer: Optimizer = self.optimizer.parse()?;
        if let Optimizer::Sgd { .. } = optimizer {
            optimizer.set("momentum", Setting::Number(0.9))?;
            return Ok((optimizer, 1e-3));
        }
        Ok((optimizer, 1e-4))
    }
}

/// Labelled rows, each row as far from the last as the backend likes it.
struct Batch {
    x: Vec<f32>,
    y: Vec<f32>,
}

/// A network that can make steps.
pub struct Job {
    plan: Plan,
    state: State,
    batches: Vec<Batch>,
    stride: usize,
    lr: f32,
    steps: usize,
}

impl Job {
    /// Builds the network of a description.
    ///
    /// # Errors
    /// What the description or the machine does not allow.
    pub fn new(spec: &Spec) -> Result<Job, Box<dyn Error>> {
        let graph = Graph::new();
        let network = spec.network()?;
        let (optimizer, lr) = spec.optimizer()?;
        let y = graph.input("y", [BATCH]);
        let lr_input = graph.input("lr", Shape::scalar());
        let step = graph.input("step", Shape::scalar());
        let built = network.build(&graph, 0, Mode::Training { step })?;
        let loss = Loss::CrossEntropy.build(&built.output, y, &LossOptions::default())?.data_loss;
        let learnt = graph.learnt();
        let gradients = graph.gradients(loss, &learnt)?;
        optimizer.build(&graph, &learnt, &gradients, Rates { lr: lr_input, step, clip: None })?;
        let request = Request {
            batch: spec.batch,
            inputs: ["x", "y", "lr", "step"].map(String::from).to_vec(),
            outputs: vec![loss.id()],
            update: true,
            gate: Some(loss.id()),
            ..Request::default()
        };
        let plan = Plan::new(&Device::new(Some(spec.threads))?, &graph, &request)?;
        let stride = stride(network.inputs);
        let batches = (0..BATCHES).map(|i| batch(spec, network.inputs, stride, i as u64)).collect();
        Ok(Job { plan, state: State::new(&graph)?, batches, stride, lr, steps: 0 })
    }

    /// Makes one step.
    ///
    /// # Errors
    /// A loss that is not finite.
    pub fn step(&mut self) -> Result<(), Stopped> {
        let batch = &self.batches[self.steps % self.batches.len()];
        self.steps += 1;
        let feeds = [
            Feed { values: &batch.x, stride: self.stride },
            Feed { values: &batch.y, stride: 1 },
            Feed { values: &[self.lr], stride: 1 },
            Feed { values: &[self.steps as f32], stride: 1 },
        ];
        self.plan.run(&mut self.state, &feeds)
    }
}

/// Normal features and uniform labels.
fn batch(spec: &Spec, inputs: usize, stride: usize, index: u64) -> Batch {
    let random = Philox::new(1, index);
    let classes = spec.widths.last().map_or(1, |&classes| classes as u64);
    let mut x = vec![0.0; spec.batch * stride];
    for (row, to) in x.chunks_exact_mut(stride).enumerate() {
        for (column, to) in to[..inputs].iter_mut().enumerate() {
            *to = random.normal((row * inputs + column) as u64) as f32;
        }
    }
    let labels = Philox::new(2, index);
    let y = (0..spec.batch as u64).map(|i| labels.below(i, classes) as f32).collect();
    Batch { x, y }
}
