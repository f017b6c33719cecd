//! Weights in halves: a block of them in a loop's program, and all of them when a plan
//! wants them in another form.

use super::Frame;
use super::block::{Area, Lane};
use super::step::HalvesSlot;
use crate::kernels::{Bf16, DEPTH, Halves, HalvesFn, Layout, Momentum, STRIP, TILE};
use crate::lower::Split;

impl Frame<'_> {
    /// Calls a kernel for a block of a parameter in halves and its place in f32.
    pub(super) fn halves(
        &self,
        slot: &HalvesSlot,
        x: Lane,
        block: &Area,
        kernel: impl Fn(&Bf16) -> HalvesFn,
    ) {
        let Some(bf16) = self.bf16 else { return };
        // SAFETY: blocks start at whole tiles, and end there or at the matrix's edge;
        // both halves have a place for each tile.
        unsafe { kernel(bf16)(&self.halves_of(slot, x, block)) };
    }

    fn halves_of(&self, slot: &HalvesSlot, x: Lane, block: &Area) -> Halves {
        let first = (block.r / STRIP * slot.tiles + block.c / DEPTH) * TILE;
        let start = self.bases[slot.base].start;
        Halves {
            upper: start.cast::<u16>().wrapping_add(first),
            lower: start.wrapping_add(slot.lower).cast::<u16>().wrapping_add(first),
            tiles: slot.tiles,
            rows: block.rows,
            columns: block.cols,
            matrix: x.start,
            stride: x.step,
        }
    }

    /// A step of momentum for a block of weights in halves, v and g.
    pub(super) fn momentum(
        &self,
        parameter: usize,
        weights: &HalvesSlot,
        [v, g]: [Lane; 2],
        [p, q]: [[f32; 2]; 2],
        block: &Area,
    ) {
        let Some(bf16) = self.bf16 else { return };
        let weights = self.halves_of(weights, v, block);
        let rows = [v, g].map(|lane| (lane.start, lane.step));
        // SAFETY: the rows hold the block's elements, the halves its tiles.
        if unsafe { (bf16.momentum)(&Momentum { weights, rows, p, q }) } {
            self.raise(parameter);
        }
    }
}

impl Split {
    /// Numbers of f32 size that both halves take.
    pub(crate) fn len(&self) -> usize {
        2 * Layout::Left.len(self.rows, self.cols)
    }

    /// Takes the parameter's values apart.
    pub(crate) fn halve(&self, values: &[f32], to: &mut [f32], bf16: &Bf16) {
        assert!(values.len() == self.rows * self.cols && to.len() >= self.len());
        // SAFETY: both are as large as the parameter; the values are only read.
        unsafe { (bf16.halve)(&self.all(to.as_mut_ptr(), values.as_ptr().cast_mut())) };
    }

    /// Joins the parameter's halves.
    pub(crate) fn join(&self, from: &[f32], to: &mut [f32], bf16: &Bf16) {
        assert!(to.len() == self.rows * self.cols && from.len() >= self.len());
        // SAFETY: both are as large as the parameter; the halves are only read.
        unsafe { (bf16.join)(&self.all(from.as_ptr().cast_mut(), to.as_mut_ptr())) };
    }

    fn all(&self, halves: *mut f32, matrix: *mut f32) -> Halves {
        let (_, tiles) = Layout::Left.tiles(self.rows, self.cols);
        Halves {
            upper: halves.cast(),
            lower: halves.wrapping_add(self.len() / 2).cast(),
            tiles,
            rows: self.rows,
            columns: self.cols,
            matrix,
            stride: self.cols,
        }
    }
}
