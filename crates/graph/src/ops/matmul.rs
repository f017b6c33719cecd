//! The matrix product, with either operand transposed first.

use super::matrix;
use crate::{Dim, Gradient, Operation, Shape, Tensor, Value};

/// `op(A)·op(B)`, where op transposes if asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MatMul {
    /// Transpose A first.
    pub transpose_left: bool,
    /// Transpose B first.
    pub transpose_right: bool,
}

fn oriented(shape: &Shape, transpose: bool) -> (Dim, Dim) {
    let (rows, columns) = (shape.dims()[0], shape.dims()[1]);
    if transpose { (columns, rows) } else { (rows, columns) }
}

fn element(tensor: &Tensor, transpose: bool, row: usize, column: usize) -> f64 {
    let (row, column) = if transpose { (column, row) } else { (row, column) };
    tensor.data()[row * tensor.sizes()[1] + column]
}

impl Operation for MatMul {
    fn name(&self) -> String {
        let mark = |t: bool| if t { "ᵀ" } else { "" };
        match (self.transpose_left, self.transpose_right) {
            (false, false) => "matmul".into(),
            (a, b) => format!("matmul A{}·B{}", mark(a), mark(b)),
        }
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let (a, b) =
            (matrix("the left operand", operands[0])?, matrix("the right operand", operands[1])?);
        let ((rows, inner), (other, columns)) =
            (oriented(a, self.transpose_left), oriented(b, self.transpose_right));
        if inner != other {
            return Err(format!("the inner sizes of {a} and {b} differ: {inner} and {other}"));
        }
        Ok(vec![rows, columns].into())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let (a, b) = (operands[0], operands[1]);
        let inner = a.sizes()[usize::from(!self.transpose_left)];
        Tensor::from_fn(sizes, |i| {
            let (row, column) = (i / sizes[1], i % sizes[1]);
            let term = |k| {
                element(a, self.transpose_left, row, k)
                    * element(b, self.transpose_right, k, column)
            };
            (0..inner).map(term).sum()
        })
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let (a, b) = (operands[0], operands[1]);
        let (left, right) = (self.transpose_left, self.transpose_right);
        let to_a = if left { b.product(g, right, true) } else { g.product(b, false, !right) };
        let to_b = if right { g.product(a, true, left) } else { a.product(g, !left, false) };
        vec![Gradient::Flows(to_a), Gradient::Flows(to_b)]
    }
}
