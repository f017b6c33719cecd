//! What a plan consists of once everything is decided: steps that run in order.
//!
//! Every address is a [`Slot`]: a base (the arena, a parameter, a feed), an offset
//! and a row stride. Only the bases are looked up when a plan runs.

use crate::kernels::{BinaryFns, DEPTH, Layout, UnaryFns};
use crate::lower::ir::{RowFunction, Sum};
use crate::lower::tiling::LONG;
use gradwise_graph::Op;
use gradwise_graph::ops::{Binary, Random};
use std::sync::Arc;

/// The base of intermediate values.
pub(crate) const ARENA: usize = 0;
/// The base of values fixed in the plan.
pub(crate) const CONSTANTS: usize = 1;
/// The base of the first parameter; the feeds follow the last one.
pub(crate) const PARAMETERS: usize = 2;
/// A row stride that is known only when the value is fed.
pub(crate) const FED: usize = usize::MAX;

/// A matrix in memory: element (r, c) at base + offset + r·stride + c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub base: usize,
    pub offset: usize,
    pub stride: usize,
}

/// Where a tile of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A register: a block of scratch memory in the first-level cache.
    Register(usize),
    /// Memory.
    Slot(Slot),
    /// The scratch tile that the head has filled.
    Head,
}

/// An operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    /// Element by element.
    Tile(Place),
    /// One row for all rows.
    Row(Slot),
    /// One number a row.
    Column(Slot),
    /// One number.
    Scalar(Slot),
}

/// One instruction of a loop's program, for a block of rows × columns.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Instr {
    Unary {
        f: UnaryFns,
        p: [f32; 2],
        x: Arg,
        y: Place,
    },
    /// `y = f(a + b)`.
    OfSum {
        f: UnaryFns,
        p: [f32; 2],
        a: Arg,
        b: Arg,
        y: Place,
    },
    Binary {
        op: Binary,
        f: BinaryFns,
        a: Arg,
        b: Arg,
        y: Place,
    },
    /// `y = p₀·a + p₁·s·b`, s being 1 if there is none.
    Linear {
        p: [f32; 2],
        a: Arg,
        b: Arg,
        s: Option<Slot>,
        y: Place,
        /// The parameter whose new value y is, if it is checked.
        parameter: Option<usize>,
    },
    Pair(Pair),
    /// `y = a/(s·√v + ε)`, s being 1 if there is none.
    OverRoot {
        epsilon: f32,
        a: Arg,
        v: Arg,
        s: Option<Slot>,
        y: Place,
    },
    Copy {
        x: Arg,
        y: Place,
    },
    /// Adds to the sink's partial result.
    Sink {
        sink: usize,
        x: Arg,
    },
    /// Adds a − b and b to two sinks of moments.
    Step {
        sinks: [usize; 2],
        a: Arg,
        b: Arg,
    },
    /// Adds to three sinks of the same numbers.
    Columns {
        columns: Columns,
        x: Arg,
    },
    /// Packs the block for products of bf16 numbers.
    Pack {
        x: Arg,
        to: PackedOperand,
    },
    /// Writes a block packed as [`Layout::Left`] in f32.
    Unpack {
        from: PackedOperand,
        y: Place,
    },
    /// Joins the halves of a block of a parameter.
    Join {
        from: HalvesSlot,
        y: Place,
    },
    /// A pair whose c and z are a parameter in halves, and a and y perhaps a rounded one.
    Momentum {
        v: Velocity,
        g: Arg,
        p: [f32; 2],
        s: Option<Slot>,
        weights: HalvesSlot,
        q: [f32; 2],
        t: Option<Slot>,
        parameter: usize,
    },
    /// Takes a block of a parameter's new value apart.
    Halve {
        x: Place,
        to: HalvesSlot,
    },
    /// Raises the parameter's flag if the block holds a non-finite number.
    Check {
        parameter: usize,
        x: Place,
    },
}

