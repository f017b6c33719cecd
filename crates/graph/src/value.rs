//! The light handle that graph expressions are written with.
//!
//! A handle is a graph and a number: it is copied freely, and operators on it add
//! nodes. `let s = x.matmul(w) + b; let loss = s.softmax_cross_entropy(y).mean();`

use crate::graph::{Graph, NodeId};
use crate::operation::Op;
use crate::ops::{
    Binary, Expand, Gather, LogSumExp, MatMul, Moments, OneHot, PickWinner, Random, Reduce,
    Reshape, Scatter, ScatterWinner, Softmax, SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient,
    Unary,
};
use crate::{Dim, Shape};
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::Location;

/// A handle on one value of a graph.
#[derive(Clone, Copy)]
pub struct Value<'g> {
    graph: &'g Graph,
    id: NodeId,
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.graph.node(self.id);
        write!(f, "{} {}", node.label(), node.shape)
    }
}

impl<'g> Value<'g> {
    pub(crate) fn new(graph: &'g Graph, id: NodeId) -> Self {
        Value { graph, id }
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// The number of its node.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.graph.node(self.id).shape.clone()
    }

    /// The same value, with a name for messages and pictures.
    pub fn name(self, name: &str) -> Self {
        self.graph.set_name(self.id, name);
        self
    }

    /// Applies an element-wise function.
    #[track_caller]
    pub fn unary(self, op: Unary) -> Self {
        self.graph.apply(Op::Unary(op), &[self], Location::caller())
    }

    /// Applies an element-wise function of two values, with broadcasting.
    #[track_caller]
    pub fn binary(self, op: Binary, other: Self) -> Self {
        self.graph.apply(Op::Binary(op), &[self, other], Location::caller())
    }

    /// The larger of each pair of elements.
    #[track_caller]
    pub fn max(self, other: Self) -> Self {
        self.binary(Binary::Max, other)
    }

    /// The smaller of each pair of elements.
    #[track_caller]
    pub fn min(self, other: Self) -> Self {
        self.binary(Binary::Min, other)
    }

    /// 1 where an element is greater than the other's, else 0.
    #[track_caller]
    pub fn greater(self, other: Self) -> Self {
        self.binary(Binary::Greater, other)
    }

    /// The matrix product `self · other`: `[n, k] · [k, m] → [n, m]`.
    #[track_caller]
    pub fn matmul(self, other: Self) -> Self {
        self.product(other, false, false)
    }

    /// The matrix product with either operand transposed first.
    #[track_caller]
    pub fn product(self, other: Self, transpose_self: bool, transpose_other: bool) -> Self {
        let op = MatMul { transpose_left: transpose_self, transpose_right: transpose_other };
        self.graph.apply(Op::MatMul(op), &[self, other], Location::caller())
    }

    /// The sum of all elements, a scalar.
    #[track_caller]
    pub fn sum(self) -> Self {
        self.reduce(Shape::scalar(), false)
    }

    /// The mean of all elements, a scalar.
    #[track_caller]
    pub fn mean(self) -> Self {
        self.reduce(Shape::scalar(), true)
    }

    /// The sum of each row: `[n, m] → [n, 1]`.
    #[track_caller]
    pub fn sum_rows(self) -> Self {
        let mut dims = self.shape().dims().to_vec();
        if let Some(last) = dims.last_mut() {
            *last = Dim::Fixed(1);
        }
        self.reduce(dims.into(), false)
    }

    /// The sum of all rows: `[n, m] → [m]`.
    #[track_caller]
    pub fn sum_columns(self) -> Self {
        let dims = self.shape().dims().iter().skip(1).copied().collect::<Vec<_>>();
        self.reduce(dims.into(), false)
    }

    /// Sums (or averages) over the dimensions that broadcasting `to` would stretch.
    #[track_caller]
    pub fn reduce(self, to: Shape, mean: bool) -> Self {
        if !mean && self.shape() == to {
            return self;
        }
        self.graph.apply(Op::Reduce(Reduce { to, mean }), &[self], Location::caller())
    }

