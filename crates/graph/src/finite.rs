//! Gradients by finite differences: the judge of every derivative, built in or a
//! user's own.
//!
//! A derivative that is wrong trains a little worse and says nothing, so it must be
//! cheap to ask. The central difference of fourth order,
//! (f(x−2h) − 8f(x−h) + 8f(x+h) − f(x+2h)) / 12h, is off by h⁴f⁽⁵⁾/30, so a step of
//! 2e-4 leaves about 1e-12 of truncation and as much of rounding. Source:
//! Abramowitz and Stegun, *Handbook of Mathematical Functions*, 25.3.6.

use crate::error::GraphError;
use crate::evaluate::Feeds;
use crate::graph::Graph;
use crate::operation::Op;
use crate::{Tensor, Value};
use std::panic::Location;

/// The step, for a coordinate between −1 and 1; larger ones scale it.
const STEP: f64 = 2e-4;

/// The stencil: steps away, and the weight there in twelfths.
const STENCIL: [(f64, f64); 4] = [(-2.0, 1.0), (-1.0, -8.0), (1.0, 8.0), (2.0, -1.0)];

/// Below this size, errors of a gradient count as absolute ones: relative to a zero
/// that rounding blurs, every error would be infinite.
const FLOOR: f64 = 1e-3;

impl Graph {
    /// The gradient of the scalar `loss` by the input or parameter `by`, by finite
    /// differences in f64. It costs four evaluations for each element of `by`.
    ///
    /// # Errors
    /// As [`Graph::evaluate`]; a loss that is not a scalar; `by` that is computed
    /// and so cannot be moved.
    #[track_caller]
    pub fn finite_differences(
        &self,
        loss: Value<'_>,
        by: Value<'_>,
        feeds: &Feeds,
    ) -> Result<Tensor, GraphError> {
        self.check()?;
        self.owned("finite differences", &[loss, by], Location::caller())?;
        if loss.shape().rank() != 0 {
            return Err(GraphError::NotScalar(self.operand(loss.id())));
        }
        let node = self.node(by.id()).clone();
        if !matches!(node.op, Op::Input | Op::Parameter(_)) {
            let reason = "it is computed: only inputs and parameters can be moved".into();
            return Err(GraphError::Feed { name: node.label(), shape: node.shape, reason });
        }
        let at = self.evaluate(&[by], feeds)?.remove(0);
        let mut slopes = Vec::with_capacity(at.data().len());
        for element in 0..at.data().len() {
            slopes.push(self.slope(loss, &node.label(), &at, element, feeds)?);
        }
        Ok(Tensor::from_fn(at.sizes(), |i| slopes[i]))
    }

    /// How far the gradient of `loss` by each of `by` is from finite differences:
    /// the largest difference over the largest element. A right derivative stays
    /// below 1e-7 away from kinks.
    ///
    /// # Errors
    /// As [`Graph::gradients`] and [`Graph::finite_differences`].
    #[track_caller]
    pub fn gradient_errors<'g>(
        &'g self,
        loss: Value<'g>,
        by: &[Value<'g>],
        feeds: &Feeds,
    ) -> Result<Vec<f64>, GraphError> {
        let gradients = self.gradients(loss, by)?;
        let values = self.evaluate(&gradients, feeds)?;
        let error = |(by, value): (&Value<'g>, &Tensor)| {
            Ok(distance(value, &self.finite_differences(loss, *by, feeds)?))
        };
        by.iter().zip(&values).map(error).collect()
    }

    /// The difference quotient of `loss` by one element of the value `name`.
    fn slope(
        &self,
        loss: Value<'_>,
        name: &str,
        at: &Tensor,
        element: usize,
        feeds: &Feeds,
    ) -> Result<f64, GraphError> {
        let step = STEP * at.data()[element].abs().max(1.0);
        let mut sum = 0.0;
        for (steps, weight) in STENCIL {
            let mut moved = at.clone();
            moved.data_mut()[element] += steps * step;
            let feeds = feeds.clone().with(name, moved);
            sum += weight * self.evaluate(&[loss], &feeds)?.remove(0).item();
        }
        Ok(sum / (12.0 * step))
    }
}

/// The largest difference over the largest element; NaN where only one is NaN.
fn distance(a: &Tensor, b: &Tensor) -> f64 {
    let largest = |t: &Tensor| t.data().iter().fold(FLOOR, |m, x| m.max(x.abs()));
    let pairs = a.data().iter().zip(b.data());
    let difference =
        pairs.map(|(x, y)| (x - y).abs()).fold(0.0, |m, d| if d > m || d.is_nan() { d } else { m });
    difference / largest(a).max(largest(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Initializer, Role, Shape};

    #[test]
    fn the_slope_of_a_cube_is_exact_to_rounding() {
        let graph = Graph::new();
        let x = graph.input("x", [2]);
        let loss = (x * x * x).sum();
        let feeds = Feeds::new().with("x", Tensor::vector([0.5, -30.0]));
        let slopes = graph.finite_differences(loss, x, &feeds).unwrap();
        assert!((slopes.data()[0] - 0.75).abs() < 1e-9 * 2700.0, "{slopes:?}");
        assert!((slopes.data()[1] - 2700.0).abs() < 1e-7, "{slopes:?}");
    }

    #[test]
    fn a_parameter_moves_from_its_first_value() {
        let graph = Graph::new();
        let w = graph.parameter("w", [], Role::Weight, Initializer::constant(3.0));
        let errors = graph.gradient_errors(w.square(), &[w], &Feeds::new()).unwrap();
        assert!(errors[0] < 1e-10, "{errors:?}");
    }

    #[test]
    fn what_cannot_be_moved_is_said() {
        let graph = Graph::new();
        let x = graph.input("x", Shape::scalar());
        let feeds = Feeds::new().with("x", Tensor::scalar(1.0));
        let y = x.exp().name("y");
        let message = graph.finite_differences(y, y, &feeds).unwrap_err().to_string();
        assert!(message.contains("\"y\"") && message.contains("it is computed"), "{message}");
    }
}
