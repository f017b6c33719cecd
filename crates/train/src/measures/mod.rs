//! Measures of a layer that are taken on the host, from rows of numbers that a plan
//! computed.
//!
//! Moments are summed up by the plan itself while a tile is in cache. What needs a
//! look at single units, or at few rows only, is done here in one pass.

mod gram;
mod histogram;
mod life;

pub use gram::{Gram, RowGradients};
pub use histogram::{Counted, histogram};
pub use life::Life;

/// A unit saturates where its slope is under this share of the steepest: for tanh
/// the lecture's |y| > 0.97 (row L16).
pub const SATURATED: f64 = 0.0591;

/// The share of `values` outside an open interval.
pub fn share_outside(values: &[f32], (low, high): (f32, f32)) -> f64 {
    let outside = |x: &f32| u32::from(!((*x > low) & (*x < high)));
    // Few enough a chunk for sums in the width of the values.
    let count: u64 =
        values.chunks(1 << 16).map(|c| u64::from(c.iter().map(outside).sum::<u32>())).sum();
    count as f64 / values.len().max(1) as f64
}

/// The share of columns whose elements all have one sign, by the sums of the elements
/// and of their sizes: the two are then as large. What cancels must be a hundred
/// thousandth of the sum to be told from rounding. Columns of zeros do not count.
pub fn share_one_signed(sums: &[f32], sizes: &[f32]) -> f64 {
    // Without branches, and in the width of the values: for vectors of them.
    let one =
        |(sum, size): (&f32, &f32)| u32::from((*size > 0.0) & (sum.abs() >= *size * (1.0 - 1e-5)));
    let count: u32 = sums.iter().zip(sizes).map(one).sum();
    f64::from(count) / sums.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(share_outside(&[-1.0, -0.5, 0.0, f32::NAN], (-1.0, 1.0)), 0.5);
        assert_eq!(share_outside(&[], (0.0, 1.0)), 0.0);
        assert_eq!(share_one_signed(&[2.0, -2.0, 1.9, 0.0], &[2.0, 2.0, 2.0, 0.0]), 0.5);
    }
}
