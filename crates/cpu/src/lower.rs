//! Graph → plan, in visible passes: [`build`] turns nodes into items over matrices,
//! [`fuse`] makes one item of sums of multiples, [`split`] says which parameters are kept
//! in two halves, [`group`] fuses items into loops, [`pack`] says what products of
//! bf16 numbers want packed, [`place`] gives results addresses, [`emit`] writes the
//! steps with every kernel chosen, [`strips`] runs two of them together, [`arena`] packs the intermediate values into one
//! block of memory.

pub(crate) mod arena;
mod build;
mod emit;
mod fuse;
mod group;
pub(crate) mod ir;
mod pack;
mod pairs;
mod place;
mod program;
mod registers;
mod split;
mod strips;
pub(crate) mod tiling;
mod together;

pub(crate) use split::Split;

use crate::CpuError;
use crate::exec::step::{ARENA, Arg, Head, Instr, LoopStep, Place, Slot, Step, Velocity};
use crate::kernels::{Bf16, Kernels};
use crate::plan::Request;
use gradwise_graph::Graph;

/// What [`lower`] gives.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub steps: Vec<Step>,
    /// Length of the arena.
    pub arena: usize,
    pub constants: Vec<f32>,
    /// Each wanted value: where it stands, and how many numbers it has.
    pub outputs: Vec<(Slot, usize)>,
    /// The parameters that it wants in two halves.
    pub split: Vec<Split>,
}

/// Lowers what `request` wants of `graph`.
pub(crate) fn lower(
    graph: &Graph,
    request: &Request,
    kernels: &'static Kernels,
    bf16: Option<&'static Bf16>,
) -> Result<Lowered, CpuError> {
    let mut ir = build::build(graph, request, bf16.map(|unit| unit.least))?;
    fuse::fuse(&mut ir);
    // Cutting all loops at whole packed tiles would cost and gain nothing.
    let bf16 = bf16.filter(|_| ir.has_bf16_product());
    let split = if bf16.is_some() { split::split(&mut ir) } else { Vec::new() };
    let mut loops = group::group(&ir);
    let packs =
        if bf16.is_some() { pack::pack(&ir, &loops, &split) } else { pack::Packs::default() };
    let places = place::place(&mut ir, &mut loops, &packs, &split);
    let plan = emit::Placed { ir: &ir, loops: &loops, packs: &packs, split: &split, bf16, places };
    let emitted = emit::emit(plan, kernels, graph.parameters().len());
    let (offsets, arena) = emitted.arena.assign();
    let settle = |slot: &mut Slot| {
        if slot.base == ARENA {
            slot.offset = offsets.get(slot.offset).copied().unwrap_or(0);
        }
    };
    let mut steps = emitted.steps;
    steps.iter_mut().for_each(|step| each_slot(step, &settle));
    let mut outputs: Vec<(Slot, usize)> = emitted
        .outputs
        .into_iter()
        .zip(&ir.outputs)
        .map(|(slot, v)| (slot, v.rows * v.cols))
        .collect();
    outputs.iter_mut().for_each(|(slot, _)| settle(slot));
    let constants = ir.constants.iter().flat_map(|f| f.values.iter().copied()).collect();
    Ok(Lowered { steps, arena, constants, outputs, split })
}

/// Calls `f` on every address in a step.
fn each_slot(step: &mut Step, f: &dyn Fn(&mut Slot)) {
    match step {
        Step::Gate(slot) => f(slot),
        Step::Transpose(step) => [&mut step.from, &mut step.to].into_iter().for_each(f),
        Step::Reference(step) => {
            step.operands.iter_mut().for_each(|(slot, _)| f(slot));
            f(&mut step.result);
        }
        Step::Loop(step) => loop_slots(step).into_iter().for_each(f),
        Step::Strips(loops) => loops.iter_mut().flat_map(loop_slots).for_each(f),
    }
}

fn loop_slots(step: &mut LoopStep) -> Vec<&mut Slot> {
    let head = head_slots(&mut step.head).into_iter();
    let code = step.code.iter_mut().flat_map(instr_slots);
    let sinks = step.sinks.iter_mut().flat_map(|s| [&mut s.partials, &mut s.result]);
    head.chain(place_slot(&mut step.head_place)).chain(code).chain(sinks).collect()
}

fn head_slots(head: &mut Head) -> Vec<&mut Slot> {
    match head {
        Head::None => vec![],
        Head::Product(p) => vec![&mut p.a, &mut p.b],
        Head::PackedProduct(p) => vec![&mut p.left.slot, &mut p.right.slot],
        Head::SumOfTwo { from } => vec![from],
        Head::Dots { a, b, .. } => vec![a, b],
        Head::Rows { x, labels, .. } => std::iter::once(x).chain(labels).collect(),
        Head::OneHot { labels } => vec![labels],
        Head::PickWinner { scores, from, .. } => vec![scores, from],
        Head::ScatterWinner { scores, values, .. } => vec![scores, values],
        Head::Gather { x, .. } | Head::Scatter { x, .. } => vec![x],
        Head::Random { step, .. } => vec![step],
    }
}

fn place_slot(place: &mut Place) -> Option<&mut Slot> {
    match place {
        Place::Slot(slot) => Some(slot),
        _ => None,
    }
}

fn arg_slot(arg: &mut Arg) -> Option<&mut Slot> {
    match arg {
        Arg::Tile(place) => place_slot(place),
        Arg::Row(slot) | Arg::Column(slot) | Arg::Scalar(slot) => Some(slot),
    }
}

fn instr_slots(instr: &mut Instr) -> Vec<&mut Slot> {
    let found = match instr {
        Instr::Unary { x, y, .. } | Instr::Copy { x, y } => vec![arg_slot(x), place_slot(y)],
        Instr::Binary { a, b, y, .. } | Instr::OfSum { a, b, y, .. } => {
            vec![arg_slot(a), arg_slot(b), place_slot(y)]
        }
        Instr::Linear { a, b, s, y, .. } => {
            vec![arg_slot(a), arg_slot(b), s.as_mut(), place_slot(y)]
        }
        Instr::OverRoot { a, v, s, y, .. } => {
            vec![arg_slot(a), arg_slot(v), s.as_mut(), place_slot(y)]
        }
        Instr::Pair(x) => {
            let args = [&mut x.a, &mut x.b, &mut x.c].map(arg_slot);
            let rest = [x.s.as_mut(), x.t.as_mut(), place_slot(&mut x.y), place_slot(&mut x.z)];
            args.into_iter().chain(rest).collect()
        }
        Instr::Sink { x, .. } | Instr::Columns { x, .. } => vec![arg_slot(x)],
        Instr::Step { a, b, .. } => vec![arg_slot(a), arg_slot(b)],
        Instr::Pack { x, to } => vec![arg_slot(x), Some(&mut to.slot)],
        Instr::Check { x, .. } => vec![place_slot(x)],
        Instr::Unpack { from, y } => vec![Some(&mut from.slot), place_slot(y)],
        Instr::Join { y, .. } => vec![place_slot(y)],
        Instr::Momentum { v, g, s, t, .. } => {
            let v = match v {
                Velocity::Whole(v) => place_slot(v),
                Velocity::Rounded(_) => None,
            };
            vec![v, arg_slot(g), s.as_mut(), t.as_mut()]
        }
        Instr::Halve { x, .. } => vec![place_slot(x)],
    };
    found.into_iter().flatten().collect()
}
