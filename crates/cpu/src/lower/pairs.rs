//! Momentum in one pass: a sum of multiples and the next one that takes its
//! result become one instruction. The bits are those of the two.

use crate::exec::step::{Arg, Instr, Pair, Place};

/// Joins neighbouring sums of multiples of a program, with their checks.
pub(crate) fn pairs(code: Vec<Instr>) -> Vec<Instr> {
    let mut joined = Vec::with_capacity(code.len());
    let mut rest = &code[..];
    while let Some((first, after)) = rest.split_first() {
        match pair(rest) {
            Some((instr, length)) => {
                joined.push(instr);
                rest = &rest[length..];
            }
            None => {
                joined.push(*first);
                rest = after;
            }
        }
    }
    joined
}

/// The pair that the program starts with, and how many instructions it replaces.
fn pair(code: &[Instr]) -> Option<(Instr, usize)> {
    let Instr::Linear { p, a, b, s, y } = *code.first()? else { return None };
    let checked = usize::from(is_check(code.get(1), y).is_some());
    let Instr::Linear { p: q, a: c, b: d, s: t, y: z } = *code.get(1 + checked)? else {
        return None;
    };
    if !is_tile(d, y) || is_tile(c, y) || y == z {
        return None;
    }
    let parameter = is_check(code.get(2 + checked), z);
    if checked == 1 && parameter.is_none() {
        return None;
    }
    let length = 2 + checked + usize::from(parameter.is_some());
    Some((Instr::Pair(Pair { p, a, b, s, y, q, c, t, z, parameter }), length))
}

fn is_check(instr: Option<&Instr>, place: Place) -> Option<usize> {
    match instr {
        Some(Instr::Check { parameter, x }) if *x == place => Some(*parameter),
        _ => None,
    }
}

fn is_tile(arg: Arg, place: Place) -> bool {
    matches!(arg, Arg::Tile(p) if p == place)
}
