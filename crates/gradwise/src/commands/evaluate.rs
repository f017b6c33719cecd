//! `gradwise evaluate`: how good a trained model is.

use super::options;
use crate::failure::Failure;
use crate::{output, pictures, report};
use clap::Args;
use gradwise_train::metrics::Report;
use gradwise_train::model::trained::Part;
use serde::Serialize;
use std::path::PathBuf;

/// Tells how good a trained model is: loss, accuracy, scores of each class, the
/// confusion matrix, calibration; of a regression its errors.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise evaluate runs/digits-1\n  \
    gradwise evaluate runs/adult-1 adult-test.csv --json")]
pub struct Evaluate {
    /// The run folder.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// A file with answers [default: the test rows of the run, or its validation rows].
    #[arg(value_name = "DATA")]
    data: Option<String>,
    /// Writes the confusion matrix and the calibration curve, as SVG and PNG, there.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// How many threads compute.
    #[arg(long, value_name = "N", value_parser = options::threads)]
    threads: Option<usize>,
    /// Prints one JSON document instead of tables.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Document<'a> {
    /// Which rows: file, test, validation or training.
    rows_of: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

impl Evaluate {
    /// Evaluates.
    pub fn run(self) -> Result<(), Failure> {
        let mut trained = options::trained(&self.folder, self.threads)?;
        let (part, report) = trained.evaluate(self.data.as_deref())?;
        let rows_of = match part {
            Part::File => "file",
            Part::Test => "test",
            Part::Validation => "validation",
            Part::Training => "training",
        };
        let what = self.data.clone().unwrap_or_else(|| format!("{rows_of} rows"));
        if part == Part::Training {
            output::say("warning: these are the rows that the model was trained on");
        }
        if let Some(folder) = &self.pictures {
            std::fs::create_dir_all(folder)
                .map_err(|e| Failure::work(format!("{}: {e}", folder.display())))?;
            let title = format!("{}: {what}", self.folder.display());
            pictures::of_report(folder, &title, &report)
                .map_err(|e| Failure::work(e.to_string()))?;
        }
        if self.json {
            return output::json(&Document { rows_of, report: &report });
        }
        output::print(&format!("{what}\n{}", report::evaluation(&report)))
    }
}
