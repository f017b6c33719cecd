//! What neighbours make of numbers under a loss that is robust against rows far off.
//!
//! R² is the measure of a squared error: a few rows far off make most of it, which the
//! absolute error and Huber's loss are chosen to leave alone.

use super::Sample;
use super::neighbours::Neighbours;
use super::targets::first_answers;
use gradwise_nn::Loss;
use gradwise_train::runfile::Resolved;

/// Halvings (by two thirds) of the range that the best constant is looked for in.
const NARROWINGS: usize = 40;

/// The mean loss of the best constant answer, and that of what the ten nearest neighbours
/// would best be answered with, in the units of the loss. `None` of other losses, and of
/// several numbers.
pub(super) fn of(
    sample: &Sample,
    neighbours: &Neighbours,
    resolved: &Resolved,
) -> Option<(f64, f64)> {
    if sample.outputs != 1 || resolved.task.has_classes() || sample.rows == 0 {
        return None;
    }
    let (mean, deviation) = match &resolved.target_scale {
        Some(scale) => (*scale.mean.first()?, *scale.deviation.first()?),
        None => (0.0, 1.0),
    };
    let units = |y: f64| (y - f64::from(mean)) / f64::from(deviation);
    let y: Vec<f64> = first_answers(sample).into_iter().map(units).collect();
    match resolved.loss {
        Loss::L1 => Some(compare(neighbours, &y, f64::abs)),
        Loss::Huber(delta) => Some(compare(neighbours, &y, |d| huber(d, delta))),
        _ => None,
    }
}

fn huber(d: f64, delta: f64) -> f64 {
    let kept = d.clamp(-delta, delta);
    kept * (d - 0.5 * kept)
}

/// The mean loss of the best constant, and of the neighbours' best.
fn compare(neighbours: &Neighbours, y: &[f64], loss: impl Fn(f64) -> f64) -> (f64, f64) {
    let mean = |sum: f64| sum / y.len().max(1) as f64;
    let constant = best(y, &loss);
    let ignorant = mean(y.iter().map(|y| loss(y - constant)).sum());
    let told = neighbours.voters().into_iter().zip(y).map(|(near, y_of_row)| {
        let theirs: Vec<f64> = near.iter().filter_map(|i| y.get(*i).copied()).collect();
        loss(y_of_row - best(&theirs, &loss))
    });
    (ignorant, mean(told.sum()))
}

/// The constant with the least sum of losses, which is convex in it.
fn best(values: &[f64], loss: &impl Fn(f64) -> f64) -> f64 {
    let sum = |constant: f64| -> f64 { values.iter().map(|y| loss(y - constant)).sum() };
    let mut low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let mut high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..NARROWINGS {
        let third = (high - low) / 3.0;
        match sum(low + third) <= sum(high - third) {
            true => high -= third,
            false => low += third,
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_constant_is_the_median_or_near_the_mean() {
        let values = [0.0, 1.0, 2.0, 3.0, 100.0];
        assert!((best(&values, &f64::abs) - 2.0).abs() < 1e-3);
        assert!((best(&values, &|d: f64| huber(d, 1e3)) - 21.2).abs() < 1e-3);
        assert!((best(&values, &|d: f64| huber(d, 1.0)) - 2.0).abs() < 0.51);
    }

    #[test]
    fn neighbours_tell_what_rows_far_off_hide() {
        // A straight line, and one row in ten far off.
        let x: Vec<f32> = (0..200).map(|i| i as f32).collect();
        let off = |i: usize| if i % 10 == 3 { 5000.0 } else { i as f32 };
        let y: Vec<f32> = (0..200).map(off).collect();
        let sample = Sample { rows: 200, columns: 1, x, outputs: 1, y };
        let y = first_answers(&sample);
        let (ignorant, told) = compare(&Neighbours::of(&sample), &y, |d| huber(d, 1.0));
        assert!(told < 0.95 * ignorant, "{told} of {ignorant}");
    }
}
