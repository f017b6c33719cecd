//! The keys of `[model]` and of each of its layers.

use super::key;
use crate::runfile::key::{Bound, Fallback, Key, Kind, reads};
use gradwise_nn::{Activation, Features, Init};

const ACTIVATIONS: Kind = Kind::Choice(
    "linear, sigmoid, tanh, relu, leaky-relu(a), prelu, prelu(unit), maxout(k), elu, selu, gelu, \
     silu, softplus, exp, softmax",
    reads::<Activation>,
);
const INITS: Kind = Kind::Choice(
    "zeros, constant(c), normal(s), uniform(a), truncated-normal(s), lecun, xavier, \
     xavier-uniform, he, he-uniform, orthogonal, lsuv",
    reads::<Init>,
);

pub(super) const KEYS: &[Key] = &[
    key(
        "model.width",
        Kind::Whole(1),
        Fallback::Unset("see model.layers"),
        "The short form: units of each hidden layer",
    ),
    key(
        "model.depth",
        Kind::Whole(0),
        Fallback::Unset("1 where width is given"),
        "The short form: number of hidden layers",
    ),
    key(
        "model.layers",
        Kind::Layers,
        Fallback::Unset("no hidden layers, or those of width and depth"),
        "The hidden layers, the one next to the input first",
    ),
    key(
        "model.activation",
        ACTIVATIONS,
        Fallback::Is("\"relu\""),
        "The activation of hidden layers that do not name their own",
    ),
    key(
        "model.init",
        INITS,
        Fallback::Is("\"he\""),
        "How the weights are drawn in layers that do not name their own way",
    ),
    key(
        "model.bias",
        Kind::NumberOrFalse,
        Fallback::Is("0.0"),
        "The first value of the biases of hidden layers; false: no biases",
    ),
    key(
        "model.dropout",
        Kind::Number(Bound::BelowOne),
        Fallback::Is("0.0"),
        "The share of each hidden layer's units that is left out at random in each step",
    ),
    key(
        "model.features",
        Kind::Choice("none, rff(count, gamma), polynomial(degree)", reads::<Features>),
        Fallback::Is("\"none\""),
        "A fixed feature map between the input and the first layer",
    ),
    key(
        "model.output",
        ACTIVATIONS,
        Fallback::Unset("by the task: softmax, sigmoid, or linear for regression"),
        "The activation of the output layer",
    ),
    key(
        "model.output-init",
        INITS,
        Fallback::Unset("that of model.init"),
        "How the weights of the output layer are drawn",
    ),
    key(
        "model.output-bias",
        Kind::NumberOrFalse,
        Fallback::Is("0.0"),
        "The first value of the biases of the output layer; false: no biases",
    ),
];

/// The keys of one table of `model.layers`.
pub const LAYER: &[Key] = &[
    key("kind", Kind::Choice("dense", dense), Fallback::Is("\"dense\""), "The kind of layer"),
    key("units", Kind::Whole(1), Fallback::Required, "The number of units"),
    key("activation", ACTIVATIONS, Fallback::Unset("model.activation"), "The activation"),
    key("init", INITS, Fallback::Unset("model.init"), "How the weights are drawn"),
    key(
        "bias",
        Kind::NumberOrFalse,
        Fallback::Unset("model.bias"),
        "The first value of the biases; false: no biases",
    ),
    key(
        "dropout",
        Kind::Number(Bound::BelowOne),
        Fallback::Unset("model.dropout"),
        "The share of units left out at random in each step",
    ),
    key(
        "l1",
        Kind::Number(Bound::NotNegative),
        Fallback::Unset("regularize.l1"),
        "λ of the penalty λ Σ |w|",
    ),
    key(
        "l2",
        Kind::Number(Bound::NotNegative),
        Fallback::Unset("regularize.l2"),
        "λ of the penalty λ Σ w²",
    ),
];

fn dense(kind: &str) -> Result<(), String> {
    match kind {
        "dense" => Ok(()),
        _ => {
            Err(format!("layers of kind {kind:?} are not known; write \"dense\", or leave it out"))
        }
    }
}
