//! Class indices to rows of zeros with a one.

use super::cross_entropy::index;
use crate::{Gradient, Operation, Shape, Tensor, Value};

/// `[n]` class indices → `[n, classes]`; a label out of range gives a row of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OneHot {
    /// The number of classes: the columns of the result.
    pub classes: usize,
}

impl Operation for OneHot {
    fn name(&self) -> String {
        format!("one-hot({})", self.classes)
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        match operands[0].dims() {
            [rows] => Ok(vec![*rows, self.classes.into()].into()),
            _ => Err(format!("labels are one a row, [rows], not {}", operands[0])),
        }
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let labels = operands[0].data();
        let is = |i: usize| index(labels[i / self.classes], self.classes) == Some(i % self.classes);
        Tensor::from_fn(sizes, |i| f64::from(is(i)))
    }

    fn derivative<'g>(&self, _: &[Value<'g>], _: Value<'g>, _: Value<'g>) -> Vec<Gradient<'g>> {
        vec![Gradient::Undefined]
    }
}
