//! Functions of two elements, with NumPy's broadcasting.

use crate::{Gradient, Operation, Shape, Tensor, Value};

/// An element-wise function of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// a + b.
    Add,
    /// a − b.
    Sub,
    /// a·b.
    Mul,
    /// a/b.
    Div,
    /// The larger; on a tie the gradient goes to a.
    Max,
    /// The smaller; on a tie the gradient goes to a.
    Min,
    /// 1 where a > b, else 0.
    Greater,
}

impl Binary {
    /// The reference value for one pair.
    pub fn at(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Max => {
                if b > a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Min => {
                if b < a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Greater => f64::from(a > b),
        }
    }
}

impl Operation for Binary {
    fn name(&self) -> String {
        match self {
            Binary::Add => "add",
            Binary::Sub => "subtract",
            Binary::Mul => "multiply",
            Binary::Div => "divide",
            Binary::Max => "max",
            Binary::Min => "min",
            Binary::Greater => "greater",
        }
        .into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let (a, b) = (operands[0], operands[1]);
        a.broadcast(b).ok_or_else(|| {
            format!("{a} and {b} do not broadcast: from the right, sizes must be equal, or one of them 1")
        })
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let (a, b) = (operands[0], operands[1]);
        Tensor::from_fn(sizes, |i| {
            let (ia, ib) = (a.broadcast_index(sizes, i), b.broadcast_index(sizes, i));
            self.at(a.data()[ia], b.data()[ib])
        })
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        y: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let (a, b) = (operands[0], operands[1]);
        let (to_a, to_b) = match self {
            Binary::Add => (g, g),
            Binary::Sub => (g, -g),
            Binary::Mul => (g * b, g * a),
            Binary::Div => (g / b, -(g * y / b)),
            Binary::Max => (g * (1.0 - b.greater(a)), g * b.greater(a)),
            Binary::Min => (g * (1.0 - a.greater(b)), g * a.greater(b)),
            Binary::Greater => return vec![Gradient::Zero; 2],
        };
        vec![
            Gradient::Flows(to_a.reduce(a.shape(), false)),
            Gradient::Flows(to_b.reduce(b.shape(), false)),
        ]
    }
}
