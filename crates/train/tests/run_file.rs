//! The run file from text to what can run: good ones, and what is said of bad ones.

use gradwise_nn::{Activation, Init, Optimizer};
use gradwise_train::runfile::checked::{Checked, ClassWeights};
use gradwise_train::runfile::{RunFileError, load, parse};
use std::path::Path;

fn read(text: &str, sets: &[(&str, &str)]) -> Result<Checked, RunFileError> {
    let sets: Vec<_> = sets.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    parse(&format!("[data]\nsource = \"digits\"\n{text}"), Path::new("run.toml"), &sets)
}

fn error(text: &str, sets: &[(&str, &str)]) -> String {
    read(text, sets).map(|_| ()).unwrap_err().to_string()
}

/// The example of the interface, with every kind of key.
const FULL: &str = r#"
target = "digit"
task = "classification"
split = { train = 0.8, validation = 0.1, test = 0.1 }
preprocess = ["scale(16)", "standardize"]
limit = 1000
[model]
layers = [
  { kind = "dense", units = 500 },
  { kind = "dense", units = 200, activation = "maxout(2)", init = "xavier", bias = 0.1, l2 = 0.5 },
  { units = 3, bias = false, dropout = 0.5 },
]
activation = "tanh"
init = "normal(0.01)"
bias = 0.2
features = "rff(1024, 0.05)"
output = "softmax"
[loss]
kind = "hinge(2)"
reduction = "sum"
class-weights = [1, 2.5]
[regularize]
l1 = 0.1
l2 = 1e-4
[train]
epochs = 3
batch = 32
optimizer = "adam"
lr = 0.01
beta1 = 0.8
schedule = "warmup(10) cosine"
clip = 1.0
early-stop = 5
[health]
every = 7
"#;

#[test]
fn every_key_reaches_what_runs() {
    let run = read(FULL, &[]).unwrap();
    let layers = &run.model.hidden;
    assert_eq!((layers[0].units, layers[0].activation), (500, Activation::Tanh));
    assert_eq!((layers[0].init, layers[0].bias), (Init::Normal(0.01), Some(0.2)));
    assert_eq!((layers[0].l1, layers[0].l2, layers[1].l2), (0.1, 1e-4, 0.5));
    assert_eq!((layers[1].activation, layers[1].bias), (Activation::Maxout(2), Some(0.1)));
    assert_eq!((layers[2].bias, layers[2].dropout), (None, 0.5));
    assert_eq!((run.model.output, run.model.output_bias), (Some(Activation::Softmax), Some(0.0)));
    assert_eq!(run.loss.class_weights, ClassWeights::Given(vec![1.0, 2.5]));
    assert!(matches!(run.train.optimizer, Optimizer::Adam(adam) if adam.beta1 == 0.8));
    assert_eq!((run.train.batch, run.train.clip), (Some(32), Some(1.0)));
    assert_eq!((run.train.early_stop, run.train.keep_best), (Some(5), true));
    assert_eq!((run.health.every, run.data.limit), (Some(7), Some(1000)));
    assert_eq!(run.train.schedule.to_string(), "warmup(10) cosine");
}

#[test]
fn the_short_form_makes_equal_layers() {
    let run = read("[model]\nwidth = 50\ndepth = 3", &[]).unwrap();
    assert_eq!(run.model.hidden.iter().map(|l| l.units).collect::<Vec<_>>(), [50, 50, 50]);
    assert_eq!(read("[model]\nwidth = 50", &[]).unwrap().model.hidden.len(), 1);
    assert_eq!(read("[model]\nwidth = 50\ndepth = 0", &[]).unwrap().model.hidden.len(), 0);
    assert_eq!(read("", &[]).unwrap().model.hidden.len(), 0);
    assert!(error("[model]\ndepth = 3", &[]).contains("add width"));
    assert!(error("[model]\nwidth = 5\nlayers = []", &[]).contains("keep either"));
}

#[test]
fn a_setting_takes_along_what_it_replaces() {
    let run = read(FULL, &[("train.optimizer", "sgd"), ("train.momentum", "0.9")]).unwrap();
    assert!(matches!(run.train.optimizer, Optimizer::Sgd { momentum: 0.9, .. }));
    let run = read(FULL, &[("model.width", "9"), ("model.depth", "2")]).unwrap();
    assert_eq!(run.model.hidden.len(), 2);
    let run = read("[model]\nwidth = 5", &[("model.layers", "[{ units = 7 }]")]).unwrap();
    assert_eq!(run.model.hidden[0].units, 7);
    let text = error(FULL, &[("train.optimizer", "sgd"), ("train.beta1", "0.5")]);
    assert!(text.contains("does not apply to the optimizer sgd"), "{text}");
}

