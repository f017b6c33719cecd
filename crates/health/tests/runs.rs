//! Small trainings with one fault each, and healthy ones: the fault is the root, and
//! the healthy ones raise no alarm. The long list is in `bench/faults`.

use gradwise_health::doctor::{Trial, foresee, try_out};
use gradwise_health::{Judgement, Verdict, as_toml, judge};
use gradwise_train::folder::event::Remedy;
use gradwise_train::runfile::{self, Checked};

const DIGITS: &str = "[data]\nsource = \"digits\"\npreprocess = [\"standardize\"]\n[model]\n\
                      width = 32\ndepth = 2\n[train]\noptimizer = \"adam\"\nepochs = 12\nbatch = 32\n";
/// Settings put over a run file.
type Sets = &'static [(&'static str, &'static str)];

const OWN_SOFTMAX: &str = "[{ units = 32 }, { units = 16, activation = \"softmax\" }]";
const OWN_INIT: &str =
    "[{ units = 32, init = \"normal(3)\" }, { units = 32, init = \"normal(3)\" }]";
const CIRCLES: &str = "[data]\nsource = \"circles(600, 0.1)\"\n[model]\nwidth = 5\ndepth = 10\n\
                       activation = \"tanh\"\ninit = \"xavier\"\n[train]\noptimizer = \"adam\"\n\
                       lr = 3e-3\nepochs = 150\nbatch = 64\n";

const SHORT: &str = "[data]\nsource = \"digits\"\npreprocess = [\"standardize\"]\n[model]\n\
                     width = 32\n[train]\noptimizer = \"lbfgs\"\nepochs = 2\n";

/// Errors count as 1e-4 at most: the penalty, small as it is, is ten times the loss.
const TINY_LOSS: &str = "[data]\nsource = \"iris\"\ntarget = \"petal length (cm)\"\n\
                         task = \"regression\"\npreprocess = [\"standardize\"]\n[model]\nwidth = 32\n\
                         [loss]\nkind = \"huber(0.0001)\"\n[regularize]\nl2 = 1e-5\n[train]\n\
                         lr = 0.01\nepochs = 20\nbatch = 32\n";

fn checked(text: &str, sets: &[(&str, &str)]) -> Checked {
    let sets: Vec<_> = sets.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    runfile::parse(text, "run.toml".as_ref(), &sets).unwrap()
}

fn judged(text: &str, sets: &[(&str, &str)]) -> Judgement {
    let trial = Trial { seconds: 60.0, threads: Some(1), ..Trial::default() };
    judge(&try_out(&checked(text, sets), trial).unwrap())
}

fn roots(judgement: &Judgement) -> Vec<&str> {
    judgement.roots().map(|f| f.id.as_str()).collect()
}

#[test]
fn healthy_runs_raise_no_alarm() {
    let healthy: [(&str, Sets); 7] = [
        (DIGITS, &[]),
        (DIGITS, &[("model.activation", "maxout(2)")]),
        (DIGITS, &[("data.source", "wine"), ("train.epochs", "40")]),
        (DIGITS, &[("train.optimizer", "sgd"), ("train.schedule", "cosine")]),
        (DIGITS, &[("data.source", "moons(600, 0.2)"), ("train.epochs", "40")]),
        (CIRCLES, &[]),
        // Eight classes that overlap: a third of the rows cannot be told.
        (DIGITS, &[("data.source", "blobs(2400, 8, 2)"), ("data.seed", "3")]),
    ];
    for (text, sets) in healthy {
        let judgement = judged(text, sets);
        assert_eq!(judgement.verdict, Verdict::Healthy, "{sets:?}: {judgement:?}");
    }
}

