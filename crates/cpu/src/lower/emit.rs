//! Loops with addresses → the steps that run.

use super::arena::{Arena, stride, wished};
use super::group::{Loop, Loops};
use super::ir::{Ir, Source, Sum, View, What};
use super::pack::{By, Choice, Operand, Packs};
use super::place::Places;
use super::program::Program;
use super::split::Split;
use super::strips::strips;
use super::tiling::{self, Tiling};
use crate::exec::{MOMENTS_LEN, step::*};
use crate::kernels::{Bf16, Kernels};

/// A plan's steps before the arena's addresses are known.
#[derive(Debug)]
pub(crate) struct Emitted {
    pub steps: Vec<Step>,
    pub arena: Arena,
    /// Where the wanted values stand.
    pub outputs: Vec<Slot>,
}

/// What the passes before have decided.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    pub ir: &'a Ir,
    pub loops: &'a Loops,
    pub packs: &'a Packs,
    pub split: &'a [Split],
    /// What multiplies bf16 numbers, if products may be of them.
    pub bf16: Option<&'static Bf16>,
    pub places: Places,
}

/// Emits all steps. `parameters` is their number: feeds have the bases after them.
pub(crate) fn emit(placed: Placed<'_>, kernels: &'static Kernels, parameters: usize) -> Emitted {
    let Placed { ir, loops, packs, split, bf16, places } = placed;
    let (steps, times) = (Vec::new(), Vec::new());
    let mut emitter =
        Emitter { ir, loops, packs, split, bf16, places, kernels, parameters, steps, times };
    for at in 0..loops.loops.len() {
        emitter.emit_loop(at);
        emitter.times.resize(emitter.steps.len(), at);
    }
    let outputs = ir.outputs.iter().map(|view| emitter.slot(view)).collect();
    let mut arena = emitter.places.arena;
    let steps = strips(emitter.steps, &emitter.times, &mut arena);
    Emitted { steps, arena, outputs }
}

pub(super) struct Emitter<'a> {
    pub(super) ir: &'a Ir,
    pub(super) loops: &'a Loops,
    pub(super) packs: &'a Packs,
    pub(super) split: &'a [Split],
    pub(super) bf16: Option<&'static Bf16>,
    pub(super) places: Places,
    pub(super) kernels: &'static Kernels,
    pub(super) parameters: usize,
    pub(super) steps: Vec<Step>,
    /// The loop that each step belongs to.
    times: Vec<usize>,
}

