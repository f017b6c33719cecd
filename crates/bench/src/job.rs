//! One network with its plan, state and data: everything that a step needs.

use crate::Network;
use gradwise_cpu::{
    Buffer, CpuError, Device, Feed, Plan, Precision, Request, State, Stopped, stride,
};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Graph, GraphError, NodeId, Shape};
use gradwise_nn::{
    BuildError, Loss, LossOptions, Mode, NetworkSpec, Optimizer, Rates, Setting as Value,
};
use thiserror::Error;

/// Batches that are gone through in turn, as many as the peers have.
const BATCHES: usize = 4;

/// How a network is run.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Threads that a step may use; all that the machine has if `None`.
    pub threads: Option<usize>,
    /// What products are computed in.
    pub precision: Precision,
    /// The scores alone, instead of whole training steps.
    pub forward: bool,
}

/// Why there is no job.
#[derive(Debug, Error)]
pub enum JobError {
    /// The widths, the activation or the optimizer are none.
    #[error("{0}: no network with an optimizer: {1}")]
    Network(String, String),
    /// A size that no machine can hold.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A mistake in the graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The machine does not allow it.
    #[error(transparent)]
    Cpu(#[from] CpuError),
}

/// Labelled rows, each row as far from the last as the backend likes it.
struct Batch {
    x: Buffer,
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
    forward: bool,
    device: Device,
}

impl Job {
    /// Builds a network.
    ///
    /// # Errors
    /// What the network or the machine does not allow.
    pub fn new(network: &Network, setting: &Setting) -> Result<Job, JobError> {
        let (optimizer, lr) = optimizer(network)?;
        let spec = network.spec().ok_or_else(|| refused(network, &network.activation))?;
        let graph = Graph::new();
        let output = match setting.forward {
            true => spec.build(&graph, 0, Mode::Evaluation)?.scores().id(),
            false => training(&graph, &spec, &optimizer)?,
        };
        let inputs: &[&str] = if setting.forward { &["x"] } else { &["x", "y", "lr", "step"] };
        let request = Request {
            batch: network.batch,
            inputs: inputs.iter().map(|&name| name.into()).collect(),
            outputs: vec![output],
            update: !setting.forward,
            gate: (!setting.forward).then_some(output),
            precision: setting.precision,
        };
        let device = Device::new(setting.threads)?;
        let plan = Plan::new(&device, &graph, &request)?;
        let state = State::new(&graph)?;
        let stride = stride(spec.inputs);
        let batches = (0..BATCHES)
            .map(|i| batch(network, spec.inputs, stride, i as u64))
            .collect::<Result<_, _>>()?;
        Ok(Job { plan, state, batches, stride, lr, steps: 0, forward: setting.forward, device })
    }

    /// Makes one step.
    ///
    /// # Errors
    /// A loss that is not finite.
    pub fn step(&mut self) -> Result<(), Stopped> {
        self.feed(|plan, state, feeds| plan.run(state, feeds))
    }

    /// Makes one step and adds up the nanoseconds of each of the plan's steps.
    pub(crate) fn profile(&mut self, times: &mut Vec<u64>) -> Result<(), Stopped> {
        self.feed(|plan, state, feeds| plan.profile(state, feeds, times))
    }

    /// The plan's steps in words.
    pub(crate) fn describe(&self) -> Vec<String> {
        self.plan.describe()
    }

    fn feed(
        &mut self,
        run: impl FnOnce(&mut Plan, &mut State, &[Feed<'_>]) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let batch = &self.batches[self.steps % self.batches.len()];
        self.steps += 1;
        let feeds = [
            Feed { values: &batch.x, stride: self.stride },
            Feed { values: &batch.y, stride: 1 },
            Feed { values: &[self.lr], stride: 1 },
            Feed { values: &[self.steps as f32], stride: 1 },
        ];
        let feeds = if self.forward { &feeds[..1] } else { &feeds };
        run(&mut self.plan, &mut self.state, feeds)
    }

    /// The number of threads that a step may use.
    pub fn threads(&self) -> usize {
        self.device.threads()
    }

    /// What the threads' multipliers do at best in the job's precision: 10⁹ multiplications
    /// and additions a second, from runs for about so long.
    pub fn peak(&self, time: std::time::Duration) -> f64 {
        self.device.peak(self.precision(), time)
    }

    /// What products are computed in: bf16 only where the processor can.
    pub fn precision(&self) -> Precision {
        self.plan.precision()
    }
}

fn refused(network: &Network, why: impl ToString) -> JobError {
    JobError::Network(network.name.clone(), why.to_string())
}

/// The optimizer with its learning rate, as the peers have it.
fn optimizer(network: &Network) -> Result<(Optimizer, f32), JobError> {
    let refuse = |e: &dyn ToString| refused(network, e.to_string());
    let mut optimizer: Optimizer = network.optimizer.parse().map_err(|e| refuse(&e))?;
    if let Optimizer::Sgd { .. } = optimizer {
        optimizer.set("momentum", Value::Number(0.9)).map_err(|e| refuse(&e))?;
        return Ok((optimizer, 1e-3));
    }
    Ok((optimizer, 1e-4))
}

/// Puts a training step into the graph; its loss.
fn training(graph: &Graph, spec: &NetworkSpec, optimizer: &Optimizer) -> Result<NodeId, JobError> {
    let y = graph.input("y", [BATCH]);
    let lr = graph.input("lr", Shape::scalar());
    let step = graph.input("step", Shape::scalar());
    let built = spec.build(graph, 0, Mode::Training { step })?;
    let loss = Loss::CrossEntropy.build(&built.output, y, &LossOptions::default())?.data_loss;
    let learnt = graph.learnt();
    let gradients = graph.gradients(loss, &learnt)?;
    optimizer.build(graph, &learnt, &gradients, Rates { lr, step, clip: None })?;
    Ok(loss.id())
}

/// Normal features and uniform labels.
fn batch(network: &Network, inputs: usize, stride: usize, index: u64) -> Result<Batch, CpuError> {
    let random = Philox::new(1, index);
    let classes = network.widths.last().map_or(1, |&classes| classes as u64);
    let mut x = Buffer::zeros(network.batch * stride)?;
    for (row, to) in x.chunks_exact_mut(stride).enumerate() {
        for (column, to) in to[..inputs].iter_mut().enumerate() {
            *to = random.normal((row * inputs + column) as u64) as f32;
        }
    }
    let labels = Philox::new(2, index);
    let y = (0..network.batch as u64).map(|i| labels.below(i, classes) as f32).collect();
    Ok(Batch { x, y })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(optimizer: &str) -> Network {
        Network {
            name: "small".into(),
            widths: vec![6, 5, 3],
            batch: 4,
            activation: "relu".into(),
            optimizer: optimizer.into(),
        }
    }

    #[test]
    fn steps_are_made_in_either_precision_forward_and_whole() {
        for precision in [Precision::F32, Precision::Bf16] {
            for forward in [false, true] {
                let setting = Setting { threads: Some(1), precision, forward };
                let mut job = Job::new(&network("adam"), &setting).unwrap();
                (0..BATCHES + 1).for_each(|_| job.step().unwrap());
            }
        }
    }

    #[test]
    fn an_unknown_optimizer_is_an_error_that_names_it() {
        let setting = Setting { threads: Some(1), precision: Precision::F32, forward: false };
        let error = Job::new(&network("sgdd"), &setting).err().unwrap().to_string();
        assert!(error.contains("small") && error.contains("sgdd"), "{error}");
    }
}
