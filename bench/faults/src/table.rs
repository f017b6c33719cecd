//! The figures as markdown.

use crate::record::Record;
use crate::score::{Alarms, Score, Spent};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Figures by group, what was kept back apart, then by the finding that was to be named,
/// then every case.
pub fn markdown(records: &[Record]) -> String {
    let mut out = String::from(
        "| cases | sick found | false alarms | root right | precision of roots | known before the first step |\n\
         |---|---:|---:|---:|---:|---:|\n",
    );
    let mut row = |name: &str, is: &dyn Fn(&&Record) -> bool| {
        let s = Score::of(records.iter().filter(is));
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} |",
            s.found, s.alarms, s.right, s.precise, s.before
        );
    };
    row("**all**", &|_| true);
    row("tuned on", &|r| !r.held_out);
    row("kept back", &|r| r.held_out);
    let groups: BTreeSet<&str> = records.iter().map(|r| r.group.as_str()).collect();
    for group in groups {
        row(group, &|r| r.group == group);
    }
    let _ = writeln!(out, "\n{}", costs(records));
    let _ = writeln!(out, "{}", by_root(records));
    if records.iter().any(|r| r.mended.is_some()) {
        let _ = writeln!(out, "{}", mended(records));
    }
    let _ = writeln!(out, "{}", by_case(records));
    out
}

fn costs(records: &[Record]) -> String {
    let spent = Spent::of(records);
    format!(
        "{}\nMeasuring took {:.1} % of the training time, judging a finished run {:.2} s (median, \
         on one thread).\n",
        alarms(records),
        100.0 * spent.measuring,
        spent.judging
    )
}

/// When sick runs were first known to be so: to who checks, trains and asks, and to who
/// only trains.
fn alarms(records: &[Record]) -> String {
    let mut out = String::from(
        "| first alarm of sick runs | before the first step | while training | at step (quartiles) | \
         at % of the run (quartiles) |\n|---|---:|---:|---:|---:|\n",
    );
    let diverging: Vec<Record> = records.iter().filter(|r| r.is_diverging()).cloned().collect();
    let rows = [
        ("`check`, `train`, `doctor`", Alarms::of(records)),
        ("`train` alone", Alarms::live(records)),
        ("`train` alone, of those that diverge", Alarms::live(&diverging)),
    ];
    for (name, alarms) in rows {
        let told = |of: Option<[f64; 3]>, factor: f64| match of {
            Some(of) => of.map(|x| short(factor * x)).join(" / "),
            None => "–".into(),
        };
        let (steps, shares) = (told(alarms.steps, 1.0), told(alarms.shares, 100.0));
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {steps} | {shares} |",
            alarms.before, alarms.during
        );
    }
    out
}

fn short(x: f64) -> String {
    if x < 10.0 { format!("{x:.1}") } else { format!("{x:.0}") }
}

/// By the first of the accepted roots.
fn by_root(records: &[Record]) -> String {
    let mut groups: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|r| r.sick) {
        if let Some(root) = record.accepted.first() {
            groups.entry(root).or_default().push(record);
        }
    }
    let mut out =
        String::from("| root to be named | found | right | precision |\n|---|---:|---:|---:|\n");
    for (root, records) in groups {
        let s = Score::of(records.into_iter());
        let _ = writeln!(out, "| `{root}` | {} | {} | {} |", s.found, s.right, s.precise);
    }
    out
}

/// How `doctor --fix` did, by the first of the accepted roots.
fn mended(records: &[Record]) -> String {
    let mut out = String::from(
        "| root | proven fix, of those with something to try | twin's score reached |\n\
         |---|---:|---:|\n",
    );
    let mut row = |name: &str, is: &dyn Fn(&&Record) -> bool| {
        let s = Score::of(records.iter().filter(is));
        if s.mended.1 > 0 {
            let _ = writeln!(out, "| {name} | {} | {} |", s.mended, s.restored);
        }
    };
    row("**all**", &|_| true);
    row("tuned on", &|r| !r.held_out);
    row("kept back", &|r| r.held_out);
    let roots: BTreeSet<&str> =
        records.iter().filter_map(|r| r.accepted.first()).map(String::as_str).collect();
    for root in roots {
        row(&format!("`{root}`"), &|r| r.accepted.first().is_some_and(|first| first == root));
    }
    out
}

fn by_case(records: &[Record]) -> String {
    let mut cases: BTreeMap<(&str, &str), Vec<&Record>> = BTreeMap::new();
    for record in records {
        cases.entry((&record.group, &record.case)).or_default().push(record);
    }
    let mut out = String::from(
        "| case | seeds right | roots named | steps | first alarm | of `train` alone | seconds |\n\
         |---|---:|---|---:|---:|---:|---:|\n",
    );
    for ((_, case), records) in cases {
        let right = records.iter().filter(|r| crate::score::is_fine(r)).count();
        let mut roots: BTreeMap<&str, usize> = BTreeMap::new();
        for id in records.iter().flat_map(|r| &r.roots) {
            *roots.entry(id).or_default() += 1;
        }
        let named: Vec<String> = roots.iter().map(|(id, n)| format!("{id} {n}×")).collect();
        let steps = records.first().map_or(0, |r| r.cost.steps);
        let alarm = ends(records.iter().filter_map(|r| r.cost.alarm));
        let live = ends(records.iter().filter_map(|r| r.cost.live));
        let seconds: f64 = records.iter().map(|r| r.cost.training + r.cost.judging).sum();
        let star = if records.iter().any(|r| r.held_out) { "*" } else { "" };
        let _ = writeln!(
            out,
            "| {case}{star} | {right}/{} | {} | {steps} | {alarm} | {live} | {:.1} |",
            records.len(),
            named.join(", "),
            seconds / records.len().max(1) as f64
        );
    }
    out
}

/// The least and the most of some steps.
fn ends(steps: impl Iterator<Item = u64>) -> String {
    let steps: BTreeSet<u64> = steps.collect();
    match (steps.first(), steps.last()) {
        (Some(a), Some(b)) if a == b => a.to_string(),
        (Some(a), Some(b)) => format!("{a}–{b}"),
        _ => "–".into(),
    }
}
