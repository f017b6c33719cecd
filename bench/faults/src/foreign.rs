//! A run folder as a small script around another framework would write it: the loss of
//! every fifth step and the metrics of epochs, and nothing of settings, data, network or
//! layers.

use serde_json::{Map, Value};
use std::error::Error;
use std::fs;
use std::path::Path;

/// What the script writes of each kind of record.
const KEPT: [(&str, &[&str]); 4] = [
    ("start", &["kind", "program", "task", "rows", "batch", "epochs", "steps_per_epoch"]),
    ("step", &["kind", "step", "epoch", "loss"]),
    ("epoch", &["kind", "epoch", "step", "train", "validation"]),
    ("end", &["kind", "reason", "step", "epoch"]),
];

/// Takes from a run folder what such a script would not have written.
///
/// # Errors
/// A folder that cannot be read or written.
pub fn rewrite(folder: &Path) -> Result<(), Box<dyn Error>> {
    let log = folder.join("events.jsonl");
    let mut out = String::new();
    for line in fs::read_to_string(&log)?.lines() {
        if let Some(record) = record(serde_json::from_str(line)?) {
            out += &serde_json::to_string(&record)?;
            out.push('\n');
        }
    }
    for name in ["run.toml", "model.safetensors"] {
        fs::remove_file(folder.join(name)).or_else(absent)?;
    }
    fs::remove_dir_all(folder.join("checkpoints")).or_else(absent)?;
    Ok(fs::write(log, out)?)
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// The script's record; `None` where it writes none.
fn record(mut record: Map<String, Value>) -> Option<Map<String, Value>> {
    let kind = record.get("kind")?.as_str()?;
    let (_, kept) = KEPT.iter().find(|(known, _)| *known == kind)?;
    let step = record.get("step").and_then(Value::as_u64).unwrap_or(1);
    if kind == "step" && step % 5 != 1 {
        return None;
    }
    record.retain(|name, _| kept.contains(&name.as_str()));
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<String> {
        record(serde_json::from_str(line).unwrap()).map(|r| serde_json::to_string(&r).unwrap())
    }

    #[test]
    fn only_curves_are_left() {
        assert_eq!(of(r#"{"kind":"layer","step":1,"layer":"dense1"}"#), None);
        assert_eq!(of(r#"{"kind":"step","step":3,"loss":1.0}"#), None);
        let kept = r#"{"kind":"step","loss":1.0,"step":6}"#;
        assert_eq!(of(r#"{"kind":"step","step":6,"loss":1.0,"lr":0.1}"#).as_deref(), Some(kept));
    }
}
