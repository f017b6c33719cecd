//! Files that are really in a run folder: no links, no pipes, nothing above it.

use std::io::Read;
use std::path::Path;

/// Whether a plain file of that name is in a folder, and not elsewhere by a link.
pub fn is_there(folder: &Path, name: &str) -> bool {
    // A pipe would never answer, and a link may lead out of the folder.
    is_plain_name(name)
        && folder.join(name).symlink_metadata().is_ok_and(|file| file.is_file())
        && folder.canonicalize().is_ok_and(|real| real == folder)
}

/// The content of a plain file of a folder, if it is there and has at most `limit` bytes.
pub fn read(folder: &Path, name: &str, limit: u64) -> Option<Vec<u8>> {
    if !is_there(folder, name) {
        return None;
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(folder.join(name)).ok()?;
    file.take(limit + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limit).then_some(bytes)
}

/// Whether a name is that of an entry of a folder: no separators, not `..`.
fn is_plain_name(name: &str) -> bool {
    let odd = name.contains(['/', '\\', ':', '\0']);
    !odd && !name.is_empty() && name != "." && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folders_own_files_are_read() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let folder = root.join("run");
        std::fs::create_dir_all(folder.join("checkpoints")).unwrap();
        std::fs::write(root.join("secret.png"), "secret").unwrap();
        std::fs::write(folder.join("a.png"), "picture").unwrap();
        assert_eq!(read(&folder, "a.png", 7).unwrap(), b"picture");
        assert_eq!(read(&folder, "a.png", 6), None);
        let secret = root.join("secret.png");
        let names = ["../secret.png", "..", ".", "", "checkpoints", "checkpoints/../a.png"];
        for name in names.into_iter().chain([secret.to_str().unwrap()]) {
            assert_eq!(read(&folder, name, 100), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("run")).unwrap();
        std::fs::write(root.join("secret.png"), "secret").unwrap();
        symlink(root.join("secret.png"), root.join("run/a.png")).unwrap();
        assert_eq!(read(&root.join("run"), "a.png", 100), None);
        // A folder that became a link after it was found.
        symlink(&root, root.join("other")).unwrap();
        assert_eq!(read(&root.join("other"), "secret.png", 100), None);
        assert!(read(&root, "secret.png", 100).is_some());
    }
}
