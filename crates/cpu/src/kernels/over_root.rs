//! A number over the root of another: the steps of Adam, RMSProp and AdaGrad.

use super::grid::Rows;
use super::simd::Simd;

/// a/(s·√v + ε) for v ≥ 0 and ε > 0, within a few units in the last place.
#[inline(always)]
fn at<S: Simd>(a: S, v: S, [s, epsilon]: [f32; 2]) -> S {
    a.quotient(v.root().fma(v.like(s), v.like(epsilon)))
}

/// `y = a/(s·√v + ε)` for the rows of a, v and y, with s and ε.
///
/// # Safety
/// Rows of a and v must be readable and those of y writable; y and an operand are the
/// same or apart. The processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn over_root<S: Simd>(rows: &Rows<3>, p: [f32; 2]) {
    // SAFETY: `i` stays below n, and the rest after whole vectors is a part.
    unsafe {
        for row in 0..rows.rows {
            let [a, v, y] = rows.row(row);
            let mut i = 0;
            while i + S::LANES <= rows.n {
                at(S::load(a.add(i)), S::load(v.add(i)), p).store(y.add(i));
                i += S::LANES;
            }
            if i < rows.n {
                let (part, zero) = (S::part(rows.n - i), S::splat(0.0));
                let rest = |from: *mut f32| S::load_part(from.add(i), part, zero);
                at(rest(a), rest(v), p).store_part(y.add(i), part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each, near, normals};
    use super::Rows;

    #[test]
    fn values_are_those_of_the_formula() {
        let a = normals(1, 1003, 1.0);
        for (deviation, s, epsilon) in [(1.0, 1.0, 1e-8_f32), (1e-6, 30.0, 1e-8), (1e3, 1.5, 0.1)] {
            let mut v: Vec<f32> = normals(2, 1003, deviation).iter().map(|x| x * x).collect();
            v[..4].copy_from_slice(&[0.0, 1e-36, 1e30, 1.0]);
            for (kernels, n) in each().flat_map(|k| LENGTHS.map(|n| (k, n))) {
                let n = n.min(v.len());
                let mut y = vec![0.0; n];
                let rows = Rows::one(n, [a.as_ptr(), v.as_ptr(), y.as_mut_ptr()]);
                // SAFETY: all have at least n numbers.
                unsafe { (kernels.over_root)(&rows, [s, epsilon]) };
                for ((a, v), y) in a.iter().zip(&v).zip(&y) {
                    let (a, v) = (f64::from(*a), f64::from(*v));
                    let expected = a / (f64::from(s) * v.sqrt() + f64::from(epsilon));
                    let what = format!("{} of {a:e} and {v:e}", kernels.isa);
                    near(&what, *y, expected, 4.0 / 16_777_216.0, 1e-37);
                }
            }
        }
    }
}
