//! The registry: every key of the run file is one entry here.
//!
//! What is not here does not exist: an unknown key is an error that names the
//! nearest entry.

use super::key::{Bound, Fallback, Key, Kind, reads};
use gradwise_nn::{Loss, Reduction};

mod data;
mod model;
mod train;

pub use model::LAYER;

/// The names of the sections, in the order of the run file; the first is that of
/// keys outside of any.
pub const SECTIONS: [&str; 7] = ["", "data", "model", "loss", "regularize", "train", "health"];

const SEED: Key = Key {
    name: "seed",
    kind: Kind::Whole(0),
    default: Fallback::Is("0"),
    applies: &[],
    doc: "Chooses every random number of the run: split, order, weights, dropout",
};

const REST: &[Key] = &[
    key(
        "loss.kind",
        Kind::Choice(
            "cross-entropy, binary-cross-entropy, hinge(margin), l2, l1, huber(delta)",
            reads::<Loss>,
        ),
        Fallback::Unset("by the task: cross-entropy, binary-cross-entropy, or l2 for regression"),
        "What the training makes small",
    ),
    key(
        "loss.reduction",
        Kind::Choice("mean, sum", reads::<Reduction>),
        Fallback::Is("\"mean\""),
        "How the losses of a batch's rows become one number",
    ),
    key(
        "loss.class-weights",
        Kind::Weights,
        Fallback::Is("\"none\""),
        "How much each class counts; balanced: inversely to its share of the training rows",
    ),
    key(
        "regularize.l1",
        Kind::Number(Bound::NotNegative),
        Fallback::Is("0.0"),
        "λ of the penalty λ Σ |w| over the weights of every layer",
    ),
    key(
        "regularize.l2",
        Kind::Number(Bound::NotNegative),
        Fallback::Is("0.0"),
        "λ of the penalty λ Σ w² over the weights of every layer",
    ),
    key(
        "regularize.biases",
        Kind::Flag,
        Fallback::Is("false"),
        "Whether the penalty is over the biases too",
    ),
    key(
        "health.every",
        Kind::AutoOrWhole,
        Fallback::Is("\"auto\""),
        "Measure every layer each N steps; auto keeps the cost under 2 % of the time",
    ),
    key(
        "health.stop-on",
        Kind::Word(&["never", "warn", "error"]),
        Fallback::Is("\"never\""),
        "End the run, with a checkpoint, at the first finding that is at least so bad",
    ),
];

/// An entry for a key that applies whatever the optimizer.
const fn key(name: &'static str, kind: Kind, default: Fallback, doc: &'static str) -> Key {
    Key { name, kind, default, applies: &[], doc }
}

/// Every key, in the order of the run file.
pub fn all() -> impl Iterator<Item = &'static Key> {
    let sections = data::KEYS.iter().chain(model::KEYS).chain(REST).chain(train::KEYS);
    let mut keys: Vec<&'static Key> = std::iter::once(&SEED).chain(sections).collect();
    keys.sort_by_key(|k| SECTIONS.iter().position(|s| *s == k.section()));
    keys.into_iter()
}

/// The key of that dotted name.
pub fn find(name: &str) -> Option<&'static Key> {
    all().find(|k| k.name == name)
}

/// The help of every key, as `--help` prints it.
pub fn help() -> String {
    let layer = LAYER.iter().map(|k| format!("model.layers[…].{}", k.help()));
    all().map(Key::help).chain(layer).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::error::Source;
    use crate::runfile::value::parse_value;
    use std::collections::HashSet;
    use std::sync::Arc;

    #[test]
    fn every_key_has_one_entry_in_a_known_section_with_docs() {
        let mut seen = HashSet::new();
        for key in all() {
            assert!(seen.insert(key.name), "{} twice", key.name);
            assert!(SECTIONS.contains(&key.section()), "{}", key.name);
            assert!(!key.doc.is_empty() && !key.doc.ends_with('.'), "{}", key.name);
        }
    }

    #[test]
    fn every_default_is_of_its_kind() {
        for key in all().chain(LAYER) {
            let defaults = match key.default {
                Fallback::Is(value) => vec![value],
                Fallback::PerOptimizer(pairs) => pairs.iter().map(|(_, v)| *v).collect(),
                _ => vec![],
            };
            for default in defaults {
                let source = Arc::new(Source { name: key.name.into(), text: default.into() });
                let item = parse_value(&source, 0..default.len()).unwrap();
                assert!(key.kind.accepts(&item.value), "{} = {default}", key.name);
            }
        }
    }
}
