//! [`Ir`] → loops: which items are computed together while a tile is in cache.
//!
//! A loop has at most one head (a product, a softmax, …) and a body of
//! element-wise items and sums over the same matrix. Loops run one after the
//! other, so an item may join the last of the loops that its operands come from,
//! if the matrix is the same, and must otherwise open a new one. Three refinements:
//!
//! - What the backward pass computes from forward values alone (an activation's
//!   derivative) waits for the loop that consumes it, or it would be stored in the
//!   forward pass and read back.
//! - So does what an update computes from parameters alone (momentum, decay).
//! - Numbers computed from what is fed alone (a rate, Adam's corrections) come first, or
//!   an update that reads them could not join the loop that makes its gradient.

use super::ir::{Ir, Item, Source, Spread, View};
use gradwise_graph::Pass;

/// Items computed by one loop over `rows` × `cols`.
#[derive(Debug)]
pub(crate) struct Loop {
    pub rows: usize,
    pub cols: usize,
    pub head: Option<usize>,
    pub body: Vec<usize>,
    pub pass: Pass,
}

/// The loops in the order they run, and for each item its loop.
#[derive(Debug)]
pub(crate) struct Loops {
    pub loops: Vec<Loop>,
    pub of_item: Vec<usize>,
}

/// The loop of an item that nothing needs.
pub(crate) const NOWHERE: usize = usize::MAX;

/// Groups the items of `ir` into loops.
pub(crate) fn group(ir: &Ir) -> Loops {
    let live = live(ir);
    let mut grouper = Grouper {
        ir,
        loops: Vec::new(),
        of_item: vec![None; ir.items.len()],
        floats: vec![false; ir.items.len()],
        followers: followers(ir, &live),
        gate: None,
    };
    let items = || (0..ir.items.len()).filter(|&i| live[i]);
    let early = early(ir);
    items().filter(|&i| early[i]).for_each(|item| grouper.visit(item));
    items().filter(|&i| !early[i]).for_each(|item| grouper.visit(item));
    items().for_each(|item| grouper.settle(item));
    let of_item = grouper.of_item.iter().map(|at| at.unwrap_or(NOWHERE)).collect();
    Loops { loops: grouper.loops, of_item }
}

/// Which items something wanted depends on.
fn live(ir: &Ir) -> Vec<bool> {
    let mut live = vec![false; ir.items.len()];
    let updates = ir.updates.iter().map(|(_, view)| view);
    for item in ir.outputs.iter().chain(&ir.gate).chain(updates).filter_map(View::item) {
        live[item] = true;
    }
    for index in (0..ir.items.len()).rev().filter(|&i| live[i]).collect::<Vec<_>>() {
        mark(ir, index, &mut live);
    }
    live
}

fn mark(ir: &Ir, index: usize, live: &mut [bool]) {
    for operand in ir.items[index].operands.iter().filter_map(View::item) {
        if !std::mem::replace(&mut live[operand], true) {
            mark(ir, operand, live);
        }
    }
}

/// Which items are numbers computed from what is fed alone, and no parameter's new value.
fn early(ir: &Ir) -> Vec<bool> {
    let mut early = vec![false; ir.items.len()];
    for (index, item) in ir.items.iter().enumerate() {
        let known = |view: &View| match view.source {
            Source::Item(operand) => early[operand],
            Source::Parameter(_) => false,
            Source::Feed(_) | Source::Constant(_) => true,
        };
        let number = item.what.is_elementwise() && item.space() == (1, 1);
        let updates = ir.updates.iter().any(|(_, view)| view.item() == Some(index));
        early[index] = number && !updates && item.operands.iter().all(known);
    }
    early
}

/// For each item, whether every use of it is element for element in a loop over
/// the same matrix, so that it can be computed inside of that loop.
fn followers(ir: &Ir, live: &[bool]) -> Vec<bool> {
    let mut used = vec![false; ir.items.len()];
    let mut follows = vec![true; ir.items.len()];
    for (user, _) in ir.items.iter().zip(live).filter(|(_, live)| **live) {
        for view in &user.operands {
            let Some(item) = view.item() else { continue };
            used[item] = true;
            follows[item] &= fits_inside(&ir.items[item], user, view);
        }
    }
    for view in ir.outputs.iter().chain(&ir.gate) {
        view.item().into_iter().for_each(|item| follows[item] = false);
    }
    used.iter().zip(follows).map(|(used, follows)| *used && follows).collect()
}

fn fits_inside(item: &Item, user: &Item, view: &View) -> bool {
    let body = user.what.is_elementwise() || user.what.is_sink();
    body && item.is_whole(view) && user.space() == (item.rows, item.cols)
}

