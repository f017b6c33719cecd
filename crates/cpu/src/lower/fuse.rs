//! `p·a + q·b` as one item: half of every optimizer is made of it; and `p·x² + q`,
//! which tanh's derivative is; and `a/(s·√v + ε)`, the step of Adam and its kin; and sums
//! of sizes over columns, which measures of gradients are made of.
//!
//! Rewritten wherever it occurs, also where a factor's product is used elsewhere
//! too, so that asking for more outputs never changes the rounding of others.

use super::ir::{Ir, Item, Spread, Sum, View, What};
use gradwise_graph::ops::{Binary, Unary};

/// A view times a number known now and perhaps one known at run time.
struct Term {
    view: View,
    factor: f64,
    scalar: Option<View>,
}

impl Term {
    fn is_plain(&self) -> bool {
        self.factor == 1.0 && self.scalar.is_none()
    }
}

/// Rewrites sums and differences of multiples, and sums of a number and a square.
pub(crate) fn fuse(ir: &mut Ir) {
    for index in 0..ir.items.len() {
        let item = &ir.items[index];
        if let Some((what, operands)) = one(ir, item) {
            ir.items[index].what = what;
            ir.items[index].operands = operands;
        }
    }
}

/// What the item and some before it are as one.
fn one(ir: &Ir, item: &Item) -> Option<(What, Vec<View>)> {
    linear(ir, item)
        .or_else(|| parabola(ir, item))
        .or_else(|| over_root(ir, item))
        .or_else(|| sizes(ir, item))
}

fn linear(ir: &Ir, item: &Item) -> Option<(What, Vec<View>)> {
    let sign = match item.what {
        What::Binary(Binary::Add) => 1.0,
        What::Binary(Binary::Sub) => -1.0,
        _ => return None,
    };
    if item.operands.iter().any(|v| v.spread != Spread::Full) {
        return None;
    }
    let (mut a, mut b) = (term(ir, item.operands[0]), term(ir, item.operands[1]));
    b.factor *= sign;
    if a.is_plain() && b.scalar.is_none() && b.factor.abs() == 1.0 {
        return None;
    }
    if a.scalar.is_some() {
        std::mem::swap(&mut a, &mut b);
    }
    if a.scalar.is_some() {
        return None;
    }
    let operands = [a.view, b.view].into_iter().chain(b.scalar).collect();
    Some((What::Linear([a.factor as f32, b.factor as f32]), operands))
}

fn parabola(ir: &Ir, item: &Item) -> Option<(What, Vec<View>)> {
    let (What::Unary(Unary::Offset(offset)), [x]) = (&item.what, &item.operands[..]) else {
        return None;
    };
    let multiple = term(ir, *x);
    let square = multiple.view.item().map(|i| &ir.items[i]).filter(|i| i.is_whole(&multiple.view));
    let squared = square.filter(|i| matches!(i.what, What::Unary(Unary::Square)));
    let what = What::Parabola([multiple.factor as f32, *offset as f32]);
    squared.filter(|_| multiple.scalar.is_none()).map(|square| (what, square.operands.clone()))
}

fn over_root(ir: &Ir, item: &Item) -> Option<(What, Vec<View>)> {
    let (What::Binary(Binary::Div), [a, below]) = (&item.what, &item.operands[..]) else {
        return None;
    };
    let (What::Unary(Unary::Offset(epsilon)), [multiple]) = whole(ir, below)? else { return None };
    let (root, scalar) = match whole(ir, multiple)? {
        (What::Binary(Binary::Mul), [x, s] | [s, x])
            if s.spread == Spread::Scalar && x.spread == Spread::Full =>
        {
            (x, Some(*s))
        }
        _ => (multiple, None),
    };
    let (What::Unary(Unary::Sqrt), [v]) = whole(ir, root)? else { return None };
    let full = a.spread == Spread::Full && v.spread == Spread::Full && *epsilon > 0.0;
    let operands = [*a, *v].into_iter().chain(scalar).collect();
    full.then_some((What::OverRoot(*epsilon as f32), operands))
}

fn sizes(ir: &Ir, item: &Item) -> Option<(What, Vec<View>)> {
    let (What::Reduce(Sum::Columns, factor), [x]) = (&item.what, &item.operands[..]) else {
        return None;
    };
    let (What::Unary(Unary::Abs), [of]) = whole(ir, x)? else { return None };
    let same = (of.rows, of.cols) == (x.rows, x.cols) && of.spread == Spread::Full;
    same.then(|| (What::Reduce(Sum::ColumnSizes, *factor), vec![*of]))
}

/// The item that the view is all of, and its operands.
fn whole<'a>(ir: &'a Ir, view: &View) -> Option<(&'a What, &'a [View])> {
    let item = view.item().map(|i| &ir.items[i]).filter(|item| item.is_whole(view))?;
    Some((&item.what, &item.operands[..]))
}

/// The view as a multiple of another, if it is one.
fn term(ir: &Ir, view: View) -> Term {
    let plain = Term { view, factor: 1.0, scalar: None };
    let Some(item) = view.item().map(|i| &ir.items[i]).filter(|item| item.is_whole(&view)) else {
        return plain;
    };
    match (&item.what, &item.operands[..]) {
        (What::Unary(Unary::Scale(c)), [x]) => {
            let inner = term(ir, *x);
            Term { factor: c * inner.factor, ..inner }
        }
        (What::Binary(Binary::Mul), [x, s] | [s, x])
            if s.spread == Spread::Scalar && x.spread == Spread::Full =>
        {
            Term { view: *x, factor: 1.0, scalar: Some(*s) }
        }
        _ => plain,
    }
}
