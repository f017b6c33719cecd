//! Softmax, log Σ exp and the cross-entropy of one row of scores.
//!
//! Stable as the graph's reference is: scores are shifted by their maximum m, the
//! loss is (m − s_y) + ln(1 + Σ' e^{s_j − m}) with one largest score left out of
//! the sum, and the gradient at the label is minus the sum of the others.
//! A NaN among the scores makes all results NaN. A row that fits a vector, as ten
//! classes do, stays in registers.

use super::math;
use super::simd::Simd;

/// Lanes i and on of a row of n; lanes beyond it are −∞, whose exponential is 0.
#[inline(always)]
unsafe fn lanes<S: Simd>(x: *const f32, i: usize, n: usize) -> S {
    // SAFETY: the caller vouches for n numbers and the instructions of S; i < n.
    unsafe {
        if i + S::LANES <= n {
            S::load(x.add(i))
        } else {
            S::load_part(x.add(i), S::part(n - i), S::splat(f32::NEG_INFINITY))
        }
    }
}

#[inline(always)]
unsafe fn put<S: Simd>(v: S, y: *mut f32, i: usize, n: usize) {
    // SAFETY: the caller vouches for n numbers; i < n.
    unsafe {
        if i + S::LANES <= n { v.store(y.add(i)) } else { v.store_part(y.add(i), S::part(n - i)) }
    }
}

/// The largest score; NaN if all are, −∞ of none.
#[inline(always)]
unsafe fn maximum<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: `i` stays below n.
    unsafe {
        let mut most = S::splat(f32::NEG_INFINITY);
        for i in (0..n).step_by(S::LANES) {
            most = lanes::<S>(x, i, n).max(most);
        }
        most.largest()
    }
}

/// Σ e^{x − shift}.
#[inline(always)]
unsafe fn sum_exp<S: Simd>(x: *const f32, n: usize, shift: f32) -> f32 {
    // SAFETY: `i` stays below n.
    unsafe {
        let mut sum = S::splat(0.0);
        for i in (0..n).step_by(S::LANES) {
            sum = sum + math::exp(lanes::<S>(x, i, n) - shift);
        }
        sum.sum()
    }
}

/// y[i] = y[i]·factor.
#[inline(always)]
unsafe fn rescale<S: Simd>(y: *mut f32, n: usize, factor: f32) {
    // SAFETY: `i` stays below n.
    unsafe {
        for i in (0..n).step_by(S::LANES) {
            put::<S>(lanes::<S>(y, i, n) * factor, y, i, n);
        }
    }
}

/// y = e^{x_j} / Σ e^{x_k}.
///
/// # Safety
/// `x` must be readable and `y` writable for n numbers, the same or apart; the
/// processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn softmax<S: Simd>(x: *const f32, n: usize, y: *mut f32) {
    // SAFETY: `i` stays below n.
    unsafe {
        if n <= S::LANES {
            let (v, part) = (lanes::<S>(x, 0, n), S::part(n));
            let e = math::exp(v - v.largest());
            return (e * (1.0 / e.sum())).store_part(y, part);
        }
        let shift = maximum::<S>(x, n);
        let mut sum = S::splat(0.0);
        for i in (0..n).step_by(S::LANES) {
            let e = math::exp(lanes::<S>(x, i, n) - shift);
            put(e, y, i, n);
            sum = sum + e;
        }
        rescale::<S>(y, n, 1.0 / sum.sum());
    }
}

/// ln Σ e^{x_k}.
///
/// # Safety
/// `x` must be readable for n numbers; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn log_sum_exp<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: the same contract.
    unsafe {
        let shift = maximum::<S>(x, n);
        if shift.is_infinite() {
            // The maximum passes over NaN; the result must not.
            let row = std::slice::from_raw_parts(x, n);
            return row.iter().copied().find(|x| x.is_nan()).unwrap_or(shift);
        }
        shift + math::ln(S::splat(sum_exp::<S>(x, n, shift))).largest()
    }
}

/// The label as an index below n, if it is one.
#[inline(always)]
fn index(label: f32, n: usize) -> Option<usize> {
    (label >= 0.0 && label < n as f32 && label.fract() == 0.0).then_some(label as usize)
}

/// −ln softmax at the label; NaN if the label is not one of 0 … n−1.
///
/// # Safety
/// As for [`log_sum_exp`].
#[inline(always)]
pub(super) unsafe fn cross_entropy<S: Simd>(x: *const f32, n: usize, label: f32) -> f32 {
    let Some(y) = index(label, n) else { return f32::NAN };
    // SAFETY: `i` and the label stay below n.
    unsafe {
        let shift = maximum::<S>(x, n);
        let (zero, one, top) = (S::splat(0.0), S::splat(1.0), S::splat(shift));
        let (mut others, mut tops) = (zero, zero);
        for i in (0..n).step_by(S::LANES) {
            let v = lanes::<S>(x, i, n);
            let is_top = v.equals(top);
            others = others + S::select(is_top, zero, math::exp(v - shift));
            tops = tops + S::select(is_top, one, zero);
        }
        let tied = tops.sum() - 1.0;
        // Of equal largest scores all but one count e⁰; infinite ones are undefined.
        let ties = if tied > 0.0 { tied + shift * 0.0 } else { 0.0 };
        (shift - *x.add(y)) + math::ln1p(S::splat(others.sum() + ties)).largest()
    }
}

