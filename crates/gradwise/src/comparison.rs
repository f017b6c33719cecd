//! A study as text: its table, and what its verdicts rest on.

use gradwise_train::folder::event::Severity;
use gradwise_trials::verdict::{self, Verdict};
use gradwise_trials::{Report, VariantReport};
use gradwise_view::run::called;
use gradwise_view::terminal::{self, Table, duration, significant};
use std::time::Duration;

/// Seconds in words.
pub fn seconds(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// A probability, to what anyone can use of it.
pub fn p_value(p: f64) -> String {
    if p < 0.0001 { "<0.0001".into() } else { format!("{p:.4}") }
}

/// The table and what it rests on.
pub fn text(report: &Report) -> String {
    let (header, rows) = table(report);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(&header);
    rows.into_iter().for_each(|row| table.row(row));
    format!("{}\n{}{}\n", table.fit(terminal::width()), basis(report), report.folder.display())
}

/// A row for each variant, below a header.
pub fn table(report: &Report) -> (Vec<String>, Vec<Vec<String>>) {
    let metric = called(&report.metric.name);
    let tested = report.variants.iter().any(|v| v.test.is_some());
    let judged = report.variants.iter().any(|v| !v.health.is_empty());
    let mut header = vec!["variant", metric, "±", "95 % interval"];
    header.extend(tested.then_some("test"));
    header.extend(["time", "verdict", "difference", "p"]);
    header.extend(judged.then_some("health"));
    let best = best(report);
    let row = |variant: &VariantReport| {
        let star = if best.contains(&variant.name.as_str()) { " *" } else { "" };
        let mut cells = vec![format!("{}{star}", variant.name)];
        cells.extend(numbers(variant));
        if tested {
            cells.push(variant.test.map_or("–".into(), |t| significant(t.mean)));
        }
        cells.push(variant.seconds.map_or("–".into(), |s| seconds(s.mean)));
        cells.extend(beside(variant));
        if judged {
            cells.push(health(variant));
        }
        cells
    };
    let header = header.into_iter().map(String::from).collect();
    (header, report.variants.iter().map(row).collect())
}

/// The variants of the best mean: none of equals is better for standing first. Sums of
/// the same numbers in another order differ by less than is looked at.
fn best(report: &Report) -> Vec<&str> {
    let named = |v: &&VariantReport| report.best.as_ref() == Some(&v.name);
    let Some(best) = report.variants.iter().find(named) else { return Vec::new() };
    let equal = |v: &&VariantReport| match (v.validation, best.validation) {
        (Some(a), Some(b)) => {
            v.diverged == best.diverged && (a.mean - b.mean).abs() <= 1e-12 * b.mean.abs()
        }
        _ => v.name == best.name,
    };
    report.variants.iter().filter(equal).map(|v| v.name.as_str()).collect()
}

/// Mean, standard deviation and interval.
fn numbers(variant: &VariantReport) -> [String; 3] {
    let Some(spread) = variant.validation else { return ["–", "–", "–"].map(String::from) };
    let interval = spread.low.zip(spread.high);
    let interval =
        interval.map(|(low, high)| format!("{} to {}", significant(low), significant(high)));
    let std = spread.std.map_or("–".into(), significant);
    [significant(spread.mean), std, interval.unwrap_or("–".into())]
}

/// Verdict, difference and p-value.
fn beside(variant: &VariantReport) -> [String; 3] {
    let mut verdict = variant.verdict.words().to_string();
    if variant.diverged > 0 {
        verdict += &format!(" ({} of {} diverged)", variant.diverged, variant.runs.len());
    }
    let difference = variant.difference.map(|d| {
        let sign = if d.mean > 0.0 { "+" } else { "" };
        format!("{sign}{} ({} to {})", significant(d.mean), significant(d.low), significant(d.high))
    });
    let p = variant.p_corrected.map(p_value);
    [verdict, difference.unwrap_or("–".into()), p.unwrap_or("–".into())]
}

/// The judge's verdicts and what stands behind them: `broken 3×: lr-too-high 3×`.
fn health(variant: &VariantReport) -> String {
    let times = |(what, runs): (&str, usize)| match runs == variant.runs.len() {
        true => what.to_string(),
        false => format!("{what} {runs}×"),
    };
    let verdicts: Vec<String> =
        variant.health.iter().map(|(verdict, runs)| times((verdict, *runs))).collect();
    let found = variant.findings.iter().filter(|f| f.severity > Severity::Info);
    let found: Vec<String> = found.map(|f| times((&f.id, f.runs))).collect();
    match (verdicts.is_empty(), found.is_empty()) {
        (true, _) => "–".into(),
        (_, true) => verdicts.join(", "),
        _ => format!("{}: {}", verdicts.join(", "), found.join(", ")),
    }
}

/// What the verdicts rest on, in words, a line each.
pub fn basis(report: &Report) -> String {
    let over = over(report);
    let mut text = String::new();
    match best(report).as_slice() {
        [] => {}
        [best] => text += &format!("* the best mean: {best}\n"),
        all if all.len() == report.variants.len() => text += "* all means are equal\n",
        some => text += &format!("* the best mean, equal: {}\n", some.join(" and ")),
    }
    let judged = |v: &VariantReport| !matches!(v.verdict, Verdict::Reference | Verdict::Untested);
    match &report.reference {
        Some(name) if report.variants.iter().any(judged) => {
            let test = match report.over.as_str() {
                "folds" => "corrected resampled t-tests",
                _ => "paired t-tests",
            };
            let level = verdict::LEVEL;
            text += &format!(
                "verdicts beside {name}: {test} over {over}, at {level}, p by Holm's correction\n"
            );
        }
        _ if report.repeats < 2 => text += "one run each proves no difference: take more --seeds\n",
        _ => {}
    }
    text
}

/// `3 seeds` or `5 folds`.
fn over(report: &Report) -> String {
    match (report.over.as_str(), report.repeats) {
        ("seeds", 1) => "1 seed".into(),
        (over, count) => format!("{count} {over}"),
    }
}
