//! The keys of `[train]`. Those of one optimizer apply to it alone.

use super::key;
use crate::runfile::checked::Monitor;
use crate::runfile::key::{Bound, Fallback, Key, Kind, reads};
use gradwise_cpu::Precision;
use gradwise_nn::{Optimizer, Schedule};

const POSITIVE: Kind = Kind::Number(Bound::Positive);
const BELOW_ONE: Kind = Kind::Number(Bound::BelowOne);
const NOT_NEGATIVE: Kind = Kind::Number(Bound::NotNegative);
const ADAMS: &[&str] = &["adam", "adamw"];
const BY_BATCH: &[&str] = &["sgd", "adam", "adamw", "rmsprop", "adagrad"];

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
    of(
        BY_BATCH,
        "train.batch",
        Kind::Whole(1),
        Fallback::Is("128"),
        "Rows of a step; lbfgs takes all rows in every step",
    ),
    key(
        "train.optimizer",
        Kind::Choice("sgd, adam, adamw, rmsprop, adagrad, lbfgs", reads::<Optimizer>),
        Fallback::Is("\"sgd\""),
        "How gradients change the parameters; formulas and defaults are PyTorch's",
    ),
    of(
        BY_BATCH,
        "train.lr",
        POSITIVE,
        Fallback::PerOptimizer(&[
            ("sgd", "0.1"),
            ("adam", "0.001"),
            ("adamw", "0.001"),
            ("rmsprop", "0.01"),
            ("adagrad", "0.01"),
        ]),
        "The learning rate that the schedule starts from",
    ),
    of(
        &["sgd", "rmsprop"],
        "train.momentum",
        NOT_NEGATIVE,
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
        BY_BATCH,
        "train.weight-decay",
        NOT_NEGATIVE,
        Fallback::PerOptimizer(&[
            ("sgd", "0.0"),
            ("adam", "0.0"),
            ("adamw", "0.01"),
            ("rmsprop", "0.0"),
            ("adagrad", "0.0"),
        ]),
        "PyTorch's: d·w is added to each gradient, by adamw taken off the weight; see regularize.l2",
    ),
    of(&["rmsprop"], "train.rho", BELOW_ONE, Fallback::Is("0.99"), "Decay of the squares' mean"),
    of(
        &["adam", "adamw", "rmsprop", "adagrad"],
        "train.epsilon",
        NOT_NEGATIVE,
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
    of(
        BY_BATCH,
        "train.schedule",
        Kind::Choice(
            "constant, step(epochs, factor), cosine, plateau(patience, factor), warmup(steps); \
             also two: warmup(100) cosine",
            reads::<Schedule>,
        ),
        Fallback::Is("\"constant\""),
        "How the learning rate changes",
    ),
    of(
        BY_BATCH,
        "train.clip",
        POSITIVE,
        Fallback::Unset("no clipping"),
        "The gradient's global norm is not let above this",
    ),
    of(
        BY_BATCH,
        "train.precision",
        Kind::Choice("f32, bf16", reads::<Precision>),
        Fallback::Is("\"f32\""),
        "What numbers are rounded to that training steps multiply; bf16 is several times as fast \
         where the processor has a unit for it, and is f32 where it has none",
    ),
    key(
        "train.monitor",
        Kind::Choice("loss, accuracy", reads::<Monitor>),
        Fallback::Is("\"loss\""),
        "What tells a better epoch: the validation rows' loss, or their accuracy and of equal ones \
         the loss; without validation rows the training's",
    ),
    key(
        "train.keep",
        Kind::Word(&["best", "last"]),
        Fallback::Unset("best with early-stop, else last"),
        "Whose weights the model has in the end: those of the best epoch (which validation rows \
         tell; without such rows the last), or of the last epoch",
    ),
    key(
        "train.early-stop",
        Kind::Whole(1),
        Fallback::Unset("all epochs run"),
        "Stop after this many epochs without a better one",
    ),
    key(
        "train.max-seconds",
        POSITIVE,
        Fallback::Unset("no limit"),
        "Stop, as if it were the end of the last epoch, after this time",
    ),
    key(
        "train.checkpoint",
        NOT_NEGATIVE,
        Fallback::Is("10.0"),
        "Seconds between checkpoints, more where writing one would cost over 2 % of the time; 0: \
         after every step",
    ),
];