    /// Broadcasts to a shape.
    #[track_caller]
    pub fn expand(self, to: Shape) -> Self {
        if self.shape() == to {
            return self;
        }
        self.graph.apply(Op::Expand(Expand { to, mean: false }), &[self], Location::caller())
    }

    /// Broadcasts to a shape and divides by how often each element is repeated:
    /// the derivative of a mean.
    #[track_caller]
    pub fn expand_mean(self, to: Shape) -> Self {
        self.graph.apply(Op::Expand(Expand { to, mean: true }), &[self], Location::caller())
    }

    /// The same elements in row-major order under another shape, which must hold
    /// as many whatever the batch size.
    #[track_caller]
    pub fn reshape(self, to: Shape) -> Self {
        if self.shape() == to {
            return self;
        }
        self.graph.apply(Op::Reshape(Reshape { to }), &[self], Location::caller())
    }

    /// Softmax of each row (lecture row L5).
    #[track_caller]
    pub fn softmax(self) -> Self {
        self.graph.apply(Op::Softmax(Softmax), &[self], Location::caller())
    }

    /// log Σ exp of each row: `[n, m] → [n, 1]`, without overflow.
    #[track_caller]
    pub fn log_sum_exp(self) -> Self {
        self.graph.apply(Op::LogSumExp(LogSumExp), &[self], Location::caller())
    }

    /// −log softmax(self) at the label, for each row: scores `[n, c]` and class
    /// indices `[n]` to losses `[n]`; exact however large the scores (row L5).
    #[track_caller]
    pub fn softmax_cross_entropy(self, labels: Self) -> Self {
        self.graph.apply(
            Op::SoftmaxCrossEntropy(SoftmaxCrossEntropy),
            &[self, labels],
            Location::caller(),
        )
    }

    /// The gradient of [`Value::softmax_cross_entropy`] by the scores: softmax
    /// minus one at the label, `[n, c]`.
    #[track_caller]
    pub fn softmax_cross_entropy_gradient(self, labels: Self) -> Self {
        let op = Op::SoftmaxCrossEntropyGradient(SoftmaxCrossEntropyGradient);
        self.graph.apply(op, &[self, labels], Location::caller())
    }

    /// Class indices `[n]` to rows `[n, classes]` with a one at the index.
    #[track_caller]
    pub fn one_hot(self, classes: usize) -> Self {
        self.graph.apply(Op::OneHot(OneHot { classes }), &[self], Location::caller())
    }

    /// The largest of `pieces` values for each unit (maxout, row L14): piece p of
    /// unit u stands in column p·units + u, `[n, pieces·units] → [n, units]`.
    #[track_caller]
    pub fn maxout(self, pieces: usize) -> Self {
        self.pick_winner(self, pieces)
    }

    /// The elements of `from` that stand where `self` has its winning pieces.
    #[track_caller]
    pub fn pick_winner(self, from: Self, pieces: usize) -> Self {
        self.graph.apply(Op::PickWinner(PickWinner { pieces }), &[self, from], Location::caller())
    }

    /// `values` `[n, units]` put where `self` has its winning pieces, else zero.
    #[track_caller]
    pub fn scatter_winner(self, values: Self, pieces: usize) -> Self {
        let op = Op::ScatterWinner(ScatterWinner { pieces });
        self.graph.apply(op, &[self, values], Location::caller())
    }

    /// The columns `columns` of each row.
    #[track_caller]
    pub fn gather(self, columns: impl Into<std::sync::Arc<[u32]>>) -> Self {
        let op = Op::Gather(Gather { columns: columns.into() });
        self.graph.apply(op, &[self], Location::caller())
    }

    /// Each column added into column `columns[i]` of rows `width` wide.
    #[track_caller]
    pub fn scatter(self, columns: impl Into<std::sync::Arc<[u32]>>, width: usize) -> Self {
        let op = Op::Scatter(Scatter { columns: columns.into(), width });
        self.graph.apply(op, &[self], Location::caller())
    }

