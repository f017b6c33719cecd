//! Whole trainings in this process: what is learnt, that bits repeat, that a run goes
//! on as if it was never stopped, what happens where numbers are lost.

use gradwise_train::folder::event::{Event, Reason};
use gradwise_train::folder::reader;
use gradwise_train::folder::summary::Summary;
use gradwise_train::folder::tensors::Tensors;
use gradwise_train::run::{News, Options, Outcome, TrainError, train};
use gradwise_train::runfile::{Checked, load, parse};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const DIGITS: &str = r#"
[data]
source = "digits"
preprocess = ["scale(16)"]
[model]
width = 32
depth = 2
dropout = 0.1
[train]
epochs = 3
batch = 50
momentum = 0.9
checkpoint = 0
[health]
every = 10
"#;

fn checked(text: &str, sets: &[(&str, &str)]) -> Checked {
    let sets: Vec<_> = sets.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    parse(text, Path::new("run.toml"), &sets).unwrap()
}

fn run(checked: Checked, out: &Path) -> Result<Outcome, TrainError> {
    train(checked, Options { out: Some(out.into()), ..Options::default() })
}

fn measure(outcome: &Outcome, name: &str) -> f64 {
    outcome.summary.test.get(name).map_or(f64::NAN, |n| n.0)
}

fn model(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("model.safetensors")).unwrap()
}

/// The records without what depends on the clock.
fn events(folder: &Path) -> Vec<Event> {
    let mut events = reader::read(folder).unwrap();
    for event in &mut events {
        match event {
            Event::Start(start) => (start.time, start.epochs) = (0.0, 0),
            Event::Step(step) => step.seconds = 0.0,
            Event::Epoch(epoch) => epoch.seconds = 0.0,
            Event::End(end) => end.seconds = 0.0,
            _ => {}
        }
    }
    events
}

#[test]
fn digits_are_learnt_and_the_folder_tells_how() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [("train.epochs", "20"), ("train.schedule", "cosine")];
    let outcome = run(checked(DIGITS, &sets), &out).unwrap();
    assert!(measure(&outcome, "accuracy") > 0.95, "{:?}", outcome.summary.test);
    let events = reader::read(&out).unwrap();
    let steps = events.iter().filter(|e| matches!(e, Event::Step(_))).count() as u64;
    assert_eq!(steps, outcome.summary.steps);
    let layer = |e: &&Event| matches!(e, Event::Layer(l) if l.layer == "dense2");
    assert!(events.iter().filter(layer).count() > 100);
    assert!(matches!(&events[0], Event::Start(s) if s.layers.len() == 3 && s.version == 1));
    assert!(matches!(events.last(), Some(Event::End(end)) if end.reason == Reason::Done));
    assert_eq!(Summary::read(&out).unwrap(), outcome.summary);
    let taken = run(checked(DIGITS, &[]), &out).unwrap_err();
    assert_eq!(taken.exit_status(), 2);
    assert!(taken.to_string().contains("--resume"), "{taken}");
}

#[test]
fn the_same_seed_gives_the_same_bits_for_any_threads_and_probes() {
    let folder = tempfile::tempdir().unwrap();
    let bits = |name: &str, threads, sets: &[(&str, &str)]| {
        let out = folder.path().join(name);
        let options = Options { out: Some(out.clone()), threads, ..Options::default() };
        train(checked(DIGITS, sets), options).unwrap();
        let tensors = Tensors::read(&out.join("model.safetensors")).unwrap();
        tensors.arrays
    };
    let one = bits("one", Some(1), &[]);
    assert_eq!(one, bits("two", Some(2), &[]));
    assert_eq!(one, bits("three", Some(3), &[("health.every", "1")]));
    for (number, sets) in [
        [("train.optimizer", "adam"), ("model.activation", "maxout(2)"), ("train.clip", "0.5")],
        [("train.optimizer", "rmsprop"), ("model.activation", "prelu"), ("regularize.l2", "1e-3")],
        [("loss.kind", "hinge(1)"), ("model.output", "linear"), ("model.dropout", "0.0")],
        [("train.precision", "bf16"), ("model.activation", "tanh"), ("loss.reduction", "sum")],
        [("train.optimizer", "lbfgs"), ("model.dropout", "0.0"), ("regularize.l2", "1e-3")],
    ]
    .iter()
    .enumerate()
    {
        let probed = |every: &str| {
            let short = [("train.epochs", "2"), ("health.every", every)];
            bits(&format!("{number} {every}"), None, &[&sets[..], &short].concat())
        };
        let seldom = probed("1000000");
        assert_eq!(seldom, probed("1"), "{sets:?}");
        assert_eq!(seldom, probed("7"), "{sets:?}");
    }
    assert_ne!(one, bits("other", None, &[("seed", "1")]));
}

