//! C = A·B for one tile of a larger product, operands and result in cache.
//!
//! The product goes through k in stretches, so that what it touches of A stays in
//! cache for all columns. B is cut into panels as wide as the register tile
//! ([`super::tile`]). The first row of register tiles packs the panel while it
//! computes; the others read the packed copy, which stays in the first-level cache.
//! A is read where it stands, or repeated for all lanes ([`super::spread`]).

use super::simd::Simd;
use super::spread::{spread, spread_len};
use super::table::Target;
use super::tile::{Ahead, Tile};

/// Steps of k for which a panel is packed at a time. An element of C is the sum of
/// the sums of these stretches, each in ascending order, so they must be a
/// function of k alone.
const DEPTH: usize = 256;

/// Bytes of a cache line. A vector that straddles two takes two reads, so panels
/// are aligned.
const LINE: usize = 64;

/// A product of matrices that are parts of larger ones.
#[derive(Clone, Copy, Debug)]
pub struct ProductTile {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A and rows of B.
    pub k: usize,
    /// Element (i, k) of A at `a[i·a_row + k·a_column]`; one of the two strides is
    /// 1 unless the dimension is.
    pub a: *const f32,
    /// Distance of A's rows.
    pub a_row: usize,
    /// Distance of A's columns.
    pub a_column: usize,
    /// Element (k, j) of B at `b[k·b_stride + j]`.
    pub b: *const f32,
    /// Distance of B's rows.
    pub b_stride: usize,
    /// Element (i, j) of the result at `c[i·c_stride + j]`; overwritten.
    pub c: *mut f32,
    /// Distance of C's rows.
    pub c_stride: usize,
    /// Whether B must come from behind the second-level cache: then each panel of it is
    /// asked for while the one before is multiplied.
    pub far: bool,
    /// Two matrices as large as C that are read right after it, of each the first number
    /// and the distance of the rows: they are asked for meanwhile, if A is transposed.
    pub soon: Option<[(*const f32, usize); 2]>,
    /// Room for [`super::Kernels::product_scratch`] numbers, apart from the matrices.
    pub scratch: *mut f32,
}

/// C = A·B.
///
/// # Safety
/// The matrices must be readable, C and the scratch writable, for the sizes given;
/// C and the scratch must not overlap anything else.
pub type ProductFn = unsafe fn(&ProductTile);

/// See [`super::Kernels::product_scratch`].
pub(super) fn scratch_len<S: Simd>(n: usize, k: usize) -> usize {
    let (depth, line) = (DEPTH.min(k), LINE / size_of::<f32>());
    match S::SPREAD {
        true => depth * n.next_multiple_of(S::LANES) + spread_len(S::LANES, depth) + line,
        false => depth * S::VECTORS * S::LANES + line,
    }
}

/// Cuts `total` into as few pieces of at most `most` as possible, whose sizes
/// differ by at most one; at least one piece. Yields start and size.
pub(super) fn pieces(total: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = total.div_ceil(most).max(1);
    let (size, longer) = (total / count, total % count);
    (0..count).map(move |i| (i * size + i.min(longer), size + usize::from(i < longer)))
}

/// Computes a product.
///
/// # Safety
/// As for [`ProductFn`]; the processor must have the target's instructions.
pub(super) unsafe fn product<T: Target>(p: &ProductTile) {
    if p.m == 0 || p.n == 0 {
        return;
    }
    let panels = p.scratch.wrapping_add(p.scratch.align_offset(LINE));
    for (k, depth) in pieces(p.k, DEPTH) {
        let stretch = Stretch { p, k, depth, transposed: p.a_column != 1 && p.k > 1 };
        if p.m.min(p.n) >= T::Vector::FETCHED {
            stretch.fetch::<T::Vector>();
        }
        // SAFETY: the caller vouches for the product.
        unsafe {
            match T::Vector::SPREAD {
                true => stretch.by_rows::<T>(panels),
                false => stretch.by_panels::<T>(panels),
            }
        }
    }
}

/// A stretch of k of a product.
struct Stretch<'a> {
    p: &'a ProductTile,
    k: usize,
    depth: usize,
    transposed: bool,
}