#[test]
fn the_fault_is_the_root() {
    let sick: [(&str, &str, Sets); 33] = [
        ("lr-too-high", DIGITS, &[("train.lr", "1.0")]),
        ("lr-too-low", DIGITS, &[("train.lr", "1e-7")]),
        ("unscaled-input", DIGITS, &[("data.source", "wine"), ("data.preprocess", "[\"none\"]")]),
        ("tiny-input", DIGITS, &[("data.preprocess", "[\"scale(16000)\"]")]),
        ("symmetric-init", DIGITS, &[("model.init", "constant(0.1)")]),
        ("init-too-large", DIGITS, &[("model.init", "normal(2)")]),
        ("over-regularized", DIGITS, &[("regularize.l2", "0.3")]),
        ("dead-units", DIGITS, &[("model.bias", "-30.0")]),
        ("output-loss-mismatch", DIGITS, &[("model.output", "linear")]),
        ("clipped-output", DIGITS, &[("model.output", "relu")]),
        ("missing-activation", DIGITS, &[("model.activation", "linear")]),
        ("sum-reduction", DIGITS, &[("loss.reduction", "sum")]),
        ("unstable-optimizer", DIGITS, &[("train.epsilon", "1e-16")]),
        (
            "bottleneck",
            DIGITS,
            &[("model.layers", "[{ units = 64 }, { units = 2 }, { units = 64 }]")],
        ),
        ("vanishing-gradient", CIRCLES, &[("model.activation", "sigmoid"), ("model.depth", "14")]),
        ("exploding-activations", CIRCLES, &[("model.activation", "exp")]),
        ("one-sided-input", DIGITS, &[("model.activation", "sigmoid")]),
        ("double-softmax", DIGITS, &[("model.layers", OWN_SOFTMAX)]),
        // In every layer: neither explains the other.
        ("double-softmax", DIGITS, &[("model.activation", "softmax")]),
        ("hidden-softmax", DIGITS, &[("model.activation", "softmax")]),
        ("init-too-large", DIGITS, &[("model.layers", OWN_INIT), ("model.activation", "tanh")]),
        ("over-regularized", DIGITS, &[("model.dropout", "0.97")]),
        ("lr-too-low", DIGITS, &[("train.lr", "1e-4"), ("train.schedule", "step(1, 1e-5)")]),
        ("too-few-epochs", SHORT, &[]),
        ("missing-activation", DIGITS, &[("model.activation", "leaky-relu(1.0)")]),
        // A rate that is too high only late: the units that die of it are no root.
        ("lr-too-high", DIGITS, &[("train.lr", "5.0"), ("train.schedule", "warmup(500)")]),
        ("lr-too-low", DIGITS, &[("train.epsilon", "10.0")]),
        // Steps of Adagrad grow shorter, so that the way of the first says little.
        ("lr-too-low", DIGITS, &[("train.optimizer", "adagrad"), ("train.lr", "3e-5")]),
        ("lr-too-low", TINY_LOSS, &[]),
        ("bottleneck", DIGITS, &[("model.width", "1")]),
        // Ten classes behind two units.
        ("bottleneck", DIGITS, &[("model.width", "2")]),
        // The run is good enough, and most of its steps were too short to make it better.
        ("lr-too-low", DIGITS, &[("train.lr", "3e-3"), ("train.schedule", "step(1, 0.001)")]),
        // Nothing is learnt, because a straight line can learn nothing here.
        ("underfitting", CIRCLES, &[("model.depth", "0")]),
    ];
    for (root, text, sets) in sick {
        let judgement = judged(text, sets);
        let roots = roots(&judgement);
        assert!(roots.contains(&root), "{root} is not among {roots:?}: {judgement:?}");
        assert_ne!(judgement.verdict, Verdict::Healthy, "{root}");
        let found = judgement.findings.iter().find(|f| f.id == root).unwrap();
        assert!(!found.remedies.is_empty(), "{root} has no remedy");
        for remedy in &found.remedies {
            assert!(reaches(remedy, text, sets), "{root}: {remedy:?}");
        }
    }
}

#[test]
fn what_follows_from_the_fault_is_no_root_beside_it() {
    let sick: [(&str, Sets); 3] = [
        // No gradient arrives: what little penalty there is moves the weights alone.
        (
            "vanishing-gradient",
            &[
                ("model.activation", "sigmoid"),
                ("model.depth", "8"),
                ("regularize.l2", "1e-4"),
                ("train.epochs", "20"),
            ],
        ),
        // What is decayed by goes by the rate.
        ("lr-too-high", &[("train.optimizer", "adamw"), ("train.lr", "1.0")]),
        ("bottleneck", &[("model.layers", "[{ units = 1 }, { units = 1 }]")]),
    ];
    for (root, sets) in sick {
        let judgement = judged(DIGITS, sets);
        assert_eq!(roots(&judgement), [root], "{judgement:?}");
    }
}

