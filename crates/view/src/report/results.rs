//! How good the model is: its measures on every part of the data.

use super::Report;
use crate::page::{paragraph, table};
use crate::run::scores;

/// A column for each part of the data, and what the weights are.
pub(super) fn body(report: &Report<'_>) -> Option<String> {
    let summary = report.summary?;
    let (header, rows) = scores(summary);
    let weights = match summary.best_epoch {
        best if best == summary.epochs => "the weights are those of the last epoch".to_string(),
        best => format!("the weights are those of epoch {best}"),
    };
    let epochs = summary.epochs;
    let text = format!(
        "{epochs} epochs, {} steps; {weights}. Training measures are means over the last epoch, \
         made while learning.",
        summary.steps
    );
    Some(table("", &header, &rows) + &paragraph(&text))
}
