//! One graph for everything that a training step does.
//!
//! Network (with dropout), loss, penalty, gradients, the optimizer's update, and
//! the probes of every layer; and the same network without dropout for evaluation,
//! on the same parameters. Plans are made of parts of it.

use super::error::TrainError;
use super::probes::{self, Gradients, Probes};
use crate::folder::event::LayerInfo;
use crate::runfile::{Checked, Resolved};
use gradwise_graph::{BATCH, Graph, Initializer, NodeId, Op, ParameterId, Role, Shape, Value};
use gradwise_nn::{Activation, LossOptions, Mode, Network, Optimizer, Rates};

/// The names of a training plan's inputs, in the order that they are fed.
pub const TRAINING_INPUTS: [&str; 4] = ["x", "y", "lr", "step"];
/// Those of a plan without dropout or update.
pub const EVALUATION_INPUTS: [&str; 2] = ["x", "y"];

/// The graph of a run with the nodes that matter.
#[derive(Debug)]
pub struct Program {
    /// The graph.
    pub graph: Graph,
    /// The nodes of the training pass.
    pub training: Training,
    /// The nodes of the pass without dropout.
    pub evaluation: Evaluation,
    /// The learnt parameters with their gradients.
    pub gradients: Vec<(ParameterId, NodeId)>,
    /// The probes.
    pub probes: Probes,
    /// What is fixed about the layers.
    pub layers: Vec<LayerInfo>,
    /// The sizes of what is fed and read.
    pub sizes: Sizes,
}

/// The nodes of the training pass.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// The loss that is made small.
    pub loss: NodeId,
    /// The loss without the penalty.
    pub data_loss: NodeId,
    /// The penalty on the weights, if there is one.
    pub penalty: Option<NodeId>,
    /// What the class of a row is read off: the scores before a sigmoid or softmax,
    /// since both keep their order; else the outputs.
    pub scores: NodeId,
}

/// The nodes of the pass without dropout.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The outputs.
    pub output: NodeId,
    /// Whether they are probabilities.
    pub probabilities: bool,
    /// The loss of each row.
    pub row_losses: NodeId,
    /// The sum of the losses of a batch as training sees it, without dropout.
    pub loss: NodeId,
    /// The weight and the weighted sums of each layer.
    pub preactivations: Vec<(ParameterId, NodeId)>,
}

/// The sizes of what is fed and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Columns of `x`.
    pub inputs: usize,
    /// Columns of the output.
    pub outputs: usize,
    /// Numbers of a row's answer: 1 for a class.
    pub targets: usize,
}

/// The values of a program while it is built.
struct Parts<'g> {
    step: Value<'g>,
    units: Option<Units<'g>>,
    training: Network<'g>,
    evaluation: Network<'g>,
    loss: Value<'g>,
    data_loss: Value<'g>,
    training_losses: Value<'g>,
    penalty: Option<Value<'g>>,
    evaluation_loss: Value<'g>,
    row_losses: Value<'g>,
}

impl Program {
    /// Builds the graph of a run.
    ///
    /// # Errors
    /// A network, loss or optimizer that cannot be built.
    pub fn build(checked: &Checked, resolved: &Resolved) -> Result<Program, TrainError> {
        let graph = Graph::new();
        let parts = Parts::build(&graph, checked, resolved)?;
        let learnt = graph.learnt();
        let of_layers = parts.training.layers().flat_map(probes::signals);
        let by: Vec<Value<'_>> = learnt.iter().copied().chain(of_layers).collect();
        let gradients = graph.gradients(parts.loss, &by)?;
        let (of_parameters, of_layers) = gradients.split_at(learnt.len());
        if !matches!(checked.train.optimizer, Optimizer::Lbfgs { .. }) {
            let (lr, step) = (graph.input("lr", Shape::scalar()), parts.step);
            let rates = Rates { lr, step, clip: checked.train.clip };
            checked.train.optimizer.build(&graph, &learnt, of_parameters, rates)?;
        }
        let probed = Gradients { parameters: (&learnt, of_parameters), layers: of_layers };
        let probes = probes::build(&graph, &parts.training, parts.training_losses, &probed);
        graph.check()?;
        let pairs = learnt.iter().zip(of_parameters);
        let gradients = pairs.filter_map(|(p, g)| Some((parameter_of(*p)?, g.id()))).collect();
        let (training, evaluation) = (parts.training_nodes(), parts.evaluation_nodes());
        let (layers, sizes) = (layer_infos(&graph, resolved), Sizes::of(resolved));
        drop(parts);
        Ok(Program { training, evaluation, gradients, probes, layers, sizes, graph })
    }
}

