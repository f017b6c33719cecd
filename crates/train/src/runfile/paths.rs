//! Paths in a run file are relative to it; those of `--set` to where one is.
//!
//! They are made absolute, so that the `run.toml` of a run folder finds the data.

use super::spec::Spec;
use super::value::Value;
use std::path::{Path, PathBuf};

/// Where converted data are kept.
const CACHE: &str = "data.cache";
const KEYS: [&str; 3] = ["data.source", "data.validation", "data.test"];

/// Makes the paths absolute that exist.
pub(super) fn anchor(spec: &mut Spec, run_file: &Path) {
    for name in KEYS {
        let Some(text) = spec.given(name).and_then(|i| i.value.text()) else { continue };
        let from = match spec.was_set(name) {
            true => Path::new(""),
            false => run_file.parent().unwrap_or(Path::new("")),
        };
        if let Some(path) = absolute(from, text) {
            spec.replace(name, Value::Text(path));
        }
    }
    anchor_cache(spec, run_file);
}

/// The folder of converted data may not be there yet.
fn anchor_cache(spec: &mut Spec, run_file: &Path) {
    let Some(text) = spec.given(CACHE).and_then(|i| i.value.text()) else { return };
    let from = match spec.was_set(CACHE) {
        true => Path::new(""),
        false => run_file.parent().unwrap_or(Path::new("")),
    };
    let path = std::path::absolute(from.join(text)).ok();
    if let Some(path) = path.and_then(|path| path.to_str().map(str::to_string)) {
        spec.replace(CACHE, Value::Text(path));
    }
}

/// The absolute path, if `text` is a path of something that is there. A bare word
/// such as `digits` may be a known data set, so it is left to the reader of data.
fn absolute(from: &Path, text: &str) -> Option<String> {
    let looks_like_path = text.contains(['/', '.', std::path::MAIN_SEPARATOR]);
    let path: PathBuf = from.join(text);
    let there = looks_like_path && path.exists();
    there.then(|| std::path::absolute(path).ok()?.to_str().map(str::to_string)).flatten()
}
