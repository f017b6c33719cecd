//! Transposition, a block of registers at a time.

use super::simd::Simd;

/// to[c·to_stride + r] = from[r·from_stride + c].
///
/// # Safety
/// `from` must be readable for rows × columns and `to` writable for columns × rows
/// numbers at these strides, and they must not overlap; the processor must have
/// the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn transpose<S: Simd>(
    from: *const f32,
    from_stride: usize,
    rows: usize,
    columns: usize,
    to: *mut f32,
    to_stride: usize,
) {
    for r in (0..rows).step_by(S::LANES) {
        let height = S::LANES.min(rows - r);
        for c in (0..columns).step_by(S::LANES) {
            let width = S::LANES.min(columns - c);
            // SAFETY: the block lies within both matrices.
            unsafe {
                let (block, result) = (from.add(r * from_stride + c), to.add(c * to_stride + r));
                if height == S::LANES && width == S::LANES {
                    // Constant sizes: no branch within.
                    S::transpose(block, from_stride, S::LANES, S::LANES, result, to_stride);
                } else {
                    S::transpose(block, from_stride, height, width, result, to_stride);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::each;

    #[test]
    fn every_shape_and_stride() {
        for kernels in each() {
            for rows in [0, 1, 3, 7, 8, 15, 16, 17, 40] {
                for columns in [0, 1, 5, 8, 13, 16, 31, 33] {
                    let (from_stride, to_stride) = (columns + rows % 3, rows + columns % 2);
                    let from: Vec<f32> = (0..rows * from_stride).map(|i| i as f32).collect();
                    let mut to = vec![-1.0; columns * to_stride];
                    // SAFETY: both matrices have room for these strides.
                    unsafe {
                        let (from, to) = (from.as_ptr(), to.as_mut_ptr());
                        (kernels.transpose)(from, from_stride, rows, columns, to, to_stride);
                    }
                    for (i, value) in to.iter().enumerate() {
                        let (c, r) = (i / to_stride, i % to_stride);
                        let expected = if r < rows { from[r * from_stride + c] } else { -1.0 };
                        assert_eq!(*value, expected, "{} {rows} × {columns}", kernels.isa);
                    }
                }
            }
        }
    }
}
