//! What is measured of each layer: the moments of its signals, forward and
//! backward, of its weights and of their steps.

use super::program::parameter_of;
use gradwise_graph::{Graph, NodeId, Pass, Value};
use gradwise_nn::{Activation, Layer, Network};

/// A probe: the moments of one value of one layer.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The layer's name.
    pub layer: String,
    /// What is measured: one of [`MEASURED`].
    pub of: &'static str,
    /// The node of its moments.
    pub node: NodeId,
}

/// What is measured of each layer: its input, its weighted sums, its activation,
/// the loss's gradient by its activation (of the output layer by its scores, which
/// losses are computed from), its weight, the gradient by it (before clipping) and
/// what a step adds to it.
pub const MEASURED: [&str; 7] = [
    "input",
    "preactivation",
    "activation",
    "activation-gradient",
    "weight",
    "weight-gradient",
    "update",
];

/// The value by which the gradient that reaches a layer is taken.
pub(super) fn signal<'g>(layer: &Layer<'g>) -> Value<'g> {
    match layer.spec.activation {
        Activation::Softmax | Activation::Sigmoid if layer.name == "output" => layer.preactivation,
        _ => layer.activation,
    }
}

/// Adds the probes of all layers. `learnt` and `of_parameters` are the parameters
/// and their gradients, `of_layers` the gradients by each layer's [`signal`].
pub(super) fn build<'g>(
    graph: &'g Graph,
    network: &Network<'g>,
    learnt: &[Value<'g>],
    of_parameters: &[Value<'g>],
    of_layers: &[Value<'g>],
) -> Vec<Probe> {
    let updates = graph.updates();
    let mut probes = Vec::new();
    for (layer, signal_gradient) in network.layers().zip(of_layers) {
        let own = learnt.iter().position(|p| p.id() == layer.weight.id());
        let gradient = own.and_then(|at| of_parameters.get(at)).copied();
        let parameter = parameter_of(layer.weight);
        let new = updates.iter().find(|(id, _)| Some(*id) == parameter);
        let step =
            |(_, new): &(_, NodeId)| graph.pass(Pass::Probe, || graph.value(*new) - layer.weight);
        let values = [
            Some(layer.input),
            Some(layer.preactivation),
            Some(layer.activation),
            Some(*signal_gradient),
            Some(layer.weight),
            gradient,
            new.map(step),
        ];
        for (of, value) in MEASURED.into_iter().zip(values) {
            let Some(value) = value else { continue };
            let node =
                graph.pass(Pass::Probe, || graph.scope(&layer.name, || value.moments())).id();
            probes.push(Probe { layer: layer.name.clone(), of, node });
        }
    }
    probes
}
