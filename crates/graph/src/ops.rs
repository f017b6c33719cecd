//! The built-in operations, a family a file.
//!
//! To add one: a file here with a type that implements [`crate::Operation`], a
//! variant of [`crate::Op`], a method on [`crate::Value`], a case in the property
//! tests, and a kernel in each backend.

pub mod binary;
pub mod columns;
pub mod cross_entropy;
pub mod matmul;
pub mod maxout;
pub mod moments;
pub mod one_hot;
pub mod random;
pub mod reduce;
pub mod reshape;
pub mod softmax;
pub mod unary;

pub use binary::Binary;
pub use columns::{Gather, Scatter};
pub use cross_entropy::{SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient};
pub use matmul::MatMul;
pub use maxout::{PickWinner, ScatterWinner};
pub use moments::Moments;
pub use one_hot::OneHot;
pub use random::Random;
pub use reduce::{Expand, Reduce};
pub use reshape::Reshape;
pub use softmax::{LogSumExp, Softmax};
pub use unary::Unary;

use crate::Shape;

/// The one operand's shape, unchanged.
fn same_shape(operands: &[&Shape]) -> Result<Shape, String> {
    operands.first().map(|s| (*s).clone()).ok_or_else(|| "it takes one value".into())
}

/// The operand, if it is a matrix.
fn matrix<'s>(what: &str, shape: &'s Shape) -> Result<&'s Shape, String> {
    if shape.rank() == 2 {
        Ok(shape)
    } else {
        Err(format!("{what} is {shape}, not a matrix [rows, columns]"))
    }
}
