//! The head of a loop that is a product of bf16 numbers: operands that were not
//! packed before are packed at the start of a tile, then each block of the tile is
//! computed just before the loop's program works on it.

use super::Frame;
use super::block::{Area, HeadTile, Lane};
use super::step::{Form, LoopStep, PackedOperand, PackedProduct};
use crate::kernels::{Bf16, Block, DEPTH, Packing, Passing, STRIP, TILE, Unpacking, Widening};
use crate::lower::tiling::STAY;
use std::ops::Range;

/// Rows and columns that one call of the kernel computes at most.
const SQUARE: usize = 2 * STRIP;
/// Numbers of a square.
const SQUARE_LEN: usize = SQUARE * SQUARE;
/// Tiles of a piece of long strips: two strips' pieces stay in the first-level cache.
const PIECE: usize = 16;

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
    area: Area,
    /// Room for a block and, behind it, for a square of the turned result, or for all
    /// squares of a tile whose strips are long.
    block: *mut f32,
    square: *mut f32,
}

/// The rows and columns of a block as the kernel writes it: whole strips.
fn block_len(step: &LoopStep) -> usize {
    step.block_rows.next_multiple_of(STRIP) * step.block_cols.next_multiple_of(STRIP)
}

/// Numbers of the squares that are kept at once.
fn squares_len(step: &LoopStep, p: &PackedProduct) -> usize {
    let squares = step.tile_rows.div_ceil(SQUARE) * step.tile_cols.div_ceil(SQUARE);
    if p.is_long() { squares * SQUARE_LEN } else { SQUARE_LEN }
}

/// Numbers of f32 size that the strips packed for a tile take.
fn strips_len(operand: &PackedOperand, tiles: usize, step: &LoopStep, by_rows: bool) -> usize {
    let outer = if by_rows { step.tile_rows } else { step.tile_cols };
    if operand.is_there() { 0 } else { outer.div_ceil(STRIP) * tiles * TILE / 2 }
}

/// How much scratch memory the head needs.
pub(super) fn scratch_len(step: &LoopStep, p: &PackedProduct) -> usize {
    block_len(step)
        + squares_len(step, p)
        + strips_len(&p.left, p.tiles(), step, !p.turned)
        + strips_len(&p.right, p.tiles(), step, p.turned)
}

