//! The basic probe: moments and extremes of a value.

use crate::{Gradient, Operation, Shape, Tensor, Value};

/// `[7]`: count, mean, standard deviation (of the population), minimum, maximum,
/// share of zeros, share of non-finite elements. Mean, deviation and extremes are
/// those of the finite elements, 0 if there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moments;

impl Moments {
    /// The names of the seven numbers, in order.
    pub const NAMES: [&'static str; 7] =
        ["count", "mean", "std", "min", "max", "zeros", "nonfinite"];
}

impl Operation for Moments {
    fn name(&self) -> String {
        "moments".into()
    }

    fn shape(&self, _: &[&Shape]) -> Result<Shape, String> {
        Ok([Self::NAMES.len()].into())
    }

    fn value(&self, operands: &[&Tensor], _: &[usize]) -> Tensor {
        let all = operands[0].data();
        let finite: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
        if finite.is_empty() {
            let lost = f64::from(!all.is_empty());
            return Tensor::vector([all.len() as f64, 0.0, 0.0, 0.0, 0.0, 0.0, lost]);
        }
        let (count, total) = (finite.len() as f64, all.len() as f64);
        let mean = finite.iter().sum::<f64>() / count;
        let variance = finite.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let low = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let high = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let zeros = finite.iter().filter(|x| **x == 0.0).count() as f64;
        Tensor::vector([
            total,
            mean,
            variance.sqrt(),
            low,
            high,
            zeros / total,
            1.0 - count / total,
        ])
    }

    fn derivative<'g>(&self, _: &[Value<'g>], _: Value<'g>, _: Value<'g>) -> Vec<Gradient<'g>> {
        vec![Gradient::Undefined]
    }
}
