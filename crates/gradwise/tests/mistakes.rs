//! What a user can get wrong: one message with what, where and what would be
//! right, nothing on standard output, and the right exit status.

mod common;

use common::{bad, folder, good, run, trained};
use std::fs;

#[test]
fn mistakes_in_a_run_file_are_shown_where_they_are() {
    let folder = folder();
    let at = folder.path();
    let write = |text: &str| fs::write(at.join("run.toml"), text).unwrap();
    let train = ["train", "run.toml"];
    write("[data]\nsource = \"iris\"\n[train]\nepocs = 3\n");
    bad(at, &train, 2, &["run.toml:4:1", "train.epocs", "epochs"]);
    write("[data]\nsource = \"iris\"\n[train]\nepochs = \"many\"\n");
    bad(at, &train, 2, &["run.toml:4:10", "whole number"]);
    write("[data]\nsource = \"iris\"\n[model]\nactivation = \"rleu\"\n");
    bad(at, &train, 2, &["run.toml:4:14", "relu"]);
    write("[data]\nsource = \"iris\n");
    bad(at, &train, 2, &["run.toml:2"]);
    write("[data]\nsource = \"irs\"\n");
    bad(at, &train, 2, &["irs", "iris"]);
    write("[data]\nsource = \"iris\"\ntarget = \"petals\"\n");
    bad(at, &train, 2, &["petals"]);
    assert!(!at.join("runs").exists(), "a run that could not start leaves nothing");
}

#[test]
fn mistakes_on_the_command_line_are_told_with_the_usage() {
    let folder = folder();
    let at = folder.path();
    bad(at, &["trian", "run.toml"], 2, &["trian", "train"]);
    bad(at, &["train"], 2, &["RUN.toml", "Usage"]);
    bad(at, &["train", "nowhere.toml"], 2, &["nowhere.toml", "gradwise new"]);
    bad(at, &["train", "run.toml", "--threads", "0"], 2, &["from 1 to 1024"]);
    bad(at, &["train", "--resume", "nowhere"], 2, &["no run folder nowhere"]);
    good(at, &["new", "iris", "-o", "run.toml"]);
    bad(at, &["train", "run.toml", "--set", "train.lr"], 2, &["KEY=VALUE"]);
    bad(at, &["train", "run.toml", "--set", "train.rl=1"], 2, &["--set", "train.rl", " lr,"]);
    bad(at, &["train", "run.toml", "--set", "learning_rate=1"], 2, &["train.lr"]);
    bad(at, &["train", "run.toml", "--set", "train.lr=fast"], 2, &["above 0, not `fast`"]);
    bad(at, &["train", "run.toml", "--set", "loss.kind=mse"], 2, &["\"mse\"", "\"l2\"?"]);
    bad(at, &["new", "iris", "-o", "run.toml"], 2, &["--force"]);
    fs::write(at.join("my rows.csv"), "a,y\n1,2\n").unwrap();
    bad(at, &["train", "my rows.csv"], 2, &["no run file but data", "gradwise new 'my rows.csv'"]);
    bad(at, &["doctor", "nowhere"], 2, &["neither a run file nor a run folder"]);
    bad(at, &["graph", "run.toml", "-o", "net.gif"], 2, &["net.gif", ".svg"]);
    bad(at, &["graph", "run.toml", "--values", "9999"], 2, &["9999", "120"]);
    bad(at, &["data", "nothing.csv"], 2, &["nothing.csv"]);
    bad(at, &["evaluate", "nowhere"], 2, &["nowhere"]);
}

#[test]
fn a_folder_that_is_taken_is_not_written_over() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    let again = ["train", "iris.toml", "--out", "runs/iris-1"];
    bad(at, &again, 2, &["runs/iris-1", "--resume"]);
    bad(at, &["train", "--resume", "elsewhere"], 2, &["elsewhere"]);
    fs::remove_file(at.join("runs/iris-1/run.toml")).unwrap();
    bad(at, &again, 2, &["runs/iris-1", "--resume"]);
}

#[test]
fn a_folder_left_by_a_kill_before_the_first_record_is_free() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    fs::create_dir_all(at.join("out/checkpoints")).unwrap();
    fs::write(at.join("out/events.jsonl"), "").unwrap();
    good(at, &["train", "iris.toml", "--out", "out", "--set", "train.epochs=1"]);
    assert!(at.join("out/summary.json").exists());
}

#[test]
fn rows_that_do_not_fit_the_model_are_named() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    fs::write(at.join("rows.csv"), "sepal length (cm),other\n1,2\n").unwrap();
    bad(at, &["predict", "runs/iris-1", "rows.csv"], 2, &["rows.csv", "sepal width (cm)"]);
    fs::write(at.join("bad.csv"), "a,b\n1,2,3\n").unwrap();
    bad(at, &["predict", "runs/iris-1", "bad.csv"], 2, &["bad.csv", "line 2"]);
    bad(at, &["predict", "runs/iris-1", "rows.csv", "-o", "out.xls"], 2, &["out.xls", ".csv"]);
    assert!(!at.join("out.xls").exists());
    bad(at, &["export", "runs/iris-1", "-o", "model.pt"], 2, &["model.pt", ".onnx"]);
    bad(at, &["export", "runs/iris-1", "-o", "no/model.onnx"], 1, &["there is no folder no"]);
}

#[test]
fn a_training_that_diverges_fails_with_the_place() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    let sets = ["train", "iris.toml", "--set", "train.optimizer=sgd", "--set", "train.lr=1e30"];
    bad(at, &sets, 1, &["error: step 2", "output", "NaN"]);
    let came = run(at, &[&sets[..], &["--json"]].concat());
    let document: serde_json::Value = serde_json::from_str(&came.out).unwrap();
    assert_eq!((came.status, &document["reason"]), (Some(1), &"nonfinite".into()));
}
