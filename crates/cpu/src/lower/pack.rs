//! Products of bf16 numbers: which way round each is computed, and who packs what.
//!
//! A product's kernel reads packed operands ([`crate::kernels::Bf16`]). Whatever
//! the plan computes or is fed is packed once, by the loop that makes it, while its
//! block is in the first-level cache; if nothing else reads it, it is never stored
//! in f32. A weight is kept in two halves ([`super::split`]), of which the upper one
//! is packed already. What is left is packed by the tile that uses it.
//!
//! What the backward pass computes element by element from an activation that is
//! packed, its derivative, it computes from the packed numbers: then the activation
//! need not be kept in f32, and a step waits for memory more than for anything else.
//!
//! Packing a transpose costs shuffles, and so does turning a result around; of the
//! two ways to compute a product, `op(A)·op(B)` and its transpose, the one with
//! fewer is taken; but a weight is never transposed. The choice depends on this
//! product's sizes alone, so that other values wanted of a plan never change it.

use super::group::{Loops, NOWHERE};
use super::ir::{Ir, Item, Source, View, What};
use super::split::{Split, number};
use crate::kernels::Layout;
use gradwise_graph::Pass;

/// A value packed by the loop that computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedCopy {
    pub item: usize,
    pub layout: Layout,
    /// The last loop that reads it.
    pub last: usize,
}

/// An operand of a product's kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand {
    pub view: View,
    pub layout: Layout,
    pub packed: By,
}

/// Who packs an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The loop that makes it: the packed copy of this number.
    Loop(usize),
    /// Nobody: the upper halves of the split parameter of this number.
    Kept(usize),
    /// The tile that uses it.
    Tile,
}

/// How a product is computed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// The kernel computes the transposed result: its rows are the loop's columns.
    pub turned: bool,
    pub left: Operand,
    pub right: Operand,
    pub inner: usize,
}

/// What is packed, and the choice for each item that is a product.
#[derive(Debug, Default)]
pub(crate) struct Packs {
    pub copies: Vec<PackedCopy>,
    pub choices: Vec<Option<Choice>>,
    /// Which items read another one's packed copy element by element: the item and
    /// the copy's number.
    rounded: Vec<(usize, usize)>,
}

impl Packs {
    /// Whether `user` reads the item of `view` only from packed copies.
    pub fn reads_packed(&self, user: usize, view: &View) -> bool {
        if self.rounds(user, view) {
            return true;
        }
        let Some(choice) = self.choices.get(user).copied().flatten() else { return false };
        let of_view = [choice.left, choice.right].into_iter().filter(|o| o.view == *view);
        of_view.map(|o| matches!(o.packed, By::Loop(_))).reduce(|a, b| a && b).unwrap_or(false)
    }

    /// The packed copies of an item, with their numbers.
    pub fn of_item(&self, item: usize) -> impl Iterator<Item = (usize, &PackedCopy)> {
        self.copies.iter().enumerate().filter(move |(_, copy)| copy.item == item)
    }

    /// The packed copies that an item reads element by element, with their numbers.
    pub fn rounded_for(&self, user: usize) -> impl Iterator<Item = (usize, &PackedCopy)> {
        let of_user = self.rounded.iter().filter(move |(reader, _)| *reader == user);
        of_user.map(|&(_, copy)| (copy, &self.copies[copy]))
    }

    /// Whether the item reads the view's packed copy element by element.
    pub fn rounds(&self, user: usize, view: &View) -> bool {
        self.rounded_for(user).any(|(_, copy)| view.item() == Some(copy.item))
    }

    fn copy(&mut self, item: usize, layout: Layout, user: usize) -> usize {
        let same = |c: &PackedCopy| c.item == item && c.layout == layout;
        match self.copies.iter().position(same) {
            Some(found) => {
                let copy = &mut self.copies[found];
                copy.last = copy.last.max(user);
                found
            }
            None => {
                self.copies.push(PackedCopy { item, layout, last: user });
                self.copies.len() - 1
            }
        }
    }
}

