//! Compute graphs drawn for people: SVG or PNG, DOT, JSON.
//!
//! A layer is a box. In it the forward pass runs left to right on top, the
//! parameters stand in the middle, and the backward pass runs right to left
//! below, so that a gradient stands under the value it belongs to. Passes differ
//! in colour *and* line; chains of element-wise operations are folded into one
//! shape unless every node is asked for.

mod dot;
mod fold;
mod groups;
mod json;
mod labels;
mod layout;
mod legend;
mod lines;
mod picture;
mod rows;
mod sketch;
mod slots;
#[cfg(test)]
mod tests;
mod values;

pub use values::Values;

use crate::paint::Scene;
use gradwise_graph::{Graph, NodeId, Shape};

/// What of a graph is drawn.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much is folded.
    pub detail: Detail,
    /// Whether the operations of the optimizer are drawn; if not, an arrow leads
    /// from each gradient to its parameter.
    pub update: bool,
    /// Nodes that count as results: what none of them needs is left out. If there
    /// are none, the whole forward pass is drawn and what the updates need, and if
    /// there are no updates either, everything.
    pub results: Vec<NodeId>,
    /// What stands above the picture.
    pub title: String,
}

/// How much of a graph is folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Chains of element-wise operations are one shape, constants are words.
    #[default]
    Folded,
    /// Every node is a shape.
    Full,
}

/// The graph as a picture; with values, they stand on its edges.
pub fn draw(graph: &Graph, options: &Options, values: Option<&Values>) -> Scene {
    let sketch = sketch::sketch(graph, options);
    let shapes = shapes(graph);
    let layout = layout::arrange(&sketch, &shapes, values);
    picture::paint(&sketch, &layout, &shapes, options, values)
}

/// The graph in Graphviz's language.
pub fn to_dot(graph: &Graph, options: &Options, values: Option<&Values>) -> String {
    dot::document(&sketch::sketch(graph, options), &shapes(graph), options, values)
}

/// Every node of the graph, nothing folded, as one JSON document.
pub fn to_json(graph: &Graph, values: Option<&Values>) -> serde_json::Value {
    json::document(graph, values)
}

fn shapes(graph: &Graph) -> Vec<Shape> {
    graph.nodes().iter().map(|n| n.shape.clone()).collect()
}
