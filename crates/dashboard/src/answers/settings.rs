//! Run files side by side: every key, and those in which runs differ.

use crate::folders::own_file;
use crate::store::Source;
use gradwise_train::run::place::RUN_FILE;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use toml::{Table, Value};

/// A run file is not larger.
const LIMIT: u64 = 1 << 20;

/// Keys with their value in each run.
#[derive(Debug, Serialize)]
pub struct Settings {
    /// The runs, in the order of the values.
    runs: Vec<String>,
    keys: Vec<Key>,
}

/// A key of the run file.
#[derive(Debug, Serialize)]
struct Key {
    key: String,
    /// Its value in each run, null where it has none.
    values: Vec<Option<String>>,
    /// Whether the runs differ in it.
    differs: bool,
}

/// The run files of runs. Where `paths` is false, of a path only the last name is told.
pub fn settings(runs: &[Arc<Source>], paths: bool) -> Settings {
    let files: Vec<BTreeMap<String, String>> =
        runs.iter().map(|run| flat(&run.folder, paths)).collect();
    let names: BTreeSet<&String> = files.iter().flat_map(BTreeMap::keys).collect();
    let key = |name: &String| {
        let values: Vec<Option<String>> =
            files.iter().map(|file| file.get(name).cloned()).collect();
        Key { key: name.clone(), differs: values.windows(2).any(|w| w[0] != w[1]), values }
    };
    Settings {
        runs: runs.iter().map(|run| run.id.clone()).collect(),
        keys: names.into_iter().map(key).collect(),
    }
}

/// The keys of a run file with dots; none if there is no readable one.
fn flat(folder: &Path, paths: bool) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let text = own_file::read(folder, RUN_FILE, LIMIT).and_then(|b| String::from_utf8(b).ok());
    if let Some(table) = text.and_then(|text| text.parse::<Table>().ok()) {
        flatten("", &table, paths, &mut keys);
    }
    keys
}

fn flatten(prefix: &str, table: &Table, paths: bool, keys: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        match value {
            Value::Table(table) if prefix.is_empty() => {
                flatten(&format!("{name}."), table, paths, keys);
            }
            value => {
                keys.insert(name, shown(value, paths));
            }
        }
    }
}

/// A value as it stands in the file.
fn shown(value: &Value, paths: bool) -> String {
    match value {
        Value::String(text) if !paths && is_path(text) => {
            let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
            format!("…/{name}")
        }
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, paths)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let pairs: Vec<String> =
                table.iter().map(|(k, v)| format!("{k} = {}", shown(v, paths))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a text tells where a file is on this machine.
fn is_path(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.contains(['/', '\\']);
    text.starts_with(['/', '\\', '~']) || drive
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folders::discover::Found;

    fn run(root: &Path, name: &str, text: &str) -> Arc<Source> {
        let folder = root.canonicalize().unwrap().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(RUN_FILE), text).unwrap();
        Arc::new(Source::new(Found { folder, name: name.into() }))
    }

    #[test]
    fn keys_that_differ_are_marked_and_paths_hidden() {
        let root = tempfile::tempdir().unwrap();
        let text = |lr: f64| {
            format!(
                "seed = 1\n[data]\nsource = \"/home/anna/data/x.csv\"\n\
                 split = {{ train = 0.8 }}\n[train]\nlr = {lr}\n"
            )
        };
        let runs = [run(root.path(), "a", &text(0.1)), run(root.path(), "b", &text(0.2))];
        let settings = super::settings(&runs, false);
        let get = |key: &str| settings.keys.iter().find(|k| k.key == key).unwrap();
        assert!(get("train.lr").differs && !get("seed").differs);
        assert_eq!(get("train.lr").values, [Some("0.1".into()), Some("0.2".into())]);
        assert_eq!(get("data.source").values[0].as_deref(), Some("…/x.csv"));
        assert_eq!(get("data.split").values[0].as_deref(), Some("{train = 0.8}"));
        let open = super::settings(&runs[..1], true);
        let source = open.keys.iter().find(|k| k.key == "data.source").unwrap();
        assert_eq!(source.values[0].as_deref(), Some("/home/anna/data/x.csv"));
    }

    #[test]
    fn a_run_without_a_readable_file_has_no_keys() {
        let root = tempfile::tempdir().unwrap();
        let runs = [run(root.path(), "a", "no toml ["), run(root.path(), "b", "seed = 1")];
        let settings = super::settings(&runs, true);
        assert_eq!(settings.keys[0].values, [None, Some("1".into())]);
    }

    #[test]
    fn paths_of_every_system_are_known() {
        for path in ["/a/b.csv", "C:\\data\\b.csv", "\\\\host\\share", "~/b.csv", "C:/b.csv"] {
            assert!(is_path(path), "{path}");
        }
        assert!(!is_path("digits") && !is_path("relu"));
    }
}
