//! Sums and means over dimensions, and their reverse: each other's derivative.

use crate::{Gradient, Operation, Shape, Tensor, Value};

/// The sum (or mean) over the dimensions that broadcasting `to` would stretch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reduce {
    /// The shape of the result.
    pub to: Shape,
    /// Divide by the number of elements summed.
    pub mean: bool,
}

/// Broadcasting to a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expand {
    /// The shape of the result.
    pub to: Shape,
    /// Divide by the number of times that each element is repeated.
    pub mean: bool,
}

/// How many elements of the larger array fall on one of the smaller.
fn ratio(large: &Tensor, small: &Tensor) -> f64 {
    large.data().len() as f64 / small.data().len() as f64
}

impl Operation for Reduce {
    fn name(&self) -> String {
        if self.mean { "mean" } else { "sum" }.into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        if !self.to.broadcasts_to(operands[0]) {
            return Err(format!("{} cannot be reduced to {}", operands[0], self.to));
        }
        Ok(self.to.clone())
    }

    /// The mean of no elements is NaN, as in NumPy.
    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let x = operands[0];
        let mut result = Tensor::zeros(sizes);
        for (i, value) in x.data().iter().enumerate() {
            let to = result.broadcast_index(x.sizes(), i);
            result.data_mut()[to] += value;
        }
        let count = ratio(x, &result);
        if self.mean { result.map(|sum| sum / count) } else { result }
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let shape = operands[0].shape();
        vec![Gradient::Flows(if self.mean { g.expand_mean(shape) } else { g.expand(shape) })]
    }
}

impl Operation for Expand {
    fn name(&self) -> String {
        if self.mean { "expand / count" } else { "expand" }.into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        if !operands[0].broadcasts_to(&self.to) {
            return Err(format!("{} does not broadcast to {}", operands[0], self.to));
        }
        Ok(self.to.clone())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let x = operands[0];
        let result = Tensor::from_fn(sizes, |i| x.data()[x.broadcast_index(sizes, i)]);
        let count = ratio(&result, x);
        if self.mean { result.map(|value| value / count) } else { result }
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![Gradient::Flows(g.reduce(operands[0].shape(), self.mean))]
    }
}
