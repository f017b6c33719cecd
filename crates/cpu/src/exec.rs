//! Runs the steps of a plan.
//!
//! `unsafe` here has one reason throughout: a [`step::Slot`] was given by
//! [`crate::lower`] inside of the buffers that [`crate::plan`] holds, and two
//! threads never write the same tile.

mod block;
mod describe;
mod halves;
mod head;
mod packed;
mod sink;
pub(crate) mod step;

pub(crate) use block::Registers;
pub(crate) use sink::MOMENTS_LEN;

use crate::kernels::{Bf16, Kernels};
use crate::lower::ir::Sum;
use crate::lower::tiling::BLOCK;
use crate::pool::Pool;
use gradwise_graph::Tensor;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use step::*;

/// A base address, and the row stride of a feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    pub start: *mut f32,
    pub stride: usize,
}

/// All that a step needs to run.
pub(crate) struct Frame<'a> {
    pub kernels: &'static Kernels,
    /// For products of bf16 numbers, if the plan has some.
    pub bf16: Option<&'static Bf16>,
    pub bases: &'a [Base],
    /// Scratch memory, `scratch_len` numbers for each thread.
    pub scratch: *mut f32,
    pub scratch_len: usize,
    /// Raised when a parameter's new value is not finite.
    pub nonfinite: &'a [AtomicBool],
}

// SAFETY: the pointers lead into buffers that outlive the run; threads write
// different tiles and different scratch.
unsafe impl Sync for Frame<'_> {}

/// Steps shorter than this are not worth another thread's attention.
const WORTH_SHARING: f64 = 8_000.0;

