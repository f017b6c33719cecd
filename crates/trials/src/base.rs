//! The run file that is varied.

use crate::error::StudyError;
use crate::vary::Settings;
use gradwise_train::run::place::RUN_FILE;
use gradwise_train::runfile::{Checked, parse};
use std::path::{Path, PathBuf};

/// A run file with settings put over it. The text is kept, so that all runs of a study
/// come from the same one even if the file is edited meanwhile.
#[derive(Clone, Debug)]
pub struct Base {
    /// The run file's path: paths in it are relative to it, and it names the study.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Settings put over it.
    pub sets: Settings,
}

impl Base {
    /// Reads a run file, or that of a run folder.
    ///
    /// # Errors
    /// A file that cannot be read, or a mistake in it.
    pub fn load(path: &Path, sets: Settings) -> Result<Base, StudyError> {
        let path = if path.is_dir() { path.join(RUN_FILE) } else { path.to_path_buf() };
        // The checked file gives the right message for one that cannot be read.
        gradwise_train::runfile::load(&path, &sets)?;
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        Ok(Base { path, text, sets })
    }

    /// The run file with more settings put over it.
    ///
    /// # Errors
    /// A setting that is wrong.
    pub fn with(&self, more: &[(String, String)]) -> Result<Checked, StudyError> {
        let sets: Settings = self.sets.iter().chain(more).cloned().collect();
        Ok(parse(&self.text, &self.path, &sets)?)
    }

    /// What the runs are called after: the file's stem, or the folder's name if it is
    /// the run file of a run folder.
    pub fn name(&self) -> String {
        let of_folder = self.path.file_name().is_some_and(|name| name == RUN_FILE);
        let folder = self.path.parent().filter(|_| of_folder).and_then(Path::file_name);
        let name = folder.or(self.path.file_stem());
        name.map_or("run".into(), |name| name.to_string_lossy().into_owned())
    }
}
