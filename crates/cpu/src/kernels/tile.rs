//! The product's inner loop: a tile of C held in registers.
//!
//! Per step of k the tile takes one row of B (V vectors) and one number of A for
//! each of its R rows. R·V accumulators are enough independent sums to keep both
//! multipliers busy through their latency. Every element is summed over k in the
//! same order whatever the tile, so results do not depend on the tiling.

use super::simd::Simd;

/// Rows of B that will be read soon, of as many vectors as a tile has at most.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    pub start: *const f32,
    pub rows: usize,
}

impl Ahead {
    pub(super) const NOTHING: Ahead = Ahead { start: std::ptr::null(), rows: 0 };

    /// Asks for the next row.
    #[inline(always)]
    fn fetch<S: Simd>(&mut self, stride: usize) {
        let columns = S::VECTORS * S::LANES;
        (0..columns).step_by(LINE).for_each(|j| S::fetch(self.start.wrapping_add(j)));
        // A row that does not start at a line ends in one more.
        S::fetch(self.start.wrapping_add(columns - 1));
        self.start = self.start.wrapping_add(stride);
    }
}

/// Where a tile's operands are.
pub(super) struct Tile<S: Simd> {
    /// Steps of k.
    pub depth: usize,
    /// Element (i, k) of A at `a[i·a_stride + k]`, transposed at `a[k·a_stride + i]`.
    pub a: *const f32,
    pub a_stride: usize,
    /// Row k of B at `b[k·b_stride]`; not read if the panel is full.
    pub b: *const f32,
    pub b_stride: usize,
    /// The columns of the last vector.
    pub part: S::Part,
    /// B's rows packed: depth × V vectors, zero beyond the columns.
    pub panel: *mut f32,
    /// What to ask for meanwhile; nothing if A is transposed.
    pub ahead: Ahead,
    /// What is read after the tile, as large as it, each a start and the distance of the
    /// rows; nothing unless A is transposed.
    pub soon: Option<[(*const f32, usize); 2]>,
    /// The tile of the result.
    pub c: *mut f32,
    pub c_stride: usize,
    /// Overwrite C rather than add to it.
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

/// Steps of k a turn of the loop.
const UNROLL: usize = 2;

/// Steps of k from one row that is asked for to the next: all at once would wait for each
/// other.
const APART: usize = 8;

/// Numbers in a cache line.
const LINE: usize = 16;

/// Rows of A that share one pointer: x86 addresses base, base + stride and
/// base + 2·stride without further instructions.
const GROUP: usize = 3;

/// Pointers enough for the rows of the largest tile.
const GROUPS: usize = 5;

/// Walks down the columns of A, R numbers at a time.
struct Factors<const R: usize, const TRANSPOSED: bool> {
    bases: [*const f32; GROUPS],
    stride: usize,
}

impl<const R: usize, const TRANSPOSED: bool> Factors<R, TRANSPOSED> {
    #[inline(always)]
    fn new<S: Simd>(t: &Tile<S>) -> Self {
        let mut bases = [t.a; GROUPS];
        if !TRANSPOSED && !S::SPREAD {
            for (g, base) in bases.iter_mut().enumerate() {
                *base = t.a.wrapping_add(opaque(g * GROUP * t.a_stride));
            }
        }
        Factors { bases, stride: t.a_stride }
    }

    /// The number of row r.
    #[inline(always)]
    unsafe fn get<S: Simd>(&self, r: usize, zero: S) -> S {
        // SAFETY: the caller asks only for rows below R of columns below the depth.
        unsafe {
            if S::SPREAD {
                S::load(self.bases[0].add(r * S::LANES))
            } else if TRANSPOSED {
                zero.like(*self.bases[0].add(r))
            } else {
                zero.like(*self.bases[r / GROUP].add(r % GROUP * self.stride))
            }
        }
    }

