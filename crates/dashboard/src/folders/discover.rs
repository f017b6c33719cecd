//! Finds the run folders below the directories that the user named.
//!
//! A run folder is one with an event log. Links below a named directory are not
//! followed, so that nothing outside of it is ever shown; and a run folder's own
//! folders are not searched.

use super::own_file;
use gradwise_train::folder::writer;
use std::path::{Path, PathBuf};

/// How deep below a named directory runs are looked for: `compare` puts them two down.
const DEPTH: usize = 4;
/// Folders that are looked into, at most: somebody may name `/`.
const FOLDERS: usize = 20_000;

/// A run folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its real path.
    pub folder: PathBuf,
    /// Its path from the named directory on; of that itself, its last name.
    pub name: String,
}

/// The run folders at and below `root`, in the order of their names; none while it
/// does not exist.
pub fn find(root: &Path) -> Vec<Found> {
    let Ok(root) = root.canonicalize() else { return Vec::new() };
    let mut found = Vec::new();
    let mut left = FOLDERS;
    search(&root, &root, DEPTH, &mut left, &mut found);
    found
}

fn search(root: &Path, folder: &Path, depth: usize, left: &mut usize, found: &mut Vec<Found>) {
    if own_file::is_there(folder, writer::FILE) {
        found.push(Found { folder: folder.into(), name: name(root, folder) });
        return;
    }
    if depth == 0 {
        return;
    }
    for folder in folders_in(folder) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        search(root, &folder, depth - 1, left, found);
    }
}

/// The folders in a folder, by name, without links and hidden ones. What cannot be
/// read is passed over.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        // The type of the entry itself: that of a link is "link".
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders
}

fn name(root: &Path, folder: &Path) -> String {
    let below = folder.strip_prefix(root).unwrap_or(folder);
    let shown = if below.as_os_str().is_empty() {
        root.file_name().map_or("run".into(), |name| name.to_string_lossy())
    } else {
        below.to_string_lossy()
    };
    shown.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(root: &Path, name: &str) {
        std::fs::create_dir_all(root.join(name)).unwrap();
        std::fs::write(root.join(name).join(writer::FILE), "").unwrap();
    }

    fn names(root: &Path) -> Vec<String> {
        find(root).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn runs_are_found_at_and_below_a_folder() {
        let root = tempfile::tempdir().unwrap();
        assert!(names(root.path()).is_empty() && names(Path::new("no-such-folder")).is_empty());
        make(root.path(), "b");
        make(root.path(), "study/a/seed-0");
        make(root.path(), "b/checkpoints");
        make(root.path(), ".hidden");
        make(root.path(), "1/2/3/4/5");
        assert_eq!(names(root.path()), ["b", "study/a/seed-0"]);
        assert_eq!(names(&root.path().join("b")), ["b"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        make(outside.path(), "secret");
        symlink(outside.path().join("secret"), root.path().join("run")).unwrap();
        std::fs::create_dir(root.path().join("other")).unwrap();
        let log = outside.path().join("secret").join(writer::FILE);
        symlink(log, root.path().join("other").join(writer::FILE)).unwrap();
        assert!(names(root.path()).is_empty());
        // The directory that the user names may itself be a link.
        symlink(outside.path(), root.path().join("named")).unwrap();
        assert_eq!(names(&root.path().join("named")), ["secret"]);
    }
}