impl Instr {
    /// Whether it reads or writes the place.
    pub fn touches(&self, place: Place) -> bool {
        let arg = |arg: &Arg| *arg == Arg::Tile(place);
        match self {
            Instr::Unary { x, y, .. } | Instr::Copy { x, y } => arg(x) || *y == place,
            Instr::Binary { a, b, y, .. }
            | Instr::OfSum { a, b, y, .. }
            | Instr::Linear { a, b, y, .. } => arg(a) || arg(b) || *y == place,
            Instr::OverRoot { a, v, y, .. } => arg(a) || arg(v) || *y == place,
            Instr::Pair(p) => [p.a, p.b, p.c].iter().any(arg) || p.y == place || p.z == place,
            Instr::Momentum { v, g, .. } => {
                matches!(v, Velocity::Whole(v) if *v == place) || arg(g)
            }
            Instr::Step { a, b, .. } => arg(a) || arg(b),
            Instr::Sink { x, .. } | Instr::Columns { x, .. } | Instr::Pack { x, .. } => arg(x),
            Instr::Unpack { y, .. } | Instr::Join { y, .. } => *y == place,
            Instr::Halve { x, .. } | Instr::Check { x, .. } => *x == place,
        }
    }
}

/// Sinks of the same numbers: their moments, and sums over columns of them and of their
/// sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub moments: usize,
    pub sums: usize,
    pub sizes: usize,
}

/// Where a velocity stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Velocity {
    /// In f32.
    Whole(Place),
    /// Rounded to bf16.
    Rounded(HalvesSlot),
}

/// `y = p₀·a + p₁·s·b`, then `z = q₀·c + q₁·t·y`; s and t are 1 if they are absent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub p: [f32; 2],
    pub a: Arg,
    pub b: Arg,
    pub s: Option<Slot>,
    pub y: Place,
    pub q: [f32; 2],
    pub c: Arg,
    pub t: Option<Slot>,
    pub z: Place,
    /// The parameter whose new value z is.
    pub parameter: Option<usize>,
}

/// What a sink makes of the matrix it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SinkKind {
    Sum(Sum),
    Moments,
}

/// A sum over a loop's matrix: partial results a tile, put together in order.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    pub kind: SinkKind,
    pub factor: f32,
    /// `count` partial results of `length` numbers each.
    pub partials: Slot,
    pub length: usize,
    pub count: usize,
    pub result: Slot,
}

/// What fills a loop's tiles before its program runs.
#[derive(Clone, Debug)]
pub(crate) enum Head {
    None,
    Product(Product),
    PackedProduct(PackedProduct),
    /// The sum of two matrices below each other, what a product [`Product::in_two`]
    /// has left.
    SumOfTwo {
        from: Slot,
    },
    /// `y[r][c] = Σ_k a[r][k]·b[c][k]`, for few rows.
    Dots {
        a: Slot,
        b: Slot,
        inner: usize,
    },
    Rows {
        function: RowFunction,
        x: Slot,
        width: usize,
        labels: Option<Slot>,
    },
    OneHot {
        labels: Slot,
    },
    PickWinner {
        scores: Slot,
        from: Slot,
        pieces: usize,
    },
    ScatterWinner {
        scores: Slot,
        values: Slot,
        pieces: usize,
    },
    Gather {
        x: Slot,
        columns: Arc<[u32]>,
    },
    Scatter {
        x: Slot,
        columns: Arc<[u32]>,
    },
    Random {
        random: Random,
        step: Slot,
    },
}

/// A matrix product with its operands in an order that the kernel can take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    /// The operand used number by number: element (i, k) at row i, column k.
    pub a: Slot,
    /// Element (i, k) of it stands at row k, column i instead.
    pub a_transposed: bool,
    /// The operand used in vectors: element (k, j) at row k, column j.
    pub b: Slot,
    pub inner: usize,
    /// The kernel computes the transposed result: its rows are the loop's columns.
    pub result_transposed: bool,
    /// The kernel for few columns is taken.
    pub narrow: bool,
    /// B must come from behind the second-level cache.
    pub far: bool,
    /// Parameters of the result's size that the loop's program updates, which are asked
    /// for while the product is computed.
    pub soon: Option<[Slot; 2]>,
    /// The loop's upper half is the product over the first half of the inner dimension,
    /// its lower half that over the rest; each is one row of tiles.
    pub in_two: bool,
}

