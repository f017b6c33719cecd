//! `gradwise bench` at a glance of a time.

mod common;

use common::{folder, json, run};

#[test]
fn bench_measures_the_networks_named() {
    let folder = folder();
    let call = ["bench", "logreg", "--seconds", "0.01", "--precision", "f32", "--threads", "1"];
    let report = json(folder.path(), &[&call[..], &["--json", "--parts"]].concat());
    let figure = &report["figures"][0];
    assert_eq!(figure["network"], "logreg");
    assert_eq!(figure["threads"], 1);
    assert!(figure["gflops"].as_f64().unwrap() > 0.0, "{report}");
    assert!(figure["parts"][0]["what"].as_str().unwrap().contains("product"), "{report}");
    assert!((0.0..1.0).contains(&figure["of_peak"].as_f64().unwrap()), "{report}");
}

#[test]
fn bench_lists_the_networks_when_a_name_is_wrong() {
    let folder = folder();
    let output = run(folder.path(), &["bench", "logregg"]);
    let message = output.err;
    assert_eq!(output.status, Some(2), "{message}");
    assert!(message.contains("logregg") && message.contains("maxout"), "{message}");
}
