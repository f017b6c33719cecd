//! Sums and the search for non-finite numbers.
//!
//! The order of summation is a function of n alone, so a result does not depend
//! on threads as long as the work is cut at the same places.

use super::grid::Rows;
use super::simd::Simd;

/// Independent accumulators: enough to hide the latency of an addition.
const WAYS: usize = 4;

/// Numbers summed in f32 before the sum is carried on in f64, so that the error
/// does not grow with n. A block stays in the first-level cache for a second pass.
pub(super) const BLOCK: usize = 4096;

/// The most numbers that one lane adds up in f32.
const IN_A_LANE: usize = 128;

/// What is accumulated of each element.
trait Term {
    fn add<S: Simd>(sum: S, x: S) -> S;
}

struct Plain;

impl Term for Plain {
    #[inline(always)]
    fn add<S: Simd>(sum: S, x: S) -> S {
        sum + x
    }
}

struct Size;

impl Term for Size {
    #[inline(always)]
    fn add<S: Simd>(sum: S, x: S) -> S {
        sum + x.abs()
    }
}

struct Squared;

impl Term for Squared {
    #[inline(always)]
    fn add<S: Simd>(sum: S, x: S) -> S {
        x.fma(x, sum)
    }
}

/// 0 for finite numbers and NaN for others.
struct Vanishing;

impl Term for Vanishing {
    #[inline(always)]
    fn add<S: Simd>(sum: S, x: S) -> S {
        x.fma(x.like(0.0), sum)
    }
}

/// Σ term(x[i]) of one block in f32.
#[inline(always)]
unsafe fn block<S: Simd, T: Term>(x: *const f32, n: usize) -> f32 {
    // SAFETY: `i` stays below n, and the rest after whole vectors is a part; the
    // caller vouches for n numbers and the instructions of S.
    unsafe {
        let mut sums = [S::splat(0.0); WAYS];
        let mut i = 0;
        while i + WAYS * S::LANES <= n {
            for (way, sum) in sums.iter_mut().enumerate() {
                *sum = T::add(*sum, S::load(x.add(i + way * S::LANES)));
            }
            i += WAYS * S::LANES;
        }
        while i + S::LANES <= n {
            sums[0] = T::add(sums[0], S::load(x.add(i)));
            i += S::LANES;
        }
        if i < n {
            let last = S::load_part(x.add(i), S::part(n - i), S::splat(0.0));
            sums[1] = T::add(sums[1], last);
        }
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
    }
}

#[inline(always)]
unsafe fn total<S: Simd, T: Term>(x: *const f32, n: usize) -> f32 {
    let mut total = 0.0;
    let length = BLOCK.min(IN_A_LANE * WAYS * S::LANES);
    for start in (0..n).step_by(length) {
        // SAFETY: the block lies within the n numbers the caller vouches for.
        total += f64::from(unsafe { block::<S, T>(x.add(start), length.min(n - start)) });
    }
    total as f32
}

/// Σ x[i].
///
/// # Safety
/// `x` must be readable for n numbers; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn sum<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: the same contract.
    unsafe { total::<S, Plain>(x, n) }
}

/// Σ x[i]².
///
/// # Safety
/// As for [`sum`].
#[inline(always)]
pub(super) unsafe fn sum_squares<S: Simd>(x: *const f32, n: usize) -> f32 {
    // SAFETY: the same contract.
    unsafe { total::<S, Squared>(x, n) }
}

/// Whether some x[i] is infinite or NaN.
///
/// # Safety
/// As for [`sum`].
#[inline(always)]
pub(super) unsafe fn has_nonfinite<S: Simd>(x: *const f32, n: usize) -> bool {
    // SAFETY: the same contract.
    unsafe { block::<S, Vanishing>(x, n) != 0.0 }
}

/// sums[i] += x[i]: one row of a sum over rows.
///
/// # Safety
/// As for [`sum`]; `sums` must be writable for n numbers and apart from the rows.
#[inline(always)]
pub(super) unsafe fn add_rows<S: Simd>(sums: *mut f32, rows: &Rows<1>) {
    // SAFETY: the same contract.
    unsafe { add_columns::<S, Plain>(sums, rows) }
}