/// Stops at the layers' measurement of a step, as Ctrl-C would, and goes on.
fn stop_and_resume(text: &str, sets: &[(&str, &str)], stops: &[u64]) {
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    run(checked(text, sets), &whole).unwrap();
    let mut resume = None;
    for at in stops.iter().copied().chain([u64::MAX]) {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        let mut observer = move |news: News<'_>| match news {
            News::Layers(layers) if layers.iter().any(|l| l.step >= at) => {
                flag.store(true, Ordering::Relaxed);
            }
            News::Epoch(epoch) if epoch.step >= at => flag.store(true, Ordering::Relaxed),
            _ => {}
        };
        let run_file = match resume {
            Some(_) => load(&parts.join("run.toml"), &[]).unwrap(),
            None => checked(text, sets),
        };
        let options = Options {
            out: Some(parts.clone()),
            resume: resume.clone(),
            threads: None,
            data: None,
            stop,
            observer: Some(&mut observer),
            ..Options::default()
        };
        let outcome = train(run_file, options).unwrap();
        let interrupted = outcome.summary.reason == Reason::Interrupted;
        assert_eq!(interrupted, at != u64::MAX, "stopped at {at}");
        resume = Some(parts.clone());
    }
    assert!(model(&whole) == model(&parts));
    assert!(events(&whole) == events(&parts));
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bits() {
    let every = ("health.every", "1");
    stop_and_resume(DIGITS, &[every], &[1, 17, 29, 30, 58]);
    let adam = [every, ("train.optimizer", "adam"), ("train.schedule", "plateau(0, 0.5)")];
    stop_and_resume(DIGITS, &adam, &[40]);
    stop_and_resume(DIGITS, &[every, ("train.early-stop", "1"), ("train.epochs", "9")], &[33]);
    let lbfgs = [("train.optimizer", "lbfgs"), ("model.dropout", "0"), ("train.epochs", "8")];
    stop_and_resume(DIGITS, &[&lbfgs[..], &[every]].concat(), &[1, 5]);
}

/// A crash leaves a torn line and a checkpoint being written; both are cleared away.
#[test]
fn a_crashed_run_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, crashed) = (folder.path().join("whole"), folder.path().join("crashed"));
    run(checked(DIGITS, &[]), &whole).unwrap();
    run(checked(DIGITS, &[("train.epochs", "2")]), &crashed).unwrap();
    let log = crashed.join("events.jsonl");
    let mut bytes = std::fs::read(&log).unwrap();
    bytes.extend_from_slice(b"{\"kind\":\"st");
    std::fs::write(&log, bytes).unwrap();
    std::fs::write(crashed.join("checkpoints/.writing-x"), b"half").unwrap();
    let newest = crashed.join("checkpoints/step-000000000058.safetensors");
    let half = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &half[..half.len() / 2]).unwrap();
    let options = Options { resume: Some(crashed.clone()), ..Options::default() };
    train(checked(DIGITS, &[]), options).unwrap();
    assert!(!crashed.join("checkpoints/.writing-x").exists());
    assert!(model(&whole) == model(&crashed));
    assert!(events(&whole) == events(&crashed));
}

