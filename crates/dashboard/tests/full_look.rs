//! The full look at a run, with its data and weights, that the page can ask for.

mod common;

use common::{Served, append, start, steps};
use gradwise_train::run::{Options, train};
use gradwise_train::runfile;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Asks for a full look at a run, and waits until it is over.
fn look(served: &Served, id: &str) -> Value {
    assert_eq!(served.ask(&format!("POST /api/runs/{id}/examine"), &[]).status(), 202);
    let asked = Instant::now();
    loop {
        let detail = served.json(&format!("/api/runs/{id}"));
        if detail["examined"]["state"] != "underway" {
            return detail;
        }
        assert!(asked.elapsed() < Duration::from_secs(60), "{detail:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn it_says_what_records_alone_do_not_say() {
    let root = tempfile::tempdir().unwrap();
    let text = "[data]\nsource = \"digits\"\n[model]\nwidth = 16\ndepth = 1\n[train]\nepochs = 1\n";
    let checked = runfile::parse(text, Path::new("digits.toml"), &[]).unwrap();
    let out = Some(root.path().join("digits"));
    train(checked, Options { out, threads: Some(1), ..Options::default() }).unwrap();
    append(&root.path().join("foreign"), &[start(1)]);
    append(&root.path().join("foreign"), &steps(1..=20, |i| 2.0 / i as f64));
    let served = Served::new(root.path());
    let list = served.wait(|runs| runs.len() == 2 && runs.iter().all(|r| !r["verdict"].is_null()));
    let id = |at: usize| list[at]["id"].as_str().unwrap();

    assert_eq!(served.json(&format!("/api/runs/{}", id(0)))["examined"]["state"], "no");
    let digits = look(&served, id(0));
    assert_eq!(digits["examined"]["state"], "done", "{digits:#}");
    assert_eq!(digits["examined"]["unknown"], serde_json::json!([]));
    assert_eq!(digits["examined"]["current"], true);

    // Of a run that another program wrote, what cannot be looked at is named.
    let foreign = look(&served, id(1));
    assert!(
        foreign["examined"]["unknown"][0].as_str().unwrap().contains("run.toml"),
        "{foreign:#}"
    );
    assert_eq!(served.ask("POST /api/runs/nobody/examine", &[]).status(), 404);
}
