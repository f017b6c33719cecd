//! Products of bf16 numbers summed in f32: packed operands and their kernels.
//!
//! A packed operand is a sequence of *tiles* of 1 KiB, 16 × 32 numbers of bf16: what
//! the matrix unit of AMX loads at once, and what a vector of AVX512-BF16 takes in
//! sixteen steps. 16 rows of the left operand, or 16 columns of the right one, are a
//! *strip*; a strip's tiles follow each other along the inner dimension, 32 numbers
//! each, zeros behind the end.
//!
//! - left tile: `[i][p][s]` is row i, inner number 2p + s
//! - right tile: `[p][j][s]` is column j, inner number 2p + s
//!
//! Both keep two neighbours of the inner dimension in one word of 32 bits, because
//! the processor multiplies and adds them in pairs. So a matrix has four packed
//! [`Layout`]s: as a left or right operand, itself or its transpose.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod dot;
#[cfg(target_arch = "x86_64")]
mod halves;
#[cfg(test)]
mod halves_plain;
#[cfg(target_arch = "x86_64")]
mod pack;
#[cfg(test)]
mod plain;

use crate::isa::Isa;

/// Rows of a left strip, columns of a right one.
pub const STRIP: usize = 16;
/// Inner numbers of a tile.
pub const DEPTH: usize = 32;
/// The fewest rows, columns or terms for which any unit multiplies bf16 numbers.
pub const FEW: usize = 8;
/// Numbers of a tile.
pub const TILE: usize = STRIP * DEPTH;

/// Which operand of a product a matrix is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// The matrix as left operand.
    Left,
    /// Its transpose as left operand.
    LeftTransposed,
    /// The matrix as right operand.
    Right,
    /// Its transpose as right operand.
    RightTransposed,
}

impl Layout {
    /// Whether strips are rows of the matrix, and its columns the inner dimension.
    pub fn strips_are_rows(self) -> bool {
        matches!(self, Layout::Left | Layout::RightTransposed)
    }

    /// Rows and columns of the matrix that a tile covers.
    pub fn tile(self) -> (usize, usize) {
        if self.strips_are_rows() { (STRIP, DEPTH) } else { (DEPTH, STRIP) }
    }

    /// The strips of a matrix of these sizes, and the tiles of each.
    pub fn tiles(self, rows: usize, columns: usize) -> (usize, usize) {
        let (outer, inner) = if self.strips_are_rows() { (rows, columns) } else { (columns, rows) };
        (outer.div_ceil(STRIP), inner.div_ceil(DEPTH))
    }

    /// Numbers of f32 size that a packed matrix of these sizes takes.
    pub fn len(self, rows: usize, columns: usize) -> usize {
        let (strips, tiles) = self.tiles(rows, columns);
        strips * tiles * TILE / 2
    }
}

/// A part of a matrix to be packed into tiles.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    /// Element (r, c) at `from[r·stride + c]`.
    pub from: *const f32,
    /// Distance of the rows.
    pub stride: usize,
    /// Rows of the part.
    pub rows: usize,
    /// Columns of the part.
    pub columns: usize,
    /// The layout.
    pub layout: Layout,
    /// The tile of the first element, which is the tile's first.
    pub to: *mut u16,
    /// Tiles in a strip.
    pub tiles: usize,
}

/// Packs whole tiles; what a tile has beyond the part becomes zero. Numbers are
/// rounded to the nearest, ties to even; subnormal ones become zero.
///
/// # Safety
/// The part must be readable, and the tiles that it covers writable.
pub type PackFn = unsafe fn(&Packing);

/// A part of a matrix packed as [`Layout::Left`], to be written as f32.
#[derive(Clone, Copy, Debug)]
pub struct Unpacking {
    /// The tile of the part's first element, which is the tile's first.
    pub from: *const u16,
    /// Tiles in a strip.
    pub tiles: usize,
    /// Rows of the part.
    pub rows: usize,
    /// Columns of the part.
    pub columns: usize,
    /// Element (r, c) goes to `to[r·stride + c]`.
    pub to: *mut f32,
    /// Distance of the rows.
    pub stride: usize,
}

/// Unpacks.
///
/// # Safety
/// The tiles must be readable, and the part writable.
pub type UnpackFn = unsafe fn(&Unpacking);

/// A part of a matrix of weights in two halves, each packed as [`Layout::Left`]: the
/// bits of a number are `upper·2¹⁶ + lower`, lower with a sign.
#[derive(Clone, Copy, Debug)]
pub struct Halves {
    /// The tile of the part's first number, which is the tile's first, of the upper
    /// halves, which are numbers of bf16.
    pub upper: *mut u16,
    /// The same of the lower halves.
    pub lower: *mut u16,
    /// Tiles in a strip.
    pub tiles: usize,
    /// Rows of the part.
    pub rows: usize,
    /// Columns of the part.
    pub columns: usize,
    /// The part in f32.
    pub matrix: *mut f32,
    /// Distance of its rows.
    pub stride: usize,
}

/// Goes from halves to f32, or from f32 to halves. What a row of a tile has beyond
/// the part is left alone in f32, and zero in halves.
///
/// # Safety
/// The part must be readable where it is and writable where it goes; of the tiles,
/// whole rows.
pub type HalvesFn = unsafe fn(&Halves);

/// Where a velocity stands: as a matrix of f32, its first number and the distance of its
/// rows; or rounded to bf16 and packed as [`Layout::Left`] as the weights are, its tile.
#[derive(Clone, Copy, Debug)]
pub enum Velocity {
    /// f32.
    Whole(*mut f32, usize),
    /// bf16, rounded to the nearest, ties to even.
    Rounded(*mut u16),
}

