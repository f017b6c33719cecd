//! Weights in halves: a block of them in a loop's program, and all of them when a plan
//! wants them in another form.

use super::Frame;
use super::block::{Area, Lane};
use super::step::HalvesSlot;
use crate::kernels::{
    Bf16, DEPTH, Halves, Layout, Momentum, Packing, STRIP, TILE, Unpacking, Velocity,
};
use crate::lower::Split;

impl Frame<'_> {
    /// Writes a block of a parameter in f32.
    pub(super) fn join(&self, from: &HalvesSlot, y: Lane, block: &Area) {
        let Some(bf16) = self.bf16 else { return };
        // SAFETY: blocks start at whole tiles, and end there or at the matrix's edge;
        // the parameter has a place for each tile.
        unsafe { self.part(from, y, block).join(bf16) };
    }

    /// Takes a block of a parameter's new value apart, or rounds it.
    pub(super) fn halve(&self, x: Lane, to: &HalvesSlot, block: &Area) {
        let Some(bf16) = self.bf16 else { return };
        // SAFETY: as for `join`.
        unsafe { self.part(to, x, block).halve(bf16) };
    }

    fn part(&self, slot: &HalvesSlot, x: Lane, block: &Area) -> Part {
        let upper = self.upper(slot, block);
        let lower = upper.wrapping_add(2 * slot.lower.unwrap_or(0));
        let (rows, columns, tiles) = (block.rows, block.cols, slot.tiles);
        let (matrix, stride) = (x.start, x.step);
        let halves = Halves { upper, lower, tiles, rows, columns, matrix, stride };
        Part { halves, rounded: slot.lower.is_none() }
    }

    /// The block's first tile among the upper halves.
    pub(super) fn upper(&self, slot: &HalvesSlot, block: &Area) -> *mut u16 {
        let first = (block.r / STRIP * slot.tiles + block.c / DEPTH) * TILE;
        self.bases[slot.base].start.cast::<u16>().wrapping_add(first)
    }

    /// A step of momentum for a block of weights in halves, v and g.
    pub(super) fn momentum(
        &self,
        parameter: usize,
        weights: &HalvesSlot,
        (velocity, g): (Velocity, Lane),
        [p, q]: [[f32; 2]; 2],
        block: &Area,
    ) {
        let Some(bf16) = self.bf16 else { return };
        let weights = self.part(weights, g, block).halves;
        let gradient = (g.start.cast_const(), g.step);
        // SAFETY: the rows hold the block's elements, the halves its tiles.
        if unsafe { (bf16.momentum)(&Momentum { weights, velocity, gradient, p, q }) } {
            self.raise(parameter);
        }
    }
}

/// A part of a parameter beside its numbers in f32. Of a rounded one only the upper
/// halves are there.
struct Part {
    halves: Halves,
    rounded: bool,
}

impl Part {
    /// Writes the part in f32.
    ///
    /// # Safety
    /// As for [`crate::kernels::HalvesFn`].
    unsafe fn join(&self, bf16: &Bf16) {
        let Halves { upper, tiles, rows, columns, matrix, stride, .. } = self.halves;
        let (from, to) = (upper.cast_const(), matrix);
        // SAFETY: the same contract.
        unsafe {
            match self.rounded {
                false => (bf16.join)(&self.halves),
                true => (bf16.unpack)(&Unpacking { from, tiles, rows, columns, to, stride }),
            }
        }
    }

    /// Takes the part apart, or rounds it.
    ///
    /// # Safety
    /// As for [`crate::kernels::HalvesFn`].
    unsafe fn halve(&self, bf16: &Bf16) {
        let Halves { upper, tiles, rows, columns, matrix, stride, .. } = self.halves;
        let (from, to, layout) = (matrix.cast_const(), upper, Layout::Left);
        // SAFETY: the same contract.
        unsafe {
            match self.rounded {
                false => (bf16.halve)(&self.halves),
                true => (bf16.pack)(&Packing { from, stride, rows, columns, layout, to, tiles }),
            }
        }
    }
}

impl Split {
    /// Numbers of f32 size that it takes.
    pub(crate) fn len(&self) -> usize {
        let upper = Layout::Left.len(self.rows, self.cols);
        if self.rounded { upper } else { 2 * upper }
    }

    /// Takes the parameter's values apart, or rounds them.
    pub(crate) fn halve(&self, values: &[f32], to: &mut [f32], bf16: &Bf16) {
        assert!(values.len() == self.rows * self.cols && to.len() >= self.len());
        // SAFETY: both are as large as the parameter; the values are only read.
        unsafe { self.all(to.as_mut_ptr(), values.as_ptr().cast_mut()).halve(bf16) };
    }

    /// The parameter's values.
    pub(crate) fn join(&self, from: &[f32], to: &mut [f32], bf16: &Bf16) {
        assert!(to.len() == self.rows * self.cols && from.len() >= self.len());
        // SAFETY: both are as large as the parameter; what is stored is only read.
        unsafe { self.all(from.as_ptr().cast_mut(), to.as_mut_ptr()).join(bf16) };
    }

    fn all(&self, stored: *mut f32, matrix: *mut f32) -> Part {
        let (_, tiles) = Layout::Left.tiles(self.rows, self.cols);
        let halves = Halves {
            upper: stored.cast(),
            lower: stored.wrapping_add(Layout::Left.len(self.rows, self.cols)).cast(),
            tiles,
            rows: self.rows,
            columns: self.cols,
            matrix,
            stride: self.cols,
        };
        Part { halves, rounded: self.rounded }
    }
}
