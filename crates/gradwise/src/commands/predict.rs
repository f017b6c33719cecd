//! `gradwise predict`: what a trained model says about rows.

use super::options;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_train::model::Format;
use std::path::{Path, PathBuf};

/// Says what a trained model says about the rows of a file: classes by name with
/// their probabilities, or numbers.
///
/// Answers are in the order of the rows; those of a folder of images in the order of their
/// paths, compared byte by byte.
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
    /// Predicts, piece by piece: a file of answers may be larger than memory.
    pub fn run(self) -> Result<(), Failure> {
        if let Some(file) = &self.output {
            return self.save(file);
        }
        let mut trained = options::trained(&self.folder, self.threads)?;
        let (mut bytes, mut pieces) = (Vec::new(), 0);
        let format = if self.json { Format::JsonLines } else { Format::Csv };
        if self.json {
            output::print("[\n")?;
        }
        trained.predict_each(&self.data, &mut |piece| {
            bytes.clear();
            piece.write(&mut bytes, format).map_err(|e| Failure::work(e.to_string()))?;
            let text = std::str::from_utf8(&bytes).map_err(|e| Failure::work(e.to_string()))?;
            let start = pieces == 0;
            pieces += 1;
            if self.json {
                let objects: Vec<&str> = text.lines().collect();
                let between = if start { "" } else { ",\n" };
                return output::print(&format!("{between}{}", objects.join(",\n")));
            }
            let header = text.split_inclusive('\n').next().map_or(0, str::len);
            output::print(if start { text } else { &text[header..] })
        })?;
        options::say_unseen(&trained);
        if self.json { output::print("\n]\n") } else { Ok(()) }
    }

    fn save(&self, file: &Path) -> Result<(), Failure> {
        let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let known: Result<Format, String> = ending.parse();
        known.map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
        let mut trained = options::trained(&self.folder, self.threads)?;
        let rows = trained.save_predictions(&self.data, file)?;
        options::say_unseen(&trained);
        output::say(&format!("wrote {rows} rows to {}", file.display()));
        Ok(())
    }
}
