//! `summary.json`: how a run came out, in one document.

use super::atomic;
use super::error::FolderError;
use super::event::{Finding, Measures, Reason, VERSION};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name of the file in a run folder.
pub const FILE: &str = "summary.json";

/// How a run came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The format's version.
    pub version: u32,
    /// Why the run ended.
    pub reason: Reason,
    /// healthy, suspect or broken; none if nobody judged it yet.
    pub verdict: Option<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Steps done.
    pub steps: u64,
    /// Epochs done.
    pub epochs: u64,
    /// The epoch whose weights `model.safetensors` holds.
    pub best_epoch: u64,
    /// Means over the last epoch's steps, made while learning.
    pub train: Measures,
    /// Measures of the model on the validation rows.
    pub validation: Measures,
    /// Measures of the model on the test rows.
    pub test: Measures,
    /// Learnt parameters.
    pub parameters: u64,
    /// Where the time went.
    pub timings: Timings,
}

/// Where the time went, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    /// Reading and preparing the data.
    pub data: f64,
    /// Building the graph and its plans.
    pub plan: f64,
    /// Training, with everything that happens between steps.
    pub training: f64,
    /// Training rows per second.
    pub rows_per_second: f64,
}

impl Summary {
    /// Writes it into a run folder.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| FolderError::content(&path, e.to_string()))?;
        atomic::write(&path, format!("{text}\n").as_bytes())
    }

    /// Reads that of a run folder.
    ///
    /// # Errors
    /// A missing file, or one that is not a summary.
    pub fn read(folder: &Path) -> Result<Summary, FolderError> {
        let path = folder.join(FILE);
        let text = std::fs::read(&path).map_err(FolderError::io("read", &path))?;
        let summary: Summary = serde_json::from_slice(&text)
            .map_err(|e| FolderError::content(&path, format!("it is not a summary: {e}")))?;
        if summary.version > VERSION {
            let reason =
                format!("it has version {}; this program reads up to {VERSION}", summary.version);
            return Err(FolderError::content(&path, reason));
        }
        Ok(summary)
    }
}
