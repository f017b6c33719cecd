//! Means with their uncertainty, and the paired test of a difference.
//!
//! Values over seeds are independent draws, so Student's t holds for their mean. Values
//! over folds are not: any two folds share most of their training rows, and the plain
//! test finds differences that are not there. Nadeau and Bengio (*Inference for the
//! Generalization Error*, Machine Learning 52, 2003) widen the variance of the mean from
//! σ²/K to σ²(1/K + n₂/n₁), with n₂ rows validating and n₁ training: 1/(K−1) for K folds.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::ops::RangeInclusive;

/// The probability that an interval covers the true value.
pub const CONFIDENCE: f64 = 0.95;

/// How the values of a variant hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Each from a seed of its own.
    Seeds,
    /// Each from one of so many folds of the same rows.
    Folds(u32),
}

/// The mean of some values and how far to trust it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many values.
    pub values: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, over N − 1; none of a single value.
    pub std: Option<f64>,
    /// The lower end of the mean's 95 % confidence interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The difference of two variants over the same seeds or folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Pairs of values.
    pub pairs: usize,
    /// The mean difference.
    pub mean: f64,
    /// The lower end of its 95 % confidence interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The probability of such a difference, or a larger one, if there is none.
    pub p: f64,
}

impl Spread {
    /// With its interval cut to values that the mean can have: few seeds near 100 %
    /// would reach beyond.
    pub fn within(self, range: &RangeInclusive<f64>) -> Spread {
        let cut = |x: f64| x.clamp(*range.start(), *range.end());
        Spread { low: self.low.map(cut), high: self.high.map(cut), ..self }
    }
}

impl Sampling {
    /// The variance of the mean of `count` values over the variance of one.
    fn of_mean(self, count: usize) -> f64 {
        let shared = match self {
            Sampling::Seeds => 0.0,
            Sampling::Folds(of) => 1.0 / (f64::from(of) - 1.0).max(1.0),
        };
        1.0 / count.max(1) as f64 + shared
    }
}

/// The spread of values; `None` if there are none.
pub fn spread(values: &[f64], sampling: Sampling) -> Option<Spread> {
    let mean = mean(values)?;
    let std = variance(values, mean).map(f64::sqrt);
    let half = std.zip(quantile(values.len()));
    let half = half.map(|(std, t)| t * std * sampling.of_mean(values.len()).sqrt());
    let (low, high) = (half.map(|h| mean - h), half.map(|h| mean + h));
    Some(Spread { values: values.len(), mean, std, low, high })
}

/// The paired t-test of differences; `None` of fewer than two.
///
/// `resolution` is the step between two values that a metric can take (1/rows for a
/// share of rows, 0 for a continuous one). Rounding to such a step adds a variance of
/// δ²/12 to each of the two values (Widrow and Kollár, *Quantization Noise*, 2008), so
/// less than δ²/6 is never believed: else two seeds that differ by the same one row
/// would prove a difference.
pub fn paired(differences: &[f64], sampling: Sampling, resolution: f64) -> Option<Difference> {
    let (pairs, mean) = (differences.len(), mean(differences)?);
    let variance = variance(differences, mean)?.max(resolution * resolution / 6.0);
    let error = (variance * sampling.of_mean(pairs)).sqrt();
    let half = quantile(pairs)? * error;
    let p = match error {
        // No spread at all: the same difference each time, or none.
        0.0 => f64::from(u8::from(mean == 0.0)),
        _ => (2.0 * student(pairs)?.sf((mean / error).abs())).min(1.0),
    };
    Some(Difference { pairs, mean, low: mean - half, high: mean + half, p })
}

/// The most pairs whose ranks are counted out.
const COUNTED: usize = 200;

