//! `gradwise export`: the trained model as a file for other programs.

use super::options;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_train::folder::model;
use std::path::PathBuf;

/// Writes a trained model as a file for other programs.
///
/// ONNX holds pre-processing and network, from `x`, the features, to `output`, what
/// `predict` would say; categories and missing values of a table have to be made numbers
/// before, as the file's metadata `columns` names them. Safetensors holds the arrays by
/// name, such as `dense1.weight` of [inputs, units], and in the metadata the run file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise export runs/run-1 -o model.onnx\n  \
    gradwise export runs/run-1 -o model.safetensors")]
pub struct Export {
    /// The run folder.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// The file to write, by its ending .onnx or .safetensors.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Export {
    /// Exports.
    pub fn run(self) -> Result<(), Failure> {
        let trained = options::trained(&self.folder, Some(1))?;
        let shown = self.output.display();
        let bytes = match self.output.extension().and_then(|ending| ending.to_str()) {
            Some("onnx") => trained.onnx(),
            Some("safetensors") => {
                let path = self.folder.join(model::FILE);
                let unread = |e| Failure::work(format!("{}: cannot read: {e}", path.display()));
                std::fs::read(&path).map_err(unread)?
            }
            _ => {
                let what = format!("{shown}: a model is written as .onnx or .safetensors");
                return Err(Failure::usage(what));
            }
        };
        output::write(&self.output, &bytes)?;
        output::say(&format!("wrote {} kB to {shown}", bytes.len().div_ceil(1000)));
        Ok(())
    }
}