/// What passes: the operand that is another one in the next block.
fn passing(step: &LoopStep, p: &PackedProduct) -> Passing {
    match step.columns_first == p.turned {
        // All squares of a row follow each other.
        _ if p.is_long() && p.turned => Passing::Left,
        _ if p.is_long() => Passing::Right,
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
            let room = square.add(squares_len(step, product));
            let by_rows = !product.turned;
            let left = self.strips(bf16, product, &product.left, area, by_rows, room);
            let room = room.add(strips_len(&product.left, product.tiles(), step, by_rows));
            let right = self.strips(bf16, product, &product.right, area, !by_rows, room);
            let passing = passing(step, product);
            let (block, area) = (scratch, *area);
            let tile = PackedTile { bf16, product, left, right, passing, area, block, square };
            if product.is_long() {
                self.long_squares(&tile);
            }
            Some(tile)
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

    /// Computes all squares of a tile, a piece of the strips after the other: what a
    /// piece takes of both operands fits the second-level cache.
    ///
    /// # Safety
    /// There must be room for the squares.
    unsafe fn long_squares(&self, tile: &PackedTile<'_>) {
        let tiles = tile.product.tiles();
        for first in (0..tiles).step_by(PIECE) {
            for (index, square) in squares(&tile.area).enumerate() {
                let piece = first..(first + PIECE).min(tiles);
                // SAFETY: each square has its place.
                unsafe {
                    let c = tile.square.add(index * SQUARE_LEN);
                    self.packed_square(tile, &square, piece, (c, SQUARE));
                }
            }
        }
    }

    /// Computes a block of the tile.
    pub(super) fn packed_block(&self, tile: &PackedTile<'_>, block: &Area) -> HeadTile {
        // The kernel writes whole strips, turning a result around what there is.
        let (turned, long) = (tile.product.turned, tile.product.is_long());
        let whole = !turned && !long;
        let step = if whole { block.cols.next_multiple_of(STRIP) } else { block.cols };
        for square in squares(block) {
            let to = tile.block.wrapping_add((square.r - block.r) * step + square.c - block.c);
            // SAFETY: the square lies in the block, for which there is room in whole
            // strips, and has its place among those of the tile if they are all there.
            unsafe {
                let all = 0..tile.product.tiles();
                match (long, turned) {
                    (true, _) => self.take_square(tile, &square, to, step),
                    (false, false) => self.packed_square(tile, &square, all, (to, step)),
                    (false, true) => {
                        self.packed_square(tile, &square, all, (tile.square, SQUARE));
                        self.turn(tile.square, &square, to, step);
                    }
                }
            }
        }
        HeadTile { start: tile.block, step, area: *block }
    }

    /// Brings a square of a tile of long strips to its place in a block.
    ///
    /// # Safety
    /// The square must have been computed, and `to` have room for it at this stride.
    unsafe fn take_square(&self, tile: &PackedTile<'_>, area: &Area, to: *mut f32, step: usize) {
        let across = tile.area.cols.div_ceil(SQUARE);
        let (i, j) = ((area.r - tile.area.r) / SQUARE, (area.c - tile.area.c) / SQUARE);
        // SAFETY: the square's place among those of the tile; blocks start at squares.
        unsafe {
            let from = tile.square.add((i * across + j) * SQUARE_LEN);
            if tile.product.turned {
                return self.turn(from, area, to, step);
            }
            for r in 0..area.rows {
                std::ptr::copy(from.add(r * SQUARE), to.add(r * step), area.cols);
            }
        }
    }

    /// Turns a square around.
    ///
    /// # Safety
    /// As for [`Frame::take_square`].
    unsafe fn turn(&self, from: *const f32, area: &Area, to: *mut f32, step: usize) {
        // SAFETY: as the caller promises.
        unsafe { (self.kernels.transpose)(from, SQUARE, area.cols, area.rows, to, step) };
    }

    /// Computes a square from a piece of the strips; adds to it unless the piece is the
    /// first.
    ///
    /// # Safety
    /// `c` must have room for the square's whole strips at its stride.
    unsafe fn packed_square(
        &self,
        tile: &PackedTile<'_>,
        area: &Area,
        piece: Range<usize>,
        (c, c_stride): (*mut f32, usize),
    ) {
        let turned = tile.product.turned;
        let strip = tile.product.tiles() * TILE;
        let at = |strips: &Strips, from: usize| {
            strips.start.wrapping_add((from - strips.first) / STRIP * strip + piece.start * TILE)
        };
        let (down, across) = (area.rows.div_ceil(STRIP), area.cols.div_ceil(STRIP));
        let (i, j) = if turned { (area.c, area.r) } else { (area.r, area.c) };
        let block = Block {
            left: at(&tile.left, i),
            left_step: strip,
            right: at(&tile.right, j),
            right_step: strip,
            tiles: piece.len(),
            down: if turned { across } else { down },
            across: if turned { down } else { across },
            passing: tile.passing,
            added: piece.start > 0,
            c,
            c_stride,
        };
        // SAFETY: both operands have strips for the square's rows and columns, and
        // the result has room.
        unsafe { (tile.bf16.block)(&block) };
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

/// The squares of an area, row by row.
fn squares(area: &Area) -> impl Iterator<Item = Area> {
    let area = *area;
    (0..area.rows).step_by(SQUARE).flat_map(move |i| {
        (0..area.cols).step_by(SQUARE).map(move |j| {
            let (rows, cols) = (SQUARE.min(area.rows - i), SQUARE.min(area.cols - j));
            Area { r: area.r + i, c: area.c + j, rows, cols }
        })
    })
}

impl PackedTile<'_> {
    /// Gives the unit up.
    pub(super) fn end(self) {
        // SAFETY: it was prepared by this thread.
        unsafe { (self.bf16.end)() };
    }
}
