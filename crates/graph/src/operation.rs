//! What an operation is: shape rule, value, derivative and name in one place.
//!
//! Built-in operations are the variants of [`Op`], so that a backend can match on
//! them; each variant's type lives in its own file under [`crate::ops`] and
//! implements [`Operation`]. A user's own operation implements the same trait and
//! enters a graph as [`Op::Custom`] by [`crate::Graph::custom`].

use crate::ops::{
    Binary, Expand, Gather, LogSumExp, MatMul, Moments, OneHot, PickWinner, Random, Reduce,
    Reshape, Scatter, ScatterWinner, Softmax, SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient,
    Unary,
};
use crate::{Shape, Tensor, Value};
use std::fmt;
use std::sync::Arc;

/// The gradient that reaches one operand of an operation.
#[derive(Clone, Copy)]
pub enum Gradient<'g> {
    /// This value, of the operand's shape.
    Flows(Value<'g>),
    /// Mathematically zero (almost) everywhere: nothing flows.
    Zero,
    /// The operation cannot say: an error if a parameter lies behind the operand.
    Undefined,
}

/// One kind of operation.
pub trait Operation: fmt::Debug + Send + Sync {
    /// The name in pictures and messages, such as `matmul` or `leaky-relu(0.01)`.
    fn name(&self) -> String;

    /// The shape of the result.
    ///
    /// # Errors
    /// What does not fit, in a sentence; the graph adds names, shapes and places.
    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String>;

    /// The reference value in f64: slow and obvious. `sizes` are those of the
    /// result, which [`Operation::shape`] gave, with the batch size filled in.
    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor;

    /// For each operand, the gradient of a scalar by it, given that scalar's
    /// gradient by the result. Built from values, it is graph again.
    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        result: Value<'g>,
        gradient: Value<'g>,
    ) -> Vec<Gradient<'g>>;
}

/// A user's operation, shared by the nodes that use it.
pub type Custom = Arc<dyn Operation>;

/// What a node does with its operands.
#[derive(Clone, Debug)]
pub enum Op {
    /// A value fed at each run: features, labels, a learning rate.
    Input,
    /// A value that lives from step to step; see [`crate::Parameter`].
    Parameter(crate::ParameterId),
    /// A value fixed in the graph.
    Constant(Arc<Tensor>),
    /// A function of each element.
    Unary(Unary),
    /// A function of two elements, with broadcasting.
    Binary(Binary),
    /// A matrix product.
    MatMul(MatMul),
    /// A sum or mean over some dimensions.
    Reduce(Reduce),
    /// The reverse of a reduction.
    Expand(Expand),
    /// The same elements under another shape.
    Reshape(Reshape),
    /// Softmax of each row.
    Softmax(Softmax),
    /// log Σ exp of each row.
    LogSumExp(LogSumExp),
    /// −log softmax at the label, of each row.
    SoftmaxCrossEntropy(SoftmaxCrossEntropy),
    /// The gradient of the former by the scores.
    SoftmaxCrossEntropyGradient(SoftmaxCrossEntropyGradient),
    /// Class indices to rows of zeros with a one.
    OneHot(OneHot),
    /// The winning piece of each maxout unit.
    PickWinner(PickWinner),
    /// The reverse of the former.
    ScatterWinner(ScatterWinner),
    /// Chosen columns of each row.
    Gather(Gather),
    /// The reverse of the former.
    Scatter(Scatter),
    /// Random numbers by counter.
    Random(Random),
    /// A probe: moments and extremes of a value.
    Moments(Moments),
    /// A user's own operation.
    Custom(Custom),
}

impl Op {
    /// The operation behind a node that computes; `None` for leaves.
    pub fn operation(&self) -> Option<&dyn Operation> {
        Some(match self {
            Op::Input | Op::Parameter(_) | Op::Constant(_) => return None,
            Op::Unary(op) => op,
            Op::Binary(op) => op,
            Op::MatMul(op) => op,
            Op::Reduce(op) => op,
            Op::Expand(op) => op,
            Op::Reshape(op) => op,
            Op::Softmax(op) => op,
            Op::LogSumExp(op) => op,
            Op::SoftmaxCrossEntropy(op) => op,
            Op::SoftmaxCrossEntropyGradient(op) => op,
            Op::OneHot(op) => op,
            Op::PickWinner(op) => op,
            Op::ScatterWinner(op) => op,
            Op::Gather(op) => op,
            Op::Scatter(op) => op,
            Op::Random(op) => op,
            Op::Moments(op) => op,
            Op::Custom(op) => op.as_ref(),
        })
    }

    /// The name in pictures and messages.
    pub fn name(&self) -> String {
        match (self, self.operation()) {
            (_, Some(op)) => op.name(),
            (Op::Input, _) => "input".into(),
            (Op::Parameter(_), _) => "parameter".into(),
            _ => "constant".into(),
        }
    }
}
