//! The cases: healthy runs first, then the list of faults by its numbers.

use crate::case::{BLOB, Base, CIRCLE, Case, G, M, SMALL};

/// All of them.
pub fn all() -> Vec<Case> {
    let mut cases = healthy();
    cases.extend(steps());
    cases.extend(setup());
    cases.extend(data());
    cases.extend(depth());
    cases.extend(own());
    cases
}

fn sick(name: &str, base: Base, changes: &[(&str, &str)], roots: &[&'static str]) -> Case {
    Case::new(name, base, changes, roots)
}

fn well(name: &str, base: Base, changes: &[(&str, &str)]) -> Case {
    Case::new(name, base, changes, &[])
}

fn healthy() -> Vec<Case> {
    let adult = [
        ("data.source", "\"DATA/adult-train.csv.gz\""),
        ("data.target", "\"income-per-year\""),
        ("data.limit", "8000"),
        ("train.epochs", "8"),
    ];
    let california = [
        ("data.source", "\"DATA/california-housing.csv.gz\""),
        ("data.target", "\"median_house_value\""),
        ("data.task", "\"regression\""),
        ("data.scale-target", "true"),
        ("data.limit", "8000"),
    ];
    let fashion = [("data.source", "\"fashion-mnist\"")];
    let mut cases = vec![
        well("H0 M", M, &[]),
        well("H0 G", G, &[]),
        well("H0 digits", SMALL, &[("data.source", "\"digits\"")]),
        well("H0 iris", SMALL, &[("data.source", "\"iris\""), ("train.epochs", "100")]),
        well("H0 wine", SMALL, &[("data.source", "\"wine\""), ("train.epochs", "60")]),
        well("H0 breast-cancer", SMALL, &[("data.source", "\"breast-cancer\"")]),
        well("H0 Adult", SMALL, &adult),
        well("H0 California", SMALL, &california),
        well("H0 Fashion-MNIST", M, &fashion),
        well("H2 sparse", M, &[("model.bias", "-0.1")]),
        well(
            "H3 early stop",
            SMALL,
            &[("data.source", "\"digits\""), ("train.early-stop", "3"), ("train.epochs", "100")],
        ),
        well("H3 cosine", M, &[("train.schedule", "\"cosine\"")]),
        well(
            "H3 batch 8",
            SMALL,
            &[
                ("data.source", "\"breast-cancer\""),
                ("train.batch", "8"),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.05"),
            ],
        ),
    ];
    for depth in ["5", "8", "11"] {
        let name = |what| format!("H1 {what} {depth}");
        cases.push(well(&name("Circle"), CIRCLE, &[("model.depth", depth)]));
        cases.push(well(&name("Blob"), BLOB, &[("model.depth", depth)]));
    }
    for activation in ["elu", "gelu", "silu", "selu", "leaky-relu(0.1)", "prelu", "maxout(2)"] {
        let quoted = format!("\"{activation}\"");
        let changes = [("data.source", "\"digits\""), ("model.activation", quoted.as_str())];
        cases.push(well(&format!("H4 digits {activation}"), SMALL, &changes).held_out());
    }
    let moons = [("data.source", "\"moons(1000, 0.2)\""), ("train.epochs", "60")];
    let spirals =
        [("data.source", "\"spirals(1000)\""), ("train.epochs", "200"), ("train.lr", "3e-3")];
    let linear = [("data.source", "\"digits\""), ("model.layers", "[]"), ("train.lr", "1e-2")];
    let hinge = [
        ("data.source", "\"digits\""),
        ("loss.kind", "\"hinge(1)\""),
        ("model.output", "\"linear\""),
    ];
    cases.extend([
        well("H4 moons", SMALL, &moons).held_out(),
        well("H4 spirals", SMALL, &spirals).held_out(),
        well("H4 linear digits", SMALL, &linear).held_out(),
        well("H4 hinge digits", SMALL, &hinge).held_out(),
        well("H4 dropout", SMALL, &[("data.source", "\"digits\""), ("model.dropout", "0.3")])
            .held_out(),
        well("H5 uniform init", M, &[("model.init", "\"uniform(0.04)\"")]).held_out(),
        well(
            "H5 normal(0.01)",
            M,
            &[
                ("model.init", "\"normal(0.01)\""),
                ("train.optimizer", "\"adam\""),
                ("train.lr", "1e-3"),
            ],
        )
        .held_out(),
        well("H5 tanh", M, &[("model.activation", "\"tanh\""), ("model.init", "\"xavier\"")])
            .held_out(),
        well(
            "H5 rmsprop",
            SMALL,
            &[
                ("data.source", "\"digits\""),
                ("train.optimizer", "\"rmsprop\""),
                ("train.lr", "1e-3"),
            ],
        )
        .held_out(),
        well(
            "H5 adagrad",
            SMALL,
            &[
                ("data.source", "\"digits\""),
                ("train.optimizer", "\"adagrad\""),
                ("train.lr", "1e-2"),
            ],
        )
        .held_out(),
        well(
            "H5 adamw",
            SMALL,
            &[
                ("data.source", "\"digits\""),
                ("train.optimizer", "\"adamw\""),
                ("train.weight-decay", "0.01"),
            ],
        )
        .held_out(),
        well("H5 Adam 1e-2", SMALL, &[("data.source", "\"digits\""), ("train.lr", "1e-2")])
            .held_out(),
        well(
            "H5 digits min-max",
            SMALL,
            &[
                ("data.source", "\"digits\""),
                ("data.preprocess", "[\"scale(16)\"]"),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.1"),
            ],
        )
        .held_out(),
        well(
            "H5 raw iris",
            SMALL,
            &[
                ("data.source", "\"iris\""),
                ("data.preprocess", "[\"none\"]"),
                ("train.epochs", "100"),
            ],
        )
        .held_out(),
        well(
            "H5 balanced",
            M,
            &[
                ("data.source", "\"DATA/rare-images-idx3-ubyte\""),
                ("loss.class-weights", "\"balanced\""),
                ("train.epochs", "8"),
            ],
        )
        .held_out(),
        well("H5 huber", G, &[("loss.kind", "\"huber(1)\"")]).held_out(),
        well("H5 l1", G, &[("loss.kind", "\"l1\"")]).held_out(),
        well(
            "H5 tanh output",
            G,
            &[("data.source", "\"DATA/auto-mpg-signed.csv\""), ("model.output", "\"tanh\"")],
        )
        .held_out(),
        well(
            "H5 warmup clip",
            M,
            &[("train.schedule", "\"warmup(50) cosine\""), ("train.clip", "1.0")],
        )
        .held_out(),
        well(
            "H5 batch 4",
            SMALL,
            &[
                ("data.source", "\"moons(600, 0.2)\""),
                ("train.batch", "4"),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.02"),
            ],
        )
        .held_out(),
        well(
            "H5 lbfgs",
            SMALL,
            &[
                ("data.source", "\"breast-cancer\""),
                ("model.layers", "[]"),
                ("train.optimizer", "\"lbfgs\""),
            ],
        )
        .held_out(),
        well("H4 momentum", M, &[("train.momentum", "0.9"), ("train.lr", "0.02")]).held_out(),
        well(
            "H4 deep ReLU",
            M,
            &[("model.depth", "8"), ("model.width", "128"), ("train.lr", "0.05")],
        )
        .held_out(),
    ]);
    cases
}

/// Cases 1 to 3, 9, 16, 24, 27, 30: learning rate, optimizer, penalty, batch.
fn steps() -> Vec<Case> {
    let mut cases = Vec::new();
    for lr in ["1.0", "2.0", "3.0"] {
        cases.push(sick(&format!("1 M SGD {lr}"), M, &[("train.lr", lr)], &["lr-too-high"]));
    }
    let adam = ("train.optimizer", "\"adam\"");
    let epsilon = ("train.epsilon", "1e-16");
    let low = &["lr-too-low", "too-few-epochs"];
    let unstable = &["unstable-optimizer", "lr-too-high"];
    let summed = &["sum-reduction", "lr-too-high"];
    let over = &["over-regularized"];
    cases.extend([
        sick("1 G Adam 0.1", G, &[("train.lr", "0.1")], &["lr-too-high"]),
        sick("2 M SGD 1e-4", M, &[("train.lr", "1e-4")], low),
        sick("2 G Adam 1e-6", G, &[("train.lr", "1e-6")], low),
        sick("3 G epsilon", G, &[epsilon], unstable),
        sick("3 M Adam epsilon", M, &[adam, ("train.lr", "0.1"), epsilon], unstable),
        sick("9 M L2 0.1", M, &[("regularize.l2", "0.1")], over),
        sick("9 G L2 1", G, &[("regularize.l2", "1.0")], over),
        sick("16 M sum", M, &[("loss.reduction", "\"sum\"")], summed),
        sick("16 G sum", G, &[("loss.reduction", "\"sum\"")], summed),
        sick(
            "24 Blob batch 1",
            BLOB,
            &[
                ("model.layers", "[{ units = 50 }]"),
                ("model.activation", "\"relu\""),
                ("model.init", "\"he\""),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.01"),
                ("train.momentum", "0.9"),
                ("train.batch", "1"),
                ("train.epochs", "100"),
            ],
            &["oscillating-loss", "noisy-gradient"],
        ),
        sick(
            "27 5x²",
            G,
            &[
                ("data.source", "\"DATA/square.csv\""),
                ("data.target", "\"y\""),
                ("data.preprocess", "[\"none\"]"),
                ("model.layers", "[{ units = 50 }, { units = 30 }]"),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.1"),
                ("regularize.l2", "0.0"),
            ],
            &["lr-too-high", "unscaled-target"],
        ),
        sick("30 M bias -5", M, &[("model.bias", "-5.0")], &["dead-units"]),
    ]);
    cases
}

/// Cases 6 to 8, 10 to 15, 25, 26, 29, 34, 36, 38: network, loss, first weights.
fn setup() -> Vec<Case> {
    let constant = ("model.init", "\"constant(0.01)\"");
    let zeros = ("model.init", "\"zeros\"");
    let symmetric = &["symmetric-init"];
    let tanh10 = [
        ("model.depth", "10"),
        ("model.width", "500"),
        ("model.activation", "\"tanh\""),
        ("model.init", "\"normal(0.01)\""),
        ("data.limit", "4000"),
    ];
    let softmax_first =
        ("model.layers", "[{ units = 512, activation = \"softmax\" }, { units = 512 }]");
    let softmax_last =
        ("model.layers", "[{ units = 512 }, { units = 512, activation = \"softmax\" }]");
    let large = &["init-too-large"];
    let single = &["single-unit-softmax"];
    let range = &["target-out-of-range"];
    let clipped = &["clipped-output", "output-loss-mismatch"];
    let mismatch = &["output-loss-mismatch"];
    vec![
        sick("6 M constant", M, &[constant], symmetric),
        sick("6 G constant", G, &[constant], symmetric),
        sick("6 M zeros", M, &[zeros], symmetric),
        sick("6 G zeros", G, &[zeros], symmetric),
        sick("7 M normal(1)", M, &[("model.init", "\"normal(1)\"")], large),
        sick("7 G normal(3)", G, &[("model.init", "\"normal(3)\"")], large),
        sick("8 M normal(0.001)", M, &[("model.init", "\"normal(0.001)\"")], &["init-too-small"]),
        sick("8 M ten tanh", M, &tanh10, &["init-too-small"]),
        sick("10 M softmax first", M, &[softmax_first], &["hidden-softmax"]),
        sick("11 G softmax", G, &[("model.output", "\"softmax\"")], single),
        sick(
            "11 XOR softmax",
            CIRCLE,
            &[
                ("data.source", "\"xor(1000)\""),
                ("model.output", "\"softmax\""),
                ("loss.kind", "\"binary-cross-entropy\""),
                ("model.depth", "2"),
                ("model.width", "8"),
                ("train.epochs", "50"),
            ],
            single,
        ),
        sick(
            "12 G sigmoid",
            G,
            &[("data.source", "\"DATA/auto-mpg-signed.csv\""), ("model.output", "\"sigmoid\"")],
            range,
        ),
        sick(
            "12 x²+3 sigmoid",
            G,
            &[
                ("data.source", "\"DATA/square-plus.csv\""),
                ("data.target", "\"y\""),
                ("data.preprocess", "[\"none\"]"),
                ("model.output", "\"sigmoid\""),
            ],
            range,
        ),
        sick("13 M ReLU output", M, &[("model.output", "\"relu\"")], clipped),
        sick(
            "13 G ReLU output",
            G,
            &[("data.source", "\"DATA/auto-mpg-signed.csv\""), ("model.output", "\"relu\"")],
            clipped,
        ),
        sick("14 M linear output", M, &[("model.output", "\"linear\"")], mismatch),
        sick("14 M softmax L2", M, &[("loss.kind", "\"l2\"")], mismatch),
        sick("14 G cross-entropy", G, &[("loss.kind", "\"cross-entropy\"")], mismatch),
        sick("15 M double softmax", M, &[softmax_last], &["double-softmax"]),
        sick("25 M linear", M, &[("model.activation", "\"linear\"")], &["missing-activation"]),
        sick(
            "26 30-10 linear",
            M,
            &[
                ("model.layers", "[{ units = 30 }]"),
                ("model.activation", "\"linear\""),
                ("model.output", "\"linear\""),
                ("model.init", "\"normal(1)\""),
                ("loss.kind", "\"l2\""),
                ("train.lr", "3.0"),
            ],
            &["missing-activation", "output-loss-mismatch", "lr-too-high"],
        ),
        sick(
            "29 M 500x3 normal(1)",
            M,
            &[
                ("model.depth", "3"),
                ("model.width", "500"),
                ("model.init", "\"normal(1)\""),
                ("train.optimizer", "\"adam\""),
                ("train.lr", "0.003"),
            ],
            large,
        ),
        sick(
            "36 bottleneck",
            M,
            &[("model.layers", BOTTLENECK), ("data.limit", "4000"), ("train.lr", "0.05")],
            &["bottleneck"],
        ),
        sick(
            "38 sigmoid",
            SMALL,
            &[("data.source", "\"digits\""), ("model.activation", "\"sigmoid\"")],
            &["one-sided-input"],
        ),
    ]
}

/// Eight layers with one of 2 units; twenty would take minutes.
const BOTTLENECK: &str = "[{ units = 256 }, { units = 256 }, { units = 256 }, { units = 2 }, \
                          { units = 256 }, { units = 256 }, { units = 256 }]";

/// Cases 4, 5, 17 to 20, 28, 31 to 33, 35: data.
fn data() -> Vec<Case> {
    let raw = ("data.preprocess", "[\"none\"]");
    let unscaled = &["unscaled-input"];
    let tiny = &["tiny-input"];
    let no_labels = &["uninformative-labels"];
    vec![
        sick("4 M raw", M, &[raw], unscaled),
        sick("4 G raw", G, &[raw], unscaled),
        sick("5 M twice", M, &[("data.preprocess", "[\"scale(255)\", \"scale(255)\"]")], tiny),
        sick("5 G thousandth", G, &[("data.preprocess", "[\"min-max\", \"scale(1000)\"]")], tiny),
        sick(
            "17 M shuffled",
            M,
            &[("data.source", "\"DATA/shuffled-images-idx3-ubyte\"")],
            no_labels,
        ),
        sick("17 G shuffled", G, &[("data.source", "\"DATA/auto-mpg-shuffled.csv\"")], no_labels),
        sick(
            "18 M noise",
            M,
            &[("data.source", "\"DATA/noisy-images-idx3-ubyte\"")],
            &["label-noise"],
        ),
        sick(
            "19 M imbalance",
            M,
            &[("data.source", "\"DATA/rare-images-idx3-ubyte\"")],
            &["class-imbalance"],
        ),
        sick(
            "20 G thousands",
            G,
            &[("data.source", "\"DATA/auto-mpg-large.csv\"")],
            &["unscaled-target"],
        ),
        sick(
            "28 x⁴",
            G,
            &[
                ("data.source", "\"DATA/fourth.csv\""),
                ("data.target", "\"y\""),
                raw,
                (
                    "model.layers",
                    "[{ units = 50, activation = \"sigmoid\" }, { units = 50, activation = \"elu\" }]",
                ),
            ],
            &["unscaled-input", "unscaled-target"],
        ),
        sick(
            "31 digits constant",
            SMALL,
            &[
                ("data.source", "\"DATA/digits-columns.csv\""),
                ("data.target", "\"digit\""),
                ("data.task", "\"classification\""),
                raw,
            ],
            &["constant-feature", "unscaled-input"],
        ),
        sick(
            "32 Adult leak",
            SMALL,
            &[
                ("data.source", "\"DATA/adult-part.csv\""),
                ("data.validation", "\"DATA/adult-leaked.csv\""),
                ("data.target", "\"income-per-year\""),
                ("train.epochs", "5"),
            ],
            &["split-leak"],
        ),
        sick(
            "33 breast-cancer sorted",
            SMALL,
            &[
                ("data.source", "\"DATA/breast-cancer-sorted.csv\""),
                ("data.target", "\"target\""),
                ("data.shuffle", "false"),
            ],
            &["split-shift"],
        ),
        sick(
            "35 Fashion 200",
            M,
            &[
                ("data.source", "\"fashion-mnist\""),
                ("data.limit", "250"),
                ("data.split", "{ train = 0.8, validation = 0.2 }"),
                ("model.width", "1000"),
                ("train.epochs", "200"),
                ("train.batch", "50"),
            ],
            &["overfitting"],
        ),
    ]
}

/// Cases 21 to 23: depth.
fn depth() -> Vec<Case> {
    let mut cases = Vec::new();
    let he = ("model.init", "\"he-uniform\"");
    for depth in ["8", "12"] {
        let changes = [("model.depth", depth), ("model.activation", "\"sigmoid\""), he];
        let roots = &["vanishing-gradient", "saturated-units"];
        cases.push(sick(&format!("21 Circle sigmoid {depth}"), CIRCLE, &changes, roots));
    }
    for depth in ["15", "17"] {
        let changes = [("model.depth", depth), ("model.activation", "\"relu\""), he];
        let case = sick(&format!("22 Circle ReLU {depth}"), CIRCLE, &changes, &["dead-units"]);
        cases.push(Case { by_curve: true, ..case });
    }
    for depth in ["8", "11"] {
        let changes = [("model.depth", depth), ("model.activation", "\"exp\""), he];
        let roots = &["exploding-activations", "exploding-gradient", "nonfinite"];
        cases.push(sick(&format!("23 Circle exp {depth}"), CIRCLE, &changes, roots));
    }
    cases
}

/// More of our own, kept back while rules were tuned.
fn own() -> Vec<Case> {
    let digits = ("data.source", "\"digits\"");
    let wine = ("data.source", "\"wine\"");
    let raw = ("data.preprocess", "[\"none\"]");
    let cases = vec![
        sick("X digits lr 1", SMALL, &[digits, ("train.lr", "1.0")], &["lr-too-high"]),
        sick(
            "X digits SGD 20",
            SMALL,
            &[digits, ("train.optimizer", "\"sgd\""), ("train.lr", "20.0")],
            &["lr-too-high"],
        ),
        sick(
            "X wine lr 1e-7",
            SMALL,
            &[wine, ("train.lr", "1e-7")],
            &["lr-too-low", "too-few-epochs"],
        ),
        sick("X wine raw", SMALL, &[wine, raw], &["unscaled-input"]),
        sick(
            "X breast-cancer raw SGD",
            SMALL,
            &[
                ("data.source", "\"breast-cancer\""),
                raw,
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.1"),
            ],
            &["unscaled-input"],
        ),
        sick(
            "X digits tiny",
            SMALL,
            &[
                digits,
                ("data.preprocess", "[\"scale(16000)\"]"),
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.1"),
            ],
            &["tiny-input"],
        ),
        sick(
            "X digits ones",
            SMALL,
            &[digits, ("model.init", "\"constant(0.1)\"")],
            &["symmetric-init"],
        ),
        sick(
            "X digits uniform(2)",
            SMALL,
            &[digits, ("model.init", "\"uniform(2)\"")],
            &["init-too-large"],
        ),
        sick(
            "X digits tanh normal(2)",
            SMALL,
            &[digits, ("model.activation", "\"tanh\""), ("model.init", "\"normal(2)\"")],
            &["init-too-large", "saturated-units"],
        ),
        sick("X digits L1", SMALL, &[digits, ("regularize.l1", "0.05")], &["over-regularized"]),
        sick(
            "X digits tanh output",
            SMALL,
            &[digits, ("model.output", "\"tanh\"")],
            &["output-loss-mismatch"],
        ),
        sick(
            "X digits linear hidden",
            SMALL,
            &[
                digits,
                ("model.layers", "[{ units = 64, activation = \"linear\" }, { units = 64 }]"),
            ],
            &["missing-activation"],
        ),
        sick(
            "X moons sigmoid 10",
            CIRCLE,
            &[
                ("data.source", "\"moons(1000, 0.1)\""),
                ("model.depth", "10"),
                ("model.activation", "\"sigmoid\""),
            ],
            &["vanishing-gradient", "saturated-units"],
        ),
        sick(
            "X California raw target",
            SMALL,
            &[
                ("data.source", "\"DATA/california-housing.csv.gz\""),
                ("data.target", "\"median_house_value\""),
                ("data.task", "\"regression\""),
                ("data.limit", "4000"),
                ("train.epochs", "10"),
            ],
            &["unscaled-target"],
        ),
        sick("X digits bias -20", SMALL, &[digits, ("model.bias", "-20.0")], &["dead-units"]),
        sick(
            "X digits momentum 1",
            SMALL,
            &[
                digits,
                ("train.optimizer", "\"sgd\""),
                ("train.lr", "0.01"),
                ("train.momentum", "1.0"),
            ],
            &["unstable-optimizer"],
        ),
        sick(
            "X digits small net",
            SMALL,
            &[digits, ("model.layers", "[{ units = 2 }]")],
            &["underfitting", "bottleneck"],
        ),
    ];
    cases.into_iter().map(Case::held_out).collect()
}