/// Whether a remedy makes the run file another one: as it is, with layers that have
/// settings of their own.
fn reaches(remedy: &Remedy, text: &str, sets: &[(&str, &str)]) -> bool {
    let own = remedy.set.iter().map(|(key, value)| (key.clone(), as_toml(value)));
    let own: Vec<(String, String)> = own.collect();
    let with = own.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let (before, after) =
        (checked(text, sets), checked(text, &[sets, &with.collect::<Vec<_>>()].concat()));
    let of_model = own.iter().all(|(key, _)| key.starts_with("model."));
    if of_model { before.model != after.model } else { before.differs_from(&after).is_some() }
}

#[test]
fn mistakes_in_the_setup_are_known_before_training() {
    for (root, sets) in [
        ("symmetric-init", [("model.init", "zeros")]),
        ("output-loss-mismatch", [("loss.kind", "l2")]),
        ("unscaled-input", [("data.preprocess", "[\"scale(0.01)\"]")]),
    ] {
        let run = foresee(&checked(DIGITS, &sets), Some(1)).unwrap();
        let judgement = judge(&run);
        assert!(roots(&judgement).contains(&root), "{root}: {judgement:?}");
    }
    let run = foresee(&checked(DIGITS, &[]), Some(1)).unwrap();
    assert_eq!(judge(&run).verdict, Verdict::Healthy);
}

#[test]
fn a_finding_names_its_evidence_and_remedy() {
    let judgement = judged(DIGITS, &[("train.lr", "1.0")]);
    let finding = judgement.findings.first().unwrap();
    assert!(finding.evidence.contains_key("lr") && finding.because.is_some());
    assert_eq!(finding.remedies[0].set["train.lr"], 0.1);
    let json = serde_json::to_value(&judgement).unwrap();
    assert_eq!(
        (&json["verdict"], &json["findings"][0]["severity"]),
        (&"broken".into(), &"error".into())
    );
    assert!(judgement.findings.iter().skip(1).all(|f| f.caused_by.is_some()));
}

#[test]
fn an_instrument_that_drifts_and_rows_known_by_heart_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let random = gradwise_graph::random::Philox::new(3, 11);
    // The later the row, the farther it lies out; its sign alone tells the class.
    let row = |(i, drift): (u64, f64)| {
        let [a, b] = [0, 1].map(|c| random.normal(2 * i + c) * (1.0 + drift * i as f64 / 100.0));
        format!("{a},{b},{}\n", if a > 0.0 { "yes" } else { "no" })
    };
    let foreseen = |drift: f64| {
        let rows: String = (0..600).map(|i| row((i, drift))).collect();
        std::fs::write(&path, format!("a,b,y\n{rows}")).unwrap();
        let text = format!(
            "[data]\nsource = {:?}\ntarget = \"y\"\nshuffle = false\nsplit = {{ \
             train = 0.5, validation = 0.5 }}\n[model]\nwidth = 16\n",
            path.display().to_string()
        );
        judge(&foresee(&checked(&text, &[]), Some(1)).unwrap())
    };
    let drifting = foreseen(1.0);
    assert_eq!(roots(&drifting), ["split-shift"], "{drifting:?}");
    assert!(drifting.findings[0].message.starts_with("the spread of feature"), "{drifting:?}");
    assert_eq!(foreseen(0.0).verdict, Verdict::Healthy);
    // Plain steps go on long after every row is right; the validation loss hardly rises.
    let few: Sets = &[
        ("data.limit", "80"),
        ("data.split", "{ train = 0.5, validation = 0.5 }"),
        ("train.optimizer", "sgd"),
        ("train.lr", "0.1"),
        ("train.epochs", "200"),
    ];
    let known = judged(DIGITS, few);
    assert_eq!(roots(&known), ["overfitting"], "{known:?}");
}