impl Stretch<'_> {
    /// Where row i of A begins.
    #[inline(always)]
    fn a(&self, i: usize) -> *const f32 {
        self.p.a.wrapping_add(i * self.p.a_row + self.k * self.p.a_column)
    }

    /// Asks for what the stretch reads, row by row: in this order the processor goes on
    /// by itself, while a panel is a line or two of each row.
    #[inline(always)]
    fn fetch<S: Simd>(&self) {
        let (p, k, depth) = (self.p, self.k, self.depth);
        match self.transposed {
            true => fetch_rows::<S>(self.a(0), p.a_column, depth, p.m),
            false => fetch_rows::<S>(self.a(0), p.a_row, p.m, depth),
        }
        fetch_rows::<S>(p.b.wrapping_add(k * p.b_stride), p.b_stride, depth, p.n);
    }

    /// Panel by panel: each stays in the first-level cache for all rows.
    #[inline(always)]
    unsafe fn by_panels<T: Target>(&self, panel: *mut f32) {
        for columns in panels::<T>(self.p.n, widest::<T>(self.p.m)) {
            let next = if self.p.far { self.panel_after::<T>(columns) } else { Ahead::NOTHING };
            for rows in row_tiles::<T>(self.p.m, columns.1) {
                let ahead = self.due(next, rows);
                // SAFETY: the caller vouches for the product.
                unsafe { self.compute::<T>(self.a(rows.0), rows, columns, panel, ahead) };
            }
        }
    }

    /// The panel that is read after this one.
    #[inline(always)]
    fn panel_after<T: Target>(&self, (first, vectors): (usize, usize)) -> Ahead {
        let p = self.p;
        let (k, j) = match (first + vectors) * T::Vector::LANES {
            j if j < p.n => (self.k, j),
            _ => (self.k + self.depth, 0),
        };
        Ahead { start: p.b.wrapping_add(k * p.b_stride + j), rows: self.depth.min(p.k - k) }
    }

    /// The part of what will be read that is due while these rows of A are multiplied.
    #[inline(always)]
    fn due(&self, all: Ahead, (first, rows): (usize, usize)) -> Ahead {
        let (from, to) = (all.rows * first / self.p.m, all.rows * (first + rows) / self.p.m);
        Ahead { start: all.start.wrapping_add(from * self.p.b_stride), rows: to - from }
    }

    /// What is read after the tile at row i and column j, in the stretch that ends it.
    #[inline(always)]
    fn soon(&self, i: usize, j: usize) -> Option<[(*const f32, usize); 2]> {
        let soon = self.p.soon.filter(|_| self.k + self.depth == self.p.k)?;
        Some(soon.map(|(start, stride)| (start.wrapping_add(i * stride + j), stride)))
    }

    /// Rows by rows, whose numbers are spread once for all panels.
    #[inline(always)]
    unsafe fn by_rows<T: Target>(&self, first: *mut f32) {
        let p = self.p;
        let lanes = T::Vector::LANES;
        let repeated = first.wrapping_add(self.depth * p.n.next_multiple_of(lanes));
        for rows in row_tiles::<T>(p.m, T::Vector::VECTORS) {
            // SAFETY: the caller vouches for A and the scratch memory.
            unsafe {
                let strides = [p.a_row, p.a_column];
                spread::<T::Vector>(self.a(rows.0), strides, rows.1, self.depth, repeated);
            }
            for columns in panels::<T>(p.n, T::Vector::VECTORS) {
                let panel = first.wrapping_add(columns.0 * lanes * self.depth);
                // SAFETY: as above.
                unsafe { self.compute::<T>(repeated, rows, columns, panel, Ahead::NOTHING) };
            }
        }
    }

    /// Computes the tile of these rows and vectors, each a start and a number, from the
    /// rows at `a`.
    #[inline(always)]
    unsafe fn compute<T: Target>(
        &self,
        a: *const f32,
        (i, rows): (usize, usize),
        (first, vectors): (usize, usize),
        panel: *mut f32,
        ahead: Ahead,
    ) {
        let (p, lanes) = (self.p, T::Vector::LANES);
        let j = first * lanes;
        // SAFETY: the tile lies within the matrices that the caller vouches for, and
        // the last vector's part within the columns.
        unsafe {
            let tile = Tile {
                depth: self.depth,
                a,
                a_stride: if self.transposed { p.a_column } else { p.a_row },
                b: p.b.add(self.k * p.b_stride + j),
                b_stride: p.b_stride,
                part: T::Vector::part((p.n - j - (vectors - 1) * lanes).min(lanes)),
                panel,
                ahead,
                soon: self.soon(i, j),
                c: p.c.add(i * p.c_stride + j),
                c_stride: p.c_stride,
                first: self.k == 0,
            };
            let transposed = self.transposed && !T::Vector::SPREAD;
            compute::<T>(&tile, rows, vectors, i == 0, transposed);
        }
    }
}

