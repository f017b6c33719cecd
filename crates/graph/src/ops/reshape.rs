//! The same elements, in the same order, under another shape.

use crate::{Dim, Gradient, Operation, Shape, Tensor, Value};

/// Gives the operand's elements the shape `to`, in row-major order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reshape {
    /// The shape of the result: as many elements, whatever the batch size.
    pub to: Shape,
}

/// The product of the fixed sizes and the number of batch dimensions.
fn elements(shape: &Shape) -> (Option<usize>, usize) {
    let batches = shape.dims().iter().filter(|d| **d == Dim::Batch).count();
    (shape.count(1), batches)
}

impl Operation for Reshape {
    fn name(&self) -> String {
        "reshape".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        if elements(operands[0]) != elements(&self.to) {
            return Err(format!(
                "{} and {} do not hold equally many elements",
                operands[0], self.to
            ));
        }
        Ok(self.to.clone())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let data = operands[0].data();
        Tensor::from_fn(sizes, |i| data[i])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![Gradient::Flows(g.reshape(operands[0].shape()))]
    }
}
