//! `check` and `doctor` as a shell sees them.

mod common;

use common::{bad, folder, good, json, run, trained};
use std::fs;

#[test]
fn a_healthy_run_is_healthy_before_and_after() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    let text = good(at, &["check", "iris.toml", "--seconds", "0.3"]);
    assert!(text.starts_with("healthy") && text.contains("first loss"), "{text}");
    let text = good(at, &["doctor", "runs/iris-1"]);
    assert!(text.contains("healthy: nothing is wrong"), "{text}");
    let document = json(at, &["doctor", "runs/iris-1", "--json"]);
    assert_eq!(document["verdict"], "healthy");
    assert!(document["measured"]["reach"].as_f64().unwrap() > 0.9, "{document}");
}

#[test]
fn the_exit_status_tells_errors_from_warnings() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    // Rows in the order of their classes: a batch of neighbours would tell nothing.
    good(at, &["new", "wine", "-o", "wine.toml"]);
    let text = run(at, &["check", "wine.toml", "--seconds", "2"]).out;
    assert!(text.contains("rates  ") && !text.contains("no lr helped"), "{text}");
    let came = run(at, &["check", "iris.toml", "--set", "model.init=zeros", "--seconds", "0.3"]);
    assert_eq!(came.status, Some(3), "{}", came.err);
    assert!(came.out.contains("error  symmetric-init"), "{}", came.out);
    let linear = ["doctor", "iris.toml", "--set", "model.activation=linear", "--json"];
    let came = run(at, &linear);
    assert_eq!(came.status, Some(4), "{}{}", came.out, came.err);
    let document: serde_json::Value = serde_json::from_str(&came.out).unwrap();
    assert_eq!(document["findings"][0]["id"], "missing-activation");
    bad(at, &["doctor", "nowhere.toml"], 2, &["nowhere.toml"]);
    fs::create_dir(at.join("empty")).unwrap();
    bad(at, &["doctor", "empty"], 1, &["is no run folder", "events.jsonl", "or a run file"]);
    // No evidence is no health.
    fs::write(at.join("empty/events.jsonl"), "").unwrap();
    bad(at, &["doctor", "empty"], 1, &["empty: nothing was trained yet"]);
    assert!(!at.join("empty/report.html").exists());
}

#[test]
fn a_number_that_is_not_finite_is_a_finding_of_check_alone() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("a.csv"), "size;y\n1;x\n\n2e39;z\n3;x\n").unwrap();
    fs::write(at.join("run.toml"), "[data]\nsource = \"a.csv\"\ntarget = \"y\"\n").unwrap();
    let came = run(at, &["check", "run.toml", "--json"]);
    assert_eq!(came.status, Some(3), "{}", came.err);
    let document: serde_json::Value = serde_json::from_str(&came.out).unwrap();
    let finding = &document["findings"][0];
    assert_eq!(
        (&document["verdict"], &finding["id"]),
        (&"broken".into(), &"nonfinite-data".into())
    );
    let evidence = &finding["evidence"];
    assert_eq!((&evidence["line"], &evidence["column"]), (&4.into(), &"size".into()));
    let came = run(at, &["check", "run.toml"]);
    assert_eq!(came.status, Some(3), "{}", came.err);
    assert!(came.out.contains("a.csv, line 4, column \"size\": is infinite"), "{}", came.out);
    bad(at, &["train", "run.toml"], 2, &["a.csv, line 4, column \"size\"", "leave the cell empty"]);
}

#[test]
fn a_trial_is_kept_where_the_user_is_told() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    let short = ["doctor", "iris.toml", "--seconds", "0.5"];
    run(at, &[&short[..], &["--json"]].concat());
    assert!(!at.join("runs").exists(), "a script wants the document alone");
    for (more, kept) in [(&[][..], "runs/trial-iris-1"), (&["--out", "trial"], "trial")] {
        let came = run(at, &[&short[..], more].concat());
        assert!(came.err.contains(&format!("{kept}/report.html")), "{}", came.err);
        for file in ["report.html", "curves.svg", "layers.svg", "confusion.png"] {
            assert!(at.join(kept).join(file).exists(), "{kept}: {file}");
        }
    }
    bad(at, &["doctor", "trial", "--out", "other"], 2, &["--out is for a run file"]);
}