/// The panels of n columns, of so many vectors at most: first vector and vectors of each.
#[inline(always)]
fn panels<T: Target>(n: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    pieces(n.div_ceil(T::Vector::LANES), most)
}

/// Vectors of a panel for m rows: one fewer if that leaves a single register tile, which
/// needs no packed copy. But pieces of less than two cache lines are read slowly.
#[inline(always)]
fn widest<T: Target>(m: usize) -> usize {
    const LEAST: usize = 2 * LINE / size_of::<f32>();
    let (tiles, most) = (T::Vector::TILES, T::Vector::VECTORS);
    let fewer =
        m > tiles[most - 1] && (most - 1) * T::Vector::LANES >= LEAST && m <= tiles[most - 2];
    most - usize::from(fewer)
}

/// The rows of the register tiles below each other in a panel.
#[inline(always)]
fn row_tiles<T: Target>(m: usize, vectors: usize) -> impl Iterator<Item = (usize, usize)> {
    pieces(m, T::Vector::TILES[vectors - 1])
}

/// Asks for all lines of rows.
#[inline(always)]
fn fetch_rows<S: Simd>(start: *const f32, stride: usize, rows: usize, n: usize) {
    for r in 0..rows {
        let row = start.wrapping_add(r * stride);
        (0..n).step_by(LINE / size_of::<f32>()).for_each(|j| S::fetch(row.wrapping_add(j)));
    }
}

/// Calls the tile of these sizes.
#[inline(always)]
unsafe fn compute<T: Target>(
    t: &Tile<T::Vector>,
    rows: usize,
    vectors: usize,
    pack: bool,
    transposed: bool,
) {
    // SAFETY: the caller vouches for the tile.
    unsafe {
        match (vectors, pack, transposed) {
            (1, true, true) => by_rows::<T, 1, true, true>(t, rows),
            (1, true, false) => by_rows::<T, 1, true, false>(t, rows),
            (1, false, true) => by_rows::<T, 1, false, true>(t, rows),
            (1, false, false) => by_rows::<T, 1, false, false>(t, rows),
            (2, true, true) => by_rows::<T, 2, true, true>(t, rows),
            (_, true, true) => by_rows::<T, 3, true, true>(t, rows),
            (2, true, false) => by_rows::<T, 2, true, false>(t, rows),
            (_, true, false) => by_rows::<T, 3, true, false>(t, rows),
            (2, false, true) => by_rows::<T, 2, false, true>(t, rows),
            (_, false, true) => by_rows::<T, 3, false, true>(t, rows),
            (2, false, false) => by_rows::<T, 2, false, false>(t, rows),
            (_, false, false) => by_rows::<T, 3, false, false>(t, rows),
        }
    }
}

