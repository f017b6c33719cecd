//! The gradient by a layer's input and the update of its weights, strip by strip.
//!
//! The one product reads a strip of the weights' upper halves, the other one makes the
//! gradient of the same strip and updates it: run one after the other, strip for strip,
//! the second finds in the cache what the first has read, and the threads meet once
//! less. Nothing else lies between the two, so the result is the same to the bit.

use super::arena::Arena;
use super::loop_slots;
use crate::exec::step::{ARENA, Form, Head, Instr, LoopStep, PackedProduct, Slot, Step};

/// The most numbers in the output's gradient, which is there in two layouts, for both
/// to stay in the second-level cache beside what passes it.
const STAYS: usize = 256 * 1024;

/// Joins neighbouring steps where that can be done. `times` are the loops' numbers, by
/// which the arena knows them.
pub(crate) fn strips(steps: Vec<Step>, times: &[usize], arena: &mut Arena) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::with_capacity(steps.len());
    for (step, time) in steps.into_iter().zip(times.iter().copied().enumerate()) {
        match (joined.pop(), step) {
            (Some(Step::Loop(first)), Step::Loop(second)) if fit(&first, &second) => {
                let (position, time) = time;
                arena.at_once(times[position - 1], time);
                joined.push(Step::Strips(Box::new([first, second])));
            }
            (before, step) => joined.extend(before.into_iter().chain([step])),
        }
    }
    joined
}

/// Whether the two can run together.
fn fit(first: &LoopStep, second: &LoopStep) -> bool {
    let (Head::PackedProduct(input), Head::PackedProduct(_)) = (&first.head, &second.head) else {
        return false;
    };
    let strips = first.tiles_down() == 1
        && second.tiles_across() == 1
        && first.cols == second.rows
        && first.tile_cols.is_multiple_of(second.tile_rows);
    strips
        && reads_weights(input)
        && updates(second, input.left.slot.base)
        && first.rows * input.inner <= STAYS
        && are_apart(first, second)
}

/// Whether the product's rows are strips of a parameter in halves.
fn reads_weights(product: &PackedProduct) -> bool {
    product.turned && product.left.form == Form::Upper
}

/// Whether the loop writes the parameter whose halves have this base.
fn updates(step: &LoopStep, base: usize) -> bool {
    step.code.iter().any(|instr| match instr {
        Instr::Momentum { weights, .. } => weights.base == base,
        Instr::Halve { to, .. } => to.base == base,
        _ => false,
    })
}

/// Whether no intermediate value and no parameter is used by both, but the one whose
/// strips they are; a feed may be.
fn are_apart(first: &LoopStep, second: &LoopStep) -> bool {
    let slots = |step: &LoopStep| -> Vec<Slot> {
        loop_slots(&mut step.clone()).into_iter().map(|slot| *slot).collect()
    };
    let theirs = slots(second);
    let same = |a: &Slot, b: &Slot| a.base == b.base && (a.base != ARENA || a.offset == b.offset);
    let apart = |slot: &Slot| theirs.iter().all(|other| !same(slot, other));
    let joins = first.code.iter().any(|i| matches!(i, Instr::Join { .. } | Instr::Halve { .. }));
    slots(first).iter().all(apart) && !joins
}
