//! How a loop's matrix is cut into tiles (the unit that a thread takes) and blocks
//! (what an instruction works on). Never a function of the number of threads: sums
//! are put together by tiles, and must come out the same to the bit.

use super::ir::{Source, View};
use crate::exec::step::{Head, Instr, LoopStep};
use crate::isa::Isa;
use crate::kernels::{Bf16, Kernels, STRIP};

/// The most numbers in a block, which a register holds.
pub(crate) const BLOCK: usize = 4096;
/// Numbers in most blocks: a few registers of them fit the first-level cache.
const SMALL_BLOCK: usize = 2048;
/// The most inner numbers for which two strips of a product of bf16 numbers fit the
/// first-level cache beside what passes it.
pub(crate) const STAY: usize = 640;
/// Numbers in a tile of an element-wise loop.
const TILE: usize = 16 * 1024;
/// Numbers in a tile that a row function fills.
const ROW_TILE: usize = 4 * 1024;
/// Up to so many rows, `A·Bᵀ` is dot products instead of a transposed B.
pub(crate) const FEW_ROWS: usize = 4;

/// More inner numbers of a product of packed operands are multiplied piece by piece.
pub(crate) const LONG: usize = 1024;

/// What blocks of a plan with bf16 products are cut at: whole packed tiles.
const PACKED: usize = 32;

/// The sizes of tiles and blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tiling {
    pub rows: usize,
    pub cols: usize,
    pub block_rows: usize,
    pub block_cols: usize,
    /// Blocks run down the columns of a tile, not along its rows.
    pub columns_first: bool,
}

impl Tiling {
    fn new(rows: usize, cols: usize) -> Self {
        let block_cols = cols.clamp(1, SMALL_BLOCK);
        let block_rows = (SMALL_BLOCK / block_cols).clamp(1, rows.max(1));
        Tiling {
            rows: rows.max(1),
            cols: cols.max(1),
            block_rows,
            block_cols,
            columns_first: false,
        }
    }

    /// For a loop whose rows are the other's columns.
    pub fn turned(self) -> Self {
        Tiling::new(self.cols, self.rows)
    }
}

/// For a loop without a head.
pub(crate) fn map(rows: usize, cols: usize) -> Tiling {
    let tile_cols = cols.clamp(1, TILE);
    Tiling::new((TILE / tile_cols).clamp(1, rows.max(1)), tile_cols)
}

/// For a head that needs whole rows.
pub(crate) fn rows(rows: usize, cols: usize) -> Tiling {
    Tiling::new((ROW_TILE / cols.max(1)).clamp(1, rows.max(1)), cols)
}

/// For a bf16 product with a parameter, which goes with its columns: as many rows as
/// reading it is worth, and blocks below each other that read the same part.
/// But the strips of the rows, which all tiles beside each other read, must stay in
/// the second-level cache; a thread that has done one tile goes on with the next.
/// Where strips of the parameter can stay in the first-level cache, a block is as tall
/// as a register allows: the loop's program would push them out.
pub(crate) fn weight_product(m: usize, n: usize, inner: usize) -> Tiling {
    const STAYS: usize = 512 * 1024;
    let most = (STAYS / inner.max(1) / PACKED * PACKED).clamp(2 * PACKED, 256);
    let (rows, cols) = (even(m, most, PACKED), even(n, 64, PACKED));
    let block_cols = PACKED.min(cols);
    let most = if inner > STAY { SMALL_BLOCK } else { BLOCK };
    Tiling {
        rows,
        cols,
        block_rows: tall(block_cols, most).min(rows),
        block_cols,
        columns_first: true,
    }
}

/// For a bf16 product of packed operands: wide tiles, because what is updated from
/// them is best read along its rows. Of long strips tiles are taller: each reads all of
/// one operand.
pub(crate) fn packed_product(m: usize, n: usize, inner: usize) -> Tiling {
    let long = inner > LONG;
    let cols = even(n, if long { 512 } else { 2048 }, PACKED);
    let least = if cols > 1024 { PACKED } else { 2 * PACKED };
    let most = if long { 128 } else { (16 * 1024 / cols).clamp(least, 256) };
    let rows = even(m, most, PACKED);
    Tiling {
        rows,
        cols,
        block_rows: tall(64.min(cols), SMALL_BLOCK).min(rows),
        block_cols: 64.min(cols),
        columns_first: false,
    }
}

/// The rows of a block this wide and of at most so many numbers: whole packed tiles,
/// even where columns are padded.
fn tall(block_cols: usize, most: usize) -> usize {
    most / block_cols.next_multiple_of(STRIP) / PACKED * PACKED
}

/// The same loop in blocks of whole packed tiles, its tiles at least as tall.
pub(crate) fn aligned(tiling: Tiling, rows: usize, cols: usize, whole_rows: bool) -> Tiling {
    let cut = tiling.cols.min(512).next_multiple_of(PACKED).min(cols.max(1));
    let cols = if whole_rows { tiling.cols } else { cut };
    let height = tiling.rows.next_multiple_of(PACKED).min(rows.max(1));
    let block_cols = cols.min(64);
    let block_rows = tall(block_cols, SMALL_BLOCK).min(height);
    Tiling { rows: height, cols, block_rows, block_cols, columns_first: false }
}

