//! Momentum in one pass: a sum of multiples and the next one that takes its
//! result become one instruction. The bits are those of the two.

use crate::exec::step::{Arg, HalvesSlot, Instr, Pair, Place, Velocity};

/// Joins neighbouring sums of multiples of a program, with their checks.
pub(crate) fn pairs(code: Vec<Instr>) -> Vec<Instr> {
    let mut joined = Vec::with_capacity(code.len());
    let mut rest = &code[..];
    while let Some((first, after)) = rest.split_first() {
        match pair(rest) {
            Some((instr, kept, length)) => {
                joined.push(instr);
                joined.extend(kept);
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

/// The pair that the program starts with, what stores the first sum if that is a
/// rounded parameter, and how many instructions they replace.
fn pair(code: &[Instr]) -> Option<(Instr, Option<Instr>, usize)> {
    let Instr::Linear { p, a, b, s, y, .. } = *code.first()? else { return None };
    let checked = usize::from(is_check(code.get(1), y).is_some());
    let kept = code.get(1 + checked).filter(|i| matches!(i, Instr::Halve { x, .. } if *x == y));
    let second = 1 + checked + usize::from(kept.is_some());
    let Instr::Linear { p: q, a: c, b: d, s: t, y: z, .. } = *code.get(second)? else {
        return None;
    };
    if !is_tile(d, y) || is_tile(c, y) || y == z {
        return None;
    }
    let parameter = is_check(code.get(second + 1), z);
    if checked == 1 && parameter.is_none() {
        return None;
    }
    let length = second + 1 + usize::from(parameter.is_some());
    let pair = Instr::Pair(Pair { p, a, b, s, y, q, c, t, z, parameter });
    Some((pair, kept.copied(), length))
}

/// Joins sums of multiples with the checks of their results.
pub(crate) fn checks(code: Vec<Instr>) -> Vec<Instr> {
    let mut joined: Vec<Instr> = Vec::with_capacity(code.len());
    for instr in code {
        match (joined.last_mut(), &instr) {
            (
                Some(Instr::Linear { y, parameter: of @ None, .. }),
                Instr::Check { parameter, x },
            ) if y == x => {
                *of = Some(*parameter);
            }
            _ => joined.push(instr),
        }
    }
    joined
}

/// Joins a pair that works on halves with the steps that join them and take them
/// apart, if nothing else reads or writes their registers.
pub(crate) fn momentum(mut code: Vec<Instr>) -> Vec<Instr> {
    while let Some((replaced, at, instr)) = find_momentum(&code) {
        code[at] = instr;
        let mut index = 0;
        code.retain(|_| {
            index += 1;
            !replaced.contains(&(index - 1))
        });
    }
    code
}

/// What is replaced beside the pair, where the pair is, and what stands there then.
fn find_momentum(code: &[Instr]) -> Option<(Vec<usize>, usize, Instr)> {
    code.iter().enumerate().find_map(|(at, instr)| {
        let Instr::Pair(pair) = instr else { return None };
        let (join, halve, weights) = stored(code, at, pair.c, pair.z)?;
        let mut replaced = vec![join, halve];
        let velocity = match pair.a {
            Arg::Tile(a) if a == pair.y => Velocity::Whole(a),
            a => {
                let (join, halve, slot) = stored(code, at, a, pair.y)?;
                replaced.extend([join, halve]);
                Velocity::Rounded(slot)
            }
        };
        let Pair { p, b, s, q, t, .. } = *pair;
        let parameter = pair.parameter?;
        let instr = Instr::Momentum { v: velocity, g: b, p, s, weights, q, t, parameter };
        Some((replaced, at, instr))
    })
}

/// Where a parameter's old value is joined and its new one taken apart, if the
/// instruction at `at` makes the one of the other and nobody else sees either.
fn stored(code: &[Instr], at: usize, old: Arg, new: Place) -> Option<(usize, usize, HalvesSlot)> {
    let Arg::Tile(old) = old else { return None };
    let is_halve = |i: &Instr| matches!(i, Instr::Halve { x, .. } if *x == new);
    let halve = (at + 1..code.len()).take(2).find(|&i| is_halve(&code[i]))?;
    let Instr::Halve { to, .. } = code[halve] else { return None };
    let is_join = |i: &Instr| matches!(i, Instr::Join { from, y } if *from == to && *y == old);
    let join = code[..at].iter().position(is_join)?;
    let seen = code.iter().filter(|i| i.touches(old) || i.touches(new)).count();
    (seen == 3 && old != new).then_some((join, halve, to))
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
