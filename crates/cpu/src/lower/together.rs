//! Sinks that look at the same numbers become one instruction, which reads them once.

use crate::exec::step::{Arg, Columns, Instr, Place, SinkKind};
use crate::lower::ir::Sum;
use gradwise_graph::ops::Binary;

/// A sink, and what it sees.
type Seen = (usize, Arg);

/// Joins what a program has its sinks see, one after the other; `kind` is that of each.
pub(super) fn together(code: Vec<Instr>, kind: impl Fn(usize) -> SinkKind) -> Vec<Instr> {
    let mut joined = Vec::with_capacity(code.len());
    let mut rest = &code[..];
    while let Some((first, after)) = rest.split_first() {
        let watches = |i: &&Instr| seen(i).is_some() || difference(i, &code).is_some();
        let (run, others) = rest.split_at(rest.iter().take_while(watches).count());
        if run.is_empty() {
            joined.push(*first);
            rest = after;
            continue;
        }
        let mut sinks: Vec<Seen> = run.iter().filter_map(seen).collect();
        for instr in run {
            let Some([a, b, y]) = difference(instr, &code) else { continue };
            let of = |x: Arg| find(&sinks, x, SinkKind::Moments, &kind);
            let both = of(y).zip(of(b));
            let step = |(of_step, of_old)| Instr::Step { sinks: [of_step, of_old], a, b };
            joined.push(both.map_or(*instr, step));
            sinks.retain(|(sink, _)| both.is_none_or(|(y, b)| *sink != y && *sink != b));
        }
        while let Some(&(sink, x)) = sinks.first() {
            let of = |wanted| find(&sinks, x, wanted, &kind);
            let (sums, sizes) = (SinkKind::Sum(Sum::Columns), SinkKind::Sum(Sum::ColumnSizes));
            let (instr, done) = match (of(SinkKind::Moments), of(sums), of(sizes)) {
                (Some(moments), Some(sums), Some(sizes)) => {
                    let columns = Columns { moments, sums, sizes };
                    (Instr::Columns { columns, x }, vec![moments, sums, sizes])
                }
                _ => (Instr::Sink { sink, x }, vec![sink]),
            };
            joined.push(instr);
            sinks.retain(|(sink, _)| !done.contains(sink));
        }
        rest = others;
    }
    joined
}

fn seen(instr: &Instr) -> Option<Seen> {
    if let Instr::Sink { sink, x } = *instr { Some((sink, x)) } else { None }
}

/// The sink of this kind that sees `x`.
fn find(
    sinks: &[Seen],
    x: Arg,
    wanted: SinkKind,
    kind: impl Fn(usize) -> SinkKind,
) -> Option<usize> {
    sinks.iter().find(|(sink, y)| *y == x && kind(*sink) == wanted).map(|(sink, _)| *sink)
}

/// What is taken from what, and where the difference stands, if that is a register that
/// only one other instruction looks at.
fn difference(instr: &Instr, code: &[Instr]) -> Option<[Arg; 3]> {
    let Instr::Binary { op: Binary::Sub, a, b, y, .. } = *instr else { return None };
    let (Arg::Tile(_), Arg::Tile(_), Place::Register(_)) = (a, b, y) else { return None };
    let looks = code.iter().filter(|i| i.touches(y)).count();
    (looks == 2).then_some([a, b, Arg::Tile(y)])
}
