//! Results on standard output, and files that a command writes.

use crate::failure::Failure;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// Prints text to standard output.
///
/// # Errors
/// The reader is gone, or the disk is full.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| ended(&error))
}

/// Prints one JSON document to standard output.
///
/// # Errors
/// As [`print`].
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::work(e.to_string()))?;
    print(&(text + "\n"))
}

/// What an error in writing to standard output means.
fn ended(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::work(format!("standard output: {error}")),
    }
}

/// Says something to the person at the terminal.
pub fn say(text: &str) {
    // Nothing can be said if standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a file whole or not at all; `-` is standard output.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path == Path::new("-") {
        let mut out = io::stdout().lock();
        return out.write_all(bytes).and_then(|()| out.flush()).map_err(|e| ended(&e));
    }
    Ok(gradwise_train::folder::atomic::write(path, bytes)?)
}