struct Grouper<'a> {
    ir: &'a Ir,
    loops: Vec<Loop>,
    of_item: Vec<Option<usize>>,
    floats: Vec<bool>,
    followers: Vec<bool>,
    gate: Option<usize>,
}

impl Grouper<'_> {
    fn visit(&mut self, index: usize) {
        if self.may_float(index) {
            self.floats[index] = true;
            return;
        }
        self.place(index);
    }

    /// Places what nothing has consumed.
    fn settle(&mut self, index: usize) {
        if self.of_item[index].is_none() {
            self.place(index);
        }
    }

    fn may_float(&self, index: usize) -> bool {
        let item = &self.ir.items[index];
        if !item.what.is_elementwise() || !self.followers[index] || item.rows * item.cols == 1 {
            return false;
        }
        match self.joinable(index) {
            Some(at) => item.pass != Pass::Forward && self.loops[at].pass == Pass::Forward,
            None => true,
        }
    }

    fn place(&mut self, index: usize) {
        let item = &self.ir.items[index];
        let body = item.what.is_elementwise() || item.what.is_sink();
        self.settle_strangers(index, body);
        let at = match (body, self.joinable(index)) {
            (true, Some(at)) => at,
            _ => self.open(index, body),
        };
        if body {
            self.pull_floats(index, at);
            self.loops[at].body.push(index);
        }
        self.of_item[index] = Some(at);
        if self.ir.gate.and_then(|g| g.item()) == Some(index) {
            self.gate = Some(at);
        }
    }

    /// Floating operands that cannot be computed inside this item's loop.
    fn settle_strangers(&mut self, index: usize, body: bool) {
        for view in self.ir.items[index].operands.clone() {
            let Some(item) = view.item() else { continue };
            let inside = body && fits_inside(&self.ir.items[item], &self.ir.items[index], &view);
            if self.of_item[item].is_none() && !inside {
                self.place(item);
            }
        }
    }

    /// Floating operands are computed in the loop that consumes them.
    fn pull_floats(&mut self, index: usize, at: usize) {
        for view in self.ir.items[index].operands.clone() {
            let Some(item) = view.item() else { continue };
            if self.of_item[item].is_none() {
                self.pull_floats(item, at);
                self.loops[at].body.push(item);
                self.of_item[item] = Some(at);
            }
        }
    }

    /// The loop that an element-wise item or sum can join.
    fn joinable(&self, index: usize) -> Option<usize> {
        let item = &self.ir.items[index];
        let (earliest, same) = self.earliest(index)?;
        let last = self.loops.len().checked_sub(1)?;
        let space = item.space();
        let fits = |at: usize| (self.loops[at].rows, self.loops[at].cols) == space;
        let after_gate = |at: usize| item.pass != Pass::Update || self.gate.is_none_or(|g| at > g);
        if same && fits(earliest) && after_gate(earliest) {
            return Some(earliest);
        }
        (space == (1, 1) && earliest <= last && fits(last) && after_gate(last)).then_some(last)
    }

    /// The first loop by which all operands are there, and whether one of them is
    /// made in it, element for element. `None` if nothing computed is needed.
    fn earliest(&self, index: usize) -> Option<(usize, bool)> {
        let item = &self.ir.items[index];
        let mut best: Option<(usize, bool)> = None;
        for view in &item.operands {
            let Some(operand) = view.item() else {
                best = best.max(self.updater(item, view).map(|at| (at, true)));
                continue;
            };
            let found = match self.of_item[operand] {
                None => self.earliest(operand),
                Some(at) => {
                    let source = &self.ir.items[operand];
                    let inside = fits_inside(source, item, view) && !source.what.is_sink();
                    Some(if inside { (at, true) } else { (at + 1, false) })
                }
            };
            best = best.max(found);
        }
        best
    }

    /// The loop that overwrites the parameter that a sum is over: a probe of weights
    /// needs no pass of its own.
    fn updater(&self, sum: &Item, view: &View) -> Option<usize> {
        let Source::Parameter(parameter) = view.source else { return None };
        let (_, new) = self.ir.updates.iter().find(|(updated, _)| *updated == parameter)?;
        let item = new.item().filter(|_| sum.what.is_sink() && view.spread == Spread::Full)?;
        let whole = self.ir.items[item].space() == (view.rows, view.cols);
        self.of_item[item].filter(|_| whole && sum.space() == (view.rows, view.cols))
    }

    fn open(&mut self, index: usize, body: bool) -> usize {
        let item = &self.ir.items[index];
        let (rows, cols) = item.space();
        let head = (!body).then_some(index);
        self.loops.push(Loop { rows, cols, head, body: Vec::new(), pass: item.pass });
        self.loops.len() - 1
    }
}
