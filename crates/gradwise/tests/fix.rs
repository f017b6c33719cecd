//! `gradwise doctor --fix` as a shell sees it.

mod common;

use common::{bad, folder, good, run};

const RUN: &str = "\
[data]
source = \"digits\"
limit = 600
preprocess = [\"scale(16)\"]
split = { train = 0.7, validation = 0.3 }
[model]
width = 32
depth = 1
[train]
epochs = 6
optimizer = \"adam\"
lr = 2.0
batch = 16
";

#[test]
fn the_mended_run_file_and_its_picture_are_written() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("sick.toml"), RUN).unwrap();
    let came = run(at, &["doctor", "sick.toml", "--fix", "--seeds", "4"]);
    assert_eq!(came.status, Some(0), "{}{}", came.out, came.err);
    assert!(came.out.contains("lr-too-high") && came.out.contains("kept"), "{}", came.out);
    assert!(came.err.contains("mended") && came.err.contains("of 10:00 allowed"), "{}", came.err);
    for file in ["fixed.toml", "fixed.svg", "fixed.png"] {
        assert!(at.join(file).exists(), "{file}");
    }
    let text = std::fs::read_to_string(at.join("fixed.toml")).unwrap();
    assert!(text.contains("# lr-too-high: steps do not overshoot (was 2.0)\nlr = 0.0"), "{text}");
    let again = good(at, &["doctor", "fixed.toml", "--fix", "-o", "twice.toml", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!(document["tried"].as_array().map(Vec::len), Some(0), "{document}");
    assert!(!at.join("twice.toml").exists());
}

#[test]
fn without_time_nothing_is_kept() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("sick.toml"), RUN).unwrap();
    let came = run(at, &["doctor", "sick.toml", "--fix", "--budget", "0"]);
    for words in ["stopped before everything was tried", "help: --budget"] {
        assert!(came.err.contains(words), "{words}: {}", came.err);
    }
    assert!(!at.join("fixed.toml").exists());
    bad(at, &["doctor", "sick.toml", "--fix", "--budget=-1"], 2, &["--budget"]);
    bad(at, &["doctor", "no.toml", "--fix"], 2, &["no.toml"]);
}
