//! Files that are there whole or not at all.
//!
//! The bytes go to a temporary file beside the target, reach the disk, and are
//! renamed into place; then the folder's entry reaches the disk too. In the system's
//! temporary folder nothing waits for the disk.

use super::error::FolderError;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// How the names of files begin that are not whole yet.
const UNFINISHED: &str = ".writing-";

/// Replaces the file at `path` by `bytes`, whole or not at all.
///
/// # Errors
/// What the system refused; the old file is then unchanged.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    write_with(path, |file| file.write_all(bytes).map_err(FolderError::io("write", path)))
}

/// The same of a file that `work` writes piece by piece.
///
/// # Errors
/// What the system refused, and the errors of `work`; the old file is then unchanged.
pub fn write_with<E: From<FolderError>>(
    path: &Path,
    work: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let mut file = beside(path)?;
    work(file.as_file_mut())?;
    readable_by_all(file.as_file());
    if is_lasting(path) {
        file.as_file().sync_all().map_err(FolderError::io("write", path))?;
    }
    file.persist(path).map_err(|e| FolderError::io("write", path)(e.error))?;
    if is_lasting(path) {
        sync_folder(folder_of(path));
    }
    Ok(())
}

/// As [`write()`], for what can be made anew, such as a picture: readers see it whole or
/// not at all, but nobody waits for the disk.
///
/// # Errors
/// As [`write()`].
pub fn write_again(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let mut file = beside(path)?;
    file.write_all(bytes).map_err(FolderError::io("write", path))?;
    readable_by_all(file.as_file());
    file.persist(path).map_err(|e| FolderError::io("write", path)(e.error))?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An empty temporary file beside `path`.
fn beside(path: &Path) -> Result<NamedTempFile, FolderError> {
    let folder = folder_of(path);
    let made = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder);
    made.map_err(|error| {
        // The name of the temporary file says nothing to anyone.
        let error = match folder.is_dir() {
            true => error.kind().into(),
            false => {
                let what = format!("there is no folder {}", folder.display());
                std::io::Error::new(error.kind(), what)
            }
        };
        FolderError::io("write", path)(error)
    })
}

/// Whether a file is to outlive a crash of the machine. What lies in the system's
/// temporary folder does not, so that nothing there waits for the disk: hundreds of
/// short trials would wait longer than they train.
pub(super) fn is_lasting(path: &Path) -> bool {
    !path.starts_with(std::env::temp_dir())
}

/// Removes what a crash left of files that were being written into `folder`. What
/// cannot be removed is in nobody's way.
pub fn clear(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Temporary files are made for their owner alone; a run folder is not secret.
#[cfg(unix)]
fn readable_by_all(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    // Where a file system has no permissions, the file is as good without them.
    let _ = file.set_permissions(std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn readable_by_all(_: &File) {}

/// Makes a rename durable where the system can; elsewhere it is at least atomic.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.json");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_what_is_temporary_need_not_last() {
        assert!(!is_lasting(&std::env::temp_dir().join("trial/summary.json")));
        assert!(is_lasting(Path::new("runs/run-1/summary.json")));
    }

    #[test]
    fn an_error_names_the_file() {
        let path = Path::new("no-such-folder/summary.json");
        let text = write(path, b"").unwrap_err().to_string();
        assert_eq!(
            text,
            "no-such-folder/summary.json: cannot write: there is no folder no-such-folder"
        );
    }
}