impl Emitter<'_> {
    /// Where the stored part of a view stands in memory.
    pub(super) fn slot(&self, view: &View) -> Slot {
        let cols = view.stored().1;
        match view.source {
            Source::Item(item) => {
                let slot = self.places.slots[item].unwrap_or(wished(0, cols.max(1)));
                // A reshaped view of rows without gaps.
                let same = self.ir.items[item].cols == cols;
                if same { slot } else { Slot { stride: cols.max(1), ..slot } }
            }
            Source::Parameter(p) => Slot { base: PARAMETERS + p, offset: 0, stride: cols.max(1) },
            Source::Feed(f) => {
                Slot { base: PARAMETERS + self.parameters + f, offset: 0, stride: FED }
            }
            Source::Constant(c) => {
                let before: usize = self.ir.constants[..c].iter().map(|f| f.values.len()).sum();
                Slot { base: CONSTANTS, offset: before, stride: cols.max(1) }
            }
        }
    }

    fn emit_loop(&mut self, at: usize) {
        let loops = self.loops;
        let this = &loops.loops[at];
        if let Some(head) = this.head {
            self.emit_reference(head, at);
        }
        let step = self.loop_step(at);
        let empty = matches!(step.head, Head::None) && step.code.is_empty();
        if !empty {
            self.steps.push(Step::Loop(step));
        }
        self.emit_gate(at);
    }

    fn emit_reference(&mut self, head: usize, at: usize) {
        let ir = self.ir;
        let What::Reference(op, of_operands, sizes) = &ir.items[head].what else { return };
        let slots = ir.items[head].operands.iter().map(|v| self.slot(v));
        let operands = slots.zip(of_operands.iter().cloned()).collect();
        let result = self.head_slot(head, at);
        let step = ReferenceStep { op: op.clone(), operands, result, sizes: sizes.clone() };
        self.steps.push(Step::Reference(step));
    }

    fn emit_gate(&mut self, at: usize) {
        let Some(gate) = self.ir.gate else { return };
        if gate.item().is_some_and(|item| self.loops.of_item[item] == at) {
            self.steps.push(Step::Gate(self.slot(&gate)));
        }
    }

    fn loop_step(&mut self, at: usize) -> LoopStep {
        let loops = self.loops;
        let this = &loops.loops[at];
        let head = this.head.filter(|&h| !matches!(self.ir.items[h].what, What::Reference(..)));
        let program = self.program(this, at);
        let flat = head.is_none() && this.head.is_none() && self.is_flat(this, &program);
        let (rows, cols) = if flat { (1, this.rows * this.cols) } else { (this.rows, this.cols) };
        let product = head.and_then(|h| match self.ir.items[h].what {
            What::Product(a, b) => Some((h, a, b)),
            _ => None,
        });
        let choice = head.and_then(|h| self.packs.choices.get(h).copied().flatten());
        let in_tiles = self.bf16.is_some() && !flat;
        let aligned = |tiling, whole_rows| match in_tiles {
            true => tiling::aligned(tiling, rows, cols, whole_rows),
            false => tiling,
        };
        let (head_step, tiling) = match (product, head, choice) {
            (_, _, Some(choice)) => self.packed_product(&choice, rows, cols),
            (Some((item, a, b)), ..) => {
                let (head, tiling) = self.product(item, a, b, at);
                (head, aligned(tiling, false))
            }
            (None, Some(item), _) => (self.row_head(item), aligned(tiling::rows(rows, cols), true)),
            (None, None, _) => (Head::None, aligned(tiling::map(rows, cols), false)),
        };
        let packed = choice.is_some();
        let mut step = LoopStep {
            rows,
            cols,
            tile_rows: tiling.rows,
            tile_cols: tiling.cols,
            block_rows: tiling.block_rows,
            block_cols: tiling.block_cols,
            columns_first: tiling.columns_first,
            head: head_step,
            head_place: head
                .filter(|_| !packed)
                .and_then(|h| self.places.slots[h])
                .map_or(Place::Head, Place::Slot),
            code: program.code,
            sinks: Vec::new(),
            cost: 0.0,
            node: this.head.or(this.body.first().copied()).map_or(0, |i| self.ir.items[i].node),
        };
        if let Head::Product(product) = &mut step.head
            && product.a_transposed
            && !product.result_transposed
            && tiling::asks_for_updated(self.kernels, rows, cols)
        {
            product.soon = step.code.iter().find_map(updated);
        }
        self.sinks(&mut step, &program.sinks, at);
        step.cost = tiling::cost(&step, self.bf16);
        step
    }

    fn head_slot(&mut self, item: usize, at: usize) -> Slot {
        if let Some(slot) = self.places.slots[item] {
            return slot;
        }
        let (rows, cols) = (self.ir.items[item].rows, self.ir.items[item].cols);
        let slot = wished(self.places.arena.wish(rows * cols, at, at), cols.max(1));
        self.places.slots[item] = Some(slot);
        slot
    }

    /// Whether the loop may run over its elements as over one long row.
    fn is_flat(&self, this: &Loop, program: &Program) -> bool {
        let tight = |slot: &Slot| slot.stride == this.cols.max(1);
        let place = |p: &Place| !matches!(p, Place::Slot(slot) if !tight(slot));
        let arg = |a: &Arg| match a {
            Arg::Tile(p) => place(p),
            Arg::Scalar(_) => true,
            Arg::Row(_) | Arg::Column(_) => this.rows <= 1 && matches!(a, Arg::Row(_)),
        };
        let sums = |&(item, _): &(usize, usize)| {
            matches!(self.ir.items[item].what, What::Moments | What::Reduce(Sum::All, _))
        };
        program.sinks.iter().all(sums)
            && program.code.iter().all(|instr| match instr {
                Instr::Unary { x, y, .. } | Instr::Copy { x, y } => arg(x) && place(y),
                Instr::Binary { a, b, y, .. } | Instr::OfSum { a, b, y, .. } => {
                    arg(a) && arg(b) && place(y)
                }
                Instr::Linear { a, b, y, .. } | Instr::OverRoot { a, v: b, y, .. } => {
                    arg(a) && arg(b) && place(y)
                }
                Instr::Pair(x) => arg(&x.a) && arg(&x.b) && arg(&x.c) && place(&x.y) && place(&x.z),
                Instr::Sink { x, .. } => arg(x),
                Instr::Step { a, b, .. } => arg(a) && arg(b),
                Instr::Columns { .. } => false,
                Instr::Pack { .. } | Instr::Unpack { .. } => false,
                Instr::Join { .. } | Instr::Halve { .. } | Instr::Momentum { .. } => false,
                Instr::Check { x, .. } => place(x),
            })
    }

    /// What the sink of an item is, and by what its result is multiplied.
    pub(super) fn sink_of(&self, index: usize) -> (SinkKind, f32) {
        match self.ir.items[index].what {
            What::Reduce(sum, factor) => (SinkKind::Sum(sum), factor),
            _ => (SinkKind::Moments, 1.0),
        }
    }

    fn sinks(&mut self, step: &mut LoopStep, items: &[(usize, usize)], at: usize) {
        for &(index, _) in items {
            let (kind, factor) = self.sink_of(index);
            let (length, count) = match kind {
                SinkKind::Sum(Sum::Columns | Sum::ColumnSizes) => (step.cols, step.tiles_down()),
                SinkKind::Sum(Sum::Rows) => (step.rows, step.tiles_across()),
                SinkKind::Sum(Sum::All) => (1, step.tiles()),
                SinkKind::Moments => (MOMENTS_LEN, step.tiles()),
            };
            let partials = wished(self.places.arena.wish(length * count, at, at), length.max(1));
            let result = self.places.slots[index].unwrap_or(wished(0, 1));
            step.sinks.push(Sink { kind, factor, partials, length, count, result });
        }
    }

    /// A product in an order that the kernel can take: the operand used in vectors
    /// must have its rows along the inner dimension, so one of the two may have to
    /// be transposed first; or the transposed product is computed, whose operands
    /// change places. The cheaper of the two ways is chosen.
    fn product(
        &mut self,
        item: usize,
        a_transposed: bool,
        b_transposed: bool,
        at: usize,
    ) -> (Head, Tiling) {
        let it = &self.ir.items[item];
        let (va, vb) = (it.operands[0], it.operands[1]);
        let (m, n) = (it.rows, it.cols);
        let inner = if a_transposed { va.rows } else { va.cols };
        let (a, b) = (self.slot(&va), self.slot(&vb));
        if a_transposed && !b_transposed && n < NARROW && n < m {
            // (Aᵀ·B)ᵀ = Bᵀ·A, whose rows are long.
            let product = Product { result_transposed: true, ..Product::new(b, true, a, inner) };
            return (Head::Product(product), tiling::product(self.kernels, n, m, inner).turned());
        }
        if !b_transposed {
            let narrow = !a_transposed && n <= crate::kernels::FEW_COLUMNS && m > tiling::FEW_ROWS;
            let far = !a_transposed && tiling::is_far(&vb, m);
            let in_two = !a_transposed && tiling::is_in_two(&vb, m);
            let product =
                Product { narrow, far, in_two, ..Product::new(a, a_transposed, b, inner) };
            if in_two {
                return (self.in_two(product, it.node, (m, n), at), tiling::rows(m, n));
            }
            let tiling = match a_transposed {
                true => tiling::gradient(self.kernels, m, n),
                false => tiling::product(self.kernels, m, n, inner),
            };
            return (Head::Product(product), tiling);
        }
        if !a_transposed && m <= tiling::FEW_ROWS {
            return (Head::Dots { a, b, inner }, tiling::dots(m, n));
        }
        let turned = if a_transposed { 0 } else { m * inner } + m * n;
        if turned < n * inner {
            // (op(A)·Bᵀ)ᵀ = B·op(A)ᵀ
            // What the loop before has written in tiles beside each other.
            let right = if a_transposed { a } else { self.transposed(a, (m, inner), true, at) };
            let product =
                Product { result_transposed: true, ..Product::new(b, false, right, inner) };
            return (Head::Product(product), tiling::product(self.kernels, n, m, inner).turned());
        }
        // A parameter, which is updated in tiles below each other.
        let b = self.transposed(b, (n, inner), false, at);
        let product = Product::new(a, a_transposed, b, inner);
        (Head::Product(product), tiling::product(self.kernels, m, n, inner))
    }

    /// Has each half of the product computed; what adds them up.
    fn in_two(&mut self, product: Product, node: usize, (m, n): (usize, usize), at: usize) -> Head {
        let row = stride(n);
        let from = wished(self.places.arena.wish(2 * m * row, at, at), row);
        let mut step = LoopStep {
            rows: 2 * m,
            cols: n,
            tile_rows: m,
            tile_cols: n,
            block_rows: m,
            block_cols: n,
            columns_first: false,
            head: Head::Product(product),
            head_place: Place::Slot(from),
            code: Vec::new(),
            sinks: Vec::new(),
            cost: 0.0,
            node,
        };
        step.cost = tiling::cost(&step, None);
        self.steps.push(Step::Loop(step));
        Head::SumOfTwo { from }
    }

    fn packed_product(&self, choice: &Choice, rows: usize, cols: usize) -> (Head, Tiling) {
        let operand = |o: &Operand| {
            let (slot, form) = match o.packed {
                By::Loop(n) => (self.places.copies[n], Form::Packed),
                By::Kept(n) => (self.upper_halves(n), Form::Upper),
                By::Tile => (self.slot(&o.view), Form::Plain),
            };
            PackedOperand { slot, layout: o.layout, form }
        };
        let (left, right) = (operand(&choice.left), operand(&choice.right));
        let of_columns = if choice.turned { &choice.left } else { &choice.right };
        let tiling = match matches!(of_columns.packed, By::Loop(_)) {
            true => tiling::packed_product(rows, cols, choice.inner),
            false => tiling::weight_product(rows, cols, choice.inner),
        };
        let (inner, turned) = (choice.inner, choice.turned);
        (Head::PackedProduct(PackedProduct { left, right, inner, turned }), tiling)
    }

    fn upper_halves(&self, number: usize) -> Slot {
        let halves = self.split.get(number).and_then(|s| self.halves(s.parameter));
        halves.map_or(wished(0, 1), |h| Slot { base: h.base, offset: 0, stride: h.tiles })
    }

    fn transposed(
        &mut self,
        from: Slot,
        (rows, cols): (usize, usize),
        by_columns: bool,
        at: usize,
    ) -> Slot {
        let row = stride(rows);
        let to = wished(self.places.arena.wish(cols * row, at, at), row);
        self.steps.push(Step::Transpose(TransposeStep { from, to, rows, cols, by_columns }));
        to
    }

    fn row_head(&self, index: usize) -> Head {
        let item = &self.ir.items[index];
        let at = |k: usize| self.slot(&item.operands[k]);
        match &item.what {
            What::Rows(function) => Head::Rows {
                function: *function,
                x: at(0),
                width: item.operands[0].cols,
                labels: (item.operands.len() > 1).then(|| at(1)),
            },
            What::OneHot => Head::OneHot { labels: at(0) },
            What::PickWinner(pieces) => {
                Head::PickWinner { scores: at(0), from: at(1), pieces: *pieces }
            }
            What::ScatterWinner(pieces) => {
                Head::ScatterWinner { scores: at(0), values: at(1), pieces: *pieces }
            }
            What::Gather(columns) => Head::Gather { x: at(0), columns: columns.clone() },
            What::Scatter(columns) => Head::Scatter { x: at(0), columns: columns.clone() },
            What::Random(random) => Head::Random { random: random.clone(), step: at(0) },
            _ => Head::None,
        }
    }
}

/// Rows of fewer numbers leave most of the product kernel's vectors empty.
const NARROW: usize = 32;

/// The parameters that a step of momentum updates where they stand.
fn updated(instr: &Instr) -> Option<[Slot; 2]> {
    let Instr::Pair(Pair { y: Place::Slot(velocity), z: Place::Slot(weights), .. }) = instr else {
        return None;
    };
    (velocity.base.min(weights.base) >= PARAMETERS).then_some([*velocity, *weights])
}
