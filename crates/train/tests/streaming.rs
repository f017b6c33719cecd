//! Trainings on a table that is larger than the memory it may take.

use gradwise_train::folder::event::{Event, Reason};
use gradwise_train::folder::reader;
use gradwise_train::model::Trained;
use gradwise_train::run::{News, Options, Outcome, TrainError, train};
use gradwise_train::runfile::{Checked, load, parse};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A run file on a table of 6,000 rows in `folder`.
fn run_file(folder: &Path, memory: &str) -> Checked {
    let mut table = String::from("a,b,colour,y\n");
    for i in 0..6000 {
        let (a, b) = (i % 97, (i as f64 / 5.0).sin());
        let colour = ["red", "green", "blue"][i % 3];
        let y = if (a as f64 - 48.0) * b > 0.0 { "yes" } else { "no" };
        writeln!(table, "{a},{b:.4},{colour},{y}").unwrap();
    }
    std::fs::write(folder.join("table.csv"), table).unwrap();
    let text = format!(
        "[data]\nsource = \"table.csv\"\ntarget = \"y\"\npreprocess = [\"standardize\"]\n{memory}\n\
         cache = \"cache\"\n[model]\nwidth = 16\ndepth = 2\n\
         [train]\nepochs = 3\nbatch = 50\n[health]\nevery = 10\n"
    );
    parse(&text, &folder.join("run.toml"), &[]).unwrap()
}

fn run(checked: Checked, out: &Path) -> Result<Outcome, TrainError> {
    train(checked, Options { out: Some(out.into()), ..Options::default() })
}

fn model(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("model.safetensors")).unwrap()
}

/// The losses of all steps.
fn losses(folder: &Path) -> Vec<f64> {
    let loss = |event| match event {
        Event::Step(step) => Some(step.loss.0),
        _ => None,
    };
    reader::read(folder).unwrap().into_iter().filter_map(loss).collect()
}

#[test]
fn rows_that_fit_after_reading_give_the_bits_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let [memory, disk] = [("", "memory"), ("memory = \"500 KB\"", "disk")].map(|(memory, name)| {
        let out = folder.path().join(name);
        run(run_file(folder.path(), memory), &out).unwrap();
        out
    });
    assert!(
        std::fs::read_to_string(disk.join("run.toml")).unwrap().contains("memory = \"500 KB\"")
    );
    assert_eq!(losses(&memory), losses(&disk));
}

#[test]
fn rows_from_disk_are_learnt_and_a_stopped_run_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let checked = || run_file(folder.path(), "memory = \"20 KB\"");
    let whole = folder.path().join("whole");
    let outcome = run(checked(), &whole).unwrap();
    let accuracy = outcome.summary.test.get("accuracy").map_or(0.0, |n| n.0);
    assert!(accuracy > 0.8, "{accuracy}");
    let stopped = folder.path().join("stopped");
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let mut observer = |news: News<'_>| {
        if matches!(news, News::Step(step) if step.step == 131) {
            flag.store(true, Ordering::Relaxed);
        }
    };
    let options = Options {
        out: Some(stopped.clone()),
        stop,
        observer: Some(&mut observer),
        ..Options::default()
    };
    assert_eq!(train(checked(), options).unwrap().summary.reason, Reason::Interrupted);
    let options = Options { resume: Some(stopped.clone()), ..Options::default() };
    train(load(&stopped.join("run.toml"), &[]).unwrap(), options).unwrap();
    assert_eq!(losses(&whole), losses(&stopped));
    assert_eq!(model(&whole), model(&stopped));
}

#[test]
fn a_model_reads_a_large_table_as_a_small_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    run(run_file(folder.path(), "memory = \"20 KB\""), &out).unwrap();
    let table = folder.path().join("table.csv").display().to_string();
    let predicted = |memory: u64| {
        let mut trained = Trained::read(&out, None).unwrap();
        trained.checked.data.memory = Some(gradwise_data::Memory { bytes: memory });
        let evaluation = trained.evaluate(Some(&table)).unwrap();
        (trained.predict(&table).unwrap(), evaluation.report.measures)
    };
    let small = predicted(u64::MAX);
    assert_eq!(predicted(20_000), small);
    let saved = folder.path().join("saved.csv");
    let mut trained = Trained::read(&out, None).unwrap();
    assert_eq!(trained.save_predictions(&table, &saved).unwrap(), 6000);
    let mut whole = Vec::new();
    small.0.write(&mut whole, gradwise_train::model::Format::Csv).unwrap();
    assert_eq!(std::fs::read(saved).unwrap(), whole);
}

#[test]
fn what_needs_all_rows_at_once_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut checked = run_file(folder.path(), "memory = \"20 KB\"");
    checked.train.optimizer = "lbfgs".parse().unwrap();
    let error = run(checked, &folder.path().join("run")).unwrap_err().to_string();
    assert!(error.contains("all 4800 rows") && error.contains("20 KB"), "{error}");
}
