//! What can end a study, and whose fault it is.

use gradwise_train::folder::error::FolderError;
use gradwise_train::run::TrainError;
use gradwise_train::runfile::RunFileError;
use std::path::PathBuf;

/// Why a study could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// What is asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// The run file or a varied setting is wrong.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// A run cannot start or go on.
    #[error("{variant}: {error}")]
    Run {
        /// The variant that it is of.
        variant: String,
        /// What is wrong.
        error: TrainError,
    },
    /// A file of the study cannot be written or read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A run folder in the study's is of other settings.
    #[error(
        "{}: a run is there with {key} = {stored}, not {wanted}\n  \
         help: choose another folder with --out",
        folder.display()
    )]
    OtherRun {
        /// The run folder.
        folder: PathBuf,
        /// The key that differs.
        key: &'static str,
        /// Its value in the run that is wanted.
        wanted: String,
        /// Its value in the run that is there.
        stored: String,
    },
    /// A thread of the program died.
    #[error("a thread that trained died: this is a mistake of the program")]
    Thread,
}

impl StudyError {
    /// The exit status of a program that ends with it: 2 if the command line, the run
    /// file or the data are wrong, 1 if the work failed.
    pub fn exit_status(&self) -> u8 {
        match self {
            StudyError::Usage(_) | StudyError::RunFile(_) | StudyError::OtherRun { .. } => 2,
            StudyError::Run { error, .. } => error.exit_status(),
            StudyError::Folder(FolderError::Content { .. }) => 2,
            StudyError::Folder(_) | StudyError::Thread => 1,
        }
    }
}
