//! Remedies tried on small trainings: one fault, two at once, none, and no budget.

use gradwise_health::fix::{Effort, Fixed, Told, fix, written};
use gradwise_trials::Base;
use std::sync::Arc;
use std::time::Duration;

const DIGITS: &str = "[data]\nsource = \"digits\"\npreprocess = [\"standardize\"]\n[model]\n\
                      width = 32\ndepth = 2\n[train]\noptimizer = \"adam\"\nlr = 0.003\n\
                      epochs = 8\nbatch = 32\n";

fn base(changes: &[(&str, &str)]) -> Base {
    let text = changes.iter().fold(DIGITS.to_string(), |text, (a, b)| text.replace(a, b));
    Base { path: "run.toml".into(), text, sets: Vec::new() }
}

fn fixed(base: &Base, budget: Option<Duration>) -> Fixed {
    let folder = tempfile::tempdir().unwrap();
    let effort = Effort { seeds: 3, budget, threads: Some(1) };
    let silent = |_: Told<'_>| {};
    fix(base, &effort, folder.path(), &Arc::default(), &silent).unwrap()
}

fn kept(fixed: &Fixed) -> Vec<&str> {
    let settings = fixed.kept.parts.iter().flat_map(|part| &part.set);
    settings.map(|(key, _)| key.as_str()).collect()
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

#[test]
fn a_wrong_rate_is_mended_with_the_reason_beside_it() {
    let base = base(&[("lr = 0.003", "lr = 1.0")]);
    let fixed = fixed(&base, None);
    assert_eq!(kept(&fixed), ["train.lr"], "{fixed:?}");
    assert!(mean(&fixed.after) > 0.9 && mean(&fixed.before) < 0.5, "{fixed:?}");
    assert!(fixed.left.is_empty() && !fixed.stopped && fixed.trainings > 6);
    let won = fixed.tried.iter().find(|tried| tried.kept).unwrap();
    assert!(won.p.unwrap() <= 0.025 && won.full.len() == 3, "{won:?}");
    let study = fixed.study.as_ref().unwrap();
    let names: Vec<&str> = study.variants.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["before", "after"]);
    let text = written(&fixed, &base).unwrap();
    assert!(text.contains("# lr-too-high: steps do not overshoot (was 1.0)\nlr = 0.01"), "{text}");
    assert!(text.contains("accuracy 0."), "{text}");
    gradwise_train::runfile::parse(&text, "fixed.toml".as_ref(), &[]).unwrap();
}

#[test]
fn two_faults_that_hide_each_other_are_mended() {
    let fixed = fixed(
        &base(&[("lr = 0.003", "lr = 1e-7"), ("depth = 2", "depth = 2\ninit = \"zeros\"")]),
        None,
    );
    let mut keys = kept(&fixed);
    keys.sort_unstable();
    assert_eq!(keys, ["model.init", "train.lr"], "{fixed:?}");
    assert!(mean(&fixed.after) > 0.9, "{fixed:?}");
}

#[test]
fn a_healthy_run_is_left_alone() {
    let fixed = fixed(&base(&[]), None);
    assert!(fixed.kept.parts.is_empty() && fixed.tried.is_empty(), "{fixed:?}");
    assert!(fixed.study.is_none() && fixed.trainings == 1);
}

/// Nothing is proven in no time, and rows that validate are found where there are none.
#[test]
fn the_budget_ends_it_and_nothing_is_kept_unproven() {
    let fixed = fixed(&base(&[("lr = 0.003", "lr = 1.0")]), Some(Duration::ZERO));
    assert!(fixed.stopped && fixed.kept.parts.is_empty() && fixed.trainings == 0, "{fixed:?}");
    let split = ("[\"standardize\"]", "[\"standardize\"]\nsplit = { test = 0.2 }");
    let fixed = self::fixed(&base(&[("lr = 0.003", "lr = 1.0"), split]), None);
    assert_eq!(kept(&fixed), ["train.lr"], "{fixed:?}");
}

/// `model.activation` does not reach a layer that has its own.
#[test]
fn a_layer_with_settings_of_its_own_is_mended() {
    let layers = "layers = [{ units = 32 }, { units = 8, activation = \"softmax\" }]";
    let base = base(&[("width = 32\ndepth = 2", layers)]);
    let fixed = fixed(&base, None);
    assert_eq!(kept(&fixed), ["model.layers"], "{fixed:?}");
    assert!(fixed.left.is_empty() && mean(&fixed.after) > mean(&fixed.before), "{fixed:?}");
    let text = written(&fixed, &base).unwrap();
    assert!(text.contains("# double-softmax: ") && !text.contains("(was [)"), "{text}");
    gradwise_train::runfile::parse(&text, "fixed.toml".as_ref(), &[]).unwrap();
}

/// Rows sorted by class and split in that order: the score says nothing before they are
/// shuffled, so that nothing has to be proven by it.
#[test]
fn a_score_that_is_not_honest_is_made_so_first() {
    let folder = tempfile::tempdir().unwrap();
    let row =
        |i: u32| format!("{},{},{}\n", i % 17, i % 3 + 3 * (i / 150), ["a", "b"][i as usize / 150]);
    let rows: String = (0..300).map(row).collect();
    std::fs::write(folder.path().join("sorted.csv"), format!("u,v,y\n{rows}")).unwrap();
    let source = ("\"digits\"", "\"sorted.csv\"\ntarget = \"y\"\nshuffle = false");
    let path = folder.path().join("run.toml");
    let base = Base { path, ..base(&[source]) };
    let fixed = fixed(&base, None);
    let text = written(&fixed, &base).unwrap();
    assert!(text.contains("# The score before was not honest (split-shift)"), "{text}");
    assert_eq!(kept(&fixed).first(), Some(&"data.shuffle"), "{fixed:?}");
    assert!(fixed.tried[0].honest && fixed.tried[0].p.is_none(), "{fixed:?}");
    assert!(fixed.left.iter().all(|f| f.id != "split-shift"), "{fixed:?}");
}