impl Frame<'_> {
    /// The address of row `r`, column `c`.
    ///
    /// # Safety
    /// The element must lie in the slot's matrix.
    unsafe fn at(&self, slot: Slot, r: usize, c: usize) -> *mut f32 {
        let base = self.bases[slot.base];
        let stride = if slot.stride == FED { base.stride } else { slot.stride };
        // SAFETY: as the caller promises.
        unsafe { base.start.add(slot.offset + r * stride + c) }
    }

    /// The row stride of a slot.
    fn stride(&self, slot: Slot) -> usize {
        if slot.stride == FED { self.bases[slot.base].stride } else { slot.stride }
    }

    /// Runs one step; false if a gate ends the run.
    pub fn run(&self, step: &Step, pool: &mut Pool, share: bool) -> bool {
        match step {
            Step::Loop(step) => self.run_loop(step, pool, share),
            Step::Strips(loops) => self.run_strips(loops, pool, share),
            Step::Transpose(step) => self.run_transpose(step, pool, share),
            Step::Reference(step) => self.run_reference(step),
            // SAFETY: the gate is one number that an earlier step has written.
            Step::Gate(slot) => return unsafe { *self.at(*slot, 0, 0) }.is_finite(),
        }
        true
    }

    fn run_loop(&self, step: &LoopStep, pool: &mut Pool, share: bool) {
        let across = step.tiles_across();
        let tile = |thread: usize, tile: usize| {
            let (r, c) = (tile / across * step.tile_rows, tile % across * step.tile_cols);
            self.run_tile(step, thread, tile, (r, c));
        };
        self.shared(step.tiles(), step.cost, pool, share, &tile);
        step.sinks.iter().for_each(|sink| self.finish(sink));
    }

    fn run_strips(&self, [first, second]: &[LoopStep; 2], pool: &mut Pool, share: bool) {
        let strip = |thread: usize, strip: usize| {
            let c = strip * first.tile_cols;
            self.run_tile(first, thread, strip, (0, c));
            let end = (c + first.tile_cols).min(second.rows);
            for r in (c..end).step_by(second.tile_rows) {
                self.run_tile(second, thread, r / second.tile_rows, (r, 0));
            }
        };
        self.shared(first.tiles(), first.cost + second.cost, pool, share, &strip);
        [first, second].iter().flat_map(|l| &l.sinks).for_each(|sink| self.finish(sink));
    }

    fn shared(
        &self,
        tiles: usize,
        cost: f64,
        pool: &mut Pool,
        share: bool,
        tile: &(dyn Fn(usize, usize) + Sync),
    ) {
        if share && cost > WORTH_SHARING {
            pool.run(tiles, tile);
        } else {
            (0..tiles).for_each(|t| tile(0, t));
        }
    }

    fn run_tile(&self, step: &LoopStep, thread: usize, tile: usize, (r, c): (usize, usize)) {
        let area = block::Area {
            r,
            c,
            rows: step.tile_rows.min(step.rows - r),
            cols: step.tile_cols.min(step.cols - c),
        };
        let registers = Registers::of(step);
        // SAFETY: each thread has its own part of the scratch memory.
        let scratch = unsafe { self.scratch.add(thread * self.scratch_len) };
        // SAFETY: the registers come first in the scratch memory.
        let head_tile = unsafe { scratch.add(registers.count * BLOCK) };
        step.sinks.iter().for_each(|sink| self.begin(sink, tile, step, &area));
        if let Head::PackedProduct(product) = &step.head {
            let Some(packed) = self.begin_packed(step, product, &area, head_tile) else { return };
            each_block(step, &area, |block| {
                let head = self.packed_block(&packed, block);
                self.run_block(step, tile, block, &head, scratch);
            });
            packed.end();
            return;
        }
        self.fill_head(step, &area, head_tile);
        let head = block::HeadTile { start: head_tile, step: area.cols, area };
        each_block(step, &area, |block| self.run_block(step, tile, block, &head, scratch));
    }

    fn run_transpose(&self, step: &TransposeStep, pool: &mut Pool, share: bool) {
        const STRIP: usize = 64;
        let tile = |_: usize, tile: usize| {
            let first = tile * STRIP;
            let (r, c) = if step.by_columns { (0, first) } else { (first, 0) };
            let (rows, cols) = match step.by_columns {
                true => (step.rows, STRIP.min(step.cols - c)),
                false => (STRIP.min(step.rows - r), step.cols),
            };
            // SAFETY: the strip lies in the source, its transpose in the target.
            unsafe {
                let (from, to) = (self.at(step.from, r, c), self.at(step.to, c, r));
                let (from_stride, to_stride) = (self.stride(step.from), self.stride(step.to));
                (self.kernels.transpose)(from, from_stride, rows, cols, to, to_stride);
            }
        };
        let outer = if step.by_columns { step.cols } else { step.rows };
        let cost = (step.rows * step.cols) as f64 * 0.5;
        self.shared(outer.div_ceil(STRIP), cost, pool, share, &tile);
    }

    fn run_reference(&self, step: &ReferenceStep) {
        let read = |(slot, sizes): &(Slot, Vec<usize>)| {
            // SAFETY: references are lowered with operands whose rows have no gaps.
            let start = unsafe { self.at(*slot, 0, 0) };
            // SAFETY: element i lies in the operand.
            Tensor::from_fn(sizes.clone(), |i| f64::from(unsafe { *start.add(i) }))
        };
        let operands: Vec<Tensor> = step.operands.iter().map(read).collect();
        let Some(operation) = step.op.operation() else { return };
        let value = operation.value(&operands.iter().collect::<Vec<_>>(), &step.sizes);
        let count: usize = step.sizes.iter().product();
        for i in 0..count {
            let x = value.data().get(i).copied().unwrap_or(f64::NAN);
            // SAFETY: the result has `count` elements without gaps.
            unsafe { *self.at(step.result, 0, 0).add(i) = x as f32 };
        }
    }

    fn raise(&self, parameter: usize) {
        self.nonfinite[parameter].store(true, Relaxed);
    }
}

/// Calls `f` for each block of a tile.
fn each_block(step: &LoopStep, tile: &block::Area, mut f: impl FnMut(&block::Area)) {
    let (down, across) = (tile.rows.div_ceil(step.block_rows), tile.cols.div_ceil(step.block_cols));
    for index in 0..down * across {
        let (i, j) = match step.columns_first {
            true => (index % down, index / down),
            false => (index / across, index % across),
        };
        let (below, right) = (i * step.block_rows, j * step.block_cols);
        f(&block::Area {
            r: tile.r + below,
            c: tile.c + right,
            rows: step.block_rows.min(tile.rows - below),
            cols: step.block_cols.min(tile.cols - right),
        });
    }
}

/// How much scratch memory a thread needs for these steps.
pub(crate) fn scratch_len(steps: &[Step], kernels: &Kernels) -> usize {
    let need =
        |step: &LoopStep| Registers::of(step).count * BLOCK + head::scratch_len(step, kernels);
    steps.iter().flat_map(Step::loops).map(need).max().unwrap_or(0).next_multiple_of(1024) + 16
}

/// The length of a sink's partial result that one tile writes.
pub(crate) fn partial_offset(sink: &Sink, tile: usize, step: &LoopStep) -> usize {
    let across = step.tiles_across().max(1);
    match sink.kind {
        SinkKind::Sum(Sum::Columns | Sum::ColumnSizes) => tile / across * sink.length,
        SinkKind::Sum(Sum::Rows) => tile % across * sink.length,
        _ => tile * sink.length,
    }
}
