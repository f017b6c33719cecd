//! `gradwise predict`: what a trained model says about rows.

use super::options;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_train::model::{Format, Predictions};
use std::path::PathBuf;

/// Says what a trained model says about the rows of a file: classes by name with
/// their probabilities, or numbers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise predict runs/iris-1 flowers.csv\n  \
    gradwise predict runs/iris-1 flowers.csv -o answers.jsonl\n  \
    gradwise predict runs/iris-1 flowers.csv -o answers.parquet")]
pub struct Predict {
    /// The run folder.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// The rows; a target column is not needed.
    #[arg(value_name = "DATA")]
    data: String,
    /// The file to write, by its ending .csv, .jsonl or .parquet [default: CSV on standard
    /// output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How many threads compute.
    #[arg(long, value_name = "N", value_parser = options::threads)]
    threads: Option<usize>,
    /// Prints one JSON document, an array with an object for each row.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl Predict {
    /// Predicts.
    pub fn run(self) -> Result<(), Failure> {
        if let Some(file) = &self.output {
            let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
            let known: Result<Format, String> = ending.parse();
            known.map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
        }
        let predictions = options::trained(&self.folder, self.threads)?.predict(&self.data)?;
        match &self.output {
            Some(file) => {
                predictions.save(file)?;
                output::say(&format!("wrote {} rows to {}", predictions.rows, file.display()));
                Ok(())
            }
            None if self.json => {
                let lines = written(&predictions, Format::JsonLines)?;
                let objects: Vec<&str> = lines.lines().collect();
                output::print(&format!("[\n{}\n]\n", objects.join(",\n")))
            }
            None => output::print(&written(&predictions, Format::Csv)?),
        }
    }
}

fn written(predictions: &Predictions, format: Format) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    predictions.write(&mut bytes, format).map_err(|e| Failure::work(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Failure::work(e.to_string()))
}