impl Product {
    /// A product as it stands, by the usual kernel.
    pub fn new(a: Slot, a_transposed: bool, b: Slot, inner: usize) -> Self {
        let (result_transposed, narrow, far, in_two) = (false, false, false, false);
        let soon = None;
        Product { a, a_transposed, b, inner, result_transposed, narrow, far, soon, in_two }
    }
}

/// An operand of a product of bf16 numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedOperand {
    /// The first tile, and for a stride the number of tiles in a strip; or the matrix
    /// in f32.
    pub slot: Slot,
    pub layout: Layout,
    pub form: Form,
}

impl PackedOperand {
    /// Whether the tiles of the layout stand in the slot, and need not be made.
    pub fn is_there(&self) -> bool {
        match self.form {
            Form::Packed => true,
            Form::Upper => self.layout == Layout::Left,
            Form::Plain => false,
        }
    }
}

/// What is found in an operand's slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Tiles of the layout.
    Packed,
    /// The upper halves of a parameter: tiles of a left operand.
    Upper,
    /// The matrix in f32.
    Plain,
}

/// A parameter in two halves, or its upper half alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HalvesSlot {
    pub base: usize,
    /// Tiles in a strip.
    pub tiles: usize,
    /// From the upper halves to the lower ones, in numbers of f32 size.
    pub lower: Option<usize>,
}

/// A product of packed operands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedProduct {
    pub left: PackedOperand,
    pub right: PackedOperand,
    pub inner: usize,
    /// The kernel computes the transposed result: its rows are the loop's columns.
    pub turned: bool,
}

impl PackedProduct {
    /// Whether a tile takes its strips in pieces: two of them would fill the second-level
    /// cache, and both operands are there.
    pub fn is_long(&self) -> bool {
        self.inner > LONG && self.left.is_there() && self.right.is_there()
    }

    /// Tiles in a strip of an operand.
    pub fn tiles(&self) -> usize {
        self.inner.div_ceil(DEPTH)
    }
}

/// A loop over the tiles of a matrix.
#[derive(Clone, Debug)]
pub(crate) struct LoopStep {
    pub rows: usize,
    pub cols: usize,
    pub tile_rows: usize,
    pub tile_cols: usize,
    pub block_rows: usize,
    pub block_cols: usize,
    /// The blocks of a tile run down its columns, not along its rows.
    pub columns_first: bool,
    pub head: Head,
    pub head_place: Place,
    pub code: Vec<Instr>,
    pub sinks: Vec<Sink>,
    /// A rough time in nanoseconds on one thread, to decide whether to share it.
    pub cost: f64,
    /// The index of a node it computes, for profiles.
    pub node: usize,
}

impl LoopStep {
    pub fn tiles_across(&self) -> usize {
        self.cols.div_ceil(self.tile_cols)
    }

    pub fn tiles_down(&self) -> usize {
        self.rows.div_ceil(self.tile_rows)
    }

    pub fn tiles(&self) -> usize {
        self.tiles_across() * self.tiles_down()
    }
}

/// Writes a matrix transposed, for a product that needs it so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransposeStep {
    pub from: Slot,
    pub to: Slot,
    pub rows: usize,
    pub cols: usize,
    /// Threads take columns of it, not rows: those that they have written themselves,
    /// as what another core has just written comes slowly.
    pub by_columns: bool,
}

/// An operation that only the reference evaluator knows.
#[derive(Clone, Debug)]
pub(crate) struct ReferenceStep {
    pub op: Op,
    pub operands: Vec<(Slot, Vec<usize>)>,
    pub result: Slot,
    pub sizes: Vec<usize>,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Loop(LoopStep),
    /// A tile of the first loop, which are all of its rows, then those of the second
    /// whose rows are the first tile's columns; both read the same part of a parameter.
    Strips(Box<[LoopStep; 2]>),
    Transpose(TransposeStep),
    Reference(ReferenceStep),
    /// Ends the run if the number is not finite.
    Gate(Slot),
}

impl Step {
    /// The loops that it runs.
    pub fn loops(&self) -> &[LoopStep] {
        match self {
            Step::Loop(step) => std::slice::from_ref(step),
            Step::Strips(loops) => &loops[..],
            _ => &[],
        }
    }
}
