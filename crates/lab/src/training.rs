//! Trains a network on rows in memory: the loop that most experiments share.
//!
//! It is the lesson of how the library's parts go together: a graph with a network,
//! a loss, their gradients and an optimizer's update in it; a plan for the steps; a
//! state that plans share.

use crate::experiment::LabError;
use crate::samples::Samples;
use gradwise_cpu::{Device, Feed, Plan, Request, State, Stopped};
use gradwise_data::order;
use gradwise_graph::{BATCH, Graph, NodeId, Shape, Value};
use gradwise_nn::{
    Activation, Init, LayerSpec, Loss, LossOptions, Mode, Network, NetworkSpec, Optimizer, Rates,
};

/// What is trained and how.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The network.
    pub network: NetworkSpec,
    /// What is minimized; the layers' penalties are added.
    pub loss: Loss,
    /// How gradients change parameters.
    pub optimizer: Optimizer,
    /// The learning rate.
    pub lr: f64,
    /// Rows of a step; all of them if there are fewer.
    pub batch: usize,
}

impl Recipe {
    /// A softmax classifier with hidden layers of these widths, all alike, trained by
    /// gradient descent with momentum 0.9.
    pub fn classifier(
        inputs: usize,
        hidden: &[usize],
        (activation, init): (Activation, Init),
        classes: usize,
    ) -> Recipe {
        let layers = hidden.iter().map(|units| LayerSpec::new(*units, activation, init));
        Recipe {
            network: NetworkSpec {
                inputs,
                features: gradwise_nn::Features::None,
                layers: layers.collect(),
                output: LayerSpec::new(classes, Activation::Softmax, Init::Xavier),
            },
            loss: Loss::CrossEntropy,
            optimizer: Optimizer::Sgd { momentum: 0.9, nesterov: false, weight_decay: 0.0 },
            lr: 0.05,
            batch: 64,
        }
    }
}

/// A layer's nodes.
#[derive(Clone, Debug)]
pub struct LayerNodes {
    /// `dense1`, …, `output`.
    pub name: String,
    /// Its weighted sums.
    pub preactivation: NodeId,
    /// Its activations.
    pub activation: NodeId,
}

/// A training under way.
pub struct Training {
    /// The graph of a step.
    pub graph: Graph,
    /// The parameters.
    pub state: State,
    /// The layers, from the input to the output.
    pub layers: Vec<LayerNodes>,
    /// The number of steps done.
    pub steps: u64,
    /// Whether a loss or a weight stopped being finite; no more steps are done then.
    pub diverged: bool,
    device: Device,
    plan: Plan,
    rate: f32,
    seed: u64,
    batch: usize,
    epochs: u32,
}

impl Training {
    /// Builds the graph of a step and its plan. All randomness comes from `seed`.
    ///
    /// # Errors
    /// A network that cannot be built or planned.
    pub fn new(
        device: &Device,
        recipe: &Recipe,
        samples: &Samples,
        seed: u64,
    ) -> Result<Training, LabError> {
        let graph = Graph::new();
        let batch = recipe.batch.min(samples.rows()).max(1);
        let (layers, request) = build(&graph, recipe, seed, batch)?;
        Ok(Training {
            plan: Plan::new(device, &graph, &request)?,
            state: State::new(&graph)?,
            device: device.clone(),
            rate: recipe.lr as f32,
            layers,
            steps: 0,
            diverged: false,
            seed,
            batch,
            epochs: 0,
            graph,
        })
    }

    /// One epoch: every full batch of the rows in a new order. The mean loss before
    /// the updates; NaN once the training has diverged.
    ///
    /// # Errors
    /// Samples that do not fit the network.
    pub fn epoch(&mut self, samples: &Samples) -> Result<f64, LabError> {
        let order = order(samples.rows() as u32, self.seed, self.epochs);
        let (mut total, mut count) = (0.0, 0);
        self.epochs += 1;
        for rows in order.chunks_exact(self.batch) {
            total += self.step(samples, rows)?;
            count += 1;
        }
        Ok(total / f64::from(count))
    }

