//! L-BFGS on full batches: the two-loop recursion in f64 over a function whose
//! value and gradient may carry f32 noise.
//!
//! Source: Nocedal and Wright, *Numerical Optimization*, 2006, algorithms 7.4 and
//! 7.5; the line search is in [`line_search`].

pub mod line_search;

use line_search::{Found, Start, search};
use std::collections::VecDeque;

/// Value and gradient of the function at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The function's value.
    pub value: f64,
    /// Its gradient, as long as the point.
    pub gradient: Vec<f64>,
}

/// One remembered step: how the point and the gradient changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// x_{k+1} − x_k.
    pub step: Vec<f64>,
    /// ∇f_{k+1} − ∇f_k.
    pub change: Vec<f64>,
}

/// The state of a minimization. All of it is public, so that a checkpoint can hold
/// it; the evaluation at the point may be dropped and is then made again.
#[derive(Clone, Debug, PartialEq)]
pub struct Lbfgs {
    /// Pairs remembered at most (PyTorch's default would be 100, SciPy's is 10).
    pub history: usize,
    /// Done when no element of the gradient is larger (PyTorch's `tolerance_grad`,
    /// there 1e-7). Gradients of a mean loss in f32 are good to about 1e-9: 1e-8 can
    /// be reached, and is where coefficients of a logistic regression agree to 1e-5.
    pub tolerance: f64,
    /// The steps remembered, oldest first.
    pub pairs: VecDeque<Pair>,
    /// Value and gradient at the point, if known.
    pub at: Option<Evaluation>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The point moved and the function's value did not rise beyond its noise.
    Moved,
    /// No element of the gradient is above the tolerance: the point is the minimum.
    Converged,
    /// No step lowers the value any more: the minimum within the precision of the
    /// function, or a function that is not finite or not smooth here.
    Stuck,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Lbfgs { history: 10, tolerance: 1e-8, pairs: VecDeque::new(), at: None }
    }
}

impl Lbfgs {
    /// One iteration: changes `point` to a better one.
    ///
    /// # Errors
    /// The first error of `evaluate`; the point is then as it was.
    pub fn step<E>(
        &mut self,
        point: &mut [f64],
        mut evaluate: impl FnMut(&[f64]) -> Result<Evaluation, E>,
    ) -> Result<Outcome, E> {
        let here = match self.at.take() {
            Some(known) if known.gradient.len() == point.len() => known,
            _ => evaluate(point)?,
        };
        if here.gradient.iter().all(|g| g.abs() <= self.tolerance) {
            self.at = Some(here);
            return Ok(Outcome::Converged);
        }
        let mut found = self.try_direction(point, &here, &mut evaluate)?;
        if found.is_none() && !self.pairs.is_empty() {
            self.pairs.clear();
            found = self.try_direction(point, &here, &mut evaluate)?;
        }
        let Some(found) = found else {
            self.at = Some(here);
            return Ok(Outcome::Stuck);
        };
        self.remember(point, &here, &found);
        point.copy_from_slice(&found.point);
        self.at = Some(found.evaluation);
        Ok(Outcome::Moved)
    }

    /// Searches along the quasi-Newton direction, if it leads downhill.
    fn try_direction<E>(
        &self,
        point: &[f64],
        here: &Evaluation,
        evaluate: &mut impl FnMut(&[f64]) -> Result<Evaluation, E>,
    ) -> Result<Option<Found>, E> {
        let direction = self.direction(&here.gradient);
        let slope = dot(&direction, &here.gradient);
        if !(slope < 0.0 && slope.is_finite() && here.value.is_finite()) {
            return Ok(None);
        }
        let steepness: f64 = here.gradient.iter().map(|g| g.abs()).sum();
        let first = if self.pairs.is_empty() { (1.0 / steepness).min(1.0) } else { 1.0 };
        let start = Start { point, direction: &direction, value: here.value, slope, first };
        search(&start, evaluate)
    }

    /// −H·gradient by the two-loop recursion.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut weights = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let weight = dot(&pair.step, &q) / dot(&pair.step, &pair.change);
            add(&mut q, -weight, &pair.change);
            weights.push(weight);
        }
        if let Some(Pair { step, change }) = self.pairs.back() {
            let scale = dot(step, change) / dot(change, change);
            q.iter_mut().for_each(|x| *x *= scale);
        }
        for (pair, weight) in self.pairs.iter().zip(weights.iter().rev()) {
            let back = dot(&pair.change, &q) / dot(&pair.step, &pair.change);
            add(&mut q, weight - back, &pair.step);
        }
        q
    }

    /// Keeps the step if the curvature along it is positive, which keeps H positive
    /// definite.
    fn remember(&mut self, point: &[f64], here: &Evaluation, found: &Found) {
        let difference =
            |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        let step = difference(&found.point, point);
        let change = difference(&found.evaluation.gradient, &here.gradient);
        let curvature = dot(&step, &change);
        if curvature > 1e-10 * dot(&change, &change) && curvature > 0.0 {
            self.pairs.push_back(Pair { step, change });
        }
        while self.pairs.len() > self.history.max(1) {
            self.pairs.pop_front();
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// to ← to + factor·from.
fn add(to: &mut [f64], factor: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

#[cfg(test)]
mod tests;
