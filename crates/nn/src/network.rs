//! A whole network: feature map, hidden layers `dense1`, `dense2`, … and `output`.

use crate::error::BuildError;
use crate::features::Features;
use crate::layer::{self, Layer, LayerSpec, Mode, Site};
use gradwise_graph::{Graph, Shape, Value};

/// A network as it is described.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    /// Columns of the input.
    pub inputs: usize,
    /// The fixed map in front.
    pub features: Features,
    /// The hidden layers; none for a linear score function (lecture row L1).
    pub layers: Vec<LayerSpec>,
    /// The output layer: its weighted sums are the scores.
    pub output: LayerSpec,
}

/// A network in a graph.
#[derive(Clone, Debug)]
pub struct Network<'g> {
    /// The input called `x`, `[n, inputs]`.
    pub x: Value<'g>,
    /// The input after the feature map.
    pub features: Value<'g>,
    /// The hidden layers.
    pub hidden: Vec<Layer<'g>>,
    /// The output layer; its `output` is the network's.
    pub output: Layer<'g>,
}

impl NetworkSpec {
    /// Builds the network on the input `x`, with all randomness from `seed`.
    ///
    /// If the graph already has `x` or parameters of these names they are used
    /// again: build once for training and once for evaluation in one graph, and
    /// both share the weights.
    ///
    /// # Errors
    /// A setting out of range, sizes beyond what a machine can hold, or the
    /// graph's own error.
    pub fn build<'g>(
        &self,
        graph: &'g Graph,
        seed: u64,
        mode: Mode<'g>,
    ) -> Result<Network<'g>, BuildError> {
        self.check()?;
        let existing = graph.find_input("x");
        let x = existing.unwrap_or_else(|| graph.input("x", Shape::batch_by(self.inputs)));
        let features = self.features.build(graph, x, self.inputs, seed)?;
        let mut width = self.features.count(self.inputs)?;
        let site = Site { graph, seed, mode };
        let (mut hidden, mut signal) = (Vec::new(), features);
        for (name, spec) in self.named_hidden() {
            let layer = layer::build(site, &name, spec, signal, width);
            (signal, width) = (layer.output, spec.units);
            hidden.push(layer);
        }
        let output = layer::build(site, "output", &self.output, signal, width);
        graph.check()?;
        Ok(Network { x, features, hidden, output })
    }

    /// The hidden layers with their names.
    fn named_hidden(&self) -> impl Iterator<Item = (String, &LayerSpec)> {
        (1..).zip(&self.layers).map(|(number, spec)| (format!("dense{number}"), spec))
    }

    /// All layers with their names, from the input to the output.
    pub fn named_layers(&self) -> impl Iterator<Item = (String, &LayerSpec)> {
        self.named_hidden().chain([("output".to_string(), &self.output)])
    }
}

impl<'g> Network<'g> {
    /// All layers, from the input to the output.
    pub fn layers(&self) -> impl Iterator<Item = &Layer<'g>> {
        self.hidden.iter().chain([&self.output])
    }

    /// The scores: the output layer's weighted sums before its activation.
    pub fn scores(&self) -> Value<'g> {
        self.output.preactivation
    }

    /// The sum of the layers' penalties, a scalar; `None` if there are none.
    pub fn penalty(&self) -> Option<Value<'g>> {
        let penalties: Vec<_> = self.layers().filter_map(Layer::penalty).collect();
        penalties.into_iter().reduce(|sum, penalty| sum + penalty)
    }
}
