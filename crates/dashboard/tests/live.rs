//! Runs that grow, are cut, broken or foreign.

mod common;

use common::{Served, append, end, start, steps};
use serde_json::{Value, json};

#[test]
fn a_folder_without_runs_waits_for_them() {
    let root = tempfile::tempdir().unwrap();
    let runs = root.path().join("runs");
    let served = Served::new(&runs);
    assert!(served.wait(|_| true).is_empty());
    append(&runs.join("first"), &[start(1)]);
    let list = served.wait(|runs| runs.len() == 1 && runs[0]["state"] == "waiting");
    assert_eq!(list[0]["name"], "first");
}

#[test]
fn a_run_is_followed_until_its_end_and_only_what_changed_is_sent() {
    let root = tempfile::tempdir().unwrap();
    let (a, b) = (root.path().join("a"), root.path().join("b"));
    append(&a, &[start(1)]);
    append(&a, &steps(1..=40, |i| 2.0 / i as f64));
    append(&b, &[start(2)]);
    append(&b, &steps(1..=9, |_| 1.0));
    let served = Served::new(root.path());
    let list = served.wait(|runs| runs.len() == 2 && runs.iter().all(|r| !r["verdict"].is_null()));
    assert_eq!((&list[0]["state"], &list[0]["step"]), (&json!("running"), &json!(40)));
    assert_eq!(list[0]["learning"]["answer"], "yes");

    let version = served.json("/api/runs?since=0")["version"].as_u64().unwrap();
    let quiet = served.json(&format!("/api/runs?since={version}"));
    assert_eq!(quiet["runs"], json!([]));
    assert!(quiet.get("order").is_none());
    append(&a, &steps(41..=50, |i| 2.0 / i as f64));
    append(&a, &[end(50)]);
    served.wait(|runs| runs[0]["state"] == "ended");
    let news = served.json(&format!("/api/runs?since={version}"));
    let names: Vec<&Value> =
        news["runs"].as_array().unwrap().iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["a"]);

    let id = news["runs"][0]["id"].as_str().unwrap();
    let curves = served.json(&format!("/api/curves?runs={id}&points=30"));
    let means = curves[0]["loss"]["mean"].as_array().unwrap();
    assert_eq!((means.len(), curves[0]["loss"]["step"][24].as_u64()), (25, Some(50)));
    let values = served.json(&format!("/api/runs/{id}/values?of=activation"));
    assert_eq!(values["layers"][0]["name"], "dense1");
    assert_eq!(values["layers"][0]["max"].as_array().unwrap().len(), 50);
}

#[test]
fn a_log_that_was_cut_is_read_again() {
    let root = tempfile::tempdir().unwrap();
    append(root.path(), &[start(1)]);
    append(root.path(), &steps(1..=30, |_| 1.0));
    let served = Served::new(root.path());
    served.wait(|runs| runs.len() == 1 && runs[0]["step"] == 30);
    std::fs::write(root.path().join("events.jsonl"), format!("{}\n", start(1))).unwrap();
    append(root.path(), &steps(1..=7, |_| 1.0));
    let list = served.wait(|runs| runs[0]["step"] == 7);
    let id = list[0]["id"].as_str().unwrap();
    let curves = served.json(&format!("/api/curves?runs={id}"));
    assert_eq!(curves[0]["loss"]["step"].as_array().unwrap().len(), 7);
}

#[test]
fn a_run_that_breaks_is_found_sick_with_the_step() {
    let root = tempfile::tempdir().unwrap();
    append(root.path(), &[start(1)]);
    append(root.path(), &steps(1..=30, |i| if i < 20 { 1.0 } else { f64::NAN }));
    let served = Served::new(root.path());
    let list = served.wait(|runs| runs.len() == 1 && runs[0]["verdict"] == "broken");
    let id = list[0]["id"].as_str().unwrap();
    assert_eq!(served.json(&format!("/api/curves?runs={id}"))[0]["nonfinite"], 20);
    let detail = served.json(&format!("/api/runs/{id}"));
    assert_eq!(detail["learning"]["text"], "numbers stopped being finite at step 20");
    assert!(detail["findings"][0]["rule"]["harm"].is_string(), "{detail:#}");
}

#[test]
fn broken_and_foreign_folders_are_shown_as_far_as_they_go() {
    let root = tempfile::tempdir().unwrap();
    let make = |name: &str, text: &str| {
        let folder = root.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("events.jsonl"), text).unwrap();
    };
    make("1-empty", "");
    make("2-garbage", "\u{0}\u{1}nonsense\n<script>alert(1)</script>\n");
    make("3-foreign", "{\"kind\":\"weather\",\"wind\":3}\n");
    make("4-torn", &format!("{}\n{{\"kind\":\"step\"", start(1)));
    let last: String = steps(1..=5, |_| 1.0).iter().map(|s| format!("{s}\n")).collect();
    make("5-mended", &format!("{}\nnonsense\n{last}", start(1)));
    std::fs::write(root.path().join("5-mended/summary.json"), "{").unwrap();
    std::fs::write(root.path().join("5-mended/run.toml"), "[data\nsource").unwrap();
    let served = Served::new(root.path());
    let list = served.wait(|runs| runs.len() == 5 && runs[4]["step"] == 5);
    assert_eq!(list[1]["problems"], 2);
    for run in &list {
        let id = run["id"].as_str().unwrap();
        for path in ["", "/values", "/pictures"] {
            served.json(&format!("/api/runs/{id}{path}"));
        }
        served.json(&format!("/api/curves?runs={id},nobody"));
        served.json(&format!("/api/settings?runs={id},nobody"));
    }
    let id = list[4]["id"].as_str().unwrap();
    let problems = served.json(&format!("/api/runs/{id}"))["problems"].to_string();
    assert!(problems.contains("line 2 is not a record"), "{problems}");
    assert!(!problems.contains(&root.path().display().to_string()), "{problems}");
}

#[test]
fn a_run_that_is_removed_goes_and_its_id_is_nobodys() {
    let root = tempfile::tempdir().unwrap();
    append(&root.path().join("a"), &[start(1)]);
    append(&root.path().join("b"), &[start(2)]);
    let served = Served::new(root.path());
    let list = served.wait(|runs| runs.len() == 2);
    std::fs::remove_dir_all(root.path().join("a")).unwrap();
    served.wait(|runs| runs.len() == 1 && runs[0]["name"] == "b");
    let gone = list[0]["id"].as_str().unwrap();
    assert_eq!(served.ask(&format!("GET /api/runs/{gone}"), &[]).status(), 404);
}
