//! A run file that was checked: only this can run.

use super::keys::LAYER;
use super::spec::Spec;
use super::value::Value;
use crate::folder::event::Severity;
use gradwise_cpu::Precision;
use gradwise_data::DataSpec;
use gradwise_nn::{Activation, Features, Init, LayerSpec, Loss, Optimizer, Reduction, Schedule};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

/// A run file as it will run, but for what the data decide.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The seed of all random numbers.
    pub seed: u64,
    /// What data to read, and how.
    pub data: DataSpec,
    /// The network.
    pub model: Model,
    /// What is made small.
    pub loss: LossChoice,
    /// How.
    pub train: Train,
    /// When to measure.
    pub health: Health,
    /// The file that it came from.
    pub path: PathBuf,
    /// What was written, for `run.toml`.
    pub(crate) spec: Spec,
}

impl Checked {
    /// Whether a key was given, by the file or over it; else it has its default.
    pub fn gives(&self, key: &str) -> bool {
        self.spec.given(key).is_some()
    }

    /// The keys that any of the hidden layers has of its own, such as `activation`:
    /// settings of `[model]` do not reach them.
    pub fn own_keys_of_layers(&self) -> BTreeSet<&'static str> {
        let Some(Value::List(layers)) = self.spec.given("model.layers").map(|item| &item.value)
        else {
            return BTreeSet::new();
        };
        let words = layers.iter().filter_map(|layer| match &layer.value {
            Value::Table(pairs) => Some(pairs.iter().map(|(word, _)| word.text.as_str())),
            _ => None,
        });
        let own: BTreeSet<&str> = words.flatten().collect();
        LAYER.iter().map(|key| key.name).filter(|name| own.contains(name)).collect()
    }
}

/// The network, but for the sizes that the data decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The fixed feature map.
    pub features: Features,
    /// The hidden layers.
    pub hidden: Vec<LayerSpec>,
    /// The activation of the output layer; `None`: by the task.
    pub output: Option<Activation>,
    /// How the output layer's weights are drawn.
    pub output_init: Init,
    /// The first value of the output layer's biases, if it has any.
    pub output_bias: Option<f64>,
    /// λ of the L1 penalty of layers that do not say their own.
    pub l1: f64,
    /// λ of the L2 penalty of layers that do not say their own.
    pub l2: f64,
    /// Whether penalties are over biases too.
    pub penalize_bias: bool,
}

/// What is made small.
#[derive(Clone, Debug, PartialEq)]
pub struct LossChoice {
    /// The loss; `None`: by the task.
    pub kind: Option<Loss>,
    /// How the losses of rows become one number.
    pub reduction: Reduction,
    /// How much each class counts.
    pub class_weights: ClassWeights,
    /// Whether the targets of a regression are compared in units of their spread.
    pub scale_target: bool,
}

/// How much each class counts.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// All the same.
    None,
    /// Inversely to its share of the training rows.
    Balanced,
    /// As given.
    Given(Vec<f64>),
}

/// How the training goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Train {
    /// How often the data is gone through.
    pub epochs: u64,
    /// Rows of a step; `None`: all rows in every step.
    pub batch: Option<usize>,
    /// How gradients change parameters.
    pub optimizer: Optimizer,
    /// The learning rate that the schedule starts from.
    pub lr: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// What the gradient's norm is not let above.
    pub clip: Option<f64>,
    /// What the products of training steps are computed in, if the processor can;
    /// whatever is measured on whole sets is computed in f32.
    pub precision: Precision,
    /// What tells a better epoch.
    pub monitor: Monitor,
    /// Whether the model has the best epoch's weights in the end, or the last's.
    pub keep_best: bool,
    /// Seconds between checkpoints; 0: after every step.
    pub checkpoint: f64,
    /// Epochs without improvement after which to stop.
    pub early_stop: Option<u64>,
    /// Seconds after which to stop.
    pub max_seconds: Option<f64>,
}

/// What tells a better epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Monitor {
    /// A lower loss.
    #[default]
    Loss,
    /// A higher accuracy; of equal ones, a lower loss.
    Accuracy,
}

impl FromStr for Monitor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "loss" => Ok(Monitor::Loss),
            "accuracy" => Ok(Monitor::Accuracy),
            _ => Err(format!("{text:?} is neither loss nor accuracy")),
        }
    }
}

/// When layers are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Each so many steps; `None`: as often as 2 % of the time allow.
    pub every: Option<u64>,
    /// How bad a finding must be to end the run; `None`: none does.
    pub stop_on: Option<Severity>,
}

#[cfg(test)]
mod tests {
    use crate::runfile::parse;

    #[test]
    fn what_layers_have_of_their_own_is_told() {
        let own = |model: &str| {
            let text = format!("[data]\nsource = \"iris\"\n[model]\n{model}\n");
            let checked = parse(&text, "run.toml".as_ref(), &[]).unwrap();
            assert!(!checked.gives("train.lr") && checked.gives("data.source"));
            checked.own_keys_of_layers().into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(own("width = 5"), "");
        let two = "layers = [{ units = 5, init = \"he\" }, { units = 4, activation = \"tanh\" }]";
        assert_eq!(own(two), "activation init units");
    }
}