/// sums[i] += |x[i]|.
///
/// # Safety
/// As for [`add_rows`].
#[inline(always)]
pub(super) unsafe fn add_sizes<S: Simd>(sums: *mut f32, rows: &Rows<1>) {
    // SAFETY: the same contract.
    unsafe { add_columns::<S, Size>(sums, rows) }
}

#[inline(always)]
unsafe fn add_columns<S: Simd, T: Term>(sums: *mut f32, rows: &Rows<1>) {
    // SAFETY: columns stay below n, rows below theirs.
    unsafe {
        let mut i = 0;
        while i + 2 * S::LANES <= rows.n {
            let (to, beside) = (sums.add(i), sums.add(i + S::LANES));
            let (mut sum, mut other) = (S::load(to), S::load(beside));
            for row in 0..rows.rows {
                let [x] = rows.row(row);
                sum = T::add(sum, S::load(x.add(i)));
                other = T::add(other, S::load(x.add(i + S::LANES)));
            }
            sum.store(to);
            other.store(beside);
            i += 2 * S::LANES;
        }
        while i < rows.n {
            let (part, zero) = (S::part((rows.n - i).min(S::LANES)), S::splat(0.0));
            let mut sum = S::load_part(sums.add(i), part, zero);
            for row in 0..rows.rows {
                let [x] = rows.row(row);
                sum = T::add(sum, S::load_part(x.add(i), part, zero));
            }
            sum.store_part(sums.add(i), part);
            i += S::LANES;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each, near, normals};
    use super::Rows;

    #[test]
    fn sums_are_those_in_f64() {
        for kernels in each() {
            for n in LENGTHS {
                let x = normals(n as u64, n, 1.0);
                let wide = || x.iter().map(|x| f64::from(*x));
                // A lane adds up to IN_A_LANE numbers; errors of 2⁻²⁴ of the
                // partial sums, which are below the sum of the sizes.
                let bound = 128.0 * 6e-8 * wide().map(f64::abs).sum::<f64>();
                // SAFETY: x has n elements.
                let (sum, squares) =
                    unsafe { ((kernels.sum)(x.as_ptr(), n), (kernels.sum_squares)(x.as_ptr(), n)) };
                near("sum", sum, wide().sum(), 6e-8, bound);
                near("squares", squares, wide().map(|x| x * x).sum(), 1e-5, 0.0);
            }
        }
    }

    #[test]
    fn a_long_sum_stays_accurate() {
        let x = vec![0.1; 3_000_000];
        for kernels in each() {
            // SAFETY: x has this length.
            let sum = unsafe { (kernels.sum)(x.as_ptr(), x.len()) };
            near("sum", sum, f64::from(0.1f32) * 3e6, 2e-6, 0.0);
        }
    }

    #[test]
    fn one_nonfinite_number_is_found_anywhere() {
        for kernels in each() {
            for n in LENGTHS {
                let mut x = normals(1, n, 1e18);
                // SAFETY: x has n elements.
                let found = |x: &[f32]| unsafe { (kernels.has_nonfinite)(x.as_ptr(), n) };
                assert!(!found(&x));
                for i in [0, n / 2, n.saturating_sub(1)].into_iter().filter(|i| *i < n) {
                    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                        let kept = std::mem::replace(&mut x[i], bad);
                        assert!(found(&x), "{} {bad} at {i} of {n}", kernels.isa);
                        x[i] = kept;
                    }
                }
            }
        }
    }

    #[test]
    fn rows_add_up() {
        for kernels in each() {
            for n in LENGTHS {
                let (x, before) = (normals(1, n, 1.0), normals(2, n, 1.0));
                let (half, of) = (n / 2, x.as_ptr().cast_mut());
                let rows = Rows { rows: 2, n: half, matrices: [(of, half)] };
                let (mut sums, mut sizes) = (before.clone(), before.clone());
                // SAFETY: all have n elements.
                unsafe {
                    (kernels.add_rows)(sums.as_mut_ptr(), &rows);
                    (kernels.add_sizes)(sizes.as_mut_ptr(), &rows);
                };
                let size = |i: usize| before[i] + x[i].abs() + x[half + i].abs();
                assert!((0..half).all(|i| sums[i] == before[i] + x[i] + x[half + i]));
                assert!((0..half).all(|i| sizes[i] == size(i)));
                assert!(sums[half..] == before[half..] && sizes[half..] == before[half..]);
            }
        }
    }
}
