//! What can go wrong with a run folder: the file, what was done, the cause.

use std::io;
use std::path::{Path, PathBuf};

/// A run folder that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refused.
    #[error("{}: cannot {doing}: {source}{}", path.display(), remedy(source))]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

impl FolderError {
    /// Wraps an error of the system.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
        let path = path.to_path_buf();
        move |source| FolderError::Io { doing, path, source }
    }

    /// An error about a file's content.
    pub(crate) fn content(path: &Path, reason: impl Into<String>) -> FolderError {
        FolderError::Content { path: path.to_path_buf(), reason: reason.into() }
    }
}

/// What to do about it, where that is plain.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room on the disk and do it again (a training goes on with --resume)"
        }
        io::ErrorKind::PermissionDenied => "; choose another place",
        _ => "",
    }
}
