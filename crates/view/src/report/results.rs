//! How good the model is: its measures on every part of the data.

use super::Report;
use crate::findings::several;
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
    let epochs = several(summary.epochs, "epoch");
    let text = format!(
        "{epochs}, {}; {weights}. Training measures are means over the last epoch, \
         made while learning.",
        several(summary.steps, "step")
    );
    Some(table("", &header, &rows) + &paragraph(&text))
}
