//! Losses (lecture rows L4 to L7): one number a row, then their sum or mean.
//!
//! Any output goes with any loss. The natural pairs (softmax with cross-entropy,
//! sigmoid with binary cross-entropy) are computed from the scores, exactly at any
//! score; every other pair is computed from the outputs as they are, with
//! probabilities kept within [`CLAMP`] and 1, as Keras does.
//!
//! Conventions: a row's loss is summed over its outputs, as in the lecture; the
//! mean is over rows alone (PyTorch's `mean` of L2, L1, Huber and binary
//! cross-entropy divides by the number of outputs too).

use crate::activation::Activation;
use crate::call::{Family, ParseError};
use crate::error::BuildError;
use crate::layer::Layer;
use crate::targets::{are_classes, as_rows, as_values, weights_of};
use gradwise_graph::ops::Unary;
use gradwise_graph::{Dim, Shape, Value};
use std::fmt;
use std::str::FromStr;

/// How close to 0 a probability may come in a logarithm: Keras's epsilon.
pub const CLAMP: f64 = 1e-7;

/// How outputs are compared with targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// −Σ t ln p over the outputs; for a class label −ln p of that class (row L5).
    CrossEntropy,
    /// −Σ [t ln p + (1 − t) ln(1 − p)] over the outputs (row L4).
    BinaryCrossEntropy,
    /// For a class label Σ_{j≠y} max(0, s_j − s_y + Δ) (row L7; Weston and Watkins
    /// 1999). With one output, or several labels a row, Σ max(0, Δ − (2t − 1)s).
    Hinge(f64),
    /// Σ (f − t)² over the outputs: optimum the mean (row L6).
    L2,
    /// Σ |f − t| over the outputs: optimum the median (row L6).
    L1,
    /// Σ of ½d² where |d| = |f − t| ≤ δ, else δ(|d| − ½δ): Huber 1964, as PyTorch.
    Huber(f64),
}

/// From the losses of rows to the loss of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Σ wᵢLᵢ/Σ wᵢ: without weights the mean over rows.
    #[default]
    Mean,
    /// Σ wᵢLᵢ.
    Sum,
}

/// What a loss depends on besides outputs and targets.
#[derive(Clone, Debug, Default)]
pub struct LossOptions<'g> {
    /// How rows are put together.
    pub reduction: Reduction,
    /// A weight for each class, for targets that are class indices.
    pub class_weights: Option<Vec<f64>>,
    /// A weight for each row, `[n]`; multiplies the class weight.
    pub row_weights: Option<Value<'g>>,
}

/// A loss in a graph.
#[derive(Clone, Copy, Debug)]
pub struct LossNodes<'g> {
    /// The loss of each row before any weight, `[n]`.
    pub per_sample: Value<'g>,
    /// The loss of the batch without the penalty, a scalar.
    pub data_loss: Value<'g>,
}

static FAMILY: Family = Family {
    kind: "loss",
    forms: &[
        "cross-entropy",
        "binary-cross-entropy",
        "hinge",
        "hinge(margin)",
        "l2",
        "l1",
        "huber",
        "huber(delta)",
    ],
    elsewhere: &[
        ("mse", "l2"),
        ("mse-loss", "l2"),
        ("mean-squared-error", "l2"),
        ("squared-error", "l2"),
        ("mae", "l1"),
        ("mean-absolute-error", "l1"),
        ("absolute-error", "l1"),
        ("smooth-l1", "huber"),
        ("bce", "binary-cross-entropy"),
        ("bce-with-logits", "binary-cross-entropy"),
        ("logistic", "binary-cross-entropy"),
        ("log-loss", "cross-entropy"),
        ("nll", "cross-entropy"),
        ("softmax", "cross-entropy"),
        ("categorical-crossentropy", "cross-entropy"),
        ("sparse-categorical-crossentropy", "cross-entropy"),
        ("svm", "hinge"),
        ("multi-margin", "hinge"),
    ],
};