    /// Uniform random numbers in [0, 1) of a shape, from the seed of `stream` and
    /// the scalar `self`, which counts the steps: the same step gives the same
    /// numbers.
    #[track_caller]
    pub fn random(self, stream: Random) -> Self {
        self.graph.apply(Op::Random(stream), &[self], Location::caller())
    }

    /// A probe: count, mean, standard deviation, minimum, maximum, share of zeros
    /// and share of non-finite elements, `[7]`.
    #[track_caller]
    pub fn moments(self) -> Self {
        self.graph.apply(Op::Moments(Moments), &[self], Location::caller())
    }
}

/// Element-wise functions as methods.
macro_rules! unary_methods {
    ($($(#[$doc:meta])* $name:ident $op:ident;)*) => {
        impl Value<'_> {
            $($(#[$doc])*
            #[track_caller]
            pub fn $name(self) -> Self {
                self.unary(Unary::$op)
            })*
        }
    };
}

unary_methods! {
    /// eˣ of each element.
    exp Exp;
    /// The natural logarithm of each element.
    ln Ln;
    /// ln(1 + x) of each element, exact near zero.
    ln_1p Ln1p;
    /// The square root of each element.
    sqrt Sqrt;
    /// 1/x of each element.
    recip Recip;
    /// |x| of each element.
    abs Abs;
    /// −1, 0 or 1 by the sign of each element.
    sign Sign;
    /// x² of each element.
    square Square;
    /// The sine of each element.
    sin Sin;
    /// The cosine of each element.
    cos Cos;
    /// The error function of each element.
    erf Erf;
    /// tanh of each element (row L11).
    tanh Tanh;
    /// 1/(1 + e⁻ˣ) of each element (row L10).
    sigmoid Sigmoid;
    /// max(0, x) of each element (row L12).
    relu Relu;
    /// 1 where an element is above 0, else 0.
    step Step;
    /// ln(1 + eˣ) of each element, without overflow.
    softplus Softplus;
    /// The same value, through which no gradient passes.
    detach Detach;
}

/// Arithmetic between values, and between a value and a number.
macro_rules! arithmetic {
    ($($trait:ident $method:ident $op:ident;)*) => {
        $(impl $trait for Value<'_> {
            type Output = Self;
            #[track_caller]
            fn $method(self, other: Self) -> Self {
                self.binary(Binary::$op, other)
            }
        })*
    };
}

arithmetic! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
}

impl Neg for Value<'_> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        self.unary(Unary::Scale(-1.0))
    }
}

impl Add<f64> for Value<'_> {
    type Output = Self;
    #[track_caller]
    fn add(self, number: f64) -> Self {
        self.unary(Unary::Offset(number))
    }
}

impl Sub<f64> for Value<'_> {
    type Output = Self;
    #[track_caller]
    fn sub(self, number: f64) -> Self {
        self.unary(Unary::Offset(-number))
    }
}

impl Mul<f64> for Value<'_> {
    type Output = Self;
    #[track_caller]
    fn mul(self, number: f64) -> Self {
        self.unary(Unary::Scale(number))
    }
}

impl Div<f64> for Value<'_> {
    type Output = Self;
    #[track_caller]
    fn div(self, number: f64) -> Self {
        self.unary(Unary::Scale(1.0 / number))
    }
}

impl<'g> Add<Value<'g>> for f64 {
    type Output = Value<'g>;
    #[track_caller]
    fn add(self, value: Value<'g>) -> Value<'g> {
        value + self
    }
}

impl<'g> Sub<Value<'g>> for f64 {
    type Output = Value<'g>;
    #[track_caller]
    fn sub(self, value: Value<'g>) -> Value<'g> {
        -value + self
    }
}

impl<'g> Mul<Value<'g>> for f64 {
    type Output = Value<'g>;
    #[track_caller]
    fn mul(self, value: Value<'g>) -> Value<'g> {
        value * self
    }
}

impl<'g> Div<Value<'g>> for f64 {
    type Output = Value<'g>;
    #[track_caller]
    fn div(self, value: Value<'g>) -> Value<'g> {
        value.recip().unary(Unary::Scale(self))
    }
}
