//! Softmax and log Σ exp of each row, shifted by the row's maximum so that no
//! score overflows.

use super::{matrix, same_shape};
use crate::{Dim, Gradient, Operation, Shape, Tensor, Value};

/// e^{s_j} / Σ e^{s_k} along each row; NaN where that has no limit: a score of ∞, or
/// only scores of −∞.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Softmax;

/// log Σ e^{s_k} along each row: `[n, m] → [n, 1]`. As in the limit, a score of ∞
/// gives ∞, and scores that are all −∞, or none, give −∞.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogSumExp;

/// The largest element; −∞ for an empty row, NaN if one is NaN.
pub(super) fn maximum(row: &[f64]) -> f64 {
    row.iter().fold(f64::NEG_INFINITY, |m, &x| if x > m || x.is_nan() { x } else { m })
}

impl Operation for Softmax {
    fn name(&self) -> String {
        "softmax".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        matrix("softmax's operand", operands[0])?;
        same_shape(operands)
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let mut result = Vec::new();
        for row in operands[0].iter_rows() {
            let shift = maximum(row);
            let sum: f64 = row.iter().map(|s| libm::exp(s - shift)).sum();
            result.extend(row.iter().map(|s| libm::exp(s - shift) / sum));
        }
        Tensor::from_fn(sizes, |i| result[i])
    }

    fn derivative<'g>(&self, _: &[Value<'g>], y: Value<'g>, g: Value<'g>) -> Vec<Gradient<'g>> {
        vec![Gradient::Flows(y * (g - (g * y).sum_rows()))]
    }
}

impl Operation for LogSumExp {
    fn name(&self) -> String {
        "log-sum-exp".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let rows = matrix("log-sum-exp's operand", operands[0])?.dims()[0];
        Ok(vec![rows, Dim::Fixed(1)].into())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let sum = |row: &[f64]| {
            let shift = maximum(row);
            if shift.is_infinite() {
                return shift;
            }
            shift + libm::log(row.iter().map(|s| libm::exp(s - shift)).sum::<f64>())
        };
        let result: Vec<f64> = operands[0].iter_rows().map(sum).collect();
        Tensor::from_fn(sizes, |i| result[i])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![Gradient::Flows(operands[0].softmax() * g)]
    }
}
