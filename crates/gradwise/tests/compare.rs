//! `gradwise compare` from outside: table, document, picture, mistakes, and that a
//! study which was killed goes on.

mod common;

use common::{bad, command, folder, good, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

const RUN: &str = "\
[data]
source = \"iris\"
split = { train = 0.6, validation = 0.2, test = 0.2 }
preprocess = [\"standardize\"]
[model]
width = 8
depth = 1
[train]
epochs = 20
lr = 0.3
batch = 16
";

fn write(folder: &Path) {
    std::fs::write(folder.join("iris.toml"), RUN).unwrap();
}

#[test]
fn a_table_a_document_and_a_picture() {
    let folder = folder();
    write(folder.path());
    let vary = ["compare", "iris.toml", "--vary", "train.lr=0.3,1e-6", "--seeds", "6"];
    let table = good(folder.path(), &vary);
    for word in ["lr=0.3", "reference", "worse", "* the best mean", "paired t-tests over 6 seeds"] {
        assert!(table.contains(word), "no {word:?} in\n{table}");
    }
    let study = folder.path().join("runs/compare-iris-1");
    for file in
        ["compare.svg", "compare.png", "compare.json", "report.html", "lr=1e-6/seed-5/summary.json"]
    {
        assert!(study.join(file).exists(), "{file}");
    }
    let folds = [&vary[..4], &["--folds", "8", "--json"]].concat();
    let document = json(folder.path(), &folds);
    assert_eq!(document["over"], "folds");
    assert_eq!(document["variants"][1]["verdict"], "worse");
    assert_eq!(document["variants"][0]["runs"].as_array().map(Vec::len), Some(8));
    assert!(document["variants"][1]["difference"]["p"].as_f64().unwrap() < 0.05);
}

#[test]
fn of_equal_means_none_is_best() {
    let folder = folder();
    write(folder.path());
    // How often a checkpoint is written changes nothing.
    let vary = ["compare", "iris.toml", "--vary", "train.checkpoint=5,10", "--seeds", "2"];
    let table = good(folder.path(), &vary);
    assert!(table.contains("* all means are equal"), "{table}");
    assert!(table.contains("no difference"), "{table}");
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let folder = folder();
    write(folder.path());
    let told = |more: &[&str], words: &[&str]| {
        bad(folder.path(), &[&["compare", "iris.toml"], more].concat(), 2, words);
    };
    told(&["--vary", "train.epohcs=3,4"], &["--vary: unknown key", "did you mean `train.epochs`"]);
    told(&["--vary", "model.activation=relu,rleu"], &["rleu", "relu"]);
    told(&["--vary", "train.lr"], &["KEY=A,B,C"]);
    told(&["--vary", "seed=1,2"], &["--seeds"]);
    told(&["--seeds", "3", "--folds", "3"], &["--folds"]);
    told(&["--seeds", "0"], &["--seeds"]);
    told(&["--set", "data.split={ test = 0.5 }"], &["validation", "--folds"]);
    bad(folder.path(), &["compare", "no.toml"], 2, &["no.toml"]);
    assert!(!folder.path().join("runs/compare-iris-1/base/seed-0").exists());
}

#[test]
fn a_killed_study_goes_on() {
    let folder = folder();
    write(folder.path());
    let arguments = ["compare", "iris.toml", "--vary", "train.lr=0.3,0.1", "--jobs", "1"];
    let whole = json(folder.path(), &[&arguments[..], &["--json", "--out", "whole"]].concat());
    let cut = [&arguments[..], &["--json", "--out", "cut"]].concat();
    let mut child = command(folder.path(), &cut).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("2/6")));
    child.kill().unwrap();
    child.wait().unwrap();
    let output = command(folder.path(), &cut).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("of them done before") && !said.contains("\n1/6"), "{said}");
    let again: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let values = |report: &serde_json::Value| -> Vec<serde_json::Value> {
        let variants = report["variants"].as_array().unwrap();
        variants.iter().map(|v| v["validation"].clone()).collect()
    };
    assert_eq!(values(&whole), values(&again));
}
