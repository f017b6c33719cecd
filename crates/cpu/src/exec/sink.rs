//! Sums over a loop's matrix: every tile adds to its own partial result, and when
//! the loop is done the partial results are put together in order. So a sum does
//! not depend on which thread did which tile.

use super::block::{Area, Lane, rows_of};
use super::step::{Columns, LoopStep, Sink, SinkKind};
use super::{Frame, partial_offset};
use crate::kernels::{MomentsPart, Rows};
use crate::lower::ir::Sum;

/// Numbers of f32 size that one part of moments takes. Buffers start at cache
/// lines and this is a multiple of 8 bytes, so each part is aligned.
pub(crate) const MOMENTS_LEN: usize = size_of::<MomentsPart>().div_ceil(8) * 2;

impl Frame<'_> {
    /// Clears the part of the partial results that the tile will add to.
    pub(super) fn begin(&self, sink: &Sink, tile: usize, step: &LoopStep, area: &Area) {
        let (first, count) = match sink.kind {
            SinkKind::Sum(Sum::Columns | Sum::ColumnSizes) => (area.c, area.cols),
            SinkKind::Sum(Sum::Rows) => (area.r, area.rows),
            _ => (0, sink.length),
        };
        // SAFETY: the part lies in the partial results, and is this tile's alone; a
        // part of moments is aligned, see `MOMENTS_LEN`.
        unsafe {
            let start = self.at(sink.partials, 0, 0).add(partial_offset(sink, tile, step) + first);
            match sink.kind {
                SinkKind::Moments => *start.cast::<MomentsPart>() = MomentsPart::EMPTY,
                SinkKind::Sum(_) => std::slice::from_raw_parts_mut(start, count).fill(0.0),
            }
        }
    }

    /// Where the tile's partial result starts.
    ///
    /// # Safety
    /// The sink must be one of the loop's, the tile one of its tiles.
    unsafe fn partial(&self, sink: &Sink, tile: usize, step: &LoopStep) -> *mut f32 {
        // SAFETY: the partial results of all tiles stand there.
        unsafe { self.at(sink.partials, 0, 0).add(partial_offset(sink, tile, step)) }
    }

    /// Adds moments to the tile's partial result.
    pub(super) fn merge(&self, sink: &Sink, tile: usize, step: &LoopStep, part: MomentsPart) {
        // SAFETY: the partial result is this tile's, and aligned.
        unsafe {
            let all = self.partial(sink, tile, step).cast::<MomentsPart>();
            *all = (*all).merge(part);
        }
    }

    /// Adds a block to the partial results of three sinks.
    pub(super) fn collect_columns(
        &self,
        step: &LoopStep,
        columns: Columns,
        tile: usize,
        x: Lane,
        block: &Area,
    ) {
        let rows = Rows { rows: block.rows, n: block.cols, matrices: [(x.start, x.step)] };
        let [sums, sizes] = [columns.sums, columns.sizes].map(|sink| {
            // SAFETY: the block's columns have their sums.
            unsafe { self.partial(&step.sinks[sink], tile, step).add(block.c) }
        });
        // SAFETY: the rows hold the block's columns, which have their sums.
        let part = unsafe { (self.kernels.moments_and_columns)(&rows, sums, sizes) };
        self.merge(&step.sinks[columns.moments], tile, step, part);
    }

    /// Adds a block to the tile's partial result.
    pub(super) fn collect(&self, step: &LoopStep, sink: usize, tile: usize, x: Lane, block: &Area) {
        let sink = &step.sinks[sink];
        // SAFETY: the partial results are this tile's.
        let partial = unsafe { self.partial(sink, tile, step) };
        let by_columns = match sink.kind {
            SinkKind::Sum(Sum::Columns) => Some(self.kernels.add_rows),
            SinkKind::Sum(Sum::ColumnSizes) => Some(self.kernels.add_sizes),
            _ => None,
        };
        if let Some(add) = by_columns {
            let (rows, n) = (block.rows, block.cols);
            let rows = Rows { rows, n, matrices: [(x.start, x.step)] };
            // SAFETY: the rows hold the block's columns, which have their sums.
            unsafe { add(partial.add(block.c), &rows) };
            return;
        }
        if sink.kind == SinkKind::Moments {
            let Rows { rows, n, .. } = rows_of(block, [x]);
            // SAFETY: the rows hold the block's columns.
            let part = unsafe { (self.kernels.moments)(x.start, rows, n, x.step) };
            self.merge(sink, tile, step, part);
            return;
        }
        let by_row = sink.kind == SinkKind::Sum(Sum::Rows);
        let (rows, n) = match by_row {
            true => (block.rows, block.cols),
            false => {
                let Rows { rows, n, .. } = rows_of(block, [x]);
                (rows, n)
            }
        };
        for i in 0..rows {
            // SAFETY: the row holds the block's columns, the partial results this
            // tile's sums.
            unsafe {
                let sum = (self.kernels.sum)(x.row(i), n);
                *(if by_row { partial.add(block.r + i) } else { partial }) += sum;
            }
        }
    }

    /// Puts the partial results together.
    pub(super) fn finish(&self, sink: &Sink) {
        // SAFETY: all partial results were written; the result holds as many numbers
        // as its kind says.
        unsafe {
            let (partials, result) = (self.at(sink.partials, 0, 0), self.at(sink.result, 0, 0));
            let stride = self.stride(sink.result);
            match sink.kind {
                SinkKind::Moments => {
                    let parts = (0..sink.count)
                        .map(|i| *partials.add(i * sink.length).cast::<MomentsPart>());
                    let all = parts.fold(MomentsPart::EMPTY, MomentsPart::merge);
                    for (i, x) in all.summary().into_iter().enumerate() {
                        *result.add(i) = x;
                    }
                }
                SinkKind::Sum(sum) => {
                    let step = if sum == Sum::Rows { stride } else { 1 };
                    for first in (0..sink.length).step_by(TOGETHER) {
                        let totals = totals(sink, partials.add(first), sink.length - first);
                        for (j, total) in (first..sink.length).zip(totals) {
                            *result.add(j * step) = (total * f64::from(sink.factor)) as f32;
                        }
                    }
                }
            }
        }
    }
}

/// Sums that are put together at once, for vectors of them.
const TOGETHER: usize = 8;

/// The first sums, at most so many, of those that stand there for each tile.
///
/// # Safety
/// They must be readable.
unsafe fn totals(sink: &Sink, partials: *const f32, most: usize) -> [f64; TOGETHER] {
    let mut totals = [0.0; TOGETHER];
    for tile in 0..sink.count {
        // SAFETY: the tile's sums from there on are `most`.
        let from = unsafe { partials.add(tile * sink.length) };
        if most >= TOGETHER {
            // SAFETY: as above.
            let part = unsafe { &*from.cast::<[f32; TOGETHER]>() };
            totals.iter_mut().zip(part).for_each(|(total, x)| *total += f64::from(*x));
        } else {
            // SAFETY: as above.
            let part = unsafe { std::slice::from_raw_parts(from, most) };
            totals.iter_mut().zip(part).for_each(|(total, x)| *total += f64::from(*x));
        }
    }
    totals
}
