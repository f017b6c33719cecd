//! Standard output, standard error, signals: a good citizen of the shell.

mod common;

use common::{command, folder, good, run, trained};
use std::io::Read;
use std::process::Stdio;

#[test]
fn what_is_piped_is_plain() {
    let folder = folder();
    trained(folder.path());
    let arguments = ["train", "iris.toml", "--set", "train.epochs=12"];
    let came = run(folder.path(), &arguments);
    assert!(
        !came.out.contains('\u{1b}') && !came.err.contains('\u{1b}') && !came.err.contains('\r')
    );
    let lines = came.err.lines().filter(|l| l.starts_with("epoch ")).count();
    assert_eq!(lines, 12, "a line for each epoch:\n{}", came.err);
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let folder = folder();
    let mut child = command(folder.path(), &["train", "--keys"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

/// Sends a signal by the shell, as a person would.
#[cfg(unix)]
fn interrupt(process: u32) {
    let line = format!("kill -INT {process}");
    let status = std::process::Command::new("sh").args(["-c", &line]).status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_ends_a_training_with_a_checkpoint_to_go_on_from() {
    use std::io::{BufRead, BufReader};
    let folder = folder();
    good(folder.path(), &["new", "digits", "-o", "digits.toml"]);
    let arguments = ["train", "digits.toml", "--out", "run", "--set", "train.epochs=100000"];
    let mut child = command(folder.path(), &arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    lines.by_ref().find(|line| line.starts_with("epoch ")).expect("an epoch is done");
    interrupt(child.id());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("--resume run")), "{rest:?}");
    let summary = std::fs::read_to_string(folder.path().join("run/summary.json")).unwrap();
    assert!(summary.contains("interrupted"));
    assert!(folder.path().join("run/checkpoints").read_dir().unwrap().next().is_some());
}
