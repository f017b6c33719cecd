//! The keys of `[train]`. Those of one optimizer apply to it alone.

use super::key;
use crate::runfile::key::{Bound, Fallback, Key, Kind};

const POSITIVE: Kind = Kind::Number(Bound::Positive);
const BELOW_ONE: Kind = Kind::Number(Bound::BelowOne);
const ADAMS: &[&str] = &["adam", "adamw"];

/// An entry for a key that applies to some optimizers.
const fn of(
    applies: &'static [&'static str],
    name: &'static str,
    kind: Kind,
    default: Fallback,
    doc: &'static str,
) -> Key {
    Key { name, kind, default, applies, doc }
}

pub(super) const KEYS: &[Key] = &[
    key("train.epochs", Kind::Whole(0), Fallback::Is("10"), "How often the data is gone through"),
    key(
        "train.batch",
        Kind::Whole(1),
        Fallback::Is("128"),
        "Rows of a step; lbfgs takes all rows in every step",
    ),
    key(
        "train.optimizer",
        Kind::Choice("sgd, adam, adamw, rmsprop, adagrad, lbfgs"),
        Fallback::Is("\"sgd\""),
        "How gradients change the parameters; formulas and defaults are PyTorch's",
    ),
    key(
        "train.lr",
        POSITIVE,
        Fallback::PerOptimizer(&[
            ("sgd", "0.1"),
            ("adam", "0.001"),
            ("adamw", "0.001"),
            ("rmsprop", "0.01"),
            ("adagrad", "0.01"),
            ("lbfgs", "1.0"),
        ]),
        "The learning rate that the schedule starts from",
    ),
    of(
        &["sgd", "rmsprop"],
        "train.momentum",
        BELOW_ONE,
        Fallback::Is("0.0"),
        "The share of the last step that is taken again",
    ),
    of(
        &["sgd"],
        "train.nesterov",
        Kind::Flag,
        Fallback::Is("false"),
        "Whether the momentum is Nesterov's",
    ),
    of(ADAMS, "train.beta1", BELOW_ONE, Fallback::Is("0.9"), "Decay of the gradients' mean"),
    of(ADAMS, "train.beta2", BELOW_ONE, Fallback::Is("0.999"), "Decay of their squares' mean"),
    of(
        &["adamw"],
        "train.weight-decay",
        Kind::Number(Bound::NotNegative),
        Fallback::Is("0.01"),
        "The share of each weight, times lr, that a step takes off apart from the gradient",
    ),
    of(&["rmsprop"], "train.rho", BELOW_ONE, Fallback::Is("0.99"), "Decay of the squares' mean"),
    of(
        &["adam", "adamw", "rmsprop", "adagrad"],
        "train.epsilon",
        Kind::Number(Bound::NotNegative),
        Fallback::PerOptimizer(&[
            ("adam", "1e-8"),
            ("adamw", "1e-8"),
            ("rmsprop", "1e-8"),
            ("adagrad", "1e-10"),
        ]),
        "Added where the gradient is divided by the root of its square's mean",
    ),
    of(
        &["lbfgs"],
        "train.history",
        Kind::Whole(1),
        Fallback::Is("10"),
        "How many steps the curvature is remembered over",
    ),
    key(
        "train.schedule",
        Kind::Choice(
            "constant, step(epochs, factor), cosine, warmup(steps), plateau(patience, factor)",
        ),
        Fallback::Is("\"constant\""),
        "How the learning rate changes",
    ),
    key(
        "train.clip",
        POSITIVE,
        Fallback::Unset("no clipping"),
        "The gradient's global norm is not let above this",
    ),
    key(
        "train.precision",
        Kind::Choice("f32, bf16"),
        Fallback::Is("\"f32\""),
        "The precision of the products",
    ),
    key(
        "train.early-stop",
        Kind::Whole(1),
        Fallback::Unset("all epochs run"),
        "Stop after this many epochs without a better validation loss",
    ),
    key(
        "train.max-seconds",
        POSITIVE,
        Fallback::Unset("no limit"),
        "Stop, as if it were the last epoch, after this time",
    ),
];
