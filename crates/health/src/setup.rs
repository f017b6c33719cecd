//! What a run file says of network, loss and steps, with the sizes that the data
//! decide.

use gradwise_data::Task;
use gradwise_nn::{Activation, LayerSpec, Loss, NetworkSpec, Optimizer, Reduction, Schedule};
use gradwise_train::folder::event::Start;
use gradwise_train::runfile::checked::ClassWeights;
use gradwise_train::runfile::{Checked, Resolved};
use std::collections::BTreeSet;

/// A training as it is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is predicted.
    pub task: Task,
    /// The network with all its sizes.
    pub network: NetworkSpec,
    /// The loss.
    pub loss: Loss,
    /// How the losses of rows become one.
    pub reduction: Reduction,
    /// Whether classes count differently.
    pub class_weights: bool,
    /// How gradients change parameters.
    pub optimizer: Optimizer,
    /// The learning rate that the schedule starts from.
    pub lr: f64,
    /// How it changes.
    pub schedule: Schedule,
    /// The most that a gradient's norm may be.
    pub clip: Option<f64>,
    /// Rows of a step.
    pub batch: usize,
    /// Epochs that the run is to have.
    pub epochs: u64,
    /// How the features are prepared, as in the run file.
    pub preprocess: Vec<String>,
    /// Keys that hidden layers have of their own, such as `activation`: settings of
    /// `[model]` do not reach them.
    pub own: BTreeSet<&'static str>,
    /// Keys of `[data]` that name files of held-out rows.
    pub held_out: Vec<&'static str>,
    /// Whether the output's first weights are given apart from those of hidden layers.
    pub output_init: bool,
}

/// A layer with what it is given.
#[derive(Clone, Debug)]
pub struct Place<'s> {
    /// Its name.
    pub name: String,
    /// How it is described.
    pub spec: &'s LayerSpec,
    /// Columns that it takes.
    pub inputs: usize,
}

impl Setup {
    /// A loss that the best constant prediction does not exceed whatever the shares of
    /// the classes, a row's mean: ln C of C classes, by their equal shares. `None` for
    /// other losses, and where classes are weighted.
    pub fn constant_bound(&self) -> Option<f64> {
        let units = self.network.output.units;
        match (self.loss, self.task) {
            _ if self.class_weights => None,
            (Loss::CrossEntropy, _) if units > 1 => Some((units as f64).ln()),
            (Loss::BinaryCrossEntropy, Task::Binary) if units == 1 => Some(2f64.ln()),
            _ => None,
        }
    }

    /// Of a run file whose data were read; `rows` are the training rows.
    pub fn new(checked: &Checked, resolved: &Resolved, rows: usize) -> Setup {
        let (task, network, loss) = (resolved.task, resolved.network.clone(), resolved.loss);
        Setup::with(checked, (task, network, loss), rows)
    }

    /// Of a run folder's run file, with the sizes of its start. `None` if they do not
    /// say enough.
    pub fn of_folder(checked: &Checked, start: &Start) -> Option<Setup> {
        let task: Task = start.task.parse().ok()?;
        let (output, loss) = checked.output_and_loss(task);
        let units = start.layers.last()?.units;
        let output = LayerSpec {
            bias: checked.model.output_bias,
            l1: checked.model.l1,
            l2: checked.model.l2,
            ..LayerSpec::new(units, output, checked.model.output_init)
        };
        let network = NetworkSpec {
            inputs: start.features,
            features: checked.model.features,
            layers: checked.model.hidden.clone(),
            output,
        };
        Some(Setup::with(checked, (task, network, loss), start.rows))
    }

    fn with(checked: &Checked, parts: (Task, NetworkSpec, Loss), rows: usize) -> Setup {
        let (task, network, loss) = parts;
        let train = &checked.train;
        Setup {
            task,
            network,
            loss,
            reduction: checked.loss.reduction,
            class_weights: checked.loss.class_weights != ClassWeights::None,
            optimizer: train.optimizer,
            lr: train.lr,
            schedule: train.schedule,
            clip: train.clip,
            batch: train.batch.unwrap_or(rows).min(rows.max(1)),
            epochs: train.epochs,
            preprocess: checked.data.preprocess.iter().map(ToString::to_string).collect(),
            own: checked.own_keys_of_layers(),
            held_out: ["data.validation", "data.test"]
                .into_iter()
                .filter(|key| checked.gives(key))
                .collect(),
            output_init: checked.gives("model.output-init"),
        }
    }

    /// All layers with what they are given, the output last.
    pub fn places(&self) -> Vec<Place<'_>> {
        let mut inputs = self.network.features.count(self.network.inputs).unwrap_or(0);
        let mut places = Vec::new();
        for (name, spec) in self.network.named_layers() {
            places.push(Place { name, spec, inputs });
            inputs = spec.units;
        }
        places
    }

    /// The hidden layers with what they are given.
    pub fn hidden(&self) -> Vec<Place<'_>> {
        let mut places = self.places();
        places.pop();
        places
    }

    /// The output's activation.
    pub fn output(&self) -> Activation {
        self.network.output.activation
    }

    /// Whether steps are about as long as the learning rate whatever the gradient's
    /// size.
    pub fn is_adaptive(&self) -> bool {
        matches!(
            self.optimizer,
            Optimizer::Adam(_)
                | Optimizer::AdamW(_)
                | Optimizer::RmsProp { .. }
                | Optimizer::Adagrad { .. }
        )
    }

    /// Whether steps are as long as a line search makes them.
    pub fn has_no_rate(&self) -> bool {
        matches!(self.optimizer, Optimizer::Lbfgs { .. })
    }

    /// The largest penalty factors of any layer: (l1, l2).
    pub fn penalties(&self) -> (f64, f64) {
        let layers = || self.network.named_layers().map(|(_, spec)| spec);
        let most = |of: fn(&LayerSpec) -> f64| layers().map(of).fold(0.0, f64::max);
        (most(|s| s.l1), most(|s| s.l2))
    }
}
