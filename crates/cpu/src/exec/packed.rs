//! The head of a loop that is a product of bf16 numbers: operands that were not
//! packed before are packed at the start of a tile, then each block of the tile is
//! computed just before the loop's program works on it.

use super::Frame;
use super::block::{Area, HeadTile, Lane};
use super::step::{Form, LoopStep, PackedOperand, PackedProduct};
use crate::kernels::{Bf16, Block, DEPTH, Packing, Passing, STRIP, TILE, Unpacking, Widening};
use crate::lower::tiling::STAY;

/// Rows and columns that one call of the kernel computes at most.
const SQUARE: usize = 2 * STRIP;

/// An operand's strips for a tile.
#[derive(Clone, Copy)]
struct Strips {
    start: *const u16,
    /// The row or column of the loop that the first strip starts at.
    first: usize,
}

/// A tile that is being computed.
pub(super) struct PackedTile<'a> {
    bf16: &'static Bf16,
    product: &'a PackedProduct,
    left: Strips,
    right: Strips,
    passing: Passing,
    /// Room for a block and, behind it, for a square of the turned result.
    block: *mut f32,
    square: *mut f32,
}

/// The rows and columns of a block as the kernel writes it: whole strips.
fn block_len(step: &LoopStep) -> usize {
    step.block_rows.next_multiple_of(STRIP) * step.block_cols.next_multiple_of(STRIP)
}

/// Numbers of f32 size that the strips packed for a tile take.
fn strips_len(operand: &PackedOperand, tiles: usize, step: &LoopStep, by_rows: bool) -> usize {
    let outer = if by_rows { step.tile_rows } else { step.tile_cols };
    if operand.is_there() { 0 } else { outer.div_ceil(STRIP) * tiles * TILE / 2 }
}

/// How much scratch memory the head needs.
pub(super) fn scratch_len(step: &LoopStep, p: &PackedProduct) -> usize {
    block_len(step)
        + SQUARE * SQUARE
        + strips_len(&p.left, p.tiles(), step, !p.turned)
        + strips_len(&p.right, p.tiles(), step, p.turned)
}

/// What passes: the operand that is another one in the next block.
fn passing(step: &LoopStep, p: &PackedProduct) -> Passing {
    match step.columns_first == p.turned {
        _ if p.inner > STAY => Passing::Both,
        true => Passing::Right,
        false => Passing::Left,
    }
}

