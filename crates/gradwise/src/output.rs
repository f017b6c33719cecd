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

/// A word as a shell takes it: in quotes where it has other than letters, digits and
/// the signs of paths.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+,:=@%/".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A path as a shell takes it.
pub fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
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

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_a_quoted_word_as_one() {
        assert_eq!(quoted("runs/größe-1"), "runs/größe-1");
        assert_eq!(quoted("my runs"), "'my runs'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("circles(800, 0.1)"), "'circles(800, 0.1)'");
    }
}
