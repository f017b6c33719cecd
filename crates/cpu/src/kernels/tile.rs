//! The product's inner loop: a tile of C held in registers.
//!
//! Per step of k the tile takes one row of B (V vectors) and one number of A for
//! each of its R rows. R·V accumulators are enough independent sums to keep both
//! multipliers busy through their latency. Every element is summed over k in
//! ascending order whatever the tile, so results do not depend on the tiling.

use super::simd::Simd;

/// Where a tile's operands are.
pub(super) struct Tile<S: Simd> {
    /// Steps of k.
    pub depth: usize,
    /// Element (i, k) of A at `a[i·a_row + k·a_column]`.
    pub a: *const f32,
    pub a_row: usize,
    pub a_column: usize,
    /// Row k of B at `b[k·b_stride]`; not read if the panel is full.
    pub b: *const f32,
    pub b_stride: usize,
    /// The columns of the last vector.
    pub part: S::Part,
    /// B's rows packed: depth × V vectors, zero beyond the columns.
    pub panel: *mut f32,
    /// The tile of the result.
    pub c: *mut f32,
    pub c_stride: usize,
    /// Start from 0, not from what stands in C.
    pub first: bool,
}

impl<S: Simd> Tile<S> {
    /// The address of vector v of row r of the result.
    #[inline(always)]
    unsafe fn at(&self, r: usize, v: usize) -> *mut f32 {
        // SAFETY: the caller asks only for rows and vectors of the tile.
        unsafe { self.c.add(r * self.c_stride + v * S::LANES) }
    }
}

/// Computes a tile of R rows and V vectors.
///
/// With PACK, B is read where it stands and its rows are left in the panel for
/// the tiles below; else the panel is read. With TRANSPOSED, `a_row` is 1.
///
/// # Safety
/// The operands must be readable and the panel and tile writable for these sizes;
/// the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn tile<
    S: Simd,
    const R: usize,
    const V: usize,
    const PACK: bool,
    const TRANSPOSED: bool,
>(
    t: &Tile<S>,
) {
    // SAFETY: rows, vectors and steps stay below R, V and depth; of the last vector
    // only the part that exists is touched outside the panel.
    unsafe {
        let zero = S::splat(0.0);
        let mut sums = [[zero; V]; R];
        if !t.first {
            for (r, row) in sums.iter_mut().enumerate() {
                for (v, sum) in row.iter_mut().enumerate() {
                    *sum = if v + 1 == V {
                        S::load_part(t.at(r, v), t.part, zero)
                    } else {
                        S::load(t.at(r, v))
                    };
                }
            }
        }
        let (mut a, mut b, mut panel) = (t.a, t.b, t.panel);
        let a_row = if TRANSPOSED { 1 } else { t.a_row };
        for _ in 0..t.depth {
            let mut row = [zero; V];
            for (v, lanes) in row.iter_mut().enumerate() {
                let packed = panel.add(v * S::LANES);
                *lanes = match PACK {
                    false => S::load(packed),
                    true if v + 1 == V => S::load_part(b.add(v * S::LANES), t.part, zero),
                    true => S::load(b.add(v * S::LANES)),
                };
                if PACK {
                    lanes.store(packed);
                }
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = S::splat(*a.add(r * a_row));
                for (sum, lanes) in sums.iter_mut().zip(row) {
                    *sum = lanes.fma(factor, *sum);
                }
            }
            a = a.add(t.a_column);
            panel = panel.add(V * S::LANES);
            if PACK {
                b = b.add(t.b_stride);
            }
        }
        for (r, row) in sums.into_iter().enumerate() {
            for (v, sum) in row.into_iter().enumerate() {
                if v + 1 == V {
                    sum.store_part(t.at(r, v), t.part);
                } else {
                    sum.store(t.at(r, v));
                }
            }
        }
    }
}
