//! A line search that works down to the noise of its function.
//!
//! Close to a minimum the function's value is flat within its rounding, while its
//! slope still points the way. So besides the Wolfe conditions the *approximate*
//! Wolfe conditions are accepted, which test the slope and let the value rise by
//! `NOISE`: Hager and Zhang, "A new conjugate gradient method with guaranteed
//! descent and an efficient line search", SIAM J. Optim. 2005, section 4.

use super::{Evaluation, dot};

/// δ: the share of the promised decrease that is asked for.
const DECREASE: f64 = 0.1;
/// σ: the share of the slope that may be left.
const CURVATURE: f64 = 0.9;
/// ε: the relative rise of the value that is taken for noise (Hager and Zhang's
/// 1e-6 is also about the rounding of a mean loss in f32).
const NOISE: f64 = 1e-6;
/// Evaluations after which the search gives up.
const MOST_EVALUATIONS: usize = 40;

/// Where a search begins.
pub struct Start<'s> {
    /// The point x.
    pub point: &'s [f64],
    /// The direction d.
    pub direction: &'s [f64],
    /// f(x).
    pub value: f64,
    /// d·∇f(x), below 0.
    pub slope: f64,
    /// The first step length to try.
    pub first: f64,
}

/// The point that a search accepted.
#[derive(Clone, Debug)]
pub struct Found {
    /// x + α·d.
    pub point: Vec<f64>,
    /// Value and gradient there.
    pub evaluation: Evaluation,
}

/// One trial.
struct Trial {
    length: f64,
    slope: f64,
    found: Found,
}

/// The step lengths known to be too short and too long, with their slopes.
struct Bracket {
    low: (f64, f64),
    high: Option<(f64, Option<f64>)>,
}

/// Finds a point along the direction that satisfies the Wolfe or the approximate
/// Wolfe conditions; else the best one that lowers the value; else `None`.
///
/// # Errors
/// The first error of `evaluate`.
pub fn search<E>(
    start: &Start<'_>,
    evaluate: &mut impl FnMut(&[f64]) -> Result<Evaluation, E>,
) -> Result<Option<Found>, E> {
    let mut bracket = Bracket { low: (0.0, start.slope), high: None };
    let (mut length, mut best) = (start.first, None::<Found>);
    for _ in 0..MOST_EVALUATIONS {
        let trial = start.trial(length, evaluate)?;
        if start.accepts(&trial) {
            return Ok(Some(trial.found));
        }
        bracket.narrow(&trial, start.bound());
        let least = best.as_ref().map_or(start.value, |b| b.evaluation.value);
        if trial.found.evaluation.value < least {
            best = Some(trial.found);
        }
        let next = bracket.next();
        if next == length || !next.is_finite() {
            break;
        }
        length = next;
    }
    Ok(best)
}

impl Start<'_> {
    /// The largest value that noise may explain.
    fn bound(&self) -> f64 {
        self.value + NOISE * self.value.abs()
    }

    fn trial<E>(
        &self,
        length: f64,
        evaluate: &mut impl FnMut(&[f64]) -> Result<Evaluation, E>,
    ) -> Result<Trial, E> {
        let along = |(x, d): (&f64, &f64)| x + length * d;
        let point: Vec<f64> = self.point.iter().zip(self.direction).map(along).collect();
        let evaluation = evaluate(&point)?;
        let slope = dot(self.direction, &evaluation.gradient);
        Ok(Trial { length, slope, found: Found { point, evaluation } })
    }

    fn accepts(&self, trial: &Trial) -> bool {
        let value = trial.found.evaluation.value;
        let flat_enough = trial.slope >= CURVATURE * self.slope;
        let wolfe = value <= self.value + DECREASE * trial.length * self.slope;
        let approximate =
            trial.slope <= (2.0 * DECREASE - 1.0) * self.slope && value <= self.bound();
        value.is_finite() && trial.slope.is_finite() && flat_enough && (wolfe || approximate)
    }
}

impl Bracket {
    fn narrow(&mut self, trial: &Trial, bound: f64) {
        let value = trial.found.evaluation.value;
        if !(value <= bound && trial.slope.is_finite()) {
            self.high = Some((trial.length, None));
        } else if trial.slope >= 0.0 {
            self.high = Some((trial.length, Some(trial.slope)));
        } else {
            self.low = (trial.length, trial.slope);
        }
    }

    /// The next length: further out while nothing is too long; else where the slope
    /// would be 0 by the secant, kept off the ends; else the middle.
    fn next(&self) -> f64 {
        let (low, slope) = self.low;
        let Some((high, high_slope)) = self.high else { return 4.0 * low };
        let width = high - low;
        let share = high_slope.map_or(0.5, |above| -slope / (above - slope));
        low + width * share.clamp(0.1, 0.9)
    }
}
