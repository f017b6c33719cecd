//! `gradwise evaluate`: how good a trained model is.

use super::options;
use crate::failure::Failure;
use crate::{output, page, pictures, report};
use clap::Args;
use gradwise_train::metrics::Report;
use gradwise_train::model::Part;
use serde::Serialize;
use std::path::PathBuf;

/// Tells how good a trained model is: loss, accuracy, scores of each class, the
/// confusion matrix, calibration; of a regression its errors.
///
/// On the run's own rows it writes report.html in the run folder anew.
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
    /// Writes pictures there, as SVG and PNG: confusion matrix, calibration and ROC
    /// curves; of a regression predictions over the truth; of images those with the
    /// highest loss.
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
        let evaluation = trained.evaluate(self.data.as_deref())?;
        options::say_unseen(&trained);
        let (rows_of, report) = (evaluation.part.name(), &evaluation.report);
        let what = self.data.clone().unwrap_or_else(|| format!("{rows_of} rows"));
        if evaluation.part == Part::Training {
            output::say("warning: these are the rows that the model was trained on");
        }
        if let Some(folder) = &self.pictures {
            std::fs::create_dir_all(folder)
                .map_err(|e| Failure::work(format!("{}: {e}", folder.display())))?;
            let title = format!("{}: {what}", self.folder.display());
            pictures::of_evaluation(folder, &title, &evaluation)
                .map_err(|e| Failure::work(e.to_string()))?;
        }
        if self.data.is_none() {
            let written = page::of_evaluation(&self.folder, &evaluation)
                .and_then(|()| pictures::of_folder(&self.folder, Some(&evaluation)));
            if let Err(error) = written {
                output::say(&format!("warning: report and pictures could not be written: {error}"));
            }
        }
        if self.json {
            return output::json(&Document { rows_of, report });
        }
        output::print(&format!("{what}\n{}", report::evaluation(report)))
    }
}
