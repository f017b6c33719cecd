//! What happens in a run, one record a line of `events.jsonl`.
//!
//! Each record is a JSON object whose `kind` tells what it is. A reader skips kinds
//! that it does not know and fields that it does not know, so a later version may
//! add both; [`VERSION`] changes only when the meaning of a field does.

use super::number::Number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the run folder's format, in the `start` record.
pub const VERSION: u32 = 1;

/// Named numbers, such as metrics.
pub type Measures = BTreeMap<String, Number>;

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Event {
    /// The first record of a run.
    Start(Start),
    /// A training step.
    Step(Step),
    /// The end of an epoch.
    Epoch(Epoch),
    /// One measure of one layer at one step.
    Layer(Layer),
    /// The distribution of a layer's values at one step.
    Histogram(Histogram),
    /// Something that is wrong.
    Finding(Finding),
    /// The last record of a run that ended by itself.
    End(End),
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What is known when a run starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Start {
    /// The format's version.
    pub version: u32,
    /// The program that wrote it, with its version.
    pub program: String,
    /// Seconds since 1970 in UTC.
    pub time: f64,
    /// The seed of the run.
    pub seed: u64,
    /// The task: classification, binary, multilabel or regression.
    pub task: String,
    /// Training rows.
    pub rows: usize,
    /// Validation rows.
    pub validation_rows: usize,
    /// Test rows.
    pub test_rows: usize,
    /// Columns of the network's input.
    pub features: usize,
    /// Columns of a table that are not used, as what they hold cannot be learnt from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// Class names, or names of the targets of a regression.
    pub outputs: Vec<String>,
    /// Rows of a step.
    pub batch: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// Epochs that the run is to have.
    pub epochs: u64,
    /// What training steps multiply in: `f32`, `bf16 by …`, or why it is f32 although
    /// bf16 was asked for.
    pub precision: String,
    /// System, processor, threads and instruction set, in words.
    pub machine: String,
    /// The number of learnt parameters.
    pub parameters: u64,
    /// The layers, from the input on.
    pub layers: Vec<LayerInfo>,
}

/// What is fixed about a layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerInfo {
    /// Its name, such as `dense1`.
    pub name: String,
    /// Its units.
    pub units: usize,
    /// Its activation, as in the run file.
    pub activation: String,
    /// How its weights were drawn, as in the run file.
    pub init: String,
    /// Its learnt parameters.
    pub parameters: u64,
}

/// A training step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenStep")]
pub struct Step {
    /// Counted from 1 over the whole run.
    pub step: u64,
    /// Counted from 1.
    pub epoch: u64,
    /// What is made small: data loss and penalty.
    pub loss: Number,
    /// The loss without the penalty.
    pub data_loss: Number,
    /// The penalty on the weights.
    pub penalty: Number,
    /// The learning rate of this step.
    pub lr: f64,
    /// Seconds of training since the start, without the time between runs that
    /// continue each other.
    pub seconds: f64,
    /// Where layers were measured: the norm of the gradient by all parameters, before
    /// clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<Number>,
    /// How far a single row's gradient is from the mean one: the root of the trace of
    /// its covariance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_noise: Option<Number>,
    /// The rows of a batch whose gradient is as large as its noise: tr Σ/|G|²
    /// (McCandlish et al. 2018). None where only noise is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_scale: Option<Number>,
    /// The standard error of `data_loss`, from its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss_noise: Option<Number>,
}

/// A step as another program may write it: with one loss, without the rest.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenStep {
    step: u64,
    epoch: u64,
    loss: Option<Number>,
    data_loss: Option<Number>,
    penalty: Number,
    lr: f64,
    seconds: f64,
    gradient_norm: Option<Number>,
    gradient_noise: Option<Number>,
    noise_scale: Option<Number>,
    loss_noise: Option<Number>,
}

/// Of two losses the one that is missing follows from the other and the penalty.
impl From<WrittenStep> for Step {
    fn from(written: WrittenStep) -> Self {
        let WrittenStep { loss, data_loss, penalty, .. } = written;
        let unknown = Number(f64::NAN);
        Step {
            step: written.step,
            epoch: written.epoch,
            loss: loss.or(data_loss.map(|l| Number(l.0 + penalty.0))).unwrap_or(unknown),
            data_loss: data_loss.or(loss.map(|l| Number(l.0 - penalty.0))).unwrap_or(unknown),
            penalty,
            lr: written.lr,
            seconds: written.seconds,
            gradient_norm: written.gradient_norm,
            gradient_noise: written.gradient_noise,
            noise_scale: written.noise_scale,
            loss_noise: written.loss_noise,
        }
    }
}