/// The probability, if neither side were better, that differences lean to the positive
/// side by rank as much as these: Wilcoxon's signed ranks (1945), counted out over all
/// signs, with mean ranks of equal sizes. Where a few pairs differ wildly and all others
/// a little, ranks see what means do not. `None` without a difference, or of too many to
/// be counted.
pub fn signed_rank(differences: &[f64]) -> Option<f64> {
    let mut kept: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if kept.is_empty() || kept.len() > COUNTED || kept.iter().any(|d| d.is_nan()) {
        return None;
    }
    kept.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    // Twice the ranks: the mean of two neighbours is then a whole number too.
    let mut ranks: Vec<usize> = Vec::new();
    for equal in kept.chunk_by(|a, b| a.abs() == b.abs()) {
        let first = ranks.len() + 1;
        ranks.extend(equal.iter().map(|_| 2 * first + equal.len() - 1));
    }
    let sum: usize = kept.iter().zip(&ranks).filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    // The share of all signs with each sum.
    let mut shares = vec![0.0; ranks.iter().sum::<usize>() + 1];
    shares[0] = 1.0;
    for rank in ranks {
        for at in (0..shares.len()).rev() {
            let with = at.checked_sub(rank).map_or(0.0, |below| shares[below]);
            shares[at] = 0.5 * (shares[at] + with);
        }
    }
    Some(shares[sum..].iter().sum())
}

/// Corrects p-values of a family of tests, so that the probability of even one false
/// difference stays under the level (Holm, *A Simple Sequentially Rejective Multiple
/// Test Procedure*, 1979). In the order given.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let (mut corrected, mut least) = (vec![1.0; p_values.len()], 0.0f64);
    for (rank, index) in order.into_iter().enumerate() {
        let scaled = p_values[index] * (p_values.len() - rank) as f64;
        least = least.max(scaled.min(1.0));
        corrected[index] = least;
    }
    corrected
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation over N − 1; `None` of fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    variance(values, mean(values)?).map(f64::sqrt)
}

/// Over N − 1; exactly 0 of equal values, whatever their mean was rounded to.
fn variance(values: &[f64], mean: f64) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    if values.iter().all(|x| x == &values[0]) {
        return Some(0.0);
    }
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    Some(squares / (values.len() - 1) as f64)
}

/// Student's t with N − 1 degrees of freedom; `None` of fewer than two values.
fn student(values: usize) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, values.checked_sub(1)? as f64).ok()
}

