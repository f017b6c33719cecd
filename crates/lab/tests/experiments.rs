//! Every experiment runs in its quick form, writes what it promises, and the numbers
//! behind its claims are where they belong.

use gradwise_lab::{EXPERIMENTS, Report, Setup, find, folder};
use std::ops::RangeInclusive;

/// The number that decides a claim, and whether it is to hold (`None`: as it falls).
type Expected = (RangeInclusive<f64>, Option<bool>);

const HOLDS: Option<bool> = Some(true);
const MUCH: f64 = f64::INFINITY;

fn check(name: &str, expected: &[Expected]) {
    let experiment = find(name).unwrap();
    let setup = Setup { seeds: 2, quick: true, ..Setup::new(None).unwrap() };
    let report = (experiment.run)(&setup).unwrap();
    assert_eq!(report.claims.len(), expected.len(), "{name}");
    for (claim, (range, holds)) in report.claims.iter().zip(expected) {
        assert!(range.contains(&claim.number), "{name}: {} not in {range:?}", claim.number);
        assert!(holds.is_none_or(|holds| holds == claim.holds), "{name}: {}", claim.found);
    }
    files(name, &report);
}

fn files(name: &str, report: &Report) {
    let out = tempfile::tempdir().unwrap();
    let experiment = find(name).unwrap();
    folder::write(out.path(), experiment, report, "gradwise lab <x>").unwrap();
    let own = out.path().join(name);
    let page = std::fs::read_to_string(own.join("index.html")).unwrap();
    assert!(page.contains("gradwise lab &lt;x&gt;") && page.contains("<h1>"));
    for outside in ["src=\"http", "href=\"http", "@import", "<script"] {
        assert!(!page.contains(outside), "{name}: the page needs {outside}");
    }
    assert!(!report.figures.is_empty() && !report.tables.is_empty() && !report.seen.is_empty());
    for figure in &report.figures {
        let svg = std::fs::read_to_string(own.join(figure.name).with_extension("svg")).unwrap();
        assert!(svg.starts_with("<svg") && !svg.contains("no data"), "{name}: {}", figure.name);
        assert!(own.join(figure.name).with_extension("png").metadata().unwrap().len() > 1000);
    }
    let json = std::fs::read_to_string(own.join("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["claims"].as_array().unwrap().len(), report.claims.len());
}

macro_rules! experiments {
    ($($(#[$doc:meta])* $test:ident $name:literal [$(($range:expr, $holds:expr)),*];)*) => {
        $($(#[$doc])*
        #[test]
        fn $test() {
            check($name, &[$(($range, $holds)),*]);
        })*
    };
}

experiments! {
    templates "templates" [(0.8..=1.0, HOLDS)];
    kernel "kernel" [(0.4..=0.8, HOLDS), (50.0..=1602.0, HOLDS), (1.0..=MUCH, HOLDS)];
    logistic "logistic" [(0.0..=1e-4, HOLDS), (4.0..=MUCH, HOLDS)];
    losses "losses" [(0.0..=1e-5, HOLDS), (7.0..=7.0, Some(false))];
    mean_or_median "mean-or-median" [(0.0..=0.02, HOLDS), (10.0..=MUCH, HOLDS)];
    hinge_or_softmax "hinge-or-softmax" [(0.0..=0.0, HOLDS), (0.002..=0.1, HOLDS)];
    regularize "regularize" [(0.25..=0.25, HOLDS), (0.05..=1.0, HOLDS)];
    graph "graph" [(0.0..=1e-9, HOLDS)];
    saturation "saturation" [(0.002_466_4..=0.002_466_6, HOLDS), (0.2..=0.25, HOLDS)];
    one_sided_gradient "one-sided-gradient" [(1.0..=1.0, HOLDS), (1.3..=MUCH, HOLDS)];
    /// Whether a bias of 0.1 helps is a matter of the seeds: the effect is small.
    dead_relu "dead-relu" [(20.0..=100.0, HOLDS), (-20.0..=20.0, None)];
    leaky "leaky" [(0.001..=0.5, HOLDS), (0.01..=2.0, HOLDS)];
    maxout "maxout" [(1.0..=1.8, None), (0.0..=1e-3, HOLDS), (5.0..=5.0, HOLDS)];
    /// Two seeds prove nothing.
    preprocess "preprocess" [(0.1..=0.99, None), (0.1..=1.5, None)];
    /// The table of the lecture within 2 %.
    init_depth "init-depth" [
        (0.0..=0.02, HOLDS), (0.0..=0.0, HOLDS), (0.21..=0.24, HOLDS), (0.91..=0.94, HOLDS),
        (0.35..=0.43, HOLDS)
    ];
    activations "activations" [(0.0..=10.0, None), (20.0..=100.0, HOLDS)];
}

#[test]
fn every_experiment_has_a_test_and_a_name_of_its_own() {
    let source = include_str!("experiments.rs");
    for (index, experiment) in EXPERIMENTS.iter().enumerate() {
        assert!(source.contains(&format!(" \"{}\" [", experiment.name)), "{}", experiment.name);
        let rest = &EXPERIMENTS[index + 1..];
        assert!(rest.iter().all(|other| other.name != experiment.name));
    }
}

#[test]
fn a_misspelt_name_gets_the_nearest() {
    let message = find("templtes").unwrap_err().to_string();
    assert!(message.contains("templates") && message.contains("gradwise lab"), "{message}");
}

#[test]
fn unsuitable_data_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("numbers.csv");
    let rows: String = (0..50).map(|i| format!("{i}.5,{}.25\n", i * i)).collect();
    std::fs::write(&table, format!("x,y\n{rows}")).unwrap();
    let table = table.display().to_string();
    for (name, data) in [
        ("templates", "iris"),
        ("preprocess", "iris"),
        ("logistic", "digits"),
        ("leaky", table.as_str()),
        ("regularize", table.as_str()),
    ] {
        let setup =
            Setup { data: Some(data.into()), seeds: 1, quick: true, ..Setup::new(None).unwrap() };
        let message = (find(name).unwrap().run)(&setup).unwrap_err().to_string();
        assert!(message.contains(data) && message.contains(name), "{message}");
    }
}
