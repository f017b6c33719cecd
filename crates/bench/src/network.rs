//! The table of networks that are timed: `networks.toml`.

use gradwise_nn::{Activation, Features, Init, LayerSpec, NetworkSpec};
use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;
use thiserror::Error;

/// A network of the table, with the batch and the optimizer that it is timed with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Network {
    /// What it is called.
    pub name: String,
    /// Inputs, hidden units of each layer, classes.
    #[serde(deserialize_with = "widths")]
    pub widths: Vec<usize>,
    /// Rows a step.
    pub batch: usize,
    /// The hidden layers' activation, as in a run file.
    #[serde(default = "tanh")]
    pub activation: String,
    /// `sgd` (with momentum 0.9) or `adam`.
    #[serde(default = "sgd")]
    pub optimizer: String,
}

#[derive(Deserialize)]
struct Table {
    network: Vec<Network>,
}

/// The networks of `networks.toml`, in its order.
///
/// # Errors
/// The table, which is part of the program, cannot be read.
pub fn networks() -> Result<&'static [Network], TableError> {
    static TABLE: LazyLock<Result<Vec<Network>, TableError>> = LazyLock::new(|| {
        let table = toml::from_str(include_str!("../networks.toml"));
        table.map(|table: Table| table.network).map_err(|e| TableError(e.to_string()))
    });
    TABLE.as_deref().map_err(Clone::clone)
}

/// The table of networks is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("networks.toml: {0}")]
pub struct TableError(String);

fn tanh() -> String {
    "tanh".into()
}

fn sgd() -> String {
    "sgd".into()
}

/// Reads `784-500*10-10`, or the numbers one by one.
fn widths<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Widths {
        Short(String),
        Long(Vec<usize>),
    }
    let number = |text: &str| text.parse::<usize>().map_err(serde::de::Error::custom);
    let short = match Widths::deserialize(from)? {
        Widths::Short(short) => short,
        Widths::Long(widths) => return Ok(widths),
    };
    let mut widths = Vec::new();
    for part in short.split('-') {
        let (width, times) = part.split_once('*').unwrap_or((part, "1"));
        widths.extend(vec![number(width)?; number(times)?]);
    }
    Ok(widths)
}

impl Network {
    /// The network as `nn` describes it; `None` without inputs and classes, or if
    /// the activation is none.
    pub fn spec(&self) -> Option<NetworkSpec> {
        let [inputs, hidden @ .., classes] = &self.widths[..] else { return None };
        let activation: Activation = self.activation.parse().ok()?;
        let layer = |units: &usize| LayerSpec::new(*units, activation, Init::Xavier);
        Some(NetworkSpec {
            inputs: *inputs,
            features: Features::None,
            layers: hidden.iter().map(layer).collect(),
            output: LayerSpec::new(*classes, Activation::Softmax, Init::Xavier),
        })
    }

    /// Multiplications and additions of the products of a step: forward, and unless
    /// it is `forward` alone, the gradients of all weights and of each layer's input
    /// but the network's.
    pub fn operations(&self, forward: bool) -> f64 {
        let pieces = match self.activation.parse() {
            Ok(Activation::Maxout(pieces)) => pieces,
            _ => 1,
        };
        let last = self.widths.len().saturating_sub(2);
        let product = |(index, pair): (usize, &[usize])| {
            let pieces = if index < last { pieces } else { 1 };
            let once = 2.0 * (self.batch * pieces) as f64 * pair[0] as f64 * pair[1] as f64;
            once * [if index == 0 { 2.0 } else { 3.0 }, 1.0][usize::from(forward)]
        };
        self.widths.windows(2).enumerate().map(product).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Network {
        networks().unwrap().iter().find(|n| n.name == name).unwrap().clone()
    }

    #[test]
    fn the_table_is_read_and_every_row_is_a_network() {
        assert!(networks().unwrap().iter().all(|network| network.spec().is_some()));
        assert_eq!(named("deep").widths.len(), 12);
        assert_eq!(named("cifar").widths, [3072, 1024, 1024, 10]);
    }

    #[test]
    fn operations_are_those_of_the_products() {
        assert_eq!(named("logreg").operations(true), 2.0 * 64.0 * 784.0 * 10.0);
        assert_eq!(named("logreg").operations(false), 2.0 * named("logreg").operations(true));
        let rows = 2.0 * 128.0;
        let maxout = rows * (784.0 * 4096.0 * 2.0 + 2048.0 * 4096.0 * 3.0 + 2048.0 * 10.0 * 3.0);
        assert_eq!(named("maxout").operations(false), maxout);
    }
}