impl Frame<'_> {
    /// Prepares a tile; the thread must end it.
    pub(super) fn begin_packed<'a>(
        &self,
        step: &LoopStep,
        product: &'a PackedProduct,
        area: &Area,
        scratch: *mut f32,
    ) -> Option<PackedTile<'a>> {
        let bf16 = self.bf16?;
        // SAFETY: the scratch memory was measured by `scratch_len`; the unit exists.
        unsafe {
            (bf16.begin)();
            let square = scratch.add(block_len(step));
            let room = square.add(SQUARE * SQUARE);
            let by_rows = !product.turned;
            let left = self.strips(bf16, product, &product.left, area, by_rows, room);
            let room = room.add(strips_len(&product.left, product.tiles(), step, by_rows));
            let right = self.strips(bf16, product, &product.right, area, !by_rows, room);
            let passing = passing(step, product);
            Some(PackedTile { bf16, product, left, right, passing, block: scratch, square })
        }
    }

    /// The operand's strips for the tile's rows or columns.
    ///
    /// # Safety
    /// `room` must be as large as [`strips_len`] says.
    unsafe fn strips(
        &self,
        bf16: &Bf16,
        product: &PackedProduct,
        operand: &PackedOperand,
        area: &Area,
        by_rows: bool,
        room: *mut f32,
    ) -> Strips {
        if operand.is_there() {
            // SAFETY: packed strips start there.
            return Strips { start: unsafe { self.at(operand.slot, 0, 0) }.cast(), first: 0 };
        }
        let (first, count) = if by_rows { (area.r, area.rows) } else { (area.c, area.cols) };
        if operand.form == Form::Upper {
            // SAFETY: tiles start at whole tiles; the caller vouches for the room.
            unsafe {
                let from = self.at(operand.slot, 0, 0).cast::<u16>();
                (bf16.widen)(&Widening {
                    from: from.add(first / DEPTH * TILE),
                    from_tiles: operand.slot.stride,
                    rows: product.inner,
                    columns: count,
                    to: room.cast(),
                    tiles: product.tiles(),
                });
            }
            return Strips { start: room.cast(), first };
        }
        let rows_are_strips = operand.layout.strips_are_rows();
        let (r, c) = if rows_are_strips { (first, 0) } else { (0, first) };
        let (rows, columns) =
            if rows_are_strips { (count, product.inner) } else { (product.inner, count) };
        // SAFETY: these rows and columns of the operand exist; the caller vouches for
        // the room.
        unsafe {
            (bf16.pack)(&Packing {
                from: self.at(operand.slot, r, c),
                stride: self.stride(operand.slot),
                rows,
                columns,
                layout: operand.layout,
                to: room.cast(),
                tiles: product.tiles(),
            });
        }
        Strips { start: room.cast(), first }
    }

    /// Computes a block of the tile.
    pub(super) fn packed_block(&self, tile: &PackedTile<'_>, block: &Area) -> HeadTile {
        // The kernel writes whole strips, turning a result around what there is.
        let whole = !tile.product.turned;
        let step = if whole { block.cols.next_multiple_of(STRIP) } else { block.cols };
        for i in (0..block.rows).step_by(SQUARE) {
            for j in (0..block.cols).step_by(SQUARE) {
                let (rows, cols) = (SQUARE.min(block.rows - i), SQUARE.min(block.cols - j));
                let square = Area { r: block.r + i, c: block.c + j, rows, cols };
                // SAFETY: the square lies in the block, for which there is room in
                // whole strips.
                unsafe { self.packed_square(tile, &square, tile.block.add(i * step + j), step) };
            }
        }
        HeadTile { start: tile.block, step, area: *block }
    }

    /// # Safety
    /// `c` must have room for the square's whole strips at this stride.
    unsafe fn packed_square(&self, tile: &PackedTile<'_>, area: &Area, c: *mut f32, step: usize) {
        let turned = tile.product.turned;
        let strip = tile.product.tiles() * TILE;
        let at = |strips: &Strips, from: usize| {
            strips.start.wrapping_add((from - strips.first) / STRIP * strip)
        };
        let (down, across) = (area.rows.div_ceil(STRIP), area.cols.div_ceil(STRIP));
        let (r, c_first) = (area.r, area.c);
        let (i, j) = if turned { (c_first, r) } else { (r, c_first) };
        let block = Block {
            left: at(&tile.left, i),
            left_step: strip,
            right: at(&tile.right, j),
            right_step: strip,
            tiles: tile.product.tiles(),
            down: if turned { across } else { down },
            across: if turned { down } else { across },
            passing: tile.passing,
            c: if turned { tile.square } else { c },
            c_stride: if turned { SQUARE } else { step },
        };
        // SAFETY: both operands have strips for the square's rows and columns, and
        // the result has room; what is transposed was just computed.
        unsafe {
            (tile.bf16.block)(&block);
            if turned {
                (self.kernels.transpose)(tile.square, SQUARE, area.cols, area.rows, c, step);
            }
        }
    }

    /// Packs a block of a value that the loop has computed.
    pub(super) fn pack_block(&self, x: Lane, to: &PackedOperand, block: &Area) {
        let Some(bf16) = self.bf16 else { return };
        let (outer, inner) =
            if to.layout.strips_are_rows() { (block.r, block.c) } else { (block.c, block.r) };
        let tiles = to.slot.stride;
        let first = (outer / STRIP * tiles + inner / DEPTH) * TILE;
        // SAFETY: blocks start at whole tiles, and end there or at the matrix's edge;
        // the copy has a place for each tile.
        unsafe {
            (bf16.pack)(&Packing {
                from: x.start,
                stride: x.step,
                rows: block.rows,
                columns: block.cols,
                layout: to.layout,
                to: self.at(to.slot, 0, 0).cast::<u16>().add(first),
                tiles,
            });
        }
    }

    /// Unpacks a block of a value that an earlier loop has computed.
    pub(super) fn unpack_block(&self, from: &PackedOperand, y: Lane, block: &Area) {
        let Some(bf16) = self.bf16 else { return };
        let tiles = from.slot.stride;
        let first = (block.r / STRIP * tiles + block.c / DEPTH) * TILE;
        // SAFETY: blocks start at whole tiles; the rows hold the block's elements.
        unsafe {
            (bf16.unpack)(&Unpacking {
                from: self.at(from.slot, 0, 0).cast::<u16>().add(first),
                tiles,
                rows: block.rows,
                columns: block.cols,
                to: y.start,
                stride: y.step,
            });
        }
    }
}

impl PackedTile<'_> {
    /// Gives the unit up.
    pub(super) fn end(self) {
        // SAFETY: it was prepared by this thread.
        unsafe { (self.bf16.end)() };
    }
}
