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
    let (spent, alarms) = (Spent::of(records), Alarms::of(records));
    let at = |at| format!(" (median after {:.0} % of the steps)", 100.0 * at);
    let at = alarms.at.map_or(String::new(), at);
    format!(
        "First alarm before the first step {}, while training {}{at}, else at the end. Measuring took {:.1} % of the training time, judging a finished run \
         {:.2} s (median, on one thread).\n",
        alarms.before,
        alarms.during,
        100.0 * spent.measuring,
        spent.judging
    )
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
        "| case | seeds right | roots named | steps | first alarm | seconds |\n\
         |---|---:|---|---:|---:|---:|\n",
    );
    for ((_, case), records) in cases {
        let right = records.iter().filter(|r| crate::score::is_fine(r)).count();
        let mut roots: BTreeMap<&str, usize> = BTreeMap::new();
        for id in records.iter().flat_map(|r| &r.roots) {
            *roots.entry(id).or_default() += 1;
        }
        let named: Vec<String> = roots.iter().map(|(id, n)| format!("{id} {n}×")).collect();
        let steps = records.first().map_or(0, |r| r.cost.steps);
        let alarms: BTreeSet<u64> = records.iter().filter_map(|r| r.cost.alarm).collect();
        let alarm = match (alarms.first(), alarms.last()) {
            (Some(a), Some(b)) if a == b => a.to_string(),
            (Some(a), Some(b)) => format!("{a}–{b}"),
            _ => "–".into(),
        };
        let seconds: f64 = records.iter().map(|r| r.cost.training + r.cost.judging).sum();
        let star = if records.iter().any(|r| r.held_out) { "*" } else { "" };
        let _ = writeln!(
            out,
            "| {case}{star} | {right}/{} | {} | {steps} | {alarm} | {:.1} |",
            records.len(),
            named.join(", "),
            seconds / records.len().max(1) as f64
        );
    }
    out
}
