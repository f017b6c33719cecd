//! Maxout's two halves on one row: pick the winning piece of each unit, and put a
//! value back where it won. Piece p of unit u stands in column p·units + u; the
//! first of equal pieces wins, and NaN wins only as the first.

use super::simd::Simd;

/// Lanes u and on of one piece's n columns.
#[inline(always)]
unsafe fn lanes<S: Simd>(x: *const f32, n: usize) -> S {
    // SAFETY: the caller vouches for n numbers and the instructions of S.
    unsafe { if n >= S::LANES { S::load(x) } else { S::load_part(x, S::part(n), S::splat(0.0)) } }
}

#[inline(always)]
unsafe fn put<S: Simd>(v: S, y: *mut f32, n: usize) {
    // SAFETY: the caller vouches for n numbers.
    unsafe { if n >= S::LANES { v.store(y) } else { v.store_part(y, S::part(n)) } }
}

/// y[u] = from[p·units + u], p the winning piece of unit u.
///
/// # Safety
/// `scores` and `from` must be readable for pieces·units numbers and `y` writable
/// for units, apart from both; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn pick_winner<S: Simd>(
    scores: *const f32,
    from: *const f32,
    pieces: usize,
    units: usize,
    y: *mut f32,
) {
    for u in (0..units).step_by(S::LANES) {
        let n = units - u;
        // SAFETY: the columns stay below pieces·units.
        unsafe {
            let (mut best, mut picked) = (lanes::<S>(scores.add(u), n), lanes::<S>(from.add(u), n));
            for column in (1..pieces).map(|piece| piece * units + u) {
                let score = lanes::<S>(scores.add(column), n);
                let wins = score.gt(best);
                best = S::select(wins, score, best);
                picked = S::select(wins, lanes::<S>(from.add(column), n), picked);
            }
            put(picked, y.add(u), n);
        }
    }
}

/// y[p·units + u] = values[u] for the winning piece p of unit u, else 0.
///
/// # Safety
/// `scores` must be readable and `y` writable for pieces·units numbers, `values`
/// readable for units; `y` may be `scores`, not `values`; the processor must have
/// the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn scatter_winner<S: Simd>(
    scores: *const f32,
    values: *const f32,
    pieces: usize,
    units: usize,
    y: *mut f32,
) {
    for u in (0..units).step_by(S::LANES) {
        let n = units - u;
        // SAFETY: the columns stay below pieces·units.
        unsafe {
            let (mut best, mut winner) = (lanes::<S>(scores.add(u), n), S::splat(0.0));
            for piece in 1..pieces {
                let score = lanes::<S>(scores.add(piece * units + u), n);
                let wins = score.gt(best);
                best = S::select(wins, score, best);
                winner = S::select(wins, S::splat(piece as f32), winner);
            }
            let value = lanes::<S>(values.add(u), n);
            for piece in 0..pieces {
                let won = winner.equals(S::splat(piece as f32));
                let column = piece * units + u;
                put(S::select(won, value, S::splat(0.0)), y.add(column), n);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, normals};
    use gradwise_graph::ops::{PickWinner, ScatterWinner};
    use gradwise_graph::{Operation, Tensor};

    fn row(values: &[f32]) -> Tensor {
        Tensor::from_fn([1, values.len()], |i| f64::from(values[i]))
    }

    #[test]
    fn winners_are_those_of_the_reference() {
        for (pieces, units) in [(1, 5), (2, 1), (2, 8), (3, 16), (5, 37)] {
            let n = pieces * units;
            // Few different scores, so that some are equal.
            let mut scores: Vec<f32> = normals(1, n, 2.0).iter().map(|x| x.round()).collect();
            scores[n / 2] = f32::NAN;
            let (from, values) = (normals(2, n, 1.0), normals(3, units, 1.0));
            let picked = PickWinner { pieces }.value(&[&row(&scores), &row(&from)], &[1, units]);
            let spread = ScatterWinner { pieces }.value(&[&row(&scores), &row(&values)], &[1, n]);
            for kernels in each() {
                let (mut y, mut z) = (vec![0.0; units], vec![7.0; n]);
                let s = scores.as_ptr();
                // SAFETY: all have the lengths of their shapes.
                unsafe {
                    (kernels.pick_winner)(s, from.as_ptr(), pieces, units, y.as_mut_ptr());
                    (kernels.scatter_winner)(s, values.as_ptr(), pieces, units, z.as_mut_ptr());
                }
                assert_eq!(row(&y).data(), picked.data(), "{} {pieces}", kernels.isa);
                assert_eq!(row(&z).data(), spread.data(), "{} {pieces}", kernels.isa);
            }
        }
    }
}