#[test]
fn a_run_without_a_checkpoint_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, early) = (folder.path().join("whole"), folder.path().join("early"));
    run(checked(DIGITS, &[]), &whole).unwrap();
    std::fs::create_dir(&early).unwrap();
    let none = Options { resume: Some(early.clone()), ..Options::default() };
    assert_eq!(train(checked(DIGITS, &[]), none).unwrap_err().exit_status(), 2);
    std::fs::copy(whole.join("run.toml"), early.join("run.toml")).unwrap();
    let options = Options { resume: Some(early.clone()), ..Options::default() };
    train(load(&early.join("run.toml"), &[]).unwrap(), options).unwrap();
    assert!(model(&whole) == model(&early));
}

#[test]
fn another_network_does_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    run(checked(DIGITS, &[]), &out).unwrap();
    let before = (model(&out), events(&out), std::fs::read(out.join("run.toml")).unwrap());
    let options = Options { resume: Some(out.clone()), ..Options::default() };
    let error = train(checked(DIGITS, &[("model.width", "33")]), options).unwrap_err();
    assert!(error.to_string().contains("dense1.weight of sizes [64, 33]"), "{error}");
    let after = (model(&out), events(&out), std::fs::read(out.join("run.toml")).unwrap());
    assert!(before == after, "the folder was touched");
}

#[test]
fn lost_numbers_are_found_where_they_began() {
    let folder = tempfile::tempdir().unwrap();
    let sets = [("model.activation", "exp"), ("model.init", "normal(3)"), ("model.depth", "4")];
    let out = folder.path().join("exp");
    let error = run(checked(DIGITS, &sets), &out).unwrap_err();
    assert_eq!(error.exit_status(), 1);
    let text = error.to_string();
    assert!(text.contains("step 1: exp of dense") && text.contains("first to be NaN"), "{text}");
    let summary = Summary::read(&out).unwrap();
    assert_eq!((summary.reason, summary.findings[0].id.as_str()), (Reason::Nonfinite, "nonfinite"));
    let events = reader::read(&out).unwrap();
    assert!(events.iter().any(|e| matches!(e, Event::Finding(f) if f.step == Some(1))));

    // The loss is finite, the step is not.
    let out = folder.path().join("step");
    let error = run(checked(DIGITS, &[("train.lr", "1e39")]), &out).unwrap_err();
    assert!(error.to_string().contains("step 1: the sgd update of"), "{error}");

    // Steps that grow until some number is too large, long after the last checkpoint.
    let sets = [("train.lr", "1"), ("train.checkpoint", "100"), ("train.epochs", "100")];
    let sets = [&sets[..], &[("model.output", "linear"), ("loss.kind", "l2")]].concat();
    let out = folder.path().join("growth");
    let text = run(checked(DIGITS, &sets), &out).unwrap_err().to_string();
    assert!(text.contains("is the first to be NaN or infinite: "), "{text}");
    assert!(!text.starts_with("step 1:"), "{text}");

    // A step that is too large some steps after the start: the way there is gone again.
    let small = "[data]\nsource = \"iris\"\npreprocess = [\"scale(30)\"]\n[train]\nmomentum = 0.9\n\
                 lr = 3e38\nbatch = 1\n[model]\noutput-bias = false\noutput = \"linear\"\n[loss]\nkind = \"l1\"";
    let text = run(checked(small, &[]), &folder.path().join("small")).unwrap_err().to_string();
    assert!(text.contains("the sgd update of output"), "{text}");
    let model = Tensors::read(&folder.path().join("small/model.safetensors")).unwrap();
    assert!(model.find("output.weight").unwrap().floats().iter().all(|w| w.is_finite()));
    assert!(!text.starts_with("step 1:"), "{text}");
}

