//! What a run file leaves to the data: sizes, the output's activation, the loss.

use super::checked::{Checked, ClassWeights};
use super::error::RunFileError;
use super::scale::TargetScale;
use gradwise_data::{Data, DataError, Memory, Schema, Task};
use gradwise_nn::{Activation, LayerSpec, Loss, NetworkSpec, balanced_weights};

/// The rest of a run file's decisions, once the data are known.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// What is predicted.
    pub task: Task,
    /// The network with all its sizes.
    pub network: NetworkSpec,
    /// The loss.
    pub loss: Loss,
    /// A weight for each class, if they are not all the same.
    pub class_weights: Option<Vec<f64>>,
    /// The units that the loss compares targets in, if not their own.
    pub target_scale: Option<TargetScale>,
    /// The memory that the data were too large for, if they are streamed from disk.
    pub memory: Option<Memory>,
}

impl Checked {
    /// Decides what was left to the data.
    ///
    /// # Errors
    /// Class weights that are not one for each class; targets to be scaled that are
    /// not numbers.
    pub fn resolve(&self, data: &Data) -> Result<Resolved, RunFileError> {
        let mut resolved = self.resolve_for(&data.schema, data.train.columns());
        resolved.class_weights = self.class_weights(data)?;
        resolved.memory = data.streamed;
        if self.loss.scale_target {
            if resolved.task != Task::Regression {
                let message = format!("the targets of a {} are not numbers", resolved.task);
                return Err(self.spec.error("data.scale-target", message));
            }
            let scale = TargetScale::of(&data.train);
            let unread = |e: DataError| self.spec.error("data.scale-target", e.to_string());
            resolved.target_scale = Some(scale.map_err(unread)?);
        }
        Ok(resolved)
    }

    /// The same for data that are only known by their meaning; without class weights,
    /// and with a scale of targets that the model's values have to replace.
    pub fn resolve_for(&self, schema: &Schema, inputs: usize) -> Resolved {
        let task = schema.task;
        let (activation, loss) = self.output_and_loss(task);
        let units = outputs(schema, loss);
        let output = LayerSpec {
            bias: self.model.output_bias,
            l1: self.model.l1,
            l2: self.model.l2,
            penalize_bias: self.model.penalize_bias,
            ..LayerSpec::new(units, activation, self.model.output_init)
        };
        let network = NetworkSpec {
            inputs,
            features: self.model.features,
            layers: self.model.hidden.clone(),
            output,
        };
        let target_scale = self.loss.scale_target.then(|| TargetScale::unknown(units));
        Resolved { task, network, loss, class_weights: None, target_scale, memory: None }
    }

    /// The output's activation and the loss: those of the run file, or else what the
    /// task asks for.
    pub fn output_and_loss(&self, task: Task) -> (Activation, Loss) {
        let activation = self.model.output.unwrap_or(match task {
            Task::Classification => Activation::Softmax,
            Task::Binary | Task::Multilabel => Activation::Sigmoid,
            Task::Regression => Activation::Linear,
        });
        let loss = self.loss.kind.unwrap_or(match (task, activation) {
            (Task::Regression, _) => Loss::L2,
            (Task::Classification, _) | (Task::Binary, Activation::Softmax) => Loss::CrossEntropy,
            (Task::Binary | Task::Multilabel, _) => Loss::BinaryCrossEntropy,
        });
        (activation, loss)
    }

    fn class_weights(&self, data: &Data) -> Result<Option<Vec<f64>>, RunFileError> {
        let classes = data.schema.classes.len();
        let weights = match &self.loss.class_weights {
            ClassWeights::None => return Ok(None),
            ClassWeights::Given(weights) => weights.clone(),
            ClassWeights::Balanced => {
                let unread = |e: DataError| self.spec.error("loss.class-weights", e.to_string());
                let counts = data.train.class_counts(classes).map_err(unread)?;
                balanced_weights(&counts.iter().map(|n| *n as usize).collect::<Vec<_>>())
            }
        };
        let fail = |message: String| Err(self.spec.error("loss.class-weights", message));
        match data.schema.task.has_classes() {
            false => fail(format!("a {} has no classes to be weighted", data.schema.task)),
            true if weights.len() != classes => {
                fail(format!("{} weights for {classes} classes", weights.len()))
            }
            true => Ok(Some(weights)),
        }
    }

    /// The run file with every default and everything found filled in.
    pub fn render(&self, resolved: &Resolved) -> String {
        let mut found = vec![
            ("data.task", resolved.task.to_string()),
            ("model.output", resolved.network.output.activation.to_string()),
            ("loss.kind", resolved.loss.to_string()),
        ];
        // The order of streamed rows follows from it.
        found.extend(resolved.memory.map(|memory| ("data.memory", memory.to_string())));
        self.spec.render(&found)
    }
}

/// How many outputs the network needs. Two classes need one output, but two where
/// the loss compares the outputs of classes with each other.
fn outputs(schema: &Schema, loss: Loss) -> usize {
    match schema.task {
        Task::Binary if matches!(loss, Loss::CrossEntropy | Loss::Hinge(_)) => 2,
        _ => schema.outputs().max(1),
    }
}
