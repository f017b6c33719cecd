//! A training killed at random moments goes on to the same bits.
//!
//! SIGKILL leaves no time to tidy up: whatever the program was doing (reading data,
//! making the folder, in a step, writing a record, a checkpoint or the model), what is
//! on the disk must be enough to go on.

use gradwise_graph::random::Philox;
use gradwise_train::folder::event::Event;
use gradwise_train::folder::reader;
use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The longest life, in milliseconds.
const LIFE: u64 = 120;

const RUN: &str = r#"
[data]
source = "iris"
preprocess = ["standardize"]
[model]
width = 8
dropout = 0.1
[train]
epochs = 120
batch = 8
optimizer = "adam"
schedule = "cosine"
early-stop = 100
checkpoint = 0
[health]
every = 50
"#;

const STREAMED: &str = r#"
[data]
source = "table.csv"
target = "y"
preprocess = ["standardize"]
memory = "20 KB"
cache = "cache"
[model]
width = 8
dropout = 0.1
[train]
epochs = 5
batch = 50
optimizer = "adam"
checkpoint = 0
"#;

fn gradwise(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradwise"));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts the run, or goes on with it if there is something to go on with.
fn start(file: &Path, out: &Path) -> Child {
    let (file, out_text) = (file.to_str().unwrap(), out.to_str().unwrap());
    match out.join("run.toml").exists() {
        true => gradwise(&["train", "--resume", out_text]),
        false => gradwise(&["train", file, "--out", out_text]),
    }
}

fn finish(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The records without what depends on the clock.
fn events(folder: &Path) -> Vec<Event> {
    let mut events = reader::read(folder).unwrap();
    for event in &mut events {
        match event {
            Event::Start(start) => start.time = 0.0,
            Event::Step(step) => step.seconds = 0.0,
            Event::Epoch(epoch) => epoch.seconds = 0.0,
            Event::End(end) => end.seconds = 0.0,
            _ => {}
        }
    }
    events
}

/// `timeout` and others send one signal to the program and one to its group.
#[cfg(unix)]
#[test]
fn two_signals_at_once_are_one_request_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let file = folder.path().join("run.toml");
    std::fs::write(&file, RUN.replace("epochs = 120", "epochs = 100000000")).unwrap();
    let mut child = start(&file, &out);
    while !reader::read(&out).is_ok_and(|events| events.len() > 3) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for _ in 0..2 {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
    let status = child.wait().unwrap();
    let end = |event: &Event| matches!(event, Event::End(_));
    assert!(reader::read(&out).unwrap().iter().any(end), "{status}");
    assert!(std::fs::read_dir(out.join("checkpoints")).unwrap().next().is_some());
}

/// Trains a run file in one go, and again with kills at random moments: the same model and
/// records come out.
fn check(folder: &Path, run: &str, kills: u64) {
    let file = folder.join("run.toml");
    std::fs::write(&file, run).unwrap();
    let (whole, killed) = (folder.join("whole"), folder.join("killed"));
    finish(start(&file, &whole));
    // A streamed table is converted again, among the kills.
    let _ = std::fs::remove_dir_all(folder.join("cache"));
    let random = Philox::new(1, 0);
    for kill in 0..kills {
        let mut child = start(&file, &killed);
        std::thread::sleep(Duration::from_millis(random.below(kill, LIFE)));
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    finish(start(&file, &killed));
    let model = |out: &Path| std::fs::read(out.join("model.safetensors")).unwrap();
    assert!(model(&whole) == model(&killed));
    assert!(events(&whole) == events(&killed));
}

#[test]
fn a_hundred_kills_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), RUN, 100);
}

#[test]
fn kills_of_a_streamed_training_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = String::from("a,b,y\n");
    for i in 0..6000 {
        let (a, b) = (i % 97, (f64::from(i) / 5.0).sin());
        let y = if (f64::from(a) - 48.0) * b > 0.0 { "yes" } else { "no" };
        writeln!(table, "{a},{b:.4},{y}").unwrap();
    }
    std::fs::write(folder.path().join("table.csv"), table).unwrap();
    check(folder.path(), STREAMED, 40);
}

#[test]
fn a_damaged_checkpoint_is_passed_over_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("run.toml"), folder.path().join("out"));
    std::fs::write(&file, "[data]\nsource = \"iris\"\n[train]\nepochs = 20\ncheckpoint = 0\n")
        .unwrap();
    finish(start(&file, &out));
    let told = || {
        let output = start(&file, &out).wait_with_output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(told().1.contains("goes on after epoch 20"));
    let mut all: Vec<_> = std::fs::read_dir(out.join("checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    let newest = all.pop().unwrap();
    std::fs::write(&newest, "torn").unwrap();
    let (went_on, text) = told();
    let name = newest.file_name().unwrap().to_str().unwrap();
    assert!(went_on && text.contains("warning: ") && text.contains(name), "{text}");
    std::fs::remove_dir_all(out.join("checkpoints")).unwrap();
    assert!(told().1.contains("it starts from its beginning"));
}