#[test]
fn every_task_output_and_loss_runs() {
    let folder = tempfile::tempdir().unwrap();
    let losses = ["cross-entropy", "binary-cross-entropy", "hinge", "l2", "l1", "huber"];
    let outputs = ["linear", "sigmoid", "softmax", "relu", "maxout(2)"];
    for (source, task) in [("iris", ""), ("breast-cancer", "binary"), ("wine", "regression")] {
        for loss in losses {
            for output in outputs {
                let text = format!("[data]\nsource = \"{source}\"\npreprocess = [\"standardize\"]");
                let mut sets = vec![("loss.kind", loss), ("model.output", output)];
                sets.extend([
                    ("train.epochs", "1"),
                    ("train.lr", "0.001"),
                    ("train.batch", "1000"),
                ]);
                if !task.is_empty() {
                    sets.push(("data.task", task));
                }
                if task == "regression" {
                    sets.push(("data.target", "alcohol"));
                }
                let out = folder.path().join(format!("{source} {loss} {output}"));
                let outcome = run(checked(&text, &sets), &out);
                assert!(outcome.is_ok(), "{source} {loss} {output}: {:?}", outcome.err());
            }
        }
    }
}

#[test]
fn lsuv_scales_weighted_sums_to_variance_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [("model.init", "lsuv"), ("model.activation", "tanh"), ("train.batch", "1437")];
    let sets = [&sets[..], &[("train.lr", "1e-9"), ("model.dropout", "0")]].concat();
    run(checked(DIGITS, &sets), &out).unwrap();
    for event in reader::read(&out).unwrap() {
        let Event::Layer(layer) = event else { continue };
        if layer.step == 1 && layer.measure == "preactivation.std" {
            assert!((layer.value.0 - 1.0).abs() < 0.1, "{layer:?}");
        }
    }
}

#[test]
fn a_run_stops_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [("train.max-seconds", "0.2"), ("train.epochs", "1000000")];
    let outcome = run(checked(DIGITS, &sets), &out).unwrap();
    assert_eq!(outcome.summary.reason, Reason::OutOfTime);
    assert!(measure(&outcome, "accuracy") > 0.1);
}

const PRICES: &str = r#"
[data]
target = "price"
task = "regression"
scale-target = true
split = { train = 0.8, test = 0.2 }
preprocess = ["standardize"]
[train]
epochs = 30
batch = 10
"#;

/// Prices around 200,000: with the default learning rate only the scale lets them be
/// learnt, and errors are told in the prices' own unit.
#[test]
fn targets_far_from_zero_are_learnt_in_their_own_units() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..200).map(|i| format!("{},{}\n", i % 50, 200_000 + 1000 * (i % 50)));
    let path = folder.path().join("prices.csv");
    std::fs::write(&path, format!("rooms,price\n{}", rows.collect::<String>())).unwrap();
    let source = format!("{:?}", path.display().to_string());
    let sets = [("data.source", source.as_str())];
    let outcome = run(checked(PRICES, &sets), &folder.path().join("run")).unwrap();
    assert!(measure(&outcome, "rmse") < 500.0, "{:?}", outcome.summary.test);
    assert!(outcome.summary.train["rmse"].0 < 500.0, "{:?}", outcome.summary.train);
    let model = Tensors::read(&folder.path().join("run/model.safetensors")).unwrap();
    let mean = model.find("target.mean").unwrap().floats()[0];
    assert!((mean - 224_500.0).abs() < 5_000.0, "{mean}");
}

#[test]
fn classes_have_no_scale() {
    let folder = tempfile::tempdir().unwrap();
    let sets = [("data.scale-target", "true")];
    let error = run(checked(DIGITS, &sets), &folder.path().join("run")).unwrap_err();
    assert_eq!(error.exit_status(), 2);
    assert!(error.to_string().contains("the targets of a classification are not numbers"));
}

/// Products of rounded numbers learn the same; validation is measured in f32.
#[test]
fn bf16_learns_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [("train.epochs", "20"), ("train.precision", "bf16"), ("model.dropout", "0")];
    let outcome = run(checked(DIGITS, &sets), &out).unwrap();
    assert!(measure(&outcome, "accuracy") > 0.95, "{:?}", outcome.summary.test);
    let events = reader::read(&out).unwrap();
    let Some(Event::Start(start)) = events.first() else { panic!("no start") };
    let has_unit = gradwise_cpu::Device::new(None).unwrap().bf16().is_some();
    let words = if has_unit { "bf16 by " } else { "f32, because" };
    assert!(start.precision.starts_with(words), "{}", start.precision);
}
