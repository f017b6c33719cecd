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
        unsafe {
            match self.halves_of(from, y, block) {
                Form::Halves(halves) => (bf16.join)(&halves),
                Form::Rounded(upper) => (bf16.unpack)(&Unpacking {
                    from: upper,
                    tiles: from.tiles,
                    rows: block.rows,
                    columns: block.cols,
                    to: y.start,
                    stride: y.step,
                }),
            }
        }
    }

    /// Takes a block of a parameter's new value apart, or rounds it.
    pub(super) fn halve(&self, x: Lane, to: &HalvesSlot, block: &Area) {
        let Some(bf16) = self.bf16 else { return };
        // SAFETY: as for `join`.
        unsafe {
            match self.halves_of(to, x, block) {
                Form::Halves(halves) => (bf16.halve)(&halves),
                Form::Rounded(upper) => (bf16.pack)(&Packing {
                    from: x.start,
                    stride: x.step,
                    rows: block.rows,
                    columns: block.cols,
                    layout: Layout::Left,
                    to: upper,
                    tiles: to.tiles,
                }),
            }
        }
    }

    fn halves_of(&self, slot: &HalvesSlot, x: Lane, block: &Area) -> Form {
        let upper = self.upper(slot, block);
        let Some(lower) = slot.lower else { return Form::Rounded(upper) };
        Form::Halves(Halves {
            upper,
            lower: upper.wrapping_add(2 * lower),
            tiles: slot.tiles,
            rows: block.rows,
            columns: block.cols,
            matrix: x.start,
            stride: x.step,
        })
    }

    /// The block's first tile among the upper halves.
    fn upper(&self, slot: &HalvesSlot, block: &Area) -> *mut u16 {
        let first = (block.r / STRIP * slot.tiles + block.c / DEPTH) * TILE;
        self.bases[slot.base].start.cast::<u16>().wrapping_add(first)
    }

    pub(super) fn whole_velocity(&self, v: Lane) -> Velocity {
        Velocity::Whole(v.start, v.step)
    }

    pub(super) fn rounded_velocity(&self, slot: &HalvesSlot, block: &Area) -> Velocity {
        Velocity::Rounded(self.upper(slot, block))
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
        let Form::Halves(weights) = self.halves_of(weights, g, block) else { return };
        let gradient = (g.start.cast_const(), g.step);
        // SAFETY: the rows hold the block's elements, the halves its tiles.
        if unsafe { (bf16.momentum)(&Momentum { weights, velocity, gradient, p, q }) } {
            self.raise(parameter);
        }
    }
}

/// A block of a parameter as the kernels take it.
enum Form {
    Halves(Halves),
    /// The first tile.
    Rounded(*mut u16),
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
        let (_, tiles) = Layout::Left.tiles(self.rows, self.cols);
        // SAFETY: both are as large as the parameter; the values are only read.
        unsafe {
            match self.rounded {
                false => (bf16.halve)(&self.all(to.as_mut_ptr(), values.as_ptr().cast_mut())),
                true => (bf16.pack)(&Packing {
                    from: values.as_ptr(),
                    stride: self.cols,
                    rows: self.rows,
                    columns: self.cols,
                    layout: Layout::Left,
                    to: to.as_mut_ptr().cast(),
                    tiles,
                }),
            }
        }
    }

    /// The parameter's values.
    pub(crate) fn join(&self, from: &[f32], to: &mut [f32], bf16: &Bf16) {
        assert!(to.len() == self.rows * self.cols && from.len() >= self.len());
        let (_, tiles) = Layout::Left.tiles(self.rows, self.cols);
        // SAFETY: both are as large as the parameter; what is stored is only read.
        unsafe {
            match self.rounded {
                false => (bf16.join)(&self.all(from.as_ptr().cast_mut(), to.as_mut_ptr())),
                true => (bf16.unpack)(&Unpacking {
                    from: from.as_ptr().cast(),
                    tiles,
                    rows: self.rows,
                    columns: self.cols,
                    to: to.as_mut_ptr(),
                    stride: self.cols,
                }),
            }
        }
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
