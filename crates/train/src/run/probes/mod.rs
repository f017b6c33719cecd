//! What is measured of each layer: what of it is computed in the graph.
//!
//! The moments of its signals, forward and backward, of its weights and of their
//! steps are summed up by the plan while a tile is in cache. Signals that stand in
//! memory anyway, because a product reads them, are read out whole; the weight
//! gradient never does, so its signs are told by sums over columns. What is read out
//! is reduced by [`Measurer`].

mod cost;
mod measurer;
mod names;
mod rewritten;
mod taker;

pub(super) use cost::interval;
pub use measurer::{Measured, Measurer, Reading};
pub use rewritten::Rewritten;

use super::program::parameter_of;
use gradwise_graph::{Graph, NodeId, Op, ParameterId, Pass, Value};
use gradwise_nn::{Activation, Layer, LayerSpec, Network};

/// What a plan computes for the measures.
#[derive(Debug, Default)]
pub struct Probes {
    /// The nodes that are read, each once.
    pub nodes: Vec<NodeId>,
    /// What they are, layer by layer, the output last.
    pub layers: Vec<LayerProbes>,
    /// Gradients of the parameters that are no weights.
    pub others: Vec<usize>,
    /// The losses of the rows.
    pub row_losses: usize,
}

/// What is read of one layer. Numbers are places among [`Probes::nodes`].
#[derive(Debug)]
pub struct LayerProbes {
    /// The layer's name.
    pub name: String,
    /// How it is described.
    pub spec: LayerSpec,
    /// The moments of [`MEASURED`], as far as there are any.
    pub moments: [Option<usize>; 7],
    /// What it is given, `[n, inputs]`; `None`: the batch as it is fed.
    pub input: Option<usize>,
    /// Its activation, `[n, units]`.
    pub activation: usize,
    /// The weighted sums of maxout, `[n, pieces·units]`.
    pub pieces: Option<usize>,
    /// The loss's gradient by the weighted sums, `[n, pieces·units]`.
    pub gradient: usize,
    /// Sums over the columns of the weight gradient, and of its elements' sizes.
    pub signs: Option<[usize; 2]>,
    /// The weight, `[inputs, pieces·units]`.
    pub weight: Option<ParameterId>,
    /// PReLU's α.
    pub slope: Option<ParameterId>,
}

/// What moments are taken of in each layer: its input, its weighted sums, its
/// activation, the loss's gradient by the activation (of the output layer by its
/// scores, which losses are computed from), its weight, the gradient by it (before
/// clipping) and what a step adds to it.
pub const MEASURED: [&str; 7] = [
    "input",
    "preactivation",
    "activation",
    "activation-gradient",
    "weight",
    "weight-gradient",
    "update",
];

/// The values by which gradients are taken for a layer: its weighted sums, and what
/// its activation's gradient is told of.
pub(super) fn signals<'g>(layer: &Layer<'g>) -> [Value<'g>; 2] {
    let told = match layer.spec.activation {
        Activation::Softmax | Activation::Sigmoid if layer.name == "output" => layer.preactivation,
        _ => layer.activation,
    };
    [layer.preactivation, told]
}

/// The gradients that are probed.
pub(super) struct Gradients<'s, 'g> {
    /// The parameters, and the gradients by them.
    pub parameters: (&'s [Value<'g>], &'s [Value<'g>]),
    /// The gradients by each layer's [`signals`].
    pub layers: &'s [Value<'g>],
}

/// Adds the probes of all layers.
pub(super) fn build<'g>(
    graph: &'g Graph,
    network: &Network<'g>,
    row_losses: Value<'g>,
    gradients: &Gradients<'_, 'g>,
) -> Probes {
    let mut probes = Probes::default();
    probes.row_losses = probes.read(row_losses);
    let updates = graph.updates();
    for (layer, signals) in network.layers().zip(gradients.layers.chunks_exact(2)) {
        let gradient = gradients.by(layer.weight);
        let parameter = parameter_of(layer.weight);
        let new = updates.iter().find(|(id, _)| Some(*id) == parameter);
        let step =
            |(_, new): &(_, NodeId)| graph.pass(Pass::Probe, || graph.value(*new) - layer.weight);
        let values = [
            Some(layer.input),
            Some(layer.preactivation),
            Some(layer.activation),
            Some(signals[1]),
            Some(layer.weight),
            gradient,
            new.map(step),
        ];
        let own = probes.of_layer(layer, values, signals[0]);
        probes.layers.push(own);
    }
    let weights: Vec<_> = network.layers().map(|layer| layer.weight.id()).collect();
    let (parameters, of) = gradients.parameters;
    let others = parameters.iter().zip(of).filter(|(p, _)| !weights.contains(&p.id()));
    probes.others = others.map(|(_, gradient)| probes.read(*gradient)).collect();
    probes
}

impl<'g> Gradients<'_, 'g> {
    /// The gradient by a parameter.
    fn by(&self, parameter: Value<'g>) -> Option<Value<'g>> {
        let (parameters, gradients) = self.parameters;
        let at = parameters.iter().position(|p| p.id() == parameter.id())?;
        gradients.get(at).copied()
    }
}

impl Probes {
    /// The place of a value among those that are read.
    fn read(&mut self, value: Value<'_>) -> usize {
        let known = self.nodes.iter().position(|node| *node == value.id());
        known.unwrap_or_else(|| {
            self.nodes.push(value.id());
            self.nodes.len() - 1
        })
    }

    fn of_layer<'g>(
        &mut self,
        layer: &Layer<'g>,
        values: [Option<Value<'g>>; 7],
        by_sums: Value<'g>,
    ) -> LayerProbes {
        let graph = layer.weight.graph();
        let probe = |f: &mut dyn FnMut() -> Value<'g>| {
            graph.pass(Pass::Probe, || graph.scope(&layer.name, f))
        };
        let moments = values.map(|value| {
            let value = value?;
            // What one layer gives the next takes is measured once.
            let before = self.layers.last().filter(|_| value.id() == layer.input.id());
            let before = before.filter(|below| self.nodes[below.activation] == value.id());
            let known = before.and_then(|below| below.moments[2]);
            Some(known.unwrap_or_else(|| self.read(probe(&mut || value.moments()))))
        });
        let signs = values[5].map(|gradient| {
            let sums = probe(&mut || gradient.sum_columns());
            [self.read(sums), self.read(probe(&mut || gradient.abs().sum_columns()))]
        });
        let is_fed = matches!(graph.node(layer.input.id()).op, Op::Input);
        let pieces = layer.spec.activation.pieces() > 1;
        LayerProbes {
            name: layer.name.clone(),
            spec: layer.spec.clone(),
            moments,
            input: (!is_fed).then(|| self.read(layer.input)),
            activation: self.read(layer.activation),
            pieces: pieces.then(|| self.read(layer.preactivation)),
            gradient: self.read(by_sums),
            signs,
            weight: parameter_of(layer.weight),
            slope: layer.slope.and_then(parameter_of),
        }
    }
}
