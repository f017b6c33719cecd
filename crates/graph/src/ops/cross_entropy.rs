//! −log softmax at the label, with its gradient, exact at any score.
//!
//! With m the largest score, the loss of a row is (m − s_y) + log1p(Σ' e^{s_j − m}),
//! the sum leaving out one largest score: so (5, −20, −20) with y = 0 loses
//! 2.7775888e-11 and not 0, in f32 too.

use super::{matrix, softmax::maximum};
use crate::{Gradient, Operation, Shape, Tensor, Value};

/// −log softmax(scores) at the label: `[n, c]`, `[n]` → `[n]`.
///
/// A label that is not one of 0 … c−1 gives NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SoftmaxCrossEntropy;

/// The former's gradient by the scores, softmax − one at the label:
/// `[n, c]`, `[n]` → `[n, c]`. At the label it is −Σ of the other probabilities,
/// which does not cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SoftmaxCrossEntropyGradient;

fn labelled<'s>(operands: &[&'s Shape]) -> Result<&'s Shape, String> {
    let (scores, labels) = (matrix("the scores", operands[0])?, operands[1]);
    if labels.dims() != &scores.dims()[..1] {
        return Err(format!(
            "scores {scores} need one label a row, [{}], not {labels}",
            scores.dims()[0]
        ));
    }
    Ok(scores)
}

/// The label as an index, if it is one.
pub(super) fn index(label: f64, classes: usize) -> Option<usize> {
    (label >= 0.0 && label < classes as f64 && label.fract() == 0.0).then_some(label as usize)
}

fn loss(row: &[f64], label: f64) -> f64 {
    let Some(y) = index(label, row.len()) else { return f64::NAN };
    let m = maximum(row);
    let top = row.iter().position(|&s| s == m);
    let others = row.iter().enumerate().filter(|(j, _)| Some(*j) != top);
    (m - row[y]) + libm::log1p(others.map(|(_, s)| libm::exp(s - m)).sum::<f64>())
}

fn gradient(row: &[f64], label: f64) -> Vec<f64> {
    let Some(y) = index(label, row.len()) else { return vec![f64::NAN; row.len()] };
    let m = maximum(row);
    let mut result: Vec<f64> = row.iter().map(|s| libm::exp(s - m)).collect();
    let sum: f64 = result.iter().sum();
    result.iter_mut().for_each(|p| *p /= sum);
    result[y] = 0.0;
    result[y] = -result.iter().sum::<f64>();
    result
}

impl Operation for SoftmaxCrossEntropy {
    fn name(&self) -> String {
        "softmax-cross-entropy".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        Ok(vec![labelled(operands)?.dims()[0]].into())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let losses: Vec<f64> =
            operands[0].iter_rows().zip(operands[1].data()).map(|(row, y)| loss(row, *y)).collect();
        Tensor::from_fn(sizes, |i| losses[i])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let (scores, labels) = (operands[0], operands[1]);
        let rows: Shape = vec![scores.shape().dims()[0], 1.into()].into();
        let slope = scores.softmax_cross_entropy_gradient(labels);
        vec![Gradient::Flows(slope * g.reshape(rows)), Gradient::Undefined]
    }
}

impl Operation for SoftmaxCrossEntropyGradient {
    fn name(&self) -> String {
        "softmax − one-hot".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        labelled(operands).cloned()
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let rows = operands[0].iter_rows().zip(operands[1].data());
        let slopes: Vec<f64> = rows.flat_map(|(row, y)| gradient(row, *y)).collect();
        Tensor::from_fn(sizes, |i| slopes[i])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let p = operands[0].softmax();
        vec![Gradient::Flows(p * (g - (g * p).sum_rows())), Gradient::Undefined]
    }
}
