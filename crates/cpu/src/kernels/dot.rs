//! Dot products of one row with many: a product with a transposed operand for
//! batches of one, where it streams each row of the operand once.

use super::simd::Simd;

/// Rows done together, so that each part of `a` is loaded once for all.
const ROWS: usize = 4;

/// Accumulators a row.
const WAYS: usize = 2;

/// Σ a[i]·row[i] of R rows, in an order that k alone decides.
#[inline(always)]
unsafe fn dots<S: Simd, const R: usize>(
    a: *const f32,
    b: *const f32,
    b_stride: usize,
    k: usize,
) -> [f32; R] {
    // SAFETY: `i` stays below k, and the rest after whole vectors is a part; the
    // caller vouches for R rows of k numbers.
    unsafe {
        let zero = S::splat(0.0);
        let mut sums = [[zero; WAYS]; R];
        let mut i = 0;
        while i + WAYS * S::LANES <= k {
            for way in 0..WAYS {
                let at = i + way * S::LANES;
                let v = S::load(a.add(at));
                for (r, sum) in sums.iter_mut().enumerate() {
                    sum[way] = S::load(b.add(r * b_stride + at)).fma(v, sum[way]);
                }
            }
            i += WAYS * S::LANES;
        }
        for i in (i..k).step_by(S::LANES) {
            let part = S::part(S::LANES.min(k - i));
            let v = S::load_part(a.add(i), part, zero);
            for (r, sum) in sums.iter_mut().enumerate() {
                sum[0] = S::load_part(b.add(r * b_stride + i), part, zero).fma(v, sum[0]);
            }
        }
        let mut result = [0.0; R];
        for (result, sum) in result.iter_mut().zip(sums) {
            *result = (sum[0] + sum[1]).sum();
        }
        result
    }
}

/// y[j] = Σ a[i]·b[j·b_stride + i] over i below k, for j below n.
///
/// # Safety
/// `a` must be readable for k numbers, `b` for n rows of k at its stride, `y`
/// writable for n and apart from both; the processor must have the instructions
/// of `S`.
#[inline(always)]
pub(super) unsafe fn dot_rows<S: Simd>(
    a: *const f32,
    b: *const f32,
    b_stride: usize,
    n: usize,
    k: usize,
    y: *mut f32,
) {
    // SAFETY: `j` stays below n.
    unsafe {
        let mut j = 0;
        while j + ROWS <= n {
            let four = dots::<S, ROWS>(a, b.add(j * b_stride), b_stride, k);
            four.as_ptr().copy_to_nonoverlapping(y.add(j), ROWS);
            j += ROWS;
        }
        while j < n {
            *y.add(j) = dots::<S, 1>(a, b.add(j * b_stride), b_stride, k)[0];
            j += 1;
        }
    }
}

impl super::Kernels {
    /// The scalar products of `row` with each of `rows`, which are as long and follow
    /// each other without gaps, as far as `to` has room.
    pub fn products_with(&self, row: &[f32], rows: &[f32], to: &mut [f32]) {
        let n = row.len();
        let count = rows.len().checked_div(n).unwrap_or(0).min(to.len());
        // SAFETY: `count` rows of n numbers are there, and as many results have room.
        unsafe { (self.dot_rows)(row.as_ptr(), rows.as_ptr(), n, count, n, to.as_mut_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};

    #[test]
    fn a_row_is_multiplied_with_as_many_rows_as_there_are_and_have_room() {
        for kernels in each() {
            let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0];
            let mut to = [7.0; 4];
            kernels.products_with(&[1.0, 10.0], &rows, &mut to);
            assert_eq!(to, [21.0, 43.0, 65.0, 7.0]);
            kernels.products_with(&[1.0, 10.0], &rows, &mut to[..1]);
            kernels.products_with(&[], &rows, &mut to);
            assert_eq!(to, [21.0, 43.0, 65.0, 7.0]);
        }
    }

    #[test]
    fn dots_are_those_in_f64_and_independent_of_the_cut() {
        for kernels in each() {
            for (n, k) in [(0, 3), (1, 0), (1, 1), (3, 7), (4, 16), (9, 33), (10, 784), (17, 500)] {
                let stride = k + 3;
                let (a, b) = (normals(1, k, 1.0), normals(2, n * stride, 1.0));
                let mut y = vec![0.0; n];
                // SAFETY: n rows of k numbers.
                unsafe {
                    let (a, b) = (a.as_ptr(), b.as_ptr());
                    (kernels.dot_rows)(a, b, stride, n, k, y.as_mut_ptr());
                }
                for j in 0..n {
                    let row = &b[j * stride..][..k];
                    let terms = a.iter().zip(row).map(|(a, b)| f64::from(*a) * f64::from(*b));
                    let size: f64 = terms.clone().map(f64::abs).sum();
                    // A lane sums up k/8 terms, with an error of 2⁻²⁴ each.
                    let bound = 6e-8 * size * (k as f64 / 8.0 + 4.0);
                    near("dot", y[j], terms.sum(), 0.0, bound);
                    let mut alone = 0.0;
                    // SAFETY: one row of k numbers.
                    unsafe { (kernels.dot_rows)(a.as_ptr(), row.as_ptr(), k, 1, k, &mut alone) };
                    assert_eq!(alone.to_bits(), y[j].to_bits(), "{} {n} {k}", kernels.isa);
                }
            }
        }
    }
}
