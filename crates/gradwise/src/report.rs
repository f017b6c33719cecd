//! The tables and documents that tell how a model does.

use gradwise_train::folder::event::Reason;
use gradwise_train::folder::summary::Summary;
use gradwise_train::metrics::Report;
use gradwise_train::run::Outcome;
use gradwise_view::run::{CLASS_COLUMNS, called, class_row, ordered, scores};
use gradwise_view::terminal::{Table, count, duration, significant};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// Classes that a table of their scores is printed for, at most.
const CLASSES: usize = 40;

/// What `train --json` prints.
#[derive(Debug, Serialize)]
pub struct RunReport<'a> {
    /// The run folder.
    pub folder: &'a Path,
    /// What its summary says.
    #[serde(flatten)]
    pub summary: &'a Summary,
}

/// The final table of a training.
pub fn summary(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let (header, rows) = scores(summary);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(&header);
    rows.into_iter().for_each(|row| table.row(row));
    format!("{}\n{}\n{}\n", table.draw(), ending(summary), outcome.folder.display())
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
    let epochs = summary.epochs;
    if summary.reason == Reason::Done && summary.timings.rows_per_second == 0.0 && epochs > 0 {
        return format!(
            "all {epochs} epochs were done before: nothing was left to do; --set \
             train.epochs={} would go on",
            2 * epochs
        );
    }
    let time = Duration::try_from_secs_f64(summary.timings.training).unwrap_or_default();
    let rows = count(summary.timings.rows_per_second);
    let best = match summary.best_epoch {
        best if best == summary.epochs => String::new(),
        best => format!("; the weights are those of epoch {best}"),
    };
    let epochs = if epochs == 1 { "1 epoch".into() } else { format!("{epochs} epochs") };
    format!("{epochs} in {} ({rows} rows/s), {why}{best}", duration(time))
}

/// The tables of an evaluation.
pub fn evaluation(report: &Report) -> String {
    let mut table = Table::new(&[]);
    table.row(["rows".to_string(), report.rows.to_string()]);
    for name in ordered(std::iter::once(&report.measures)) {
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
    let mut table = Table::new(&CLASS_COLUMNS);
    report.classes.iter().for_each(|class| table.row(class_row(class)));
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