impl Loss {
    /// The loss of the layer `output` against `targets`: class indices `[n]` or
    /// values `[n, outputs]`.
    ///
    /// # Errors
    /// Targets of another shape, class weights that do not fit.
    pub fn build<'g>(
        &self,
        output: &Layer<'g>,
        targets: Value<'g>,
        options: &LossOptions<'g>,
    ) -> Result<LossNodes<'g>, BuildError> {
        let graph = targets.graph();
        self.check(output, targets, options)?;
        let nodes = graph.scope("loss", || {
            let per_sample = self.per_sample(output, targets).name("per-sample loss");
            let weights = weights(targets, output.spec.units, options);
            let data_loss = reduce(per_sample, weights, options.reduction).name("data loss");
            LossNodes { per_sample, data_loss }
        });
        graph.check()?;
        Ok(nodes)
    }

    /// The loss of each row, `[n]`.
    fn per_sample<'g>(&self, layer: &Layer<'g>, targets: Value<'g>) -> Value<'g> {
        let (outputs, y) = (layer.spec.units, layer.output);
        let values = || as_values(targets, outputs);
        let one_label = are_classes(targets) && outputs > 1;
        match (self, self.natural(layer)) {
            (Loss::CrossEntropy, Some(scores)) if one_label => {
                scores.softmax_cross_entropy(targets)
            }
            (Loss::CrossEntropy, Some(scores)) => total(values() * (scores.log_sum_exp() - scores)),
            (Loss::CrossEntropy, None) => -total(values() * log(y)),
            (Loss::BinaryCrossEntropy, Some(scores)) => total(logistic(scores, values())),
            (Loss::BinaryCrossEntropy, None) => total(binary(y, values())),
            (Loss::Hinge(margin), _) if one_label => multiclass_hinge(y, values(), *margin),
            (Loss::Hinge(margin), _) => total((*margin - (values() * 2.0 - 1.0) * y).relu()),
            (Loss::L2, _) => total((y - values()).square()),
            (Loss::L1, _) => total((y - values()).abs()),
            (Loss::Huber(delta), _) => total(huber(y - values(), *delta)),
        }
    }

    /// The scores, if the loss is better computed from them than from the output.
    fn natural<'g>(&self, layer: &Layer<'g>) -> Option<Value<'g>> {
        let natural = match self {
            Loss::CrossEntropy => layer.spec.activation == Activation::Softmax,
            Loss::BinaryCrossEntropy => layer.spec.activation == Activation::Sigmoid,
            _ => false,
        };
        (natural && layer.spec.dropout == 0.0).then_some(layer.preactivation)
    }

    fn check(
        &self,
        output: &Layer<'_>,
        targets: Value<'_>,
        options: &LossOptions<'_>,
    ) -> Result<(), BuildError> {
        let fail = |reason: String| Err(BuildError::Loss { loss: self.to_string(), reason });
        let (outputs, shape) = (output.spec.units, targets.shape());
        let fits = match shape.dims() {
            [_] => true,
            [_, Dim::Fixed(columns)] => *columns == outputs,
            _ => false,
        };
        if !fits {
            return fail(format!(
                "targets are {shape}; {outputs} outputs need class indices [n] or values [n, {outputs}]"
            ));
        }
        let Some(weights) = &options.class_weights else { return Ok(()) };
        let classes = if outputs == 1 { 2 } else { outputs };
        if !are_classes(targets) {
            return fail("class weights need one class label a row".into());
        }
        if weights.len() != classes {
            return fail(format!("{} class weights for {classes} classes", weights.len()));
        }
        match weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
            Some(weight) => fail(format!("class weight {weight} is not a number of at least 0")),
            None => Ok(()),
        }
    }

    /// All forms that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }
}

