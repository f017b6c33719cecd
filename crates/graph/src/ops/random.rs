//! Random numbers as a function of a counter, for dropout and the like.

use crate::random::Philox;
use crate::{Gradient, Operation, Shape, Tensor, Value};

/// Uniform numbers in [0, 1) of shape `shape`: element i of step t is number i of
/// the Philox stream (seed, stream·2³² + t). The operand is the scalar t.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Random {
    /// The seed of the run.
    pub seed: u64,
    /// Tells the random values of one graph apart.
    pub stream: u32,
    /// The shape of the result.
    pub shape: Shape,
}

impl Random {
    /// The generator of step `step`.
    pub fn generator(&self, step: f64) -> Philox {
        Philox::new(self.seed, u64::from(self.stream) << 32 | u64::from(step as u32))
    }
}

impl Operation for Random {
    fn name(&self) -> String {
        "random".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        match operands[0].rank() {
            0 => Ok(self.shape.clone()),
            _ => Err(format!("the step is a scalar, not {}", operands[0])),
        }
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let numbers = self.generator(operands[0].item());
        Tensor::from_fn(sizes, |i| numbers.uniform(i as u64))
    }

    fn derivative<'g>(&self, _: &[Value<'g>], _: Value<'g>, _: Value<'g>) -> Vec<Gradient<'g>> {
        vec![Gradient::Zero]
    }
}
