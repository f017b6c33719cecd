//! Loops → memory: which items have an address, and which parameters are updated
//! where they stand.
//!
//! A new parameter value is written over the old one by the loop that computes it,
//! unless somebody reads the old one later; then it waits in the arena and is
//! copied at the end of the step.

use super::arena::{Arena, stride, wished};
use super::group::{Loop, Loops, NOWHERE};
use super::ir::{Ir, Item, Source, View, What};
use super::pack::Packs;
use super::split::Split;
use crate::exec::step::{PARAMETERS, Slot};
use gradwise_graph::Pass;

/// Where each item's result stands, if it has an address.
#[derive(Debug)]
pub(crate) struct Places {
    pub slots: Vec<Option<Slot>>,
    /// The parameter that an item's result is the new value of, in place.
    pub updates: Vec<Option<usize>>,
    /// Where the packed copies stand.
    pub copies: Vec<Slot>,
    pub arena: Arena,
}

/// Whether `user`, in the same loop as the item of `view`, reads it from a register.
pub(crate) fn in_register(item: &Item, user: &Item, view: &View) -> bool {
    (user.what.is_elementwise() || user.what.is_sink())
        && item.is_whole(view)
        && !item.what.is_sink()
}

/// Decides all addresses; adds to `ir` and `loops` the copies at the end.
pub(crate) fn place(ir: &mut Ir, loops: &mut Loops, packs: &Packs, split: &[Split]) -> Places {
    let mut updates = vec![None; ir.items.len()];
    for (parameter, view) in ir.updates.clone() {
        let Some(item) = view.item() else { continue };
        let halves = split.iter().any(|s| s.parameter == parameter);
        if updates[item].is_none() && can_overwrite(ir, loops, parameter, item, halves) {
            updates[item] = Some(parameter);
        } else {
            updates.push(Some(parameter));
            copy_at_the_end(ir, loops, view);
        }
    }
    let mut places = Places {
        slots: vec![None; ir.items.len()],
        updates,
        copies: Vec::new(),
        arena: Arena::default(),
    };
    for item in (0..ir.items.len()).filter(|&i| loops.of_item[i] != NOWHERE) {
        places.slots[item] = places.slot_of(ir, loops, packs, split, item);
    }
    for copy in &packs.copies {
        let item = &ir.items[copy.item];
        let len = copy.layout.len(item.rows, item.cols);
        let (_, tiles) = copy.layout.tiles(item.rows, item.cols);
        let buffer = places.arena.wish(len, loops.of_item[copy.item], copy.last);
        places.copies.push(wished(buffer, tiles));
    }
    places
}

fn copy_at_the_end(ir: &mut Ir, loops: &mut Loops, view: View) {
    let (rows, cols) = (view.rows, view.cols);
    let node = view.item().map_or(0, |i| ir.items[i].node);
    let copy = Item {
        what: What::Copy,
        operands: vec![view],
        rows,
        cols,
        node,
        pass: Pass::Update,
        contiguous: true,
    };
    ir.items.push(copy);
    loops.of_item.push(loops.loops.len());
    let body = vec![ir.items.len() - 1];
    loops.loops.push(Loop { rows, cols, head: None, body, pass: Pass::Update });
}

fn can_overwrite(ir: &Ir, loops: &Loops, parameter: usize, item: usize, halves: bool) -> bool {
    let at = loops.of_item[item];
    let outside = ir.outputs.iter().chain(&ir.gate).any(|v| v.item() == Some(item));
    let live = |user: &usize| loops.of_item[*user] != NOWHERE;
    let read_late = ir.items.iter().enumerate().filter(|(user, _)| live(user)).any(|(user, it)| {
        it.operands.iter().any(|v| v.source == Source::Parameter(parameter))
            && (loops.of_item[user] > at || loops.of_item[user] == at && !aligned(it, parameter))
    });
    let kept = ir.outputs.iter().chain(&ir.gate).any(|v| v.source == Source::Parameter(parameter));
    // Of halves the item is not the parameter's own memory: it may be wanted too.
    ir.items[item].what.is_elementwise() && (!outside || halves) && !read_late && !kept
}

/// Whether `user` reads the parameter element for element.
fn aligned(user: &Item, parameter: usize) -> bool {
    let reads = |v: &&View| v.source == Source::Parameter(parameter);
    let body = user.what.is_elementwise() || user.what.is_sink();
    body && user
        .operands
        .iter()
        .filter(reads)
        .all(|v| v.spread == super::ir::Spread::Full && (v.rows, v.cols) == user.space())
}

impl Places {
    fn slot_of(
        &mut self,
        ir: &Ir,
        loops: &Loops,
        packs: &Packs,
        split: &[Split],
        index: usize,
    ) -> Option<Slot> {
        let item = &ir.items[index];
        let whole = |p: &usize| split.iter().all(|s| s.parameter != *p);
        if let Some(parameter) = self.updates[index].filter(whole) {
            return Some(Slot {
                base: PARAMETERS + parameter,
                offset: 0,
                stride: item.cols.max(1),
            });
        }
        let last = last_use(ir, loops, packs, index)?;
        let row = if item.contiguous || item.rows <= 1 { item.cols } else { stride(item.cols) };
        let buffer = self.arena.wish(item.rows * row, loops.of_item[index], last);
        Some(wished(buffer, row.max(1)))
    }
}

/// The last loop that reads the item from memory; `None` if none does.
fn last_use(ir: &Ir, loops: &Loops, packs: &Packs, index: usize) -> Option<usize> {
    let item = &ir.items[index];
    let at = loops.of_item[index];
    let kept = ir.outputs.iter().chain(&ir.gate).any(|v| v.item() == Some(index));
    if kept {
        return Some(usize::MAX);
    }
    let mut last = item.what.is_sink().then_some(at);
    let live = |(user, _): &(usize, &Item)| loops.of_item[*user] != NOWHERE;
    for (user, it) in ir.items.iter().enumerate().filter(live) {
        for view in it.operands.iter().filter(|v| v.item() == Some(index)) {
            if packs.reads_packed(user, view) {
                continue;
            }
            if loops.of_item[user] != at || !in_register(item, it, view) {
                last = last.max(Some(loops.of_item[user]));
            }
        }
    }
    last
}
