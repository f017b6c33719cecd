//! Whole studies: what they find, that they go on where they were, that neither the
//! number of jobs nor a stop changes a result.

use gradwise_train::folder::event::{Finding, Reason, Severity};
use gradwise_trials::verdict::Verdict;
use gradwise_trials::{Axis, Base, Judge, News, Repeats, Report, Study};
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::SystemTime;

const IRIS: &str = r#"
[data]
source = "iris"
split = { train = 0.6, validation = 0.4 }
preprocess = ["standardize"]
[model]
width = 8
depth = 1
[train]
epochs = 12
batch = 16
lr = 0.3
checkpoint = 0
"#;

fn base(text: &str) -> Base {
    Base { path: "iris.toml".into(), text: text.into(), sets: Vec::new() }
}

fn study(axes: &[&str], out: &Path) -> Study {
    let axes: Vec<Axis> = axes.iter().map(|text| text.parse().unwrap()).collect();
    Study::of_axes(base(IRIS), &axes, out.into()).unwrap()
}

fn silent(_: News<'_>) {}

/// The report without what depends on the clock and the place.
fn timeless(mut report: Report) -> Report {
    report.seconds = 0.0;
    report.folder = Default::default();
    for variant in &mut report.variants {
        variant.seconds = None;
        for run in &mut variant.runs {
            run.seconds = 0.0;
            run.folder = Default::default();
        }
    }
    report
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.variants.iter().map(|v| v.verdict).collect()
}

#[test]
fn a_rate_of_nearly_nothing_is_worse_and_the_same_twice_is_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let mut study = study(&["train.lr=0.3,0.30,1e-9"], folder.path());
    // Of fresh weights the accuracy is anything up to 0.7: three seeds prove nothing.
    study.repeats = Repeats::Seeds(6);
    assert_eq!(study.reference, Some(0));
    let report = study.run(&silent).unwrap();
    assert!(report.complete);
    assert_eq!(verdicts(&report), [Verdict::Reference, Verdict::NoDifference, Verdict::Worse]);
    assert_eq!(report.metric.name, "accuracy");
    let same = &report.variants[1].difference.unwrap();
    assert_eq!((same.pairs, same.mean, same.p), (6, 0.0, 1.0));
    let worse = &report.variants[2];
    assert!(worse.difference.unwrap().mean < -0.2 && worse.p_corrected.unwrap() < 0.05);
    let written = std::fs::read(folder.path().join("compare.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Report>(&written).unwrap(), report);
    assert!(folder.path().join("lr=1e-9/seed-2/model.safetensors").exists());
}

#[test]
fn folds_go_through_all_rows_and_jobs_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folds = |jobs, name: &str| {
        let mut study = study(&["model.activation=tanh,relu"], &folder.path().join(name));
        study.repeats = Repeats::Folds(4);
        study.jobs = Some(jobs);
        study.run(&silent).unwrap()
    };
    let (one, four) = (folds(1, "one"), folds(4, "four"));
    assert_eq!(timeless(one.clone()), timeless(four));
    assert_eq!((one.over.as_str(), one.variants[0].runs.len()), ("folds", 4));
    let rows: usize = one.variants[0].runs.iter().map(|r| r.validation_rows).sum();
    assert_eq!(rows, 150);
    assert_eq!(one.reference.as_deref(), Some("activation=relu"));
    let weights = |name: &str| {
        std::fs::read(folder.path().join(name).join("activation=tanh/fold-3/model.safetensors"))
    };
    assert_eq!(weights("one").unwrap(), weights("four").unwrap());
}

/// A study that is stopped in the middle goes on where it was: what ended is not run
/// again, what was stopped goes on, and the result is as if it was never stopped.
#[test]
fn a_stopped_study_goes_on_to_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let whole = study(&["train.lr=0.3,0.05"], &folder.path().join("whole")).run(&silent).unwrap();

    let out = folder.path().join("stopped");
    let mut study = study(&["train.lr=0.3,0.05"], &out);
    study.jobs = Some(1);
    let (stop, ended) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    study.stop = stop.clone();
    let report = study.run(&|news| match news {
        News::Run { .. } => drop(ended.fetch_add(1, Ordering::Relaxed)),
        // In the middle of the third run.
        News::Progress(share) if share > 2.0 / 6.0 => stop.store(true, Ordering::Relaxed),
        _ => {}
    });
    let report = report.unwrap();
    assert!(!report.complete);
    let done = ended.load(Ordering::Relaxed);
    assert!((2..=3).contains(&done), "{done}");
    let first = out.join("lr=0.3/seed-0/summary.json");
    let written = |path: &Path| -> SystemTime { path.metadata().unwrap().modified().unwrap() };
    let before = written(&first);

    study.stop = Arc::default();
    let told = Mutex::new((0, 0));
    let report = study.run(&|news| match news {
        News::Start { ended, .. } => told.lock().unwrap().0 = ended,
        News::Run { .. } => told.lock().unwrap().1 += 1,
        News::Progress(_) => {}
    });
    assert_eq!(*told.lock().unwrap(), (done, 6 - done));
    assert_eq!(written(&first), before);
    assert_eq!(timeless(report.unwrap()), timeless(whole));
}

