//! The pictures in a run folder, those that tell most first.

use crate::folders::own_file;
use crate::store::Source;
use serde::Serialize;
use std::collections::BTreeMap;

/// Pictures that are told of, at most.
const MOST: usize = 60;
/// A picture has at most so many bytes.
const LIMIT: u64 = 32 << 20;

/// A picture.
#[derive(Debug, PartialEq, Serialize)]
pub struct Picture {
    /// Its file.
    file: String,
    /// Its name without ending.
    title: String,
}

/// The pictures of a run. Of one that is there as SVG and PNG, the SVG is told: it
/// follows light and dark.
pub fn pictures(source: &Source) -> Vec<Picture> {
    let entries = std::fs::read_dir(&source.folder).into_iter().flatten().flatten();
    let mut best: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries {
        let Ok(file) = entry.file_name().into_string() else { continue };
        let Some((title, ending)) = file.rsplit_once('.') else { continue };
        let known = mime(&file).is_some() && file != REPORT && !file.starts_with('.');
        if known && own_file::is_there(&source.folder, &file) {
            let better = ending.eq_ignore_ascii_case("svg") || !best.contains_key(title);
            if better {
                best.insert(title.to_string(), file.clone());
            }
        }
    }
    let mut pictures: Vec<Picture> =
        best.into_iter().map(|(title, file)| Picture { file, title }).collect();
    pictures.sort_by_key(|picture| rank(&picture.title));
    pictures.truncate(MOST);
    pictures
}

/// The worst images come first, curves last: the page draws those itself.
fn rank(title: &str) -> u8 {
    match title {
        t if t.contains("worst") => 0,
        t if t.contains("confusion") => 1,
        t if t.contains("curves") => 3,
        _ => 2,
    }
}

/// A picture's type and bytes, if the run has one of that name.
pub fn picture(source: &Source, file: &str) -> Option<(&'static str, Vec<u8>)> {
    Some((mime(file)?, own_file::read(&source.folder, file, LIMIT)?))
}

/// The report of a run: the one page that is sent besides pictures.
pub const REPORT: &str = "report.html";

/// The type of a picture, by its ending; nothing else but the report is ever sent.
fn mime(file: &str) -> Option<&'static str> {
    if file == REPORT {
        return Some("text/html; charset=utf-8");
    }
    match file.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folders::discover::Found;

    #[test]
    fn the_worst_come_first_and_only_pictures_are_told_of() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        let files =
            ["curves.svg", "curves.png", "worst.png", "a.png", "model.safetensors", ".x.png"];
        for file in files {
            std::fs::write(folder.join(file), file).unwrap();
        }
        let source = Source::new(Found { folder, name: "r".into() });
        let told: Vec<String> = pictures(&source).into_iter().map(|p| p.file).collect();
        assert_eq!(told, ["worst.png", "a.png", "curves.svg"]);
        assert_eq!(picture(&source, "worst.png").unwrap(), ("image/png", b"worst.png".to_vec()));
        assert!(picture(&source, "model.safetensors").is_none());
        assert!(picture(&source, "missing.png").is_none());
    }
}