impl Sizes {
    fn of(resolved: &Resolved) -> Sizes {
        let outputs = resolved.network.output.units;
        let targets = if resolved.task.has_classes() { 1 } else { outputs };
        Sizes { inputs: resolved.network.inputs, outputs, targets }
    }
}

impl<'g> Parts<'g> {
    fn build(
        graph: &'g Graph,
        checked: &Checked,
        resolved: &Resolved,
    ) -> Result<Parts<'g>, TrainError> {
        let step = graph.input("step", Shape::scalar());
        let build = |mode| resolved.network.build(graph, checked.seed, mode);
        let (training, evaluation) = (build(Mode::Training { step })?, build(Mode::Evaluation)?);
        let y = match resolved.task.has_classes() {
            true => graph.input("y", [BATCH]),
            false => graph.input("y", Shape::batch_by(Sizes::of(resolved).targets)),
        };
        let units = Units::build(graph, resolved);
        let answers = units.map_or(y, |units| units.enter(y));
        let options = LossOptions {
            reduction: checked.loss.reduction,
            class_weights: resolved.class_weights.clone(),
            row_weights: None,
        };
        let nodes = resolved.loss.build(&training.output, answers, &options)?;
        let penalty = training.penalty().map(|p| p.name("penalty"));
        let loss = penalty.map_or(nodes.data_loss, |p| nodes.data_loss + p).name("loss");
        let judged = resolved.loss.build(&evaluation.output, answers, &options)?;
        Ok(Parts {
            step,
            units,
            training,
            evaluation,
            loss,
            data_loss: nodes.data_loss,
            training_losses: nodes.per_sample,
            penalty,
            evaluation_loss: judged.data_loss,
            row_losses: judged.per_sample,
        })
    }

    /// Outputs in the units of the targets.
    fn own_units(&self, outputs: Value<'g>) -> Value<'g> {
        self.units.map_or(outputs, |units| units.leave(outputs))
    }

    fn training_nodes(&self) -> Training {
        let output = &self.training.output;
        let scores = match output.spec.activation {
            Activation::Softmax | Activation::Sigmoid => output.preactivation,
            _ => self.own_units(output.output),
        };
        Training {
            loss: self.loss.id(),
            data_loss: self.data_loss.id(),
            penalty: self.penalty.map(|p| p.id()),
            scores: scores.id(),
        }
    }

    fn evaluation_nodes(&self) -> Evaluation {
        let output = &self.evaluation.output;
        let sums = self.evaluation.layers();
        let sums = sums.filter_map(|l| Some((parameter_of(l.weight)?, l.preactivation.id())));
        Evaluation {
            output: self.own_units(output.output).id(),
            probabilities: matches!(
                output.spec.activation,
                Activation::Softmax | Activation::Sigmoid
            ),
            row_losses: self.row_losses.id(),
            loss: self.evaluation_loss.id(),
            preactivations: sums.collect(),
        }
    }
}

/// The units that the loss compares targets in; see [`crate::runfile::TargetScale`].
#[derive(Clone, Copy)]
struct Units<'g> {
    mean: Value<'g>,
    deviation: Value<'g>,
}

impl<'g> Units<'g> {
    fn build(graph: &'g Graph, resolved: &Resolved) -> Option<Units<'g>> {
        let scale = resolved.target_scale.as_ref()?;
        let fixed = |name: &str, values: &[f32]| {
            graph.parameter(name, [values.len()], Role::Fixed, Initializer::values(values))
        };
        Some(Units {
            mean: fixed("target.mean", &scale.mean),
            deviation: fixed("target.deviation", &scale.deviation),
        })
    }

    /// From the targets' own units.
    fn enter(self, targets: Value<'g>) -> Value<'g> {
        (targets - self.mean) / self.deviation
    }

    /// To the targets' own units.
    fn leave(self, outputs: Value<'g>) -> Value<'g> {
        outputs * self.deviation + self.mean
    }
}

/// The parameter that a value reads.
pub(super) fn parameter_of(value: Value<'_>) -> Option<ParameterId> {
    match value.graph().node(value.id()).op {
        Op::Parameter(id) => Some(id),
        _ => None,
    }
}

fn layer_infos(graph: &Graph, resolved: &Resolved) -> Vec<LayerInfo> {
    let learnt = |name: &str| {
        let own = |p: &&gradwise_graph::Parameter| {
            p.role.is_learnt() && p.name.split_once('.').is_some_and(|(layer, _)| layer == name)
        };
        graph.parameters().iter().filter(own).map(|p| p.count() as u64).sum()
    };
    let info = |(name, spec): (String, &gradwise_nn::LayerSpec)| LayerInfo {
        units: spec.units,
        activation: spec.activation.to_string(),
        init: spec.init.to_string(),
        parameters: learnt(&name),
        name,
    };
    resolved.network.named_layers().map(info).collect()
}