/// The t that a confidence interval reaches to on each side.
fn quantile(values: usize) -> Option<f64> {
    Some(student(values)?.inverse_cdf(0.5 + CONFIDENCE / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metric;
    use proptest::prelude::*;

    const A: [f64; 5] = [0.91, 0.93, 0.90, 0.95, 0.92];
    const B: [f64; 5] = [0.89, 0.92, 0.90, 0.91, 0.90];

    const SPREAD: [f64; 3] = [0.019235384061671322, 0.8981161161190002, 0.9458838838809999];
    const PAIRED: [f64; 3] = [0.0533382610456888, -0.0004168533299197877, 0.03641685332991978];
    const CORRECTED: [f64; 3] = [0.14470399860633, -0.009625279994879676, 0.04562527999487967];

    fn differences() -> Vec<f64> {
        A.iter().zip(&B).map(|(a, b)| a - b).collect()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{a} is not {b}");
    }

    /// `scipy.stats.t.interval(0.95, 4, loc=mean(A), scale=sem(A))`.
    #[test]
    fn an_interval_ends_where_the_metric_does() {
        let accuracy = Metric::new("accuracy").range();
        let near_one = spread(&[1.0, 1.0, 0.94], Sampling::Seeds).unwrap();
        assert!(near_one.high > Some(1.0));
        let cut = near_one.within(&accuracy);
        assert_eq!((cut.low, cut.high), (near_one.low, Some(1.0)));
        assert_eq!(near_one.within(&Metric::new("loss").range()), near_one);
    }

    #[test]
    fn the_interval_is_scipys() {
        let spread = spread(&A, Sampling::Seeds).unwrap();
        near(spread.mean, 0.922);
        near(spread.std.unwrap(), SPREAD[0]);
        near(spread.low.unwrap(), SPREAD[1]);
        near(spread.high.unwrap(), SPREAD[2]);
    }

    /// `scipy.stats.wilcoxon(d, alternative="greater", mode="exact")`; with ties and zeros
    /// all signs of the mean ranks, counted by hand.
    #[test]
    fn ranks_are_scipys() {
        let d = [0.3, -0.1, 0.2, 0.5, 0.05, 0.4, -0.02, 0.7, 0.6];
        near(signed_rank(&d).unwrap(), 0.013671875);
        near(signed_rank(&[0.1, 0.1, -0.1, 0.2, 0.0, 0.3]).unwrap(), 0.125);
        assert_eq!((signed_rank(&[0.0, 0.0]), signed_rank(&[f64::NAN])), (None, None));
        near(signed_rank(&[1.0; COUNTED]).unwrap().log2(), -(COUNTED as f64));
    }

    /// `scipy.stats.ttest_rel(A, B)` and its `confidence_interval()`.
    #[test]
    fn the_paired_test_is_scipys() {
        let found = paired(&differences(), Sampling::Seeds, 0.0).unwrap();
        near(found.p, PAIRED[0]);
        near(found.low, PAIRED[1]);
        near(found.high, PAIRED[2]);
    }

    /// By Nadeau and Bengio's formula with n₂/n₁ = 1/4 and `scipy.stats.t.sf`.
    #[test]
    fn folds_widen_the_test() {
        let found = paired(&differences(), Sampling::Folds(5), 0.0).unwrap();
        near(found.p, CORRECTED[0]);
        near(found.low, CORRECTED[1]);
        near(found.high, CORRECTED[2]);
    }

    /// 2 · `scipy.stats.t.sf(3.7, df)` and `scipy.stats.t.ppf(0.975, df)`.
    #[test]
    fn the_distribution_is_students() {
        let table = [
            (2, 0.16804452564789518, 12.706204736174694),
            (3, 0.06590671019436672, 4.302652729749462),
            (5, 0.020835429490449902, 2.7764451051977934),
            (10, 0.0049205621893296395, 2.262157162798205),
            (30, 0.0008974731043762694, 2.045229642132703),
        ];
        for (values, tail, reach) in table {
            near(2.0 * student(values).unwrap().sf(3.7), tail);
            near(quantile(values).unwrap(), reach);
        }
    }

    #[test]
    fn too_few_values_have_no_spread_and_no_test() {
        assert_eq!(spread(&[], Sampling::Seeds), None);
        let one = spread(&[0.5], Sampling::Seeds).unwrap();
        assert_eq!((one.mean, one.std, one.low), (0.5, None, None));
        assert_eq!(paired(&[0.5], Sampling::Seeds, 0.0), None);
    }

    #[test]
    fn equal_values_are_no_difference_and_one_row_proves_nothing() {
        assert_eq!(paired(&[0.0; 3], Sampling::Seeds, 0.0).unwrap().p, 1.0);
        assert_eq!(paired(&[0.1; 3], Sampling::Seeds, 0.0).unwrap().p, 0.0);
        let row = 1.0 / 15.0;
        assert!(paired(&[row; 3], Sampling::Seeds, row).unwrap().p > 0.05);
        assert!(paired(&[5.0 * row; 3], Sampling::Seeds, row).unwrap().p < 0.01);
    }

    /// `statsmodels`' example of Holm's method by hand: 0.01·4, 0.02·3, 0.03·2, 0.04·1,
    /// each at least the one before.
    #[test]
    fn holm_scales_from_the_smallest_on() {
        let corrected = holm(&[0.04, 0.01, 0.03, 0.02]);
        let expected = [0.06, 0.04, 0.06, 0.06];
        corrected.iter().zip(expected).for_each(|(a, b)| near(*a, b));
        assert_eq!(holm(&[0.7, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn the_interval_holds_zero_just_when_p_is_above_the_level(
            values in prop::collection::vec(-1.0..1.0f64, 2..9), folds: bool,
        ) {
            let sampling = if folds { Sampling::Folds(5) } else { Sampling::Seeds };
            let found = paired(&values, sampling, 0.0).unwrap();
            prop_assume!((found.p - 0.05).abs() > 1e-6);
            prop_assert_eq!(found.low <= 0.0 && found.high >= 0.0, found.p > 0.05);
        }

        #[test]
        fn holm_never_lowers_and_keeps_the_order(values in prop::collection::vec(0.0..=1.0f64, 0..9)) {
            let corrected = holm(&values);
            for (i, p) in values.iter().enumerate() {
                prop_assert!(corrected[i] >= *p && corrected[i] <= 1.0);
                for (j, q) in values.iter().enumerate() {
                    prop_assert!(p > q || corrected[i] <= corrected[j]);
                }
            }
        }
    }
}