#[test]
fn training_says_what_a_glance_at_the_data_shows() {
    let folder = folder();
    let at = folder.path();
    let text = "[data]\nsource = \"wine\"\npreprocess = [\"standardize\"]\n[model]\nwidth = 8\n[train]\nepochs = 1\n";
    fs::write(at.join("run.toml"), format!("{text}[health]\nstop-on = \"error\"\n")).unwrap();
    let raw = ["train", "run.toml", "--out", "raw", "--set", "data.preprocess=[\"none\"]"];
    let came = run(at, &raw);
    assert_eq!(came.status, Some(1), "{}", came.err);
    for words in ["stopped after step 0", "(unscaled-input)"] {
        assert!(came.err.contains(words), "{words}: {}", came.err);
    }
    good(at, &["train", "run.toml", "--out", "scaled"]);
    let events = fs::read_to_string(at.join("scaled/events.jsonl")).unwrap();
    assert!(!events.contains("\"finding\""), "{events}");
}

#[test]
fn records_of_another_program_are_judged() {
    let folder = folder();
    let at = folder.path();
    fs::create_dir(at.join("run")).unwrap();
    let step = |i: u32| {
        let loss = if i < 30 { format!("{}", 2f64.powi(i as i32)) } else { "null".into() };
        format!(
            "{{\"kind\":\"step\",\"step\":{i},\"epoch\":1,\"loss\":{loss},\"data_loss\":{loss},\"penalty\":0,\"lr\":1,\"seconds\":1}}\n"
        )
    };
    let events: String = (1..40).map(step).collect();
    fs::write(at.join("run/events.jsonl"), events).unwrap();
    let came = run(at, &["doctor", "run", "--json"]);
    assert_eq!(came.status, Some(3), "{}", came.err);
    let document: serde_json::Value = serde_json::from_str(&came.out).unwrap();
    assert_eq!(document["findings"][0]["id"], "lr-too-high", "{document}");
    assert!(at.join("run/report.html").exists() && at.join("run/curves.svg").exists());
}

#[test]
fn another_program_s_run_is_overfitting_without_a_run_file() {
    let folder = folder();
    let at = folder.path();
    fs::create_dir(at.join("run")).unwrap();
    let start = r#"{"kind":"start","version":1,"program":"mine","task":"classification","rows":100,"validation_rows":500,"epochs":30}"#;
    let epoch = |i: u32| {
        let (train, validation) = (2.0 * 0.8f64.powi(i as i32), 1.5 + 0.1 * f64::from(i));
        format!(
            "{{\"kind\":\"epoch\",\"epoch\":{i},\"step\":{i},\"train\":{{\"loss\":{train},\"accuracy\":1}},\"validation\":{{\"loss\":{validation},\"accuracy\":0.5}}}}\n"
        )
    };
    let end = "{\"kind\":\"end\",\"reason\":\"done\",\"step\":30,\"epoch\":30}\n";
    let events = format!("{start}\n{}{end}", (1..=30).map(epoch).collect::<String>());
    fs::write(at.join("run/events.jsonl"), events).unwrap();
    let came = run(at, &["doctor", "run"]);
    assert_eq!(came.status, Some(4), "{}{}", came.out, came.err);
    assert!(came.out.contains("overfitting") && came.err.contains("no run.toml"), "{}", came.err);
}

#[test]
fn a_run_that_lost_its_numbers_still_has_its_curves() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    let sets = ["--set", "train.optimizer=sgd", "--set", "train.lr=1e30"];
    let args = [&["train", "iris.toml", "--out", "lost"][..], &sets].concat();
    bad(at, &args, 1, &["NaN or infinite", "gradwise doctor lost"]);
    assert!(fs::metadata(at.join("lost/curves.png")).is_ok_and(|m| m.len() > 1000));
    // Nothing to draw: the very first step failed.
    let sets = ["--set", "train.optimizer=sgd", "--set", "train.lr=1e39"];
    let args = [&["train", "iris.toml", "--out", "none"][..], &sets].concat();
    bad(at, &args, 1, &["step 1"]);
    assert!(fs::metadata(at.join("none/curves.png")).is_ok());
}