    /// One step on some of the rows: the loss before its update.
    ///
    /// # Errors
    /// As [`Training::epoch`].
    pub fn step(&mut self, samples: &Samples, rows: &[u32]) -> Result<f64, LabError> {
        if self.diverged {
            return Ok(f64::NAN);
        }
        let columns = samples.columns;
        let row_of = |i: &u32| samples.x.get(*i as usize * columns..).unwrap_or(&[]);
        let x: Vec<f32> =
            rows.iter().flat_map(|i| row_of(i).iter().take(columns)).copied().collect();
        let y: Vec<f32> = rows.iter().filter_map(|i| samples.y.get(*i as usize)).copied().collect();
        self.steps += 1;
        let step = [self.steps as f32];
        let rate = [self.rate];
        let feeds =
            [Feed::rows(&x, columns), Feed::rows(&y, 1), Feed::row(&rate), Feed::row(&step)];
        match self.plan.run(&mut self.state, &feeds) {
            Ok(()) => Ok(f64::from(self.plan.output(0).first().copied().unwrap_or(f32::NAN))),
            Err(Stopped::Fed(error)) => Err(error.into()),
            Err(_) => {
                self.diverged = true;
                Ok(f64::NAN)
            }
        }
    }

    /// The value of a node for rows of features.
    ///
    /// # Errors
    /// As [`Plan::new`] and [`Plan::run`].
    pub fn value(&mut self, node: NodeId, x: &[f32], columns: usize) -> Result<Vec<f32>, LabError> {
        let request = Request {
            batch: x.len() / columns.max(1),
            inputs: vec!["x".into()],
            outputs: vec![node],
            ..Request::default()
        };
        let mut plan = Plan::new(&self.device, &self.graph, &request)?;
        plan.run(&mut self.state, &[Feed::rows(x, columns)])?;
        Ok(plan.output(0).to_vec())
    }

    /// The scores of rows: the output layer's weighted sums.
    ///
    /// # Errors
    /// As [`Training::value`].
    pub fn scores(&mut self, x: &[f32], columns: usize) -> Result<Vec<f32>, LabError> {
        match self.layers.last().map(|layer| layer.preactivation) {
            Some(node) => self.value(node, x, columns),
            None => Ok(Vec::new()),
        }
    }

    /// The share of rows whose class has the largest score; NaN after divergence.
    ///
    /// # Errors
    /// As [`Training::value`].
    pub fn accuracy(&mut self, samples: &Samples) -> Result<f64, LabError> {
        if self.diverged {
            return Ok(f64::NAN);
        }
        let scores = self.scores(&samples.x, samples.columns)?;
        let classes = scores.len() / samples.y.len().max(1);
        let rows = scores.chunks_exact(classes.max(1)).zip(&samples.y);
        let right = rows.filter(|(scores, y)| largest(scores) as f32 == **y).count();
        Ok(right as f64 / samples.y.len().max(1) as f64)
    }

    /// A parameter's elements by its name, such as `dense1.weight`; empty if there is
    /// none.
    pub fn parameter(&self, name: &str) -> Vec<f32> {
        self.graph.find_parameter(name).map_or_else(Vec::new, |id| self.state.read(id))
    }
}

/// Network, loss, gradients and update in one graph; what its plan is to do.
fn build(
    graph: &Graph,
    recipe: &Recipe,
    seed: u64,
    batch: usize,
) -> Result<(Vec<LayerNodes>, Request), LabError> {
    let scalar = |name| graph.input(name, Shape::scalar());
    let (y, lr, step) = (graph.input("y", [BATCH]), scalar("lr"), scalar("step"));
    let network = recipe.network.build(graph, seed, Mode::Training { step })?;
    let data_loss = recipe.loss.build(&network.output, y, &LossOptions::default())?.data_loss;
    let loss = network.penalty().map_or(data_loss, |penalty| data_loss + penalty);
    let learnt = graph.learnt();
    let gradients = graph.gradients(loss, &learnt)?;
    recipe.optimizer.build(graph, &learnt, &gradients, Rates { lr, step, clip: None })?;
    let request = Request {
        batch,
        inputs: ["x", "y", "lr", "step"].map(String::from).to_vec(),
        outputs: vec![data_loss.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    Ok((nodes_of(&network), request))
}

fn nodes_of(network: &Network<'_>) -> Vec<LayerNodes> {
    let id = |value: Value<'_>| value.id();
    let nodes = network.layers().map(|layer| LayerNodes {
        name: layer.name.clone(),
        preactivation: id(layer.preactivation),
        activation: id(layer.activation),
    });
    nodes.collect()
}

/// The place of the largest number, the first of equals.
pub fn largest(scores: &[f32]) -> usize {
    let start = (0, f32::NEG_INFINITY);
    let larger = |best: (usize, f32), (i, x): (usize, f32)| if x > best.1 { (i, x) } else { best };
    scores.iter().copied().enumerate().fold(start, larger).0
}
