//! Runs a loop's program on one block: instruction after instruction, each over
//! all rows at once where the rows follow each other without gaps.

use super::Frame;
use super::step::{Arg, Instr, LoopStep, Pair, Place, Slot, Velocity};
use crate::kernels::{self, Rows};
use crate::lower::tiling::BLOCK;

/// A rectangle of a loop's matrix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub r: usize,
    pub c: usize,
    pub rows: usize,
    pub cols: usize,
}

/// The scratch tile that the head has filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadTile {
    pub start: *mut f32,
    /// From row to row.
    pub step: usize,
    pub area: Area,
}

/// How many registers a loop's program uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    pub count: usize,
}

impl Registers {
    pub fn of(step: &LoopStep) -> Self {
        let of_place = |p: &Place| if let Place::Register(i) = p { i + 1 } else { 0 };
        let written = |instr: &Instr| match instr {
            Instr::Unary { y, .. }
            | Instr::OfSum { y, .. }
            | Instr::Binary { y, .. }
            | Instr::Linear { y, .. }
            | Instr::OverRoot { y, .. }
            | Instr::Copy { y, .. } => of_place(y),
            Instr::Pair(x) => of_place(&x.y).max(of_place(&x.z)),
            Instr::Unpack { y, .. } | Instr::Join { y, .. } => of_place(y),
            Instr::Momentum { v: Velocity::Whole(v), .. } => of_place(v),
            Instr::Momentum { .. } => 0,
            Instr::Sink { .. } | Instr::Step { .. } | Instr::Columns { .. } => 0,
            Instr::Pack { .. } | Instr::Halve { .. } | Instr::Check { .. } => 0,
        };
        Registers { count: step.code.iter().map(written).max().unwrap_or(0) }
    }
}

/// An operand's or result's elements within a block: row i at `start + i·step`.
#[derive(Clone, Copy)]
pub(crate) struct Lane {
    pub start: *mut f32,
    pub step: usize,
    /// One number stands for the whole row.
    pub single: bool,
}

impl Lane {
    /// The start of row `i`.
    ///
    /// # Safety
    /// Row `i` must be in the block.
    pub unsafe fn row(&self, i: usize) -> *mut f32 {
        // SAFETY: as the caller promises.
        unsafe { self.start.add(i * self.step) }
    }

    /// Whether the block's rows can be taken as one.
    fn is_one_row(&self, block: &Area) -> bool {
        block.rows == 1 || self.step == if self.single { 0 } else { block.cols }
    }
}

/// The lanes of a block as rows to run over; as one row if there are no gaps.
pub(crate) fn rows_of<const N: usize>(block: &Area, lanes: [Lane; N]) -> Rows<N> {
    let (rows, n) = match lanes.iter().all(|lane| lane.is_one_row(block)) {
        true => (1, block.rows * block.cols),
        false => (block.rows, block.cols),
    };
    Rows { rows, n, matrices: lanes.map(|lane| (lane.start, lane.step)) }
}

