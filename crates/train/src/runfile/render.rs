//! The run file with every default filled in: the `run.toml` of a run folder.
//!
//! What depends on other keys stays out (a layer's own activation, say), so that
//! changing `model.activation` with `--set` still reaches every layer that it
//! reached before.

use super::key::{Fallback, Key};
use super::keys::{self, SECTIONS};
use super::spec::Spec;
use super::value::{Item, Value};

/// Values that only the data could tell, by dotted name.
pub type Found = [(&'static str, String)];

impl Spec {
    /// The text, with `found` for keys that were left to the data.
    pub fn render(&self, found: &Found) -> String {
        let mut text = String::new();
        for section in SECTIONS {
            if !section.is_empty() {
                text += &format!("\n[{section}]\n");
            }
            for key in keys::all().filter(|k| k.section() == section) {
                text += &self.line(key, found);
            }
        }
        text
    }

    fn line(&self, key: &Key, found: &Found) -> String {
        if !key.applies_to(&self.optimizer()) {
            return String::new();
        }
        let found = found.iter().find(|(name, _)| *name == key.name);
        match (self.get(key.name), found, key.default) {
            (Some(item), _, _) => format!("{} = {}\n", key.short(), shown(&item)),
            (None, Some((_, value)), _) => {
                format!("{} = {}\n", key.short(), Value::Text(value.clone()))
            }
            (None, None, Fallback::Unset(meaning)) => {
                format!("# {} not set: {meaning}\n", key.short())
            }
            _ => String::new(),
        }
    }
}

/// Layers stand one a line.
fn shown(item: &Item) -> String {
    match &item.value {
        Value::List(items) if items.iter().any(|i| matches!(i.value, Value::Table(_))) => {
            let lines: Vec<String> = items.iter().map(|i| format!("  {},\n", i.value)).collect();
            format!("[\n{}]", lines.concat())
        }
        value => value.to_string(),
    }
}
