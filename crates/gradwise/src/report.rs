//! The tables and documents that tell how a model does.

use gradwise_train::folder::event::{Measures, Reason};
use gradwise_train::folder::summary::Summary;
use gradwise_train::metrics::Report;
use gradwise_train::run::Outcome;
use gradwise_view::run::called;
use gradwise_view::terminal::{Table, count, duration, significant};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// Classes that a table of their scores is printed for, at most.
const CLASSES: usize = 40;

/// What `train --json` prints.
#[derive(Debug, Serialize)]
pub struct RunReport<'a> {
    folder: &'a Path,
    #[serde(flatten)]
    summary: &'a Summary,
}

impl<'a> RunReport<'a> {
    /// The summary with its folder.
    pub fn new(outcome: &'a Outcome) -> Self {
        RunReport { folder: &outcome.folder, summary: &outcome.summary }
    }
}

/// The final table of a training.
pub fn summary(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let sets = [
        ("training", &summary.train),
        ("validation", &summary.validation),
        ("test", &summary.test),
    ];
    let sets: Vec<(&str, &Measures)> = sets.into_iter().filter(|(_, m)| !m.is_empty()).collect();
    let header: Vec<&str> = std::iter::once("").chain(sets.iter().map(|(name, _)| *name)).collect();
    let mut table = Table::new(&header);
    for name in names(sets.iter().map(|(_, measures)| *measures)) {
        let value =
            |(_, m): &(&str, &Measures)| m.get(name).map_or("–".into(), |v| significant(v.0));
        let cells = std::iter::once(called(name).to_string()).chain(sets.iter().map(value));
        table.row(cells);
    }
    format!("{}\n{}\n{}\n", table.draw(), ending(summary), outcome.folder.display())
}

/// The names of measures, the loss first.
fn names<'m>(sets: impl Iterator<Item = &'m Measures>) -> Vec<&'m str> {
    let mut names: Vec<&str> = sets.flat_map(|m| m.keys().map(String::as_str)).collect();
    names.sort_by_key(|name| (rank(name), *name));
    names.dedup();
    names
}

/// What a reader looks for first.
fn rank(name: &str) -> usize {
    let first = ["loss", "accuracy", "rmse", "mae", "r2", "auc"];
    first.iter().position(|n| *n == name).unwrap_or(first.len())
}

fn ending(summary: &Summary) -> String {
    let why = match summary.reason {
        Reason::Done => "all epochs done",
        Reason::EarlyStop => "stopped early, as the validation loss no longer fell",
        Reason::OutOfTime => "out of time",
        Reason::Converged => "converged",
        Reason::Interrupted => "interrupted",
        Reason::Nonfinite => "a number was not finite",
        Reason::Finding => "stopped by a finding",
        Reason::Other => "ended for a reason that this version does not know",
    };
    let time = Duration::try_from_secs_f64(summary.timings.training).unwrap_or_default();
    let rows = count(summary.timings.rows_per_second);
    let best = match summary.best_epoch {
        best if best == summary.epochs => String::new(),
        best => format!("; the weights are those of epoch {best}"),
    };
    format!("{} epochs in {} ({rows} rows/s), {why}{best}", summary.epochs, duration(time))
}

/// The tables of an evaluation.
pub fn evaluation(report: &Report) -> String {
    let mut table = Table::new(&[]);
    table.row(["rows".to_string(), report.rows.to_string()]);
    for name in names(std::iter::once(&report.measures)) {
        let value = report.measures.get(name).map_or(f64::NAN, |value| value.0);
        table.row([called(name).to_string(), significant(value)]);
    }
    let mut text = table.draw();
    if !report.classes.is_empty() && report.classes.len() <= CLASSES {
        text += "\n";
        text += &classes(report);
    }
    match &report.confusion {
        Some(_) if report.classes.len() <= 20 => text + "\n" + &confusion(report),
        _ => text,
    }
}

fn classes(report: &Report) -> String {
    let mut table = Table::new(&["class", "precision", "recall", "F1", "AUC", "rows"]);
    for class in &report.classes {
        let scores = [Some(class.precision), Some(class.recall), Some(class.f1), class.auc];
        let scores = scores.map(|x| x.map_or("–".into(), |x| format!("{x:.4}")));
        let cells = std::iter::once(class.name.clone()).chain(scores);
        table.row(cells.chain([class.support.to_string()]));
    }
    table.draw()
}

/// True classes down, predicted ones across.
fn confusion(report: &Report) -> String {
    let Some(confusion) = &report.confusion else { return String::new() };
    let short = |name: &str| name.chars().take(10).collect::<String>();
    let names: Vec<String> = report.classes.iter().map(|class| short(&class.name)).collect();
    let mut header = vec!["true \\ predicted"];
    header.extend(names.iter().map(String::as_str));
    let mut table = Table::new(&header);
    for (name, counts) in names.iter().zip(&confusion.counts) {
        let counts = counts.iter().map(|n| if *n == 0 { "–".into() } else { n.to_string() });
        table.row(std::iter::once(name.clone()).chain(counts));
    }
    table.draw()
}
