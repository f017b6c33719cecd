//! How a command ends that did not succeed: one message and an exit status.

use gradwise_bench::MeasureError;
use gradwise_data::DataError;
use gradwise_graph::GraphError;
use gradwise_health::doctor::HealthError;
use gradwise_nn::BuildError;
use gradwise_train::folder::error::FolderError;
use gradwise_train::run::TrainError;
use gradwise_train::runfile::RunFileError;
use gradwise_trials::StudyError;
use gradwise_view::paint::PngError;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// Something is wrong: what, where and what would be right.
    Message {
        /// The message, possibly of several lines.
        text: String,
        /// The exit status.
        status: u8,
    },
    /// Whoever read our output has enough, as `head` does: no failure of ours.
    Closed,
    /// The work is done, and its result is told by this exit status: `check` and
    /// `doctor` end with 3 for errors and 4 for warnings.
    Found(u8),
    /// The user stopped the work, and has been told how to go on.
    Stopped,
}

impl Failure {
    /// A mistake of the user: exit status 2.
    pub fn usage(text: impl Into<String>) -> Self {
        Failure::Message { text: text.into(), status: 2 }
    }

    /// Work that failed: exit status 1.
    pub fn work(text: impl Into<String>) -> Self {
        Failure::Message { text: text.into(), status: 1 }
    }

    /// Tells the user, and what the process ends with.
    pub fn report(self) -> ExitCode {
        match self {
            Failure::Closed => ExitCode::SUCCESS,
            Failure::Found(status) => ExitCode::from(status),
            Failure::Stopped => ExitCode::from(130),
            Failure::Message { text, status } => {
                let error = if gradwise_view::terminal::is_live() {
                    "\u{1b}[1;31merror\u{1b}[0m"
                } else {
                    "error"
                };
                // Where even this cannot be written, the status has to do.
                let _ = writeln!(io::stderr(), "{error}: {}", harmless(&text));
                ExitCode::from(status)
            }
        }
    }
}

/// Text without control characters but for line ends: a message may quote a file.
fn harmless(text: &str) -> String {
    let kept = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.replace('\t', "    ").chars().map(kept).collect()
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        Failure::Message { text: error.to_string(), status: error.exit_status() }
    }
}

/// Errors that training knows too, with the status it gives them.
macro_rules! through_training {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                TrainError::from(error).into()
            }
        })*
    };
}

through_training!(RunFileError, DataError, BuildError, GraphError, FolderError);

impl From<HealthError> for Failure {
    fn from(error: HealthError) -> Self {
        match error {
            HealthError::Folder(error) => error.into(),
            HealthError::RunFile(error) => error.into(),
            HealthError::Data(error) => error.into(),
            HealthError::Train(error) => error.into(),
            HealthError::Study(error) => error.into(),
            error => Failure::work(error.to_string()),
        }
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        Failure::Message { text: error.to_string(), status: error.exit_status() }
    }
}

impl From<MeasureError> for Failure {
    fn from(error: MeasureError) -> Self {
        Failure::work(error.to_string())
    }
}

impl From<PngError> for Failure {
    fn from(error: PngError) -> Self {
        Failure::work(error.to_string())
    }
}