#[inline(always)]
unsafe fn by_rows<T: Target, const V: usize, const PACK: bool, const TRANSPOSED: bool>(
    t: &Tile<T::Vector>,
    rows: usize,
) {
    macro_rules! tile {
        ($r:literal) => {
            // SAFETY: the caller vouches for the tile, which has this many rows.
            unsafe { T::tile::<$r, V, PACK, TRANSPOSED>(t) }
        };
    }
    match rows {
        1 => tile!(1),
        2 => tile!(2),
        3 => tile!(3),
        4 => tile!(4),
        5 => tile!(5),
        6 => tile!(6),
        7 => tile!(7),
        8 => tile!(8),
        9 => tile!(9),
        10 => tile!(10),
        11 => tile!(11),
        12 => tile!(12),
        13 => tile!(13),
        _ => tile!(14),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};
    use super::super::{Kernels, ProductTile};
    use gradwise_graph::random::Philox;

    /// A product with operands of its own.
    struct Case {
        m: usize,
        n: usize,
        k: usize,
        transposed: bool,
        a: Vec<f32>,
        b: Vec<f32>,
        b_stride: usize,
    }

    impl Case {
        fn new(m: usize, n: usize, k: usize, transposed: bool) -> Case {
            let (a, b) = (normals(1, m * k, 1.0), normals(2, k * (n + 3), 1.0));
            Case { m, n, k, transposed, a, b, b_stride: n + 3 }
        }

        /// Distances of A's rows and columns.
        fn strides(&self) -> (usize, usize) {
            if self.transposed { (1, self.m) } else { (self.k, 1) }
        }

        fn a(&self, i: usize, k: usize) -> f64 {
            let (row, column) = self.strides();
            f64::from(self.a[i * row + k * column])
        }

        /// C, computed in tiles of these sizes; what lies between rows stays as it is.
        fn compute(&self, kernels: &Kernels, rows: usize, columns: usize) -> Vec<f32> {
            let c_stride = self.n + 1;
            let mut c = vec![9.0; self.m * c_stride];
            let mut scratch = vec![f32::NAN; kernels.product_scratch(columns.min(self.n), self.k)];
            let (a_row, a_column) = self.strides();
            for i in (0..self.m).step_by(rows) {
                for j in (0..self.n).step_by(columns) {
                    // SAFETY: the tile lies within the matrices.
                    unsafe {
                        (kernels.product)(&ProductTile {
                            m: rows.min(self.m - i),
                            n: columns.min(self.n - j),
                            k: self.k,
                            a: self.a.as_ptr().add(i * a_row),
                            a_row,
                            a_column,
                            b: self.b.as_ptr().add(j),
                            b_stride: self.b_stride,
                            c: c.as_mut_ptr().add(i * c_stride + j),
                            c_stride,
                            far: (i + j) % 2 == 1,
                            soon: (i % 3 == 0).then_some([(self.a.as_ptr(), 1); 2]),
                            scratch: scratch.as_mut_ptr(),
                        });
                    }
                }
            }
            assert!(c.chunks_exact(c_stride).all(|row| row[self.n] == 9.0));
            c
        }

        /// Against a sum in f64. Errors of a sum in order are within k·2⁻²⁴ of the
        /// sum of the sizes; as they are random, √k is ample.
        fn check(&self, kernels: &Kernels) {
            let c = self.compute(kernels, self.m.max(1), self.n.max(1));
            for (i, j) in (0..self.m).flat_map(|i| (0..self.n).map(move |j| (i, j))) {
                let (mut sum, mut size) = (0.0, 0.0);
                for k in 0..self.k {
                    let term = self.a(i, k) * f64::from(self.b[k * self.b_stride + j]);
                    sum += term;
                    size += term.abs();
                }
                let bound = 6e-8 * size * (1.0 + (self.k as f64).sqrt());
                let what = format!("{} {}×{}×{}", kernels.isa, self.m, self.n, self.k);
                near(&what, c[i * (self.n + 1) + j], sum, 0.0, bound);
            }
        }
    }

    #[test]
    fn products_are_those_in_f64() {
        let sizes = [0, 1, 2, 3, 5, 10, 13, 14, 15, 16, 17, 29, 32, 33, 48, 64, 65];
        let depths = [0, 1, 2, 7, 64, 255, 256, 257, 600];
        let pick = Philox::new(1, 0);
        for case in 0..300 {
            let choose =
                |list: &[usize], i: u64| list[pick.below(3 * case + i, list.len() as u64) as usize];
            let (m, n, k) = (choose(&sizes, 0), choose(&sizes, 1), choose(&depths, 2));
            for kernels in each() {
                Case::new(m, n, k, case % 2 == 0).check(kernels);
            }
        }
    }

    #[test]
    fn products_of_many_panels_are_those_in_f64() {
        for kernels in each() {
            for transposed in [false, true] {
                Case::new(131, 202, 300, transposed).check(kernels);
            }
        }
    }

    #[test]
    fn a_tiling_does_not_change_a_bit() {
        for kernels in each() {
            for (transposed, k) in [(false, 500), (true, 500), (false, 3), (true, 1030)] {
                let case = Case::new(61, 75, k, transposed);
                let whole = case.compute(kernels, 61, 75);
                for (rows, columns) in [(1, 1), (7, 10), (14, 32), (32, 16), (61, 5), (40, 64)] {
                    let tiled = case.compute(kernels, rows, columns);
                    let same = whole.iter().zip(&tiled).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(same, "{} in tiles of {rows} × {columns}", kernels.isa);
                }
            }
        }
    }
}