impl Frame<'_> {
    pub(super) fn run_block(
        &self,
        step: &LoopStep,
        tile: usize,
        block: &Area,
        head: &HeadTile,
        scratch: *mut f32,
    ) {
        let lane = |arg: &Arg| self.lane(arg, block, head, scratch);
        let place = |y: &Place| self.lane(&Arg::Tile(*y), block, head, scratch);
        for instr in &step.code {
            match instr {
                Instr::Unary { f, p, x, y } => {
                    // SAFETY: the rows hold this block's elements; a unary's operand
                    // is never spread.
                    unsafe { (f.of)(&rows_of(block, [lane(x), place(y)]), *p) };
                }
                Instr::OfSum { f, p, a, b, y } => {
                    // SAFETY: the rows hold this block's elements; no operand is one
                    // number a row.
                    unsafe { (f.of_sum)(&rows_of(block, [lane(a), lane(b), place(y)]), *p) };
                }
                Instr::Binary { f, a, b, y, .. } => {
                    self.binary(f, [lane(a), lane(b), place(y)], block)
                }
                Instr::Linear { p, a, b, s, y, parameter } => {
                    let lanes = [lane(a), lane(b), place(y)];
                    self.linear([p[0], self.times(p[1], *s)], lanes, *parameter, block);
                }
                Instr::OverRoot { epsilon, a, v, s, y } => {
                    let p = [self.times(1.0, *s), *epsilon];
                    // SAFETY: the rows hold this block's elements.
                    unsafe {
                        (self.kernels.over_root)(&rows_of(block, [lane(a), lane(v), place(y)]), p)
                    };
                }
                Instr::Pair(x) => {
                    let lanes = [lane(&x.a), lane(&x.b), place(&x.y), lane(&x.c), place(&x.z)];
                    self.pair(x, lanes, block);
                }
                Instr::Copy { x, y } => copy(lane(x), place(y), block),
                Instr::Sink { sink, x } => self.collect(step, *sink, tile, lane(x), block),
                Instr::Step { sinks, a, b } => {
                    let rows = rows_of(block, [lane(a), lane(b)]);
                    // SAFETY: the rows hold this block's elements, and are no spread ones.
                    let parts = unsafe { (self.kernels.moments_of_step)(&rows) };
                    for (sink, part) in sinks.iter().zip(parts) {
                        self.merge(&step.sinks[*sink], tile, step, part);
                    }
                }
                Instr::Columns { columns, x } => {
                    self.collect_columns(step, *columns, tile, lane(x), block);
                }
                Instr::Pack { x, to } => self.pack_block(lane(x), to, block),
                Instr::Unpack { from, y } => self.unpack_block(from, place(y), block),
                Instr::Join { from, y } => self.join(from, place(y), block),
                Instr::Momentum { v, g, p, s, weights, q, t, parameter } => {
                    let factors = [[p[0], self.times(p[1], *s)], [q[0], self.times(q[1], *t)]];
                    let velocity = match v {
                        Velocity::Whole(v) => {
                            let v = place(v);
                            kernels::Velocity::Whole(v.start, v.step)
                        }
                        Velocity::Rounded(v) => kernels::Velocity::Rounded(self.upper(v, block)),
                    };
                    let rows = (velocity, lane(g));
                    self.momentum(*parameter, weights, rows, factors, block);
                }
                Instr::Halve { x, to } => self.halve(place(x), to, block),
                Instr::Check { parameter, x } => self.check(*parameter, place(x), block),
            }
        }
    }

    fn binary(&self, f: &kernels::BinaryFns, [a, b, y]: [Lane; 3], block: &Area) {
        let f = match (a.single, b.single) {
            (true, _) => f.sv,
            (false, true) => f.vs,
            (false, false) => f.vv,
        };
        // SAFETY: the rows hold the block's elements, or one where the lane is single;
        // lowering never makes both operands single.
        unsafe { f(&rows_of(block, [a, b, y])) };
    }

    fn linear(&self, p: [f32; 2], lanes: [Lane; 3], parameter: Option<usize>, block: &Area) {
        // SAFETY: the rows hold the block's elements.
        let nonfinite = unsafe { (self.kernels.axpby)(&rows_of(block, lanes), p) };
        if let (true, Some(parameter)) = (nonfinite, parameter) {
            self.raise(parameter);
        }
    }

    /// The factor times the number in a slot.
    fn times(&self, factor: f32, s: Option<Slot>) -> f32 {
        // SAFETY: the slot holds one number.
        s.map_or(factor, |s| factor * unsafe { *self.at(s, 0, 0) })
    }

    fn pair(&self, x: &Pair, lanes: [Lane; 5], block: &Area) {
        let pair = kernels::Pair {
            rows: rows_of(block, lanes),
            p: [x.p[0], self.times(x.p[1], x.s)],
            q: [x.q[0], self.times(x.q[1], x.t)],
        };
        // SAFETY: the rows hold this block's elements.
        let nonfinite = unsafe { (self.kernels.pair)(&pair) };
        if let (true, Some(parameter)) = (nonfinite, x.parameter) {
            self.raise(parameter);
        }
    }

    fn check(&self, parameter: usize, x: Lane, block: &Area) {
        let Rows { rows, n, .. } = rows_of(block, [x]);
        for i in 0..rows {
            // SAFETY: the row holds `n` elements.
            if unsafe { (self.kernels.has_nonfinite)(x.row(i), n) } {
                self.raise(parameter);
            }
        }
    }

    fn lane(&self, arg: &Arg, block: &Area, head: &HeadTile, scratch: *mut f32) -> Lane {
        // SAFETY: the block lies in the loop's matrix, which the slots hold; a
        // register holds a block; the head's tile holds its area.
        unsafe {
            match *arg {
                Arg::Tile(Place::Register(i)) => {
                    Lane { start: scratch.add(i * BLOCK), step: block.cols, single: false }
                }
                Arg::Tile(Place::Head) => {
                    let offset = (block.r - head.area.r) * head.step + (block.c - head.area.c);
                    Lane { start: head.start.add(offset), step: head.step, single: false }
                }
                Arg::Tile(Place::Slot(slot)) => Lane {
                    start: self.at(slot, block.r, block.c),
                    step: self.stride(slot),
                    single: false,
                },
                Arg::Row(slot) => Lane { start: self.at(slot, 0, block.c), step: 0, single: false },
                Arg::Column(slot) => {
                    Lane { start: self.at(slot, block.r, 0), step: self.stride(slot), single: true }
                }
                Arg::Scalar(slot) => Lane { start: self.at(slot, 0, 0), step: 0, single: true },
            }
        }
    }
}

fn copy(x: Lane, y: Lane, block: &Area) {
    let Rows { rows, n: cols, .. } = rows_of(block, [x, y]);
    for i in 0..rows {
        // SAFETY: the rows hold `cols` elements of this block, or one where the lane
        // is single, and do not overlap unless they are the same.
        unsafe {
            if x.single {
                std::slice::from_raw_parts_mut(y.row(i), cols).fill(*x.row(i));
            } else {
                std::ptr::copy(x.row(i), y.row(i), cols);
            }
        }
    }
}
