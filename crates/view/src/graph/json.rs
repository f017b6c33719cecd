//! Every node of a graph as JSON, for programs.

use super::Values;
use gradwise_graph::{Dim, Graph, Node, Op, Pass, Role, Shape};
use serde_json::{Value, json};

/// `{"nodes": […], "parameters": […], "updates": […]}`. A node has `id`,
/// `operation`, `operands` (ids), `shape` (numbers, or `"batch"`), `pass`, and
/// where it has them `name`, `layer` and `value` (numbers in row-major order, all
/// of them; `null` for those that are not finite).
pub(super) fn document(graph: &Graph, values: Option<&Values>) -> Value {
    let nodes: Vec<Value> =
        graph.nodes().iter().enumerate().map(|(id, n)| node(id, n, values)).collect();
    let parameters: Vec<Value> = graph
        .parameters()
        .iter()
        .map(|p| {
            json!({
                "name": p.name, "sizes": p.sizes, "role": role(p.role),
                "initializer": p.initializer.label(), "node": p.node.index(),
            })
        })
        .collect();
    let update = |(parameter, new): &(gradwise_graph::ParameterId, gradwise_graph::NodeId)| json!({ "parameter": graph.parameters()[parameter.index()].name, "node": new.index() });
    let updates: Vec<Value> = graph.updates().iter().map(update).collect();
    json!({ "nodes": nodes, "parameters": parameters, "updates": updates })
}

fn node(id: usize, node: &Node, values: Option<&Values>) -> Value {
    let operation = match &node.op {
        Op::Parameter(_) => "parameter".into(),
        op => op.name(),
    };
    let operands: Vec<usize> = node.operands.iter().map(|o| o.index()).collect();
    let mut out = json!({
        "id": id, "operation": operation, "operands": operands,
        "shape": shape(&node.shape), "pass": pass(node.pass),
    });
    if let Some(name) = &node.name {
        out["name"] = json!(name);
    }
    if !node.scope.is_empty() {
        out["layer"] = json!(&*node.scope);
    }
    if let Some(tensor) = values.and_then(|values| values.get(id)) {
        out["value"] = json!(tensor.data());
    }
    out
}

fn shape(shape: &Shape) -> Vec<Value> {
    let size = |d: &Dim| match d {
        Dim::Batch => json!("batch"),
        Dim::Fixed(n) => json!(n),
    };
    shape.dims().iter().map(size).collect()
}

fn pass(pass: Pass) -> &'static str {
    match pass {
        Pass::Forward => "forward",
        Pass::Backward => "backward",
        Pass::Update => "update",
        Pass::Probe => "probe",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Weight => "weight",
        Role::Bias => "bias",
        Role::Slope => "slope",
        Role::Fixed => "fixed",
        Role::State => "state",
    }
}