#[test]
fn mistakes_are_named_with_place_and_remedy() {
    let cases = [
        ("[train]\nmomentum = 0.9\noptimizer = \"adam\"", "4:12: `train.momentum` does not apply"),
        ("[train]\nprecision = \"f16\"", "is neither f32 nor bf16"),
        ("[train]\noptimizer = \"adma\"", "did you mean \"adam"),
        ("[train]\nnesterov = true", "needs a momentum"),
        ("[train]\noptimizer = \"lbfgs\"\nlr = 1.0", "does not apply to the optimizer lbfgs"),
        ("[train]\noptimizer = \"lbfgs\"\n[model]\nwidth = 3\ndropout = 0.5", "dropout"),
        ("[train]\nschedule = \"cosin\"", "did you mean \"cosine\"?"),
        ("[train]\nkeep = \"worst\"", "takes one of: best, last, not \"worst\""),
        ("[model]\nactivation = \"rellu\"", "did you mean \"relu\"?"),
        ("[model]\nlayers = [{ units = 5, activaton = \"relu\" }]", "did you mean `activation`?"),
        ("[model]\nlayers = [{ activation = \"relu\" }]", "without `units`"),
        ("[model]\nlayers = [{ units = 0 }]", "at least 1, not 0"),
        ("[model]\nlayers = [{ units = 3, kind = \"conv\" }]", "not known"),
        ("[model]\nlayers = 3", "an array of tables"),
        ("[model]\nwidth = 3\ndepth = 100000", "are more than"),
        ("split = { train = 0.9, test = 0.3 }", "no split"),
        ("split = { training = 0.9 }", "`training` is no part of a split"),
        ("split = { train = \"all\" }", "not a number"),
        ("preprocess = [\"standardise\"]", "did you mean \"standardize\""),
        ("task = \"guess\"", "classification"),
        ("[loss]\nclass-weights = [1, 0]", "one number above 0 for each class"),
        ("[health]\nevery = 0", "at least 1"),
    ];
    for (text, expected) in cases {
        let found = error(text, &[]);
        assert!(found.starts_with("run.toml:") && found.contains(expected), "{text}: {found}");
    }
    let none = parse("seed = 1", Path::new("run.toml"), &[]).unwrap_err().to_string();
    assert!(none.contains("`data.source` is missing"), "{none}");
}

#[test]
fn an_unreadable_file_is_an_error_with_its_path() {
    let error = gradwise_train::runfile::load(Path::new("no-such.toml"), &[]).unwrap_err();
    assert!(error.to_string().starts_with("no-such.toml: cannot read"), "{error}");
}

#[test]
fn a_path_that_is_there_becomes_absolute() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "a,y\n1,2\n").unwrap();
    let text = "[data]\nsource = \"rows.csv\"\nvalidation = \"gone.csv\"";
    let run = parse(text, &folder.path().join("run.toml"), &[]).unwrap();
    assert_eq!(Path::new(&run.data.source), folder.path().join("rows.csv"));
    assert_eq!(run.data.validation.as_deref(), Some("gone.csv"));
}

/// The `run.toml` of a run folder is a run file that means the same, and a fixed
/// point.
#[test]
fn the_filled_in_file_means_the_same() {
    let lbfgs = "[train]\noptimizer = \"lbfgs\"";
    for text in ["", FULL, lbfgs, "[model]\nwidth = 5\n[train]\noptimizer = \"rmsprop\""] {
        let text = text.replace("target = \"digit\"", "").replace("[1, 2.5]", "\"balanced\"");
        let run = read(&text, &[]).unwrap();
        let data = gradwise_data::open(&run.data).unwrap();
        let filled = run.render(&run.resolve(&data).unwrap());
        let again = parse(&filled, Path::new("run.toml"), &[]).unwrap();
        assert_eq!((&again.model.hidden, &again.train), (&run.model.hidden, &run.train));
        assert_eq!((again.loss.reduction, again.health), (run.loss.reduction, run.health));
        assert_eq!(again.render(&again.resolve(&data).unwrap()), filled);
        assert!(filled.contains("lr = ") || text.contains("lbfgs"), "{filled}");
    }
}

/// Any text and any setting is refused with a message or means something; none panics.
#[test]
fn no_text_panics() {
    use proptest::prelude::*;
    let keys: Vec<&str> = gradwise_train::runfile::keys::all().map(|k| k.name).collect();
    let value = prop_oneof![
        any::<String>(),
        any::<f64>().prop_map(|x| x.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        Just("[{ units = 3, bias = [] }]".to_string()),
        Just("{ train = 1e400 }".to_string()),
        Just("[1, \"relu\", { a = 1 }]".to_string()),
        "[a-z-]{1,9}\\([0-9., -]{0,9}\\)?",
    ];
    let pair = (prop::sample::select(keys), value);
    let mut runner = proptest::test_runner::TestRunner::default();
    let texts = (any::<String>(), prop::collection::vec(pair, 0..6));
    let parsed = runner.run(&texts, |(text, pairs)| {
        let sets: Vec<_> = pairs.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        let _ = parse(&text, Path::new("run.toml"), &sets);
        let _ = parse("data.source = \"digits\"", Path::new("run.toml"), &sets);
        let lines: String = pairs.iter().map(|(k, v)| format!("{k} = {v}\n")).collect();
        let _ = parse(&lines, Path::new("run.toml"), &[]);
        Ok(())
    });
    parsed.unwrap();
}

/// Every run file of `examples/`, but for the data, which may not be here.
#[test]
fn the_examples_are_run_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    assert!(files.len() >= 11, "{files:?}");
    for file in files {
        load(&file, &[]).unwrap_or_else(|error| panic!("{error}"));
    }
}