/// For dot products.
pub(crate) fn dots(rows: usize, cols: usize) -> Tiling {
    Tiling::new(rows, cols.min(64))
}

/// Multiplications of a product that are worth a second thread, though each then packs
/// or reads one operand by itself: 20 to 40 µs of one thread. Below, what crosses between
/// the cores takes longer.
const FOR_TWO: usize = 1 << 21;

/// For a product of `m` × `n` over `inner`: near-equal tiles, so that threads end
/// together, and more than one where there is work for two threads.
pub(crate) fn product(kernels: &Kernels, m: usize, n: usize, inner: usize) -> Tiling {
    let (rows, cols) = kernels.tile_hint(m, n);
    let (rows, cols) = (rows.min(m), cols.min(n));
    let alone = rows == m && cols == n && m * n * inner >= FOR_TWO;
    let half = n.div_ceil(2).next_multiple_of(PACKED);
    match alone {
        true if m > n => Tiling::new(m.div_ceil(2), n),
        true if half < n => Tiling::new(m, half),
        _ => Tiling::new(rows, cols),
    }
}

/// Whether the right operand of a product of `m` rows must come from behind the
/// second-level cache: a large parameter, which other layers' have driven out, and which
/// one row of tiles reads once. Asking for it takes time too, so there must be rows enough.
pub(crate) fn is_far(right: &View, m: usize) -> bool {
    let parameter = matches!(right.source, Source::Parameter(_));
    parameter && is_streamed(right.rows, right.cols) && (64..=256).contains(&m)
}

/// Whether weights are so many that they come from behind the second-level cache each time.
fn is_streamed(rows: usize, cols: usize) -> bool {
    rows * cols > 1 << 17
}

/// Whether what an update of weights reads is asked for while their gradient is multiplied.
/// On a processor with AMX nothing was gained by it, on Zen 4 a twentieth of that loop.
pub(crate) fn asks_for_updated(kernels: &Kernels, rows: usize, cols: usize) -> bool {
    let vectors = kernels.isa == Isa::Avx512 && !Isa::Amx.is_available();
    vectors && is_streamed(rows, cols)
}

/// Whether a product of `m` rows with this right operand is the sum of the products over
/// the two halves of the inner dimension, one for each of two threads.
///
/// It is where the operand is a parameter that stays in the caches of two cores from one
/// step to the next. A thread that reads what the other has written makes it write anew to
/// what it no longer has alone, some 20 ns a line; by halves each reads those rows of the
/// parameter that it updates in [`gradient`]. What crosses instead is a half's result,
/// which must be much less.
pub(crate) fn is_in_two(right: &View, m: usize) -> bool {
    const KEPT: usize = 1 << 17;
    const LESS: usize = 8;
    let (inner, n) = (right.rows, right.cols);
    let kept = matches!(right.source, Source::Parameter(_)) && inner * n <= KEPT;
    kept && n >= PACKED && m * LESS <= inner && m * n * inner >= FOR_TWO
}

/// For a product `m` × `n` that is a gradient of weights.
pub(crate) fn gradient(kernels: &Kernels, m: usize, n: usize) -> Tiling {
    let (rows, cols) = kernels.gradient_tile_hint(m, n);
    Tiling::new(rows.min(m), cols.min(n))
}

/// The size of near-equal pieces of `total`, none above `most` by more than `unit`.
fn even(total: usize, most: usize, unit: usize) -> usize {
    let pieces = total.div_ceil(most).max(1);
    total.div_ceil(pieces).next_multiple_of(unit).min(total.max(1))
}

/// Nanoseconds for a number that comes from behind the second-level cache.
const STREAMED: f64 = 0.1;

/// A rough time in nanoseconds on one thread.
pub(crate) fn cost(step: &LoopStep, bf16: Option<&Bf16>) -> f64 {
    let elements = (step.rows * step.cols) as f64;
    let head = match &step.head {
        Head::None => 0.0,
        Head::Product(product) => {
            let read = product.inner as f64 * step.cols.max(step.rows) as f64;
            let part = if product.in_two { 0.5 } else { 1.0 };
            (part * elements * product.inner as f64 / 50.0).max(read * STREAMED)
        }
        Head::PackedProduct(product) => {
            elements * product.inner as f64 / bf16.map_or(1.0, |unit| unit.rate)
        }
        Head::Dots { inner, .. } => elements * *inner as f64 / 10.0,
        Head::Rows { width, .. } => step.rows as f64 * *width as f64 * 2.0,
        _ => elements,
    };
    let code = |instr: &Instr| if let Instr::Pair(_) = instr { 4.0 * STREAMED } else { 0.1 };
    head + elements * step.code.iter().map(code).sum::<f64>()
}
