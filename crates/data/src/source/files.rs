//! A folder or a tar archive as named bytes: data sets come as either.

#[cfg(feature = "archive")]
use super::bytes::{self, unpack_error};
use crate::error::DataError;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders are looked into this deep: a split, a class, an image.
const DEPTH: usize = 4;

/// The files of a folder or an archive, sorted by name.
pub(crate) struct Files {
    /// What messages call it.
    pub name: String,
    entries: Vec<Entry>,
}

/// One file.
pub(crate) struct Entry {
    /// Its path inside, with `/` between folders.
    pub path: String,
    content: Content,
}

enum Content {
    OnDisk(PathBuf),
    #[cfg_attr(not(feature = "archive"), expect(dead_code))]
    Unpacked(Vec<u8>),
}

impl Files {
    /// Of a folder and the folders in it.
    pub fn of_folder(folder: &Path) -> Result<Self, DataError> {
        let mut entries = Vec::new();
        walk(folder, "", DEPTH, &mut entries)?;
        Ok(Self::sorted(folder.display().to_string(), entries))
    }

    /// Of a single file.
    pub fn of_file(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let entry = Entry { path: name, content: Content::OnDisk(path.into()) };
        Files { name: path.display().to_string(), entries: vec![entry] }
    }

    /// Of a tar archive, plain, gzipped or by xz.
    #[cfg(feature = "archive")]
    pub fn of_archive(path: &Path) -> Result<Self, DataError> {
        let input = bytes::open(path)?.unpack_xz()?;
        let mut entries = Vec::new();
        let mut archive = tar::Archive::new(input.bytes);
        let wrap = |e| unpack_error(&input.name, e);
        for entry in archive.entries().map_err(wrap)? {
            let mut entry = entry.map_err(wrap)?;
            if entry.header().entry_type().is_file() {
                let path = entry.path().map_err(wrap)?.to_string_lossy().replace('\\', "/");
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(wrap)?;
                entries.push(Entry { path, content: Content::Unpacked(bytes) });
            }
        }
        if entries.is_empty() {
            return Err(DataError::format(&input.name, "the archive holds no files"));
        }
        Ok(Self::sorted(input.name, entries))
    }

    /// Of a tar archive: this build cannot.
    #[cfg(not(feature = "archive"))]
    pub fn of_archive(path: &Path) -> Result<Self, DataError> {
        let reason = "this build reads no archives (feature `archive`); unpack it first";
        Err(DataError::format(&path.display().to_string(), reason))
    }

    /// Leading folders that all files share are left out of their paths.
    fn sorted(name: String, mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        while let Some(first) = entries.first().and_then(|e| e.path.split_once('/')) {
            let prefix = format!("{}/", first.0);
            // A class folder is no wrapping, so one that holds the files stays.
            let wraps = entries.iter().all(|e| {
                e.path
                    .strip_prefix(&prefix)
                    .is_some_and(|rest| rest.contains('/') || is_binary(rest))
            });
            if !wraps {
                break;
            }
            entries.iter_mut().for_each(|e| e.path = e.path.split_off(prefix.len()));
        }
        Files { name, entries }
    }

    /// All of them.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file of that path, if there is one.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.path == path)
    }
}

/// CIFAR's files lie in a folder of their own.
fn is_binary(name: &str) -> bool {
    name.ends_with(".bin") || name.ends_with(".txt") || name.ends_with(".html")
}

impl Entry {
    /// Its size.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::OnDisk(path) => fs::metadata(path).map_or(0, |m| m.len()),
            Content::Unpacked(bytes) => bytes.len() as u64,
        }
    }

    /// Adds its bytes to `to`.
    pub fn append(&self, to: &mut Vec<u8>) -> Result<(), DataError> {
        match &self.content {
            Content::Unpacked(bytes) => to.extend_from_slice(bytes),
            Content::OnDisk(path) => {
                let read = File::open(path).and_then(|mut file| file.read_to_end(to));
                read.map_err(|e| DataError::io(&path.display().to_string(), e))?;
            }
        }
        Ok(())
    }

    /// Its bytes.
    pub fn read(&self) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        self.append(&mut bytes)?;
        Ok(bytes)
    }
}

fn walk(folder: &Path, prefix: &str, depth: usize, to: &mut Vec<Entry>) -> Result<(), DataError> {
    let wrap = |e| DataError::io(&folder.display().to_string(), e);
    for entry in fs::read_dir(folder).map_err(wrap)? {
        let entry = entry.map_err(wrap)?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_file() {
            to.push(Entry { path: name, content: Content::OnDisk(path) });
        } else if depth > 1 && path.is_dir() {
            walk(&path, &format!("{name}/"), depth - 1, to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<String> {
        let entry =
            |name: &&str| Entry { path: name.to_string(), content: Content::Unpacked(Vec::new()) };
        let files = Files::sorted("f".into(), names.iter().map(entry).collect());
        files.entries.into_iter().map(|e| e.path).collect()
    }

    #[test]
    fn wrapping_folders_are_left_out() {
        assert_eq!(paths(&["set/b/1.png", "set/a/1.png"]), ["a/1.png", "b/1.png"]);
        assert_eq!(paths(&["a/1.png", "a/2.png"]), ["a/1.png", "a/2.png"]);
        assert_eq!(paths(&["cifar/test.bin", "cifar/train.bin"]), ["test.bin", "train.bin"]);
    }
}