/// The end of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: u64,
    /// The last step of it.
    pub step: u64,
    /// Means over the epoch's steps, made while learning (and with dropout).
    pub train: Measures,
    /// Measures on the validation rows after the epoch; empty without such rows.
    pub validation: Measures,
    /// The learning rate of the last step.
    pub lr: f64,
    /// Seconds of training since the start.
    pub seconds: f64,
    /// Whether the validation loss (without such rows: the training loss) is the
    /// best so far.
    pub best: bool,
}

/// One measure of one layer at one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The step that it was measured in.
    #[serde(default)]
    pub step: u64,
    /// The layer's name.
    pub layer: String,
    /// What was measured: a value and a statistic of it, such as `activation.std`.
    pub measure: String,
    /// The result.
    pub value: Number,
}

/// The distribution of a layer's values at one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The step that it was measured in.
    #[serde(default)]
    pub step: u64,
    /// The layer's name.
    pub layer: String,
    /// The value, such as `activation`.
    pub of: String,
    /// The lower end of the first bin.
    pub low: Number,
    /// The upper end of the last bin.
    pub high: Number,
    /// How many values fell into each of equally wide bins.
    pub counts: Vec<u64>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Info,
    /// Costs accuracy or time.
    Warn,
    /// The training cannot succeed like this.
    Error,
}

/// Something that is wrong, with evidence and remedies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// Its name, such as `nonfinite`.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// The layer that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The step at which it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// The measures that it rests on.
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Why, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The id of the finding that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<String>,
    /// What would help.
    pub remedies: Vec<Remedy>,
}

/// A change of run-file keys that would help.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remedy {
    /// Dotted keys with their new values.
    pub set: BTreeMap<String, serde_json::Value>,
    /// Why it helps.
    pub why: String,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// All epochs ran.
    #[default]
    Done,
    /// No better validation loss for `train.early-stop` epochs.
    EarlyStop,
    /// `train.max-seconds` were over.
    OutOfTime,
    /// The optimizer found no better point (lbfgs).
    Converged,
    /// The user stopped it; it can be resumed.
    Interrupted,
    /// A loss or a parameter was NaN or infinite.
    Nonfinite,
    /// A finding that `health.stop-on` names; it can be resumed.
    Finding,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// The end of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// Why.
    pub reason: Reason,
    /// The last step.
    pub step: u64,
    /// The last epoch, complete or not.
    pub epoch: u64,
    /// The epoch whose weights `model.safetensors` holds.
    pub best_epoch: u64,
    /// Measures of those weights on the test rows; empty without such rows.
    pub test: Measures,
    /// Measures of those weights on the validation rows.
    pub validation: Measures,
    /// Seconds of training.
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_an_object_with_its_kind() {
        let step = Event::Step(Step { step: 1, loss: f64::NAN.into(), ..Step::default() });
        let text = serde_json::to_string(&step).unwrap();
        assert!(text.starts_with(r#"{"kind":"step","step":1,"epoch":0,"loss":"nan""#), "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), step);
    }

    #[test]
    fn kinds_and_fields_of_a_later_version_are_skipped() {
        let text = r#"{"kind":"weather","wind":3}"#;
        assert_eq!(serde_json::from_str::<Event>(text).unwrap(), Event::Unknown);
        let text = r#"{"kind":"layer","step":1,"layer":"a","measure":"b","value":null,"new":1}"#;
        assert!(matches!(serde_json::from_str::<Event>(text).unwrap(), Event::Layer(_)));
    }

    #[test]
    fn other_programs_may_write_parts_of_a_record() {
        for kind in ["start", "step", "epoch", "finding", "end"] {
            let text = format!(r#"{{"kind":"{kind}"}}"#);
            assert!(serde_json::from_str::<Event>(&text).is_ok(), "{kind}");
        }
        let text = r#"{"kind":"end","reason":"tea-time"}"#;
        let Event::End(end) = serde_json::from_str::<Event>(text).unwrap() else { panic!() };
        assert_eq!(end.reason, Reason::Other);
        let text = r#"{"kind":"step","step":3,"loss":2.5,"penalty":0.5}"#;
        let Event::Step(step) = serde_json::from_str::<Event>(text).unwrap() else { panic!() };
        assert_eq!((step.loss.0, step.data_loss.0), (2.5, 2.0));
        let text = r#"{"kind":"step","data_loss":2,"penalty":0.5}"#;
        let Event::Step(step) = serde_json::from_str::<Event>(text).unwrap() else { panic!() };
        assert_eq!((step.loss.0, step.data_loss.0), (2.5, 2.0));
    }
}