/// The sum over outputs: `[n, outputs] → [n]`.
fn total(each: Value<'_>) -> Value<'_> {
    let rows: Vec<Dim> = each.shape().dims().iter().take(1).copied().collect();
    if each.shape().last() == Dim::Fixed(1) {
        return each.reshape(Shape::from(rows));
    }
    as_rows(each.sum_rows())
}

/// −ln σ(s) weighted by t and −ln(1 − σ(s)) by 1 − t. Neither cancels: a score of 25
/// with t = 1 loses 1.4e-11 in f32 and still has its gradient, where softplus(s) − ts
/// would have 0 for both.
fn logistic<'g>(scores: Value<'g>, t: Value<'g>) -> Value<'g> {
    t * (-scores).softplus() + (1.0 - t) * scores.softplus()
}

fn binary<'g>(p: Value<'g>, t: Value<'g>) -> Value<'g> {
    -(t * log(p) + (1.0 - t) * log(1.0 - p))
}

/// ln p with p kept within [`CLAMP`] and 1. Of 1 − p it is taken after the
/// subtraction: 1 − 1e-7 is not a number of f32.
fn log(p: Value<'_>) -> Value<'_> {
    p.unary(Unary::Clamp(CLAMP, 1.0)).ln()
}

/// The label's own term is masked rather than subtracted, so that small losses
/// survive in f32 and a satisfied row has a gradient of exactly 0.
fn multiclass_hinge<'g>(y: Value<'g>, one_hot: Value<'g>, margin: f64) -> Value<'g> {
    let own = (y * one_hot).sum_rows();
    total((y - own + margin).relu() * (1.0 - one_hot))
}

/// With c = d kept within ±δ, Huber's loss is c·(d − c/2): its gradient is c.
fn huber(d: Value<'_>, delta: f64) -> Value<'_> {
    let c = d.unary(Unary::Clamp(-delta, delta));
    c * (d - c * 0.5)
}

/// What each row counts, `[n]`; `None` if all count the same.
fn weights<'g>(targets: Value<'g>, outputs: usize, options: &LossOptions<'g>) -> Option<Value<'g>> {
    let classes = if outputs == 1 { 2 } else { outputs };
    let by_class = options.class_weights.as_ref().filter(|w| w.len() == classes);
    let by_class = by_class.map(|w| weights_of(targets, w));
    [by_class, options.row_weights].into_iter().flatten().reduce(|a, b| a * b)
}

/// The least total weight that a mean divides by: a batch in which no row counts
/// has loss 0, not NaN.
const LEAST_WEIGHT: f64 = 1e-30;

fn reduce<'g>(losses: Value<'g>, weights: Option<Value<'g>>, reduction: Reduction) -> Value<'g> {
    match (weights, reduction) {
        (None, Reduction::Mean) => losses.mean(),
        (None, Reduction::Sum) => losses.sum(),
        (Some(weights), Reduction::Sum) => (losses * weights).sum(),
        (Some(weights), Reduction::Mean) => {
            let least = losses.graph().scalar(LEAST_WEIGHT);
            (losses * weights).sum() / weights.sum().max(least)
        }
    }
}

impl FromStr for Loss {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = FAMILY.read(text)?;
        let above_0 = |x: &str| call.number(x, "a number above 0", |x| x > 0.0);
        Ok(match (call.name, &call.arguments[..]) {
            ("cross-entropy", []) => Loss::CrossEntropy,
            ("binary-cross-entropy", []) => Loss::BinaryCrossEntropy,
            ("hinge", []) => Loss::Hinge(1.0),
            ("hinge", [margin]) => Loss::Hinge(above_0(margin)?),
            ("l2", []) => Loss::L2,
            ("l1", []) => Loss::L1,
            ("huber", []) => Loss::Huber(1.0),
            ("huber", [delta]) => Loss::Huber(above_0(delta)?),
            _ => return Err(call.miscounted()),
        })
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::CrossEntropy => f.write_str("cross-entropy"),
            Loss::BinaryCrossEntropy => f.write_str("binary-cross-entropy"),
            Loss::Hinge(margin) => write!(f, "hinge({margin})"),
            Loss::L2 => f.write_str("l2"),
            Loss::L1 => f.write_str("l1"),
            Loss::Huber(delta) => write!(f, "huber({delta})"),
        }
    }
}

static REDUCTIONS: Family =
    Family { kind: "reduction", forms: &["mean", "sum"], elsewhere: &[("average", "mean")] };

impl FromStr for Reduction {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = REDUCTIONS.read(text)?;
        match (call.name, &call.arguments[..]) {
            ("mean", []) => Ok(Reduction::Mean),
            ("sum", []) => Ok(Reduction::Sum),
            _ => Err(call.miscounted()),
        }
    }
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reduction::Mean => "mean",
            Reduction::Sum => "sum",
        })
    }
}