/// What a crash leaves: a folder without summary, one that is not there at all.
#[test]
fn a_crashed_study_runs_only_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(&["train.lr=0.3,0.05"], folder.path());
    let whole = study.run(&silent).unwrap();
    std::fs::remove_file(folder.path().join("lr=0.3/seed-1/summary.json")).unwrap();
    std::fs::remove_dir_all(folder.path().join("lr=0.05/seed-2")).unwrap();
    std::fs::remove_file(folder.path().join("compare.json")).unwrap();
    let started = AtomicUsize::new(0);
    let again = study.run(&|news| {
        if let News::Run { .. } = news {
            started.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert_eq!(started.load(Ordering::Relaxed), 2);
    assert_eq!(timeless(again.unwrap()), timeless(whole.clone()));

    // More seeds add runs; other settings are refused by name.
    let more = Study { repeats: Repeats::Seeds(4), ..study.clone() }.run(&silent).unwrap();
    assert_eq!(timeless(more).variants[0].runs[..3], timeless(whole).variants[0].runs[..]);
    let mut other = study.clone();
    other.base.text = IRIS.replace("epochs = 12", "epochs = 13");
    let error = other.run(&silent).unwrap_err();
    assert_eq!(error.exit_status(), 2);
    assert!(error.to_string().contains("train.epochs = 12, not 13"), "{error}");
}

#[test]
fn a_variant_that_diverges_is_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let axes: Vec<Axis> = vec!["train.lr=0.01,1e30".parse().unwrap()];
    let text = IRIS.replace("depth = 1", "depth = 2\noutput = \"linear\"");
    let text = format!("{text}[loss]\nkind = \"l2\"\n").replace("lr = 0.3", "lr = 0.01");
    let mut study = Study::of_axes(base(&text), &axes, folder.path().into()).unwrap();
    study.repeats = Repeats::Seeds(2);
    let report = study.run(&silent).unwrap();
    assert_eq!(verdicts(&report), [Verdict::Reference, Verdict::Worse]);
    let lost = &report.variants[1];
    assert_eq!((lost.diverged, lost.validation), (2, None));
    assert_eq!(lost.runs[0].reason, Some(Reason::Nonfinite));
    assert_eq!((lost.findings[0].id.as_str(), lost.findings[0].runs), ("nonfinite", 2));
    assert!(report.complete && report.best.as_deref() == Some("lr=0.01"));
}

/// Each run is judged once, also where an earlier attempt trained it and died, and what
/// follows from something else does not count.
#[test]
fn runs_are_judged_and_their_findings_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut study = study(&["train.lr=0.3,0.05"], folder.path());
    study.repeats = Repeats::Seeds(2);
    let plain = study.run(&silent).unwrap();
    assert!(plain.variants[0].health.is_empty());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    study.judge = Some(Judge::new(move |_, checked| {
        counter.fetch_add(1, Ordering::Relaxed);
        let found = |id: &str, cause: Option<&str>| Finding {
            id: id.into(),
            severity: Severity::Warn,
            caused_by: cause.map(Into::into),
            ..Finding::default()
        };
        let slow = checked.train.lr < 0.1 && checked.seed == 1;
        match slow {
            true => Some(("suspect".into(), vec![found("slow", None), found("bad", Some("slow"))])),
            false => Some(("healthy".into(), Vec::new())),
        }
    }));
    for repeats in [2, 3] {
        study.repeats = Repeats::Seeds(repeats);
        let report = study.run(&silent).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2 * repeats as usize);
        let slow = &report.variants[1];
        assert_eq!(slow.health["suspect"], 1);
        assert_eq!(slow.health["healthy"], repeats as usize - 1);
        let [found] = slow.findings.as_slice() else { panic!("{:?}", slow.findings) };
        assert_eq!((found.id.as_str(), found.runs), ("slow", 1));
        assert_eq!(slow.runs[1].findings.len(), 2);
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let told = |study: Study| {
        let error = study.run(&silent).unwrap_err();
        assert_eq!(error.exit_status(), 2, "{error}");
        error.to_string()
    };
    let all = IRIS.replace("{ train = 0.6, validation = 0.4 }", "{ test = 0.4 }");
    let mut unvalidated = study(&[], folder.path());
    unvalidated.base.text = all;
    assert!(told(unvalidated).contains("--folds"));
    let mut none = study(&[], folder.path());
    none.repeats = Repeats::Seeds(0);
    assert!(told(none).contains("seed"));
    let mut odd = study(&[], &folder.path().join("odd"));
    odd.metric = Some("accurcay".into());
    odd.jobs = Some(1);
    assert!(told(odd).contains("accuracy"));
    let ran = ["seed-0", "seed-1"].map(|seed| folder.path().join("odd/base").join(seed).exists());
    assert_eq!(ran, [true, false], "it is told after the first run");
}
