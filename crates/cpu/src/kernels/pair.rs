//! Two sums of multiples, the second of the first's result: what a step of
//! momentum does to every weight. In one pass, because the numbers come from
//! memory and the arithmetic is nothing beside that.

use super::binary::combine;
use super::grid::Rows;
use super::simd::Simd;

/// `y = p₀·a + p₁·b`, then `z = q₀·c + q₁·y`.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The rows of a, b, y, c and z.
    pub rows: Rows<5>,
    /// The first sum's factors.
    pub p: [f32; 2],
    /// The second sum's factors.
    pub q: [f32; 2],
}

/// Computes both sums; true if some z is infinite or NaN, as it is if its y is.
///
/// # Safety
/// Rows must be readable, those of y and z writable; y may be a or b, z may be c,
/// else they are apart. The processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn pair<S: Simd>(x: &Pair) -> bool {
    // SAFETY: rows and numbers stay within those that the caller vouches for.
    unsafe {
        let mut vanishing = S::splat(0.0);
        let n = x.rows.n;
        for row in 0..x.rows.rows {
            let [a, b, y, c, z] = x.rows.row(row);
            let mut i = 0;
            while i + S::LANES <= n {
                let first = combine(S::load(a.add(i)), S::load(b.add(i)), x.p);
                let second = combine(S::load(c.add(i)), first, x.q);
                first.store(y.add(i));
                second.store(z.add(i));
                vanishing = second.fma(second.like(0.0), vanishing);
                i += S::LANES;
            }
            if i < n {
                let (part, zero) = (S::part(n - i), S::splat(0.0));
                let rest = |from: *mut f32| S::load_part(from.add(i), part, zero);
                let first = combine(rest(a), rest(b), x.p);
                let second = combine(rest(c), first, x.q);
                first.store_part(y.add(i), part);
                second.store_part(z.add(i), part);
                vanishing = second.fma(second.like(0.0), vanishing);
            }
        }
        vanishing.sum() != 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::each;

    /// The same bits as the two sums one after the other.
    #[test]
    fn it_is_two_sums_of_multiples() {
        for kernels in each() {
            for (rows, n, stride) in [(0, 5, 5), (1, 1, 1), (3, 7, 9), (2, 64, 70), (5, 33, 33)] {
                let fill = |k: usize| {
                    (0..rows * stride).map(|i| ((i * 37 + k) % 19) as f32 / 7.0).collect::<Vec<_>>()
                };
                let (mut v, mut g, mut w) = (fill(1), fill(2), fill(3));
                let (mut v2, mut w2) = (v.clone(), w.clone());
                let (p, q) = ([0.9, 1.0], [1.0, -0.1]);
                for r in 0..rows {
                    // SAFETY: row r has n numbers.
                    unsafe {
                        let (v, g, w) = (
                            v2.as_mut_ptr().add(r * stride),
                            g.as_ptr().add(r * stride),
                            w2.as_mut_ptr().add(r * stride),
                        );
                        (kernels.axpby)(&Rows::one(n, [v, g, v]), p);
                        (kernels.axpby)(&Rows::one(n, [w, v, w]), q);
                    }
                }
                let (vp, gp, wp) =
                    ((v.as_mut_ptr(), stride), (g.as_mut_ptr(), stride), (w.as_mut_ptr(), stride));
                let pair = Pair { rows: Rows { rows, n, matrices: [vp, gp, vp, wp, wp] }, p, q };
                // SAFETY: the rows lie in the vectors.
                assert!(!unsafe { (kernels.pair)(&pair) });
                assert_eq!((v, w), (v2, w2), "{} {rows}×{n}", kernels.isa);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_seen() {
        for kernels in each() {
            for at in [0, 20, 36] {
                let mut v = vec![1.0f32; 37];
                v[at] = f32::INFINITY;
                let (mut g, mut w) = (vec![1.0f32; 37], vec![0.5f32; 37]);
                let (vp, gp, wp) =
                    ((v.as_mut_ptr(), 37), (g.as_mut_ptr(), 37), (w.as_mut_ptr(), 37));
                let pair = Pair {
                    rows: Rows { rows: 1, n: 37, matrices: [vp, gp, vp, wp, wp] },
                    p: [0.9, 1.0],
                    q: [1.0, 0.0],
                };
                // SAFETY: the rows lie in the vectors.
                assert!(unsafe { (kernels.pair)(&pair) });
            }
        }
    }
}
