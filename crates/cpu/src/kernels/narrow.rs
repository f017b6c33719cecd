//! C = A·B for a B of few columns: the scores of ten classes.
//!
//! In the register tiles of other products ([`super::product`]) most lanes of such a B
//! would be empty. Here lanes go along k: B is transposed first, and an element is the
//! sum of a row of A times a row of Bᵀ. So all lanes count, and A is read once.

use super::product::{ProductTile, pieces};
use super::simd::Simd;
use super::table::Target;

/// The most columns of B for which it is faster.
pub const FEW_COLUMNS: usize = 12;

/// Steps of k at a time, so that Bᵀ stays in the first-level cache. As elsewhere an
/// element is the sum of the sums of these stretches.
const STRETCH: usize = 1024;

/// Rows that are done together.
const ROWS: usize = 2;

/// Columns that are done together: as many as there are registers for.
const fn columns<S: Simd>() -> usize {
    if S::TILES[0] * S::VECTORS > 2 * FEW_COLUMNS { FEW_COLUMNS } else { 5 }
}

/// Numbers in a row of Bᵀ, zero beyond the stretch.
fn row_len<S: Simd>(k: usize) -> usize {
    k.min(STRETCH).next_multiple_of(S::LANES)
}

/// How many numbers of scratch memory such a product needs.
pub(super) fn scratch_len<S: Simd>(n: usize, k: usize) -> usize {
    n * row_len::<S>(k)
}

/// Computes a product whose A has its rows along k.
///
/// # Safety
/// As for [`super::ProductFn`]; `a_column` must be 1, and the processor must have the
/// target's instructions.
pub(super) unsafe fn narrow<T: Target>(p: &ProductTile) {
    let b_row = row_len::<T::Vector>(p.k);
    for (k, depth) in pieces(p.k, STRETCH) {
        // SAFETY: the stretch lies in A and B, its transpose in the scratch memory, and
        // tiles in C.
        unsafe {
            T::transpose(p.b.add(k * p.b_stride), p.b_stride, depth, p.n, p.scratch, b_row);
            for j in 0..p.n {
                p.scratch.add(j * b_row + depth).write_bytes(0, b_row - depth);
            }
            for (i, rows) in pieces(p.m, ROWS) {
                for (j, columns) in pieces(p.n, columns::<T::Vector>()) {
                    let tile = NarrowTile {
                        a: p.a.add(i * p.a_row + k),
                        a_row: p.a_row,
                        b: p.scratch.add(j * b_row),
                        b_row,
                        depth,
                        c: p.c.add(i * p.c_stride + j),
                        c_stride: p.c_stride,
                        first: k == 0,
                    };
                    compute::<T>(&tile, rows, columns);
                }
            }
        }
    }
}

/// Rows of A, rows of Bᵀ, and the elements that they make.
pub(super) struct NarrowTile {
    a: *const f32,
    a_row: usize,
    b: *const f32,
    b_row: usize,
    /// Steps of k.
    depth: usize,
    c: *mut f32,
    c_stride: usize,
    /// Overwrite C rather than add to it.
    first: bool,
}

/// Calls the tile of these sizes.
unsafe fn compute<T: Target>(t: &NarrowTile, rows: usize, columns: usize) {
    macro_rules! of_columns {
        ($($c:literal),+) => {
            match (rows, columns) {
                $(
                    // SAFETY: the caller vouches for the tile.
                    (1, $c) => unsafe { T::narrow_tile::<1, $c>(t) },
                    // SAFETY: as above.
                    (_, $c) => unsafe { T::narrow_tile::<ROWS, $c>(t) },
                )+
                _ => {}
            }
        };
    }
    of_columns!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
}

/// Computes a tile of R rows and C columns.
///
/// # Safety
/// The operands must be readable and the tile writable for these sizes, and rows of Bᵀ
/// zero to the end of the last vector; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn tile<S: Simd, const R: usize, const C: usize>(t: &NarrowTile) {
    if C > columns::<S>() {
        return; // not used with these instructions, and not compiled
    }
    // SAFETY: rows and columns stay below R and C, vectors within the depth; the last
    // vector of A is read only as far as it goes, that of Bᵀ has room.
    unsafe {
        let zero = S::splat(0.0);
        let mut sums = [[zero; C]; R];
        let (mut a, mut b) = (t.a, t.b);
        for _ in 0..t.depth / S::LANES {
            let rows = std::array::from_fn(|r| S::load(a.add(r * t.a_row)));
            add(&mut sums, rows, b, t.b_row);
            (a, b) = (a.add(S::LANES), b.add(S::LANES));
        }
        if !t.depth.is_multiple_of(S::LANES) {
            let part = S::part(t.depth % S::LANES);
            let rows = std::array::from_fn(|r| S::load_part(a.add(r * t.a_row), part, zero));
            add(&mut sums, rows, b, t.b_row);
        }
        for (r, row) in sums.into_iter().enumerate() {
            for (c, sum) in row.into_iter().enumerate() {
                let to = t.c.add(r * t.c_stride + c);
                *to = if t.first { sum.sum() } else { *to + sum.sum() };
            }
        }
    }
}

/// Adds the products of a vector of k.
#[inline(always)]
unsafe fn add<S: Simd, const R: usize, const C: usize>(
    sums: &mut [[S; C]; R],
    rows: [S; R],
    b: *const f32,
    b_row: usize,
) {
    for c in 0..C {
        // SAFETY: row c of Bᵀ, which the caller vouches for.
        let column = unsafe { S::load(b.add(c * b_row)) };
        for (sums, row) in sums.iter_mut().zip(rows) {
            sums[c] = column.fma(row, sums[c]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};
    use super::*;

    #[test]
    fn products_are_those_in_f64_however_the_rows_are_cut() {
        for kernels in each() {
            for (m, n, k) in [(1, 1, 1), (7, 10, 784), (9, 12, 1030), (4, 5, 0), (13, 3, 17)] {
                let (a, b) = (normals(1, m * k + 1, 1.0), normals(2, k * (n + 1) + 1, 1.0));
                let compute = |step: usize| {
                    let mut c = vec![9.0; m * (n + 2)];
                    let mut scratch = vec![f32::NAN; kernels.narrow_scratch(n, k)];
                    for i in (0..m).step_by(step) {
                        let product = ProductTile {
                            m: step.min(m - i),
                            n,
                            k,
                            a: a[i * k..].as_ptr(),
                            a_row: k,
                            a_column: 1,
                            b: b.as_ptr(),
                            b_stride: n + 1,
                            c: c[i * (n + 2)..].as_mut_ptr(),
                            c_stride: n + 2,
                            far: false,
                            soon: None,
                            scratch: scratch.as_mut_ptr(),
                        };
                        // SAFETY: the matrices have these sizes, the scratch memory its own.
                        unsafe { (kernels.narrow)(&product) };
                    }
                    c
                };
                let c = compute(m);
                assert!((1..4).all(|step| compute(step) == c), "{}", kernels.isa);
                for (i, row) in c.chunks(n + 2).enumerate() {
                    assert_eq!(row[n..], [9.0; 2]);
                    for (j, &x) in row[..n].iter().enumerate() {
                        let terms =
                            (0..k).map(|l| f64::from(a[i * k + l]) * f64::from(b[l * (n + 1) + j]));
                        let (sum, size) = terms.fold((0.0, 0.0), |(s, z), x| (s + x, z + x.abs()));
                        near(&kernels.isa.to_string(), x, sum, 0.0, 6e-8 * 8.0 * size + 1e-30);
                    }
                }
            }
        }
    }
}
