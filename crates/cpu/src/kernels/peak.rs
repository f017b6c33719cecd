//! What the processor's multipliers do at best: what kernels are measured against.

use super::simd::Simd;
use std::hint::black_box;

/// Sums that do not wait for each other: more than a multiplier's latency times the
/// number of multipliers.
pub(super) const CHAINS: usize = 12;

/// `rounds` times a multiplication and an addition for each lane of [`CHAINS`] vectors
/// that stand in registers.
///
/// # Safety
/// The processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn peak<S: Simd>(rounds: usize) {
    // SAFETY: the same contract.
    let (factor, one) = unsafe { (S::splat(black_box(0.999)), S::splat(black_box(1.0))) };
    let mut sums = [one; CHAINS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = sum.fma(factor, factor);
        }
    }
    black_box(sums.into_iter().fold(one, |all, sum| all + sum).sum());
}
