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

/// Joins a pair that works on halves with the steps that join them and take them
/// apart, if nothing else reads or writes their registers.
pub(crate) fn momentum(mut code: Vec<Instr>) -> Vec<Instr> {
    while let Some((join, at, instr)) = find_momentum(&code) {
        code.splice(at..at + 2, [instr]);
        code.remove(join);
    }
    code
}

/// Where the halves are joined, where the pair is, and what replaces it.
fn find_momentum(code: &[Instr]) -> Option<(usize, usize, Instr)> {
    code.windows(2).enumerate().find_map(|(at, two)| {
        let [Instr::Pair(pair), Instr::Halve { x, to }] = two else { return None };
        let Arg::Tile(joined) = pair.c else { return None };
        let join = code
            .iter()
            .position(|i| matches!(i, Instr::Join { from, y } if from == to && *y == joined))?;
        let alone = code.iter().filter(|i| touches(i, joined) || touches(i, pair.z)).count() == 3;
        if !alone || *x != pair.z || !is_tile(pair.a, pair.y) || pair.z == pair.y || join > at {
            return None;
        }
        let Pair { p, b, s, y, q, t, .. } = *pair;
        let parameter = pair.parameter?;
        let instr = Instr::Momentum { v: y, g: b, p, s, weights: *to, q, t, parameter };
        Some((join, at, instr))
    })
}

/// Whether an instruction reads or writes the place.
fn touches(instr: &Instr, place: Place) -> bool {
    let arg = |arg: &Arg| is_tile(*arg, place);
    match instr {
        Instr::Unary { x, y, .. } | Instr::Copy { x, y } => arg(x) || *y == place,
        Instr::Binary { a, b, y, .. }
        | Instr::OfSum { a, b, y, .. }
        | Instr::Linear { a, b, y, .. } => arg(a) || arg(b) || *y == place,
        Instr::Pair(p) => [p.a, p.b, p.c].iter().any(arg) || p.y == place || p.z == place,
        Instr::Momentum { v, g, .. } => *v == place || arg(g),
        Instr::Sink { x, .. } | Instr::Pack { x, .. } => arg(x),
        Instr::Unpack { y, .. } | Instr::Join { y, .. } => *y == place,
        Instr::Halve { x, .. } | Instr::Check { x, .. } => *x == place,
    }
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