#[test]
fn more_kinds_of_rows_to_train_on_are_no_shift() {
    let folder = tempfile::tempdir().unwrap();
    let random = gradwise_graph::random::Philox::new(3, 12);
    let row = |i: u64, moved: f64| {
        let [a, b] = [0, 1].map(|c| random.normal(2 * i + c));
        format!("{},{b},{}\n", a + moved, if b > 0.0 { "yes" } else { "no" })
    };
    let write = |name: &str, rows: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("a,b,y\n{rows}")).unwrap();
        path.display().to_string()
    };
    let more = (0..300).flat_map(|i| [row(i, 0.0), row(i, 3.0)]).collect();
    let (train, held_out) = (write("train.csv", more), (300..500).map(|i| row(i, 0.0)).collect());
    let held_out = write("held-out.csv", held_out);
    let text = format!(
        "[data]\nsource = {train:?}\nvalidation = {held_out:?}\ntarget = \"y\"\nsplit = {{ \
         train = 1.0 }}\n[model]\nwidth = 16\n"
    );
    let judgement = judge(&foresee(&checked(&text, &[]), Some(1)).unwrap());
    assert_eq!(judgement.verdict, Verdict::Healthy, "{judgement:?}");
    assert!(judgement.findings.iter().any(|f| f.id == "split-shift"), "{judgement:?}");
}

#[test]
fn several_labels_a_row_are_scored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    let random = gradwise_graph::random::Philox::new(3, 13);
    let row = |i: u64| {
        let [a, b, c] = [0, 1, 2].map(|c| random.normal(3 * i + c));
        let [p, q] = [a > 0.0, b * c > 0.0].map(u8::from);
        format!("{a},{b},{c},{p},{q}\n")
    };
    std::fs::write(&path, format!("a,b,c,p,q\n{}", (0..600).map(row).collect::<String>())).unwrap();
    let text = format!(
        "[data]\nsource = {:?}\ntarget = [\"p\", \"q\"]\ntask = \"multilabel\"\n[model]\n\
         width = 32\ndepth = 2\n[train]\noptimizer = \"adam\"\nlr = 3e-3\nepochs = 40\nbatch = 32\n",
        path.display().to_string()
    );
    assert_eq!(judged(&text, &[]).verdict, Verdict::Healthy);
    let straight = judged(&text, &[("model.depth", "0")]);
    assert!(straight.findings.iter().any(|f| f.evidence.contains_key("reach")), "{straight:?}");
    let shares = judged(&text, &[("model.output", "softmax"), ("loss.kind", "cross-entropy")]);
    assert_eq!(roots(&shares), ["output-loss-mismatch"], "{shares:?}");
}

/// A table of three features of which the last is told by `code`, for 400 rows of two
/// classes that the others hardly tell.
fn table(code: impl Fn(usize, bool) -> f64) -> String {
    let noise = gradwise_graph::random::Philox::new(3, 9);
    let row = |i: usize| {
        let yes = noise.uniform(i as u64) < 0.5;
        let [a, b] = [1, 2].map(|c| noise.normal((400 * c + i) as u64) + f64::from(u8::from(yes)));
        format!("{a},{b},{},{}\n", code(i, yes), if yes { "yes" } else { "no" })
    };
    "a,b,c,y\n".to_string() + &(0..400).map(row).collect::<String>()
}

#[test]
fn a_feature_that_is_known_after_the_answer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let judged = |text: String| {
        let path = folder.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        let text = format!(
            "[data]\nsource = {:?}\ntarget = \"y\"\npreprocess = [\"standardize\"]\n[model]\n\
             width = 16\n",
            path.display().to_string()
        );
        judge(&foresee(&checked(&text, &[]), Some(1)).unwrap())
    };
    let refund = judged(table(|i, yes| if yes { 5.0 + (i % 40) as f64 } else { 0.0 }));
    assert_eq!(roots(&refund), ["suspicious-score"], "{refund:?}");
    assert!(refund.findings[0].message.contains("feature c"));
    let age = judged(table(|i, yes| (i % 40) as f64 + if yes { 5.0 } else { 0.0 }));
    assert_eq!(age.verdict, Verdict::Healthy, "{age:?}");
}