/// Decides for all products.
pub(crate) fn pack(ir: &Ir, loops: &Loops, split: &[Split]) -> Packs {
    let mut packs = Packs { choices: vec![None; ir.items.len()], ..Packs::default() };
    for index in 0..ir.items.len() {
        if loops.of_item[index] == NOWHERE {
            continue;
        }
        if let Some(mut choice) = choose(ir, index, split) {
            for operand in [&mut choice.left, &mut choice.right] {
                operand.packed = match copied(ir, loops, &operand.view) {
                    Some(item) => By::Loop(packs.copy(item, operand.layout, loops.of_item[index])),
                    None => number(split, &operand.view).map_or(By::Tile, By::Kept),
                };
            }
            packs.choices[index] = Some(choice);
        }
    }
    round(ir, loops, &mut packs);
    packs
}

/// Finds what the backward pass reads of activations. By the products of the forward
/// pass alone, so that a value wanted besides changes nothing.
fn round(ir: &Ir, loops: &Loops, packs: &mut Packs) {
    for (index, item) in ir.items.iter().enumerate() {
        let Some(Choice { left, .. }) = packs.choices[index].filter(|_| of_layer(item)) else {
            continue;
        };
        let (By::Loop(copy), Layout::Left) = (left.packed, left.layout) else { continue };
        let at = packs.copies[copy].item;
        for (user, it) in ir.items.iter().enumerate() {
            let derives = it.pass == Pass::Backward && it.what.is_elementwise();
            let whole = (it.rows, it.cols) == (ir.items[at].rows, ir.items[at].cols);
            let elsewhere =
                !matches!(loops.of_item[user], NOWHERE) && loops.of_item[user] != loops.of_item[at];
            if derives && whole && elsewhere && it.operands.contains(&left.view) {
                packs.copies[copy].last = packs.copies[copy].last.max(loops.of_item[user]);
                packs.rounded.push((user, copy));
            }
        }
    }
}

/// Whether the item is a product of the forward pass with a parameter.
fn of_layer(item: &Item) -> bool {
    let parameter = |view: &View| matches!(view.source, Source::Parameter(_));
    item.pass == Pass::Forward && item.operands.iter().any(parameter)
}

/// The item whose loop can pack the operand.
fn copied(ir: &Ir, loops: &Loops, view: &View) -> Option<usize> {
    let item = view.item()?;
    let it = &ir.items[item];
    let made_in_blocks = !it.what.is_sink() && !matches!(it.what, What::Reference(..));
    (made_in_blocks && it.is_whole(view) && loops.of_item[item] != NOWHERE).then_some(item)
}

fn choose(ir: &Ir, index: usize, split: &[Split]) -> Option<Choice> {
    let item = &ir.items[index];
    let What::Product(a_transposed, b_transposed) = item.what else { return None };
    let (a, b) = (item.operands[0], item.operands[1]);
    let inner = if a_transposed { a.rows } else { a.cols };
    if !ir.in_bf16(item.rows, item.cols, inner) {
        return None;
    }
    let pick = |transposed: bool, plain: Layout, other: Layout| {
        if transposed { other } else { plain }
    };
    let operand = |view: View, layout: Layout| Operand { view, layout, packed: By::Tile };
    let straight = Choice {
        turned: false,
        left: operand(a, pick(a_transposed, Layout::Left, Layout::LeftTransposed)),
        right: operand(b, pick(b_transposed, Layout::Right, Layout::RightTransposed)),
        inner,
    };
    // (op(A)·op(B))ᵀ = op(B)ᵀ·op(A)ᵀ
    let turned = Choice {
        turned: true,
        left: operand(b, pick(b_transposed, Layout::LeftTransposed, Layout::Left)),
        right: operand(a, pick(a_transposed, Layout::RightTransposed, Layout::Right)),
        inner,
    };
    let result = 2 * item.rows * item.cols;
    let turn = shuffles(&turned, split).saturating_add(result) < shuffles(&straight, split);
    Some(if turn { turned } else { straight })
}

/// The numbers of the operands that are packed transposed.
fn shuffles(choice: &Choice, split: &[Split]) -> usize {
    let transposed =
        |o: &&Operand| matches!(o.layout, Layout::LeftTransposed | Layout::RightTransposed);
    let count = |o: &Operand| match number(split, &o.view) {
        Some(_) => usize::MAX / 4,
        None => o.view.rows * o.view.cols,
    };
    [choice.left, choice.right].iter().filter(transposed).map(count).sum()
}
