//! Each command on data that are in the program, from first to last.

mod common;

use common::{folder, good, json, run, trained};
use std::fs;

#[test]
fn new_data_train_evaluate_and_predict_follow_each_other() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    let run_folder = at.join("runs/iris-1");
    for file in ["run.toml", "summary.json", "model.safetensors", "curves.svg", "curves.png"] {
        assert!(run_folder.join(file).is_file(), "{file}");
    }
    assert!(run_folder.join("confusion.svg").is_file());
    let report = json(at, &["evaluate", "runs/iris-1", "--json"]);
    assert_eq!(report["rows_of"], "test");
    assert!(report["measures"]["accuracy"].as_f64().unwrap() > 0.8, "{report}");
    let text = good(at, &["evaluate", "runs/iris-1", "--pictures", "pictures"]);
    assert!(text.contains("setosa") && text.contains("precision"), "{text}");
    assert!(at.join("pictures/confusion.png").is_file());
    let rows = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n\
                5.1,3.5,1.4,0.2\n6.5,3.0,5.8,2.2\n";
    fs::write(at.join("rows.csv"), rows).unwrap();
    let table = good(at, &["predict", "runs/iris-1", "rows.csv"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[1].starts_with("setosa,") && lines[2].starts_with("virginica,"), "{table}");
    let document = json(at, &["predict", "runs/iris-1", "rows.csv", "--json"]);
    assert_eq!(document[0]["prediction"], "setosa");
    good(at, &["predict", "runs/iris-1", "rows.csv", "-o", "answers.jsonl"]);
    assert_eq!(fs::read_to_string(at.join("answers.jsonl")).unwrap().lines().count(), 2);
}

/// Rows of y = 1000 x + 50,000, all different, in a file of a user's own, with the target guessed.
#[test]
fn a_regression_from_a_table_is_learnt_with_what_new_wrote() {
    let folder = folder();
    let at = folder.path();
    let row = |i: i32| format!("{i},{},{}\n", i % 7, 1000 * i + 50_000);
    let rows: String = (0..400).map(row).collect();
    fs::write(at.join("prices.csv"), format!("size,noise,price\n{rows}")).unwrap();
    good(at, &["new", "prices.csv", "-o", "prices.toml"]);
    let document = json(at, &["train", "prices.toml", "--json"]);
    assert!(document["test"]["r2"].as_f64().unwrap() > 0.9, "{document}");
}

#[test]
fn train_says_where_and_how_well_in_json_too() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "digits", "-o", "digits.toml"]);
    let sets = ["train", "digits.toml", "--set", "train.epochs=3", "--out", "here", "--json"];
    let document = json(at, &sets);
    assert_eq!(document["folder"], "here");
    assert_eq!(document["epochs"], 3);
    assert!(document["test"]["accuracy"].as_f64().unwrap() > 0.5);
}

#[test]
fn a_stopped_run_goes_on_from_its_folder() {
    let folder = folder();
    let at = folder.path();
    good(at, &["new", "iris", "-o", "iris.toml"]);
    let first = ["train", "iris.toml", "--set", "train.epochs=4", "--out", "short"];
    good(at, &first);
    let came = run(at, &["train", "--resume", "short", "--set", "train.epochs=6"]);
    assert_eq!(came.status, Some(0), "{}", came.err);
    assert!(came.err.contains("epoch 6/6") && !came.err.contains("epoch 4/"), "{}", came.err);
}

#[test]
fn graphs_are_drawn_in_every_format() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    good(at, &["graph", "iris.toml"]);
    let svg = fs::read_to_string(at.join("iris.svg")).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains(">dense1<") && svg.contains("stroke-dasharray")
    );
    for (file, start) in [("a.png", &b"\x89PNG"[..]), ("a.dot", b"digraph"), ("a.json", b"{")] {
        good(at, &["graph", "iris.toml", "-o", file, "--values", "--update"]);
        assert!(fs::read(at.join(file)).unwrap().starts_with(start), "{file}");
    }
    let document = json(at, &["graph", "runs/iris-1", "--json", "--values", "2"]);
    assert!(document["nodes"].as_array().unwrap().len() > 20);
    let svg = good(at, &["graph", "iris.toml", "--forward", "-o", "-"]);
    assert!(svg.contains("matmul") && !svg.contains("gradients, backward"));
}

#[test]
fn data_are_listed_and_described() {
    let folder = folder();
    let at = folder.path();
    let list = json(at, &["data", "--json"]);
    let names: Vec<&str> =
        list.as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"digits") && names.contains(&"cifar10") && names.contains(&"xor"));
    let text = good(at, &["data", "wine"]);
    assert!(text.contains("178 rows") && text.contains("classification"), "{text}");
    assert_eq!(json(at, &["data", "iris", "--json"])["rows"], 150);
}

#[test]
fn help_has_an_example_for_every_command() {
    let folder = folder();
    let help = good(folder.path(), &["--help"]);
    for command in ["train", "evaluate", "predict", "new", "graph", "data", "completions"] {
        assert!(help.contains(command), "{command}");
        let own = good(folder.path(), &[command, "--help"]);
        let line = format!("\n  gradwise {command}");
        assert!(own.contains("Example") && own.contains(&line), "{own}");
    }
    let keys = good(folder.path(), &["train", "--keys"]);
    assert!(keys.contains("train.lr") && keys.contains("model.activation"));
    assert!(good(folder.path(), &["--version"]).starts_with("gradwise 0."));
}

#[test]
fn every_shell_gets_completions() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(good(folder.path(), &["completions", shell]).contains("gradwise"), "{shell}");
    }
}
