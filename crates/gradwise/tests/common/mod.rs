//! Runs the program as a shell would, in a folder of its own.
#![allow(dead_code)] // each test file uses another part of it

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// How a run of the program came out.
pub struct Came {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

/// An empty folder to run in.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// The program with arguments, in a folder.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradwise"));
    command.current_dir(folder).args(arguments).env_remove("GRADWISE_ISA");
    command.env("GRADWISE_DATA", folder.join("data"));
    command
}

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Came {
    came(command(folder, arguments).output().expect("the program starts"))
}

/// Runs the program, which has to end with status 0; its standard output.
pub fn good(folder: &Path, arguments: &[&str]) -> String {
    let came = run(folder, arguments);
    assert_eq!(came.status, Some(0), "{arguments:?}: {}", came.err);
    came.out
}

/// Runs the program, which has to end with a status and say some words.
pub fn bad(folder: &Path, arguments: &[&str], status: i32, words: &[&str]) {
    let came = run(folder, arguments);
    assert_eq!(came.status, Some(status), "{arguments:?}: {}", came.err);
    assert_eq!(came.out, "", "nothing but results goes to standard output");
    for word in words {
        assert!(came.err.contains(word), "{arguments:?}: no {word:?} in:\n{}", came.err);
    }
}

/// The JSON document that the program prints.
pub fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let text = good(folder, arguments);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{arguments:?}: {e}:\n{text}"))
}

/// A short training of iris, as `runs/iris-1`.
pub fn trained(folder: &Path) {
    good(folder, &["new", "iris", "-o", "iris.toml"]);
    good(folder, &["train", "iris.toml", "--set", "train.epochs=60"]);
}

pub fn came(output: Output) -> Came {
    Came {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}
