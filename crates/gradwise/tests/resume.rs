//! A training killed at random moments goes on to the same bits.
//!
//! SIGKILL leaves no time to tidy up: whatever the program was doing (reading data,
//! making the folder, in a step, writing a record, a checkpoint or the model), what is
//! on the disk must be enough to go on.

use gradwise_graph::random::Philox;
use gradwise_train::folder::event::Event;
use gradwise_train::folder::reader;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const KILLS: u64 = 100;
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

#[test]
fn a_hundred_kills_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.toml");
    std::fs::write(&file, RUN).unwrap();
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    finish(start(&file, &whole));
    let random = Philox::new(1, 0);
    for kill in 0..KILLS {
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