/// A step of momentum for weights in halves: `v = p₀·v + p₁·g`, then `w = q₀·w + q₁·v`,
/// with v before it is rounded.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// The weights; their matrix is not used.
    pub weights: Halves,
    /// v.
    pub velocity: Velocity,
    /// Of g the first number, and the distance of the rows.
    pub gradient: (*const f32, usize),
    /// The first sum's factors.
    pub p: [f32; 2],
    /// The second sum's factors.
    pub q: [f32; 2],
}

/// Takes the step; true if a new weight is infinite or NaN.
///
/// # Safety
/// The rows of g must be readable, those of v and the weights writable.
pub type MomentumFn = unsafe fn(&Momentum) -> bool;

/// Columns of a matrix packed as [`Layout::Left`], to be packed as [`Layout::Right`].
#[derive(Clone, Copy, Debug)]
pub struct Widening {
    /// The tile of the first column, which is the tile's first.
    pub from: *const u16,
    /// Tiles in a strip of it.
    pub from_tiles: usize,
    /// Rows of the matrix, all of them.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// The first tile of the result.
    pub to: *mut u16,
    /// Tiles in a strip of it.
    pub tiles: usize,
}

/// Packs so.
///
/// # Safety
/// The strips must be readable, and the result's strips writable.
pub type WidenFn = unsafe fn(&Widening);

/// Which operand's strips pass through the first-level cache and are not kept there:
/// blocks beside each other share the strips of one operand and take new ones of the
/// other, which would push the shared ones out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// The left one's.
    Left,
    /// The right one's.
    Right,
    /// Those of both, because one operand's alone fill it.
    Both,
}

/// One block of a product: up to two strips of each operand.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The first left strip.
    pub left: *const u16,
    /// From it to the second.
    pub left_step: usize,
    /// The first right strip.
    pub right: *const u16,
    /// From it to the second.
    pub right_step: usize,
    /// Tiles in a strip.
    pub tiles: usize,
    /// Left strips, 1 or 2: 16 rows of the result each.
    pub down: usize,
    /// Right strips, 1 or 2: 16 columns of the result each.
    pub across: usize,
    /// What need not stay in the first-level cache.
    pub passing: Passing,
    /// The product is added to what the result holds.
    pub added: bool,
    /// The result, whole strips of it; overwritten unless added to.
    pub c: *mut f32,
    /// Distance of its rows.
    pub c_stride: usize,
}

/// Computes a block.
///
/// # Safety
/// The strips must be readable and the result writable; with AMX, the thread's
/// tiles must have been set up by [`Bf16::begin`].
pub type BlockFn = unsafe fn(&Block);

/// What multiplies numbers of bf16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// The matrix unit, AMX.
    Amx,
    /// Vector instructions, AVX512-BF16.
    Avx512Bf16,
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unit::Amx => "AMX",
            Unit::Avx512Bf16 => "AVX512-BF16",
        })
    }
}

/// The kernels for products of bf16 numbers.
#[derive(Debug)]
pub struct Bf16 {
    /// What they run on.
    pub unit: Unit,
    /// Products of fewer rows, columns or terms are faster in f32: strips of them would
    /// be mostly padding.
    pub least: usize,
    /// Roughly how often it multiplies in a nanosecond, operands behind the first-level
    /// cache.
    pub rate: f64,
    /// Packs.
    pub pack: PackFn,
    /// Unpacks.
    pub unpack: UnpackFn,
    /// From halves to f32.
    pub join: HalvesFn,
    /// From f32 to halves.
    pub halve: HalvesFn,
    /// A step of momentum.
    pub momentum: MomentumFn,
    /// From left to right tiles.
    pub widen: WidenFn,
    /// Multiplies.
    pub block: BlockFn,
    /// Prepares this thread to multiply; before the first block.
    pub begin: unsafe fn(),
    /// Ends that; after the last block.
    pub end: unsafe fn(),
    /// Multiplies as much as so many tiles of blocks with two strips of each operand
    /// do, without loading anything; between `begin` and `end`. To measure against.
    pub peak: unsafe fn(usize),
}

impl Bf16 {
    /// The fastest kernels that an instruction set of this processor allows; `None`
    /// if there are none.
    #[cfg(target_arch = "x86_64")]
    pub fn for_isa(isa: Isa) -> Option<&'static Bf16> {
        match isa {
            Isa::Amx if isa.is_available() => Some(&AMX),
            Isa::Avx512 if isa.is_available() && dot::is_available() => Some(&AVX512),
            _ => None,
        }
    }

    /// The fastest kernels that an instruction set of this processor allows; `None`
    /// if there are none.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn for_isa(_: Isa) -> Option<&'static Bf16> {
        None
    }
}

#[cfg(target_arch = "x86_64")]
static AMX: Bf16 = Bf16 {
    unit: Unit::Amx,
    least: FEW,
    rate: 1000.0,
    pack: pack::pack,
    unpack: pack::unpack,
    join: halves::join,
    halve: halves::halve,
    momentum: halves::momentum,
    widen: halves::widen,
    block: amx::block,
    begin: amx::begin,
    end: amx::end,
    peak: amx::peak,
};

#[cfg(target_arch = "x86_64")]
static AVX512: Bf16 = Bf16 {
    unit: Unit::Avx512Bf16,
    least: STRIP,
    rate: 100.0,
    pack: pack::pack,
    unpack: pack::unpack,
    join: halves::join,
    halve: halves::halve,
    momentum: halves::momentum,
    widen: halves::widen,
    block: dot::block,
    begin: nothing,
    end: nothing,
    peak: dot::peak,
};

/// Vectors need no preparation.
#[cfg(target_arch = "x86_64")]
unsafe fn nothing() {}

/// Whether this processor has the matrix unit and lets this process use it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn has_amx() -> bool {
    amx::is_available() && dot::is_available()
}
