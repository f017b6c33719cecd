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
    for picture in ["confusion", "roc", "calibration", "gradients", "layers"] {
        assert!(run_folder.join(picture).with_extension("svg").is_file(), "{picture}");
    }
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
    good(at, &["predict", "runs/iris-1", "rows.csv", "-o", "answers.parquet"]);
    let text = good(at, &["data", "answers.parquet"]);
    assert!(text.contains("2 rows") && text.contains("probability virginica"), "{text}");
}

/// New rows have cities that no training row had, and are answered all the same.
#[test]
fn rows_with_an_unknown_category_are_read_and_told_of() {
    let folder = folder();
    let at = folder.path();
    let row = |i: usize| format!("{},{},{}\n", i % 7, ["Bern", "Rome"][i % 2], i % 2);
    let table = |rows: String| format!("n,city,y\n{rows}");
    fs::write(at.join("train.csv"), table((0..80).map(row).collect())).unwrap();
    fs::write(at.join("held.csv"), table((0..20).map(row).collect::<String>() + "3,Oslo,1\n"))
        .unwrap();
    let file = "[data]\nsource = \"train.csv\"\nvalidation = \"held.csv\"\ntarget = \"y\"\n\
                [model]\nwidth = 4\ndepth = 1\n[train]\nepochs = 20\nbatch = 16\nlr = 0.1\n";
    fs::write(at.join("run.toml"), file).unwrap();
    let came = run(at, &["train", "run.toml", "--out", "run"]);
    assert_eq!(came.status, Some(0), "{}", came.err);
    let warning = "column \"city\": \"Oslo\" is a category that the training data did not have";
    assert!(came.err.contains(warning), "{}", came.err);
    fs::write(at.join("new.csv"), "n,city\n1,Rome\n1,Lima\n1,Oslo\n").unwrap();
    let came = run(at, &["predict", "run", "new.csv"]);
    assert_eq!(came.out.lines().count(), 4, "{}", came.out);
    let warning = "\"Lima\", \"Oslo\" are categories that the training data did not have";
    assert!(came.err.contains(warning), "{}", came.err);
}

/// What the numbers of an ONNX file are, `bench/export.py` compares by ONNX Runtime.
#[test]
fn a_model_is_exported_with_its_preprocessing_and_the_meaning_of_its_columns() {
    let folder = folder();
    let at = folder.path();
    trained(at);
    good(at, &["export", "runs/iris-1", "-o", "model.onnx"]);
    let file = fs::read(at.join("model.onnx")).unwrap();
    let holds = |word: &str| file.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    for word in ["Sub", "MatMul", "Softmax", "dense1.weight", "petal width (cm)", "virginica"] {
        assert!(holds(word), "{word}");
    }
    good(at, &["export", "runs/iris-1", "-o", "model.safetensors"]);
    let own = fs::read(at.join("runs/iris-1/model.safetensors")).unwrap();
    assert_eq!(fs::read(at.join("model.safetensors")).unwrap(), own);
}

/// Class names are what a file of somebody else says; the page can be mailed.
#[test]
fn a_run_has_a_page_on_which_names_from_data_are_no_markup() {
    let folder = folder();
    let at = folder.path();
    let row = |i: i32| format!("{i},{}\n", if i % 2 == 0 { "<script>" } else { "<img src=x>" });
    let rows: String = (0..60).map(row).collect();
    fs::write(at.join("names.csv"), format!("<b>x</b>,class\n{rows}")).unwrap();
    good(at, &["new", "names.csv", "-o", "names.toml"]);
    good(at, &["train", "names.toml", "--out", "here", "--set", "train.epochs=3"]);
    let page = || fs::read_to_string(at.join("here/report.html")).unwrap();
    let first = page();
    for markup in ["<script", "<img", "<b>x"] {
        assert!(!first.contains(markup), "{markup}");
    }
    assert!(first.contains("&lt;script&gt;") && first.contains("id=\"predictions\""));
    assert!(first.len() < 2_000_000, "{}", first.len());
    assert!(first.contains("records of the training alone"));
    let came = run(at, &["doctor", "here"]);
    assert!(!came.err.contains("warning"), "{}", came.err);
    assert!(!page().contains("records of the training alone"), "doctor writes it anew");
    let summary = fs::read_to_string(at.join("here/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let verdict = summary["verdict"].as_str().unwrap().to_string();
    fs::remove_file(at.join("here/roc.svg")).unwrap();
    good(at, &["evaluate", "here"]);
    assert!(at.join("here/roc.svg").exists(), "evaluate draws what is missing");
    assert!(page().contains(&format!("verdict {verdict}")));
    let quiet = ["train", "names.toml", "--out", "bare", "--no-pictures"];
    good(at, &quiet);
    assert!(!at.join("bare/report.html").exists() && !at.join("bare/curves.svg").exists());
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
    let run_folder = document["folder"].as_str().unwrap();
    assert!(at.join(run_folder).join("scatter.png").is_file(), "{run_folder}");
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