    /// Goes to the next column.
    #[inline(always)]
    fn advance<S: Simd>(&mut self) {
        if S::SPREAD {
            self.bases[0] = self.bases[0].wrapping_add(R * S::LANES);
        } else if TRANSPOSED {
            self.bases[0] = self.bases[0].wrapping_add(self.stride);
        } else {
            self.bases.iter_mut().for_each(|base| *base = base.wrapping_add(1));
        }
    }
}

/// The same distance, but the compiler does not know: it would derive each of
/// several pointers from the last by a chain of additions as long as the
/// multiplications take.
#[inline(always)]
fn opaque(mut distance: usize) -> usize {
    // SAFETY: no instruction at all.
    unsafe {
        std::arch::asm!(
            "/* {0} */",
            inout(reg) distance,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    distance
}

/// Walks down A and B together.
struct Steps<S: Simd, const R: usize, const PACK: bool, const TRANSPOSED: bool> {
    a: Factors<R, TRANSPOSED>,
    b: *const f32,
    b_stride: usize,
    part: S::Part,
    panel: *mut f32,
}

impl<S: Simd, const R: usize, const PACK: bool, const TRANSPOSED: bool>
    Steps<S, R, PACK, TRANSPOSED>
{
    #[inline(always)]
    fn new(t: &Tile<S>) -> Self {
        let (a, part) = (Factors::new(t), t.part);
        Steps { a, b: t.b, b_stride: t.b_stride, part, panel: t.panel }
    }

    /// Adds the products of one step of k.
    ///
    /// # Safety
    /// There must be a step left.
    #[inline(always)]
    unsafe fn next<const V: usize>(&mut self, sums: &mut [[S; V]; R], zero: S) {
        // SAFETY: vectors stay below V and rows below R; of the last vector only the
        // part that exists is read outside the panel.
        unsafe {
            let mut row = [zero; V];
            for (v, lanes) in row.iter_mut().enumerate() {
                let (from, packed) =
                    (self.b.wrapping_add(v * S::LANES), self.panel.add(v * S::LANES));
                *lanes = match PACK {
                    false => S::load(packed),
                    true if v + 1 == V => S::load_part(from, self.part, zero),
                    true => S::load(from),
                };
                if PACK {
                    lanes.store(packed);
                }
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = self.a.get(r, zero);
                for (sum, lanes) in sums.iter_mut().zip(row) {
                    *sum = lanes.fma(factor, *sum);
                }
            }
        }
        self.a.advance::<S>();
        self.panel = self.panel.wrapping_add(V * S::LANES);
        self.b = self.b.wrapping_add(self.b_stride);
    }
}

/// Computes a tile of R rows and V vectors.
///
/// With PACK, B is read where it stands and its rows are left in the panel for
/// the tiles below; else the panel is read.
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
        let mut steps = Steps::<S, R, PACK, TRANSPOSED>::new(t);
        let mut depth = t.depth;
        if !TRANSPOSED {
            let mut ahead = t.ahead;
            let rows = ahead.rows.min(depth / APART);
            for _ in 0..rows {
                ahead.fetch::<S>(t.b_stride);
                for _ in 0..APART {
                    steps.next(&mut sums, zero);
                }
            }
            depth -= rows * APART;
        }
        if let (true, Some(soon)) = (TRANSPOSED, t.soon) {
            let apart = depth / (soon.len() * R * V);
            let rows = if apart == 0 { 0 } else { R };
            for r in 0..rows {
                for (start, stride) in soon {
                    for v in 0..V {
                        S::fetch(start.wrapping_add(r * stride + v * S::LANES));
                        for _ in 0..apart {
                            steps.next(&mut sums, zero);
                        }
                    }
                }
            }
            depth -= rows * soon.len() * V * apart;
        }
        for _ in 0..depth / UNROLL {
            for _ in 0..UNROLL {
                steps.next(&mut sums, zero);
            }
        }
        for _ in 0..depth % UNROLL {
            steps.next(&mut sums, zero);
        }
        for (r, row) in sums.into_iter().enumerate() {
            for (v, sum) in row.into_iter().enumerate() {
                let to = t.at(r, v);
                match (v + 1 == V, t.first) {
                    (false, true) => sum.store(to),
                    (false, false) => (S::load(to) + sum).store(to),
                    (true, true) => sum.store_part(to, t.part),
                    (true, false) => {
                        (S::load_part(to, t.part, zero) + sum).store_part(to, t.part);
                    }
                }
            }
        }
    }
}