/// y = softmax − one at the label, where it is −Σ of the other probabilities; NaN
/// if the label is not one of 0 … n−1.
///
/// # Safety
/// As for [`softmax`].
#[inline(always)]
pub(super) unsafe fn cross_entropy_gradient<S: Simd>(
    x: *const f32,
    n: usize,
    label: f32,
    y: *mut f32,
) {
    // SAFETY: `i` and the label stay below n.
    unsafe {
        let Some(at) = index(label, n) else {
            for i in 0..n {
                *y.add(i) = f32::NAN;
            }
            return;
        };
        let zero = S::splat(0.0);
        if n <= S::LANES {
            let v = lanes::<S>(x, 0, n);
            let e = math::exp(v - v.largest());
            let is_label = S::iota().equals(S::splat(at as f32));
            let others = S::select(is_label, zero, e).sum();
            let factor = S::splat(1.0 / e.sum());
            let slope = S::select(is_label, S::splat(-others), e) * factor;
            return slope.store_part(y, S::part(n));
        }
        let shift = maximum::<S>(x, n);
        let (mut all, mut others) = (zero, zero);
        for i in (0..n).step_by(S::LANES) {
            let e = math::exp(lanes::<S>(x, i, n) - shift);
            let is_label = S::iota().equals(S::splat(at as f32 - i as f32));
            put(e, y, i, n);
            all = all + e;
            others = others + S::select(is_label, zero, e);
        }
        let factor = 1.0 / all.sum();
        rescale::<S>(y, n, factor);
        *y.add(at) = -(others.sum() * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};
    use gradwise_graph::ops::{
        LogSumExp, Softmax, SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient,
    };
    use gradwise_graph::{Operation, Tensor};

    const WIDTHS: [usize; 9] = [1, 2, 3, 8, 10, 16, 17, 33, 100];

    fn row(values: &[f32]) -> Tensor {
        let mut data = values.iter().map(|x| f64::from(*x));
        Tensor::from_fn([1, values.len()], |_| data.next().unwrap_or(f64::NAN))
    }

    /// All kernels against the reference. Shifting rounds by 2⁻²⁴ of the largest
    /// score, which is a relative error of the probabilities.
    fn check(scores: &[f32], label: f32) {
        let (n, wide, y) = (scores.len(), row(scores), Tensor::vector([f64::from(label)]));
        let largest = scores.iter().filter(|s| s.is_finite()).fold(0f32, |m, s| m.max(s.abs()));
        let relative = 6e-7 + 1.2e-7 * f64::from(largest);
        for kernels in each() {
            let what = format!("{} {scores:?} at {label}", kernels.isa);
            let mut p = scores.to_vec();
            // SAFETY: p has n elements and is its own result.
            unsafe { (kernels.softmax)(p.as_ptr(), n, p.as_mut_ptr()) };
            for (p, expected) in p.iter().zip(Softmax.value(&[&wide], &[1, n]).data()) {
                near(&what, *p, *expected, relative, 1e-44);
            }
            // SAFETY: n scores.
            let (sum, loss) = unsafe {
                let scores = scores.as_ptr();
                ((kernels.log_sum_exp)(scores, n), (kernels.cross_entropy)(scores, n, label))
            };
            near(&what, sum, LogSumExp.value(&[&wide], &[1, 1]).item(), 5e-7, relative);
            let expected = SoftmaxCrossEntropy.value(&[&wide, &y], &[1]).item();
            near(&what, loss, expected, relative, 1e-44);
            let mut slope = scores.to_vec();
            // SAFETY: slope has n elements and is its own result.
            unsafe {
                let y = slope.as_mut_ptr();
                (kernels.cross_entropy_gradient)(y, n, label, y);
            }
            let expected = SoftmaxCrossEntropyGradient.value(&[&wide, &y], &[1, n]);
            for (slope, expected) in slope.iter().zip(expected.data()) {
                near(&what, *slope, *expected, 2.0 * relative, 1e-44);
            }
        }
    }

    #[test]
    fn rows_are_those_of_the_reference() {
        for n in WIDTHS {
            for deviation in [0.0, 1e-3, 1.0, 30.0, 1e4] {
                let scores = normals(n as u64, n, deviation);
                for label in [0, n / 2, n - 1] {
                    check(&scores, label as f32);
                }
                for label in [-1.0, n as f32, 0.5, f32::NAN] {
                    check(&scores, label);
                }
            }
        }
    }

    #[test]
    fn special_scores() {
        for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            // Of one class the reference's gradient is 0 even for NaN, which is not hidden here.
            for n in WIDTHS.into_iter().filter(|n| *n > 1) {
                for count in 1..=n.min(3) {
                    let mut scores = normals(1, n, 1.0);
                    scores[..count].fill(special);
                    check(&scores, 0.0);
                    check(&scores, (n - 1) as f32);
                }
            }
        }
    }

    #[test]
    fn a_tiny_loss_is_not_zero() {
        for kernels in each() {
            // SAFETY: three scores.
            let loss = unsafe { (kernels.cross_entropy)([5.0, -20.0, -20.0].as_ptr(), 3, 0.0) };
            assert_eq!(loss, 2.777_588_8e-11, "{}", kernels.isa);
        }
    }
}
