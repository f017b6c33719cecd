//! Numbers repeated for all lanes, for products without an instruction that reads one
//! number into all of them.
//!
//! In SSE2 such a read is two instructions, of which one occupies a unit that
//! multiplies or adds: a fifth of a register tile's time. Rows of A are therefore
//! repeated once and multiplied with all panels of B.

use super::simd::Simd;

/// Rows of A whose numbers are repeated at a time: the most of any register tile.
const ROWS: usize = 6;

/// How many numbers the rows of a register tile become.
pub(super) const fn spread_len(lanes: usize, depth: usize) -> usize {
    ROWS * depth * lanes
}

/// Repeats each number of `rows` rows for a vector's lanes: number (r, k), at
/// `a[r·row + k·column]`, is vector k·rows + r of the result.
///
/// # Safety
/// The numbers must be readable and `to` writable for [`spread_len`] numbers; the
/// processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn spread<S: Simd>(
    a: *const f32,
    [row, column]: [usize; 2],
    rows: usize,
    depth: usize,
    to: *mut f32,
) {
    debug_assert!(rows <= ROWS);
    for r in 0..rows {
        let (mut from, mut to) = (a.wrapping_add(r * row), to.wrapping_add(r * S::LANES));
        for _ in 0..depth {
            // SAFETY: number (r, k) and its vector, which the caller vouches for.
            unsafe { S::splat(*from).store(to) };
            from = from.wrapping_add(column);
            to = to.wrapping_add(rows * S::LANES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::portable::Lanes;
    use super::*;

    #[test]
    fn a_number_stands_once_for_each_lane() {
        let a: Vec<f32> = (0..15).map(|i| i as f32).collect();
        let mut to = vec![f32::NAN; spread_len(Lanes::LANES, 5)];
        // SAFETY: three rows of five numbers, and room for them.
        unsafe { spread::<Lanes>(a.as_ptr(), [5, 1], 3, 5, to.as_mut_ptr()) };
        for (vector, lanes) in to.chunks(Lanes::LANES).take(15).enumerate() {
            let (k, r) = (vector / 3, vector % 3);
            assert!(lanes.iter().all(|&x| x == a[r * 5 + k]), "row {r}, column {k}: {lanes:?}");
        }
    }
}
