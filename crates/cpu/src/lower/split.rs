//! Which parameters are kept in two halves: the weights of bf16 products.
//!
//! A product reads the upper halves as they are. A loop that works on the elements
//! joins a block's halves in a register first, and takes a new value apart again.
//! Whatever else wants such a parameter gets a copy in f32, made by a loop of its
//! own; so it depends on the products alone which parameters are split, and other
//! values wanted of a plan never change a bit.
//!
//! The velocity of such weights under plain momentum is kept rounded to bf16: an update
//! waits for memory, and of its eight bytes a weight these are two less. What a step
//! adds to the weights is computed before rounding.

use super::ir::{Ir, Item, Source, Spread, View, What};
use crate::kernels::{DEPTH, FEW};
use gradwise_graph::Pass;

/// Fewer columns would leave most of a row of a tile empty: such weights stay f32, and
/// the tile that uses them packs them.
const NARROW: usize = DEPTH;

/// The most that a velocity kept in bf16 may keep of itself in a step. What it loses
/// must be more than what rounding, by up to 1/512, can give back; else it would stand
/// still.
const MOST_KEPT: f32 = 0.99;

/// A parameter in another form than f32: its halves, or its upper half alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub parameter: usize,
    pub rows: usize,
    pub cols: usize,
    /// Without the lower half, so rounded to bf16.
    pub rounded: bool,
}

impl Split {
    /// Of a parameter of these sizes, if it may ever be split.
    pub(crate) fn of_sizes(parameter: usize, sizes: &[usize]) -> Option<Split> {
        let (&cols, leading) = sizes.split_last()?;
        let rows = leading.iter().product();
        (rows >= FEW && cols >= NARROW).then_some(Split { parameter, rows, cols, rounded: false })
    }
}

/// The number of the split parameter that the view is all of.
pub(crate) fn number(split: &[Split], view: &View) -> Option<usize> {
    split.iter().position(|s| view.source == Source::Parameter(s.parameter))
}

/// Finds them, and adds the copies.
pub(crate) fn split(ir: &mut Ir) -> Vec<Split> {
    let mut found: Vec<Split> = Vec::new();
    for view in ir.items.iter().flat_map(|item| weight(ir, item)) {
        let Source::Parameter(parameter) = view.source else { continue };
        let whole = ir.parameters.get(parameter) == Some(&(view.rows, view.cols));
        if whole && view.cols >= NARROW && number(&found, &view).is_none() {
            found.push(Split { parameter, rows: view.rows, cols: view.cols, rounded: false });
        }
    }
    found.extend(velocities(ir, &found));
    copy(ir, &found);
    found
}

/// The velocities of split weights: `v = p·v + q·g`, then `w = w + r·v`.
fn velocities(ir: &Ir, weights: &[Split]) -> Vec<Split> {
    let is_weight = |parameter: usize| weights.iter().any(|s| s.parameter == parameter);
    let moved = ir.updates.iter().filter(|(parameter, _)| is_weight(*parameter));
    let by = |new: usize| {
        let reads = |(_, view): &(usize, View)| {
            let item = view.item().map(|item| &ir.items[item]);
            item.is_some_and(|it| it.operands.iter().any(|o| o.item() == Some(new)))
        };
        moved.clone().any(reads)
    };
    let velocity = |&(parameter, new): &(usize, View)| {
        let item = new.item().filter(|&item| by(item)).map(|item| &ir.items[item])?;
        let What::Linear([kept, _]) = item.what else { return None };
        let &View { rows, cols, .. } = item.operands.first()?;
        let own = item.operands[0] == View::full(Source::Parameter(parameter), rows, cols);
        let whole = ir.parameters.get(parameter) == Some(&(rows, cols));
        let large = rows >= FEW && cols >= NARROW;
        (own && whole && large && kept.abs() <= MOST_KEPT).then_some(Split {
            parameter,
            rows,
            cols,
            rounded: true,
        })
    };
    ir.updates.iter().filter_map(velocity).collect()
}

/// The operand of a product that may be a weight: only one can be.
fn weight(ir: &Ir, item: &Item) -> Option<View> {
    let What::Product(a_transposed, _) = item.what else { return None };
    let (a, b) = (item.operands[0], item.operands[1]);
    let inner = if a_transposed { a.rows } else { a.cols };
    let is_parameter =
        |view: &View| matches!(view.source, Source::Parameter(_)) && view.spread == Spread::Full;
    let in_bf16 = ir.in_bf16(item.rows, item.cols, inner);
    [b, a].into_iter().find(is_parameter).filter(|_| in_bf16)
}

/// Whether the item reads the view as whole halves, or element by element.
fn fits(ir: &Ir, item: &Item, view: &View, split: &Split) -> bool {
    let whole = view.spread == Spread::Full && (view.rows, view.cols) == (split.rows, split.cols);
    let elements = (item.what.is_elementwise() || item.what.is_sink())
        && item.space() == (split.rows, split.cols);
    whole && (elements || weight(ir, item) == Some(*view))
}

/// Gives each other use of a split parameter a copy in f32, computed first.
fn copy(ir: &mut Ir, found: &[Split]) {
    let mut copies: Vec<Split> = Vec::new();
    let mut uses: Vec<(usize, usize, usize)> = Vec::new();
    for (index, item) in ir.items.iter().enumerate() {
        let weight_at = weight(ir, item).and_then(|w| item.operands.iter().rposition(|v| *v == w));
        for (at, view) in item.operands.iter().enumerate() {
            let Some(split) = number(found, view).map(|n| found[n]) else { continue };
            let product = matches!(item.what, What::Product(..));
            if fits(ir, item, view, &split) && (!product || weight_at == Some(at)) {
                continue;
            }
            let copy = copies.iter().position(|c| *c == split).unwrap_or_else(|| {
                copies.push(split);
                copies.len() - 1
            });
            uses.push((index, at, copy));
        }
    }
    for &(index, at, copy) in &uses {
        // Marked by a source beyond all items; the shift below makes it the copy's.
        ir.items[index].operands[at].source = Source::Item(usize::MAX - copy);
    }
    shift(ir, copies.len());
    let made = copies.iter().map(|split| Item {
        what: What::Copy,
        operands: vec![View::full(Source::Parameter(split.parameter), split.rows, split.cols)],
        rows: split.rows,
        cols: split.cols,
        node: 0,
        pass: Pass::Forward,
        contiguous: true,
    });
    ir.items.splice(0..0, made);
}

/// Makes room for so many items before all others.
fn shift(ir: &mut Ir, count: usize) {
    let move_up = |view: &mut View| {
        if let Source::Item(item) = &mut view.source {
            *item = item.checked_add(count).unwrap_or(usize::MAX - *item);
        }
    };
    ir.items.iter_mut().flat_map(|item| &mut item.operands).for_each(move_up);
    ir.outputs.iter_mut().chain(&mut ir.gate).for_each(move_up);
    ir.updates.iter_mut().map(|(_, view)| view).for_each(move_up);
}
