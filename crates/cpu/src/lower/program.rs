//! The program of a loop: what is done to each of its blocks, instruction by
//! instruction. A result stands where an operand stood that nobody reads again, so
//! that a block's numbers stay in the first-level cache.

use super::arena::wished;
use super::emit::Emitter;
use super::group::Loop;
use super::ir::{Item, Source, Spread, View, What};
use super::pairs::{checks, momentum, pairs};
use super::place::in_register;
use super::registers::Registers;
use super::split::Split;
use super::together::together;
use crate::exec::step::*;
use crate::kernels::Layout;
use gradwise_graph::ops::Binary;

/// A loop's instructions.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub code: Vec<Instr>,
    pub sinks: Vec<(usize, usize)>,
}

impl Emitter<'_> {
    /// The instructions of a loop's body, and its sinks as (item, number).
    pub(super) fn program(&self, this: &Loop, at: usize) -> Program {
        let mut registers = Registers::new(self.ir, this, self.head_in_scratch(this));
        let mut program = Program::default();
        let mut late = Vec::new();
        self.join(this, &mut registers, &mut program.code);
        self.unpack(this, &mut registers, &mut program.code);
        self.pack_head(this, at, &registers, &mut program.code);
        for (position, &index) in this.body.iter().enumerate() {
            if self.is_summed_next(this, position) {
                continue;
            }
            let summed = position.checked_sub(1).filter(|&p| self.is_summed_next(this, p));
            let args = self.args(this.body[summed.unwrap_or(position)], at, &registers);
            let item = &self.ir.items[index];
            registers.free_after(position);
            if item.what.is_sink() {
                program.code.push(Instr::Sink { sink: program.sinks.len(), x: args[0] });
                program.sinks.push((index, program.sinks.len()));
                continue;
            }
            if let Some(x) = self.only_packed(this, index, &args) {
                self.pack(index, x, &mut program.code);
                continue;
            }
            let waits = self.must_wait(this, position, index);
            let y = match self.places.slots[index] {
                Some(slot) if !waits => Place::Slot(slot),
                _ => registers.take(index, waits || self.is_rounded(index)),
            };
            program.code.push(self.instruction(item, &args, y));
            self.pack(index, Arg::Tile(y), &mut program.code);
            if let Some(parameter) = self.places.updates[index] {
                program.code.push(Instr::Check { parameter, x: y });
                match self.halves(parameter) {
                    Some(to) => program.code.push(Instr::Halve { x: y, to }),
                    None => late.extend(waits.then_some((index, y))),
                }
            }
        }
        for (index, x) in late {
            let slot = self.places.slots[index].unwrap_or(wished(0, 1));
            program.code.push(Instr::Copy { x: Arg::Tile(x), y: Place::Slot(slot) });
        }
        let kind = |sink: usize| self.sink_of(program.sinks[sink].0).0;
        program.code = together(checks(momentum(pairs(program.code))), kind);
        program
    }

    /// The head, if its result stands in scratch memory and nowhere else.
    fn head_in_scratch(&self, this: &Loop) -> Option<usize> {
        this.head.filter(|&head| self.places.slots[head].is_none())
    }

    /// Whether the item is a sum that only the next one reads, a function of it: then
    /// they are one instruction.
    fn is_summed_next(&self, this: &Loop, position: usize) -> bool {
        let index = this.body[position];
        let item = &self.ir.items[index];
        let sum = matches!(item.what, What::Binary(Binary::Add))
            && item.operands.iter().all(|v| matches!(v.spread, Spread::Full | Spread::Row));
        let kept = self.places.slots[index].is_some()
            || self.places.updates[index].is_some()
            || self.packs.of_item(index).next().is_some();
        let reads = |user: &usize| {
            self.ir.items[*user].operands.iter().any(|view| view.item() == Some(index))
        };
        let next = this.body.get(position + 1).filter(|next| reads(next));
        let function = next.is_some_and(|&n| matches!(self.ir.items[n].what, What::Unary(_)));
        sum && !kept && function && this.body.iter().filter(|user| reads(user)).count() == 1
    }

    /// Stores the result of a product that is computed by blocks, if it has a place,
    /// and packs the head's result.
    fn pack_head(&self, this: &Loop, at: usize, registers: &Registers, code: &mut Vec<Instr>) {
        let Some(head) = this.head else { return };
        let choice = self.packs.choices.get(head).copied().flatten();
        if let (Some(_), Some(slot)) = (choice, self.places.slots[head]) {
            code.push(Instr::Copy { x: Arg::Tile(Place::Head), y: Place::Slot(slot) });
        }
        self.pack(head, Arg::Tile(self.own_place(head, at, registers)), code);
    }

    /// Writes the packed copies of an item.
    fn pack(&self, item: usize, x: Arg, code: &mut Vec<Instr>) {
        for (number, copy) in self.packs.of_item(item) {
            let to = PackedOperand {
                slot: self.places.copies[number],
                layout: copy.layout,
                form: Form::Packed,
            };
            code.push(Instr::Pack { x, to });
        }
    }

    /// Joins the halves of the parameters whose elements the loop reads.
    fn join(&self, this: &Loop, registers: &mut Registers, code: &mut Vec<Instr>) {
        let operands = this.body.iter().flat_map(|&index| &self.ir.items[index].operands);
        for view in operands {
            let Source::Parameter(parameter) = view.source else { continue };
            let Some(from) = self.halves(parameter) else { continue };
            if registers.of_view(view).is_none() {
                let y = registers.join(parameter);
                code.push(Instr::Join { from, y });
            }
        }
    }

    /// Unpacks what the loop reads rounded to bf16.
    fn unpack(&self, this: &Loop, registers: &mut Registers, code: &mut Vec<Instr>) {
        for (number, copy) in this.body.iter().flat_map(|&user| self.packs.rounded_for(user)) {
            if registers.of(copy.item).is_none() {
                let (slot, layout) = (self.places.copies[number], copy.layout);
                let from = PackedOperand { slot, layout, form: Form::Packed };
                code.push(Instr::Unpack { from, y: registers.take(copy.item, false) });
            }
        }
    }

    /// Where the halves of a split parameter stand: at the bases after the feeds.
    pub(super) fn halves(&self, parameter: usize) -> Option<HalvesSlot> {
        let number = self.split.iter().position(|s| s.parameter == parameter)?;
        let Split { rows, cols, rounded, .. } = self.split[number];
        let base = PARAMETERS + self.parameters + self.ir.feeds + number;
        let (_, tiles) = Layout::Left.tiles(rows, cols);
        Some(HalvesSlot { base, tiles, lower: (!rounded).then(|| Layout::Left.len(rows, cols)) })
    }

    /// What to pack for an item that is a copy of something, if it is wanted only packed.
    fn only_packed(&self, this: &Loop, index: usize, args: &[Arg]) -> Option<Arg> {
        let item = &self.ir.items[index];
        let reads = |user: &usize| {
            self.ir.items[*user].operands.iter().any(|view| view.item() == Some(index))
        };
        let plain = matches!(item.what, What::Copy) && self.places.slots[index].is_none();
        let packed = self.packs.of_item(index).next().is_some();
        let alone = plain && packed && !this.body.iter().any(reads);
        args.first().filter(|arg| alone && matches!(arg, Arg::Tile(_))).copied()
    }

    /// Whether a later instruction of the loop reads the old value of the parameter
    /// that this item updates.
    fn must_wait(&self, this: &Loop, position: usize, index: usize) -> bool {
        let whole = |parameter: &usize| self.halves(*parameter).is_none();
        let Some(parameter) = self.places.updates[index].filter(whole) else { return false };
        this.body[position + 1..].iter().any(|&user| {
            self.ir.items[user].operands.iter().any(|v| v.source == Source::Parameter(parameter))
        })
    }

    /// Whether the item is a rounded parameter's new value: momentum in one pass wants
    /// it in a register of its own.
    fn is_rounded(&self, index: usize) -> bool {
        let halves = self.places.updates[index].and_then(|parameter| self.halves(parameter));
        halves.is_some_and(|slot| slot.lower.is_none())
    }

    fn instruction(&self, item: &Item, args: &[Arg], y: Place) -> Instr {
        match &item.what {
            What::Unary(op) => {
                let (f, p) = self.kernels.unary(*op);
                match *args {
                    [a, b] => Instr::OfSum { f, p, a, b, y },
                    _ => Instr::Unary { f, p, x: args[0], y },
                }
            }
            What::Parabola(p) => Instr::Unary { f: self.kernels.parabola, p: *p, x: args[0], y },
            What::Binary(op) => {
                let (op, f) = (*op, self.kernels.binary(*op));
                Instr::Binary { op, f, a: args[0], b: args[1], y }
            }
            What::Linear(p) => {
                let s = item.operands.get(2).map(|view| self.slot(view));
                Instr::Linear { p: *p, a: args[0], b: args[1], s, y, parameter: None }
            }
            What::OverRoot(epsilon) => {
                let s = item.operands.get(2).map(|view| self.slot(view));
                Instr::OverRoot { epsilon: *epsilon, a: args[0], v: args[1], s, y }
            }
            _ => Instr::Copy { x: args[0], y },
        }
    }

    fn args(&self, user: usize, at: usize, registers: &Registers) -> Vec<Arg> {
        let operands = &self.ir.items[user].operands;
        operands.iter().map(|view| self.arg(view, user, at, registers)).collect()
    }

    fn arg(&self, view: &View, user: usize, at: usize, registers: &Registers) -> Arg {
        let here = view.item().filter(|&index| {
            self.loops.of_item[index] == at
                && in_register(&self.ir.items[index], &self.ir.items[user], view)
        });
        if let Some(index) = here {
            return Arg::Tile(self.own_place(index, at, registers));
        }
        let joined = matches!(view.source, Source::Parameter(_)) || self.packs.rounds(user, view);
        if let (true, Some(register)) = (joined, registers.of_view(view)) {
            return Arg::Tile(register);
        }
        let slot = self.slot(view);
        match view.spread {
            Spread::Full => Arg::Tile(Place::Slot(slot)),
            Spread::Row => Arg::Row(slot),
            Spread::Column => Arg::Column(slot),
            Spread::Scalar => Arg::Scalar(slot),
        }
    }

    fn own_place(&self, index: usize, at: usize, registers: &Registers) -> Place {
        let is_head = self.loops.loops[at].head == Some(index);
        match (registers.of(index), self.places.slots[index]) {
            (Some(register), _) => register,
            (None, Some(slot)) => Place::Slot(slot),
            (None, None) if is_head => Place::Head,
            (None, None) => Place::Register(0),
        }
    }
}
