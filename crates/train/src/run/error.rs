//! What can end a training, and whose fault it is.

use crate::folder::error::FolderError;
use crate::folder::event::Finding;
use crate::runfile::RunFileError;
use gradwise_cpu::{CpuError, Stopped};
use gradwise_data::DataError;
use gradwise_graph::GraphError;
use gradwise_nn::BuildError;
use std::path::PathBuf;

/// Why a training could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The run file is wrong.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// The data are wrong.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network, loss or optimizer cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The graph is wrong.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The processor cannot run the graph.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// The run folder cannot be written or read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The run folder to be written is there already.
    #[error("{}: there is a run already; go on with --resume, or choose another folder with --out", .0.display())]
    FolderTaken(PathBuf),
    /// What the run file asks for does not fit the data.
    #[error("{what}\n  help: {help}")]
    Unfit {
        /// What does not fit.
        what: String,
        /// What would.
        help: String,
    },
    /// A loss or a parameter became NaN or infinite.
    #[error("{}{}", finding.message, because(finding))]
    Nonfinite {
        /// Where it began.
        finding: Box<Finding>,
        /// The run folder, if it was closed: it has all that came before.
        folder: Option<PathBuf>,
    },
    /// A thread of the program died.
    #[error("the thread that {0} died: this is a mistake of the program")]
    Thread(&'static str),
}

fn because(finding: &Finding) -> String {
    finding.because.as_ref().map_or(String::new(), |why| format!(": {why}"))
}

impl From<Stopped> for TrainError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Fed(error) => TrainError::Cpu(error),
            other => {
                let message = other.to_string();
                TrainError::nonfinite(Finding {
                    id: "nonfinite".into(),
                    message,
                    ..Finding::default()
                })
            }
        }
    }
}

impl TrainError {
    /// A number that is not finite, in a run whose folder is still open.
    pub(super) fn nonfinite(finding: Finding) -> TrainError {
        TrainError::Nonfinite { finding: Box::new(finding), folder: None }
    }

    /// The exit status of a program that ends with it: 2 if the run file, the data
    /// or the command line is wrong, 1 if the work failed.
    pub fn exit_status(&self) -> u8 {
        match self {
            // As shells say of a program that Ctrl-C ended.
            TrainError::Data(DataError::Stopped { .. }) => 130,
            TrainError::RunFile(_)
            | TrainError::Data(_)
            | TrainError::Build(_)
            | TrainError::Graph(_)
            | TrainError::FolderTaken(_)
            | TrainError::Unfit { .. }
            | TrainError::Cpu(CpuError::Isa(_)) => 2,
            TrainError::Folder(FolderError::Content { .. }) => 2,
            TrainError::Cpu(_)
            | TrainError::Folder(_)
            | TrainError::Nonfinite { .. }
            | TrainError::Thread(_) => 1,
        }
    }
}