#[test]
fn a_diverging_run_is_told_at_once_and_can_be_ended_for_it() {
    let folder = folder();
    let at = folder.path();
    // Plain steps that are too long for a quadratic make it larger by a factor each time.
    let text = "[data]\nsource = \"iris\"\npreprocess = [\"standardize\"]\n[model]\noutput = \"linear\"\n\
                [loss]\nkind = \"l2\"\n[train]\nlr = 1\nepochs = 9";
    fs::write(at.join("run.toml"), text).unwrap();
    let came = run(at, &["train", "run.toml", "--out", "on"]);
    for words in ["lr-too-high, by step ", ": the loss diverges: it is "] {
        assert!(came.err.contains(words), "{words}: {}", came.err);
    }
    let stop = ["train", "run.toml", "--out", "off", "--set", "health.stop-on=error"];
    let came = run(at, &stop);
    assert_eq!(came.status, Some(1), "{}", came.err);
    for words in ["error: stopped after step ", "(lr-too-high)", "gradwise doctor off"] {
        assert!(came.err.contains(words), "{words}: {}", came.err);
    }
    assert!(fs::read_dir(at.join("off/checkpoints")).unwrap().count() > 0);
    let events = fs::read_to_string(at.join("off/events.jsonl")).unwrap();
    assert_eq!(events.matches("\"kind\":\"finding\"").count(), 1);
    assert!(events.trim_end().lines().last().unwrap().contains("\"reason\":\"finding\""));
    let summary = fs::read_to_string(at.join("off/summary.json")).unwrap();
    assert!(summary.contains("\"verdict\": \"broken\""), "{summary}");
}

#[test]
fn what_is_wrong_with_the_setup_is_told_before_the_first_step() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    let sets = ["--set", "model.init=zeros", "--set", "health.stop-on=error"];
    let came = run(at, &[&["train", "iris.toml", "--out", "zeros"][..], &sets].concat());
    assert_eq!(came.status, Some(1), "{}", came.err);
    assert!(came.err.contains("stopped after step 0"), "{}", came.err);
    assert!(came.err.contains("(symmetric-init)"), "{}", came.err);
}

/// The loss came down from far above to that of a constant answer: that is no success,
/// and the records alone must say so.
#[test]
fn a_report_by_the_records_alone_does_not_praise_a_dead_network() {
    let folder = folder();
    let at = folder.path();
    let text = "[data]\nsource = \"digits\"\n[model]\nlayers = [{ kind = \"dense\", units = 64 }]\n\
                [train]\noptimizer = \"sgd\"\nlr = 3\nepochs = 5";
    fs::write(at.join("run.toml"), text).unwrap();
    good(at, &["train", "run.toml", "--out", "dead"]);
    let report = fs::read_to_string(at.join("dead/report.html")).unwrap();
    for words in ["<b>broken</b>", "lr-too-high", "dead-units"] {
        assert!(report.contains(words), "{words}");
    }
}

/// What docs/run-folder.md tells other programs to write is a run.
#[test]
fn the_documented_records_of_another_program_are_judged() {
    let folder = folder();
    let at = folder.path();
    let page = include_str!("../../../docs/run-folder.md");
    let lines = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    fs::create_dir(at.join("foreign")).unwrap();
    fs::write(at.join("foreign/events.jsonl"), lines).unwrap();
    let came = run(at, &["doctor", "foreign", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&came.out).expect(&came.err);
    assert_eq!(document["measured"]["steps"], 1, "{document}");
    let layer = &document["measured"]["layers"]["fc1"];
    assert_eq!(layer["activation-gradient.std"]["last"], 0.0021, "{document}");
    assert_eq!(document["measured"]["histograms"][0]["of"], "weight");
    let report = fs::read_to_string(at.join("foreign/report.html")).unwrap();
    assert!(report.contains("fc1") && report.contains("tanh"));
}
