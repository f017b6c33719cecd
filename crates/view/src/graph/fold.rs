//! Which nodes are drawn, and which of them share a shape.
//!
//! A node that is only a step of an element-wise chain is folded into the shape
//! that uses it: same layer, same pass, no name of its own, and no other use. So
//! the mask of a ReLU and the product with it are one shape, not two.

use super::{Detail, Options};
use gradwise_graph::{Graph, Node, NodeId, Op, Pass};
use std::collections::BTreeSet;

/// Which nodes are drawn.
pub(super) fn shown(graph: &Graph, nodes: &[Node], options: &Options) -> Vec<bool> {
    let results = options.results.iter().filter(|id| id.index() < nodes.len());
    let mut wanted: Vec<NodeId> = results.copied().collect();
    if wanted.is_empty() || options.update {
        wanted.extend(graph.updates().iter().map(|(_, new)| *new));
    }
    let everything = wanted.is_empty();
    let mut shown = if everything { vec![true; nodes.len()] } else { graph.needed(&wanted) };
    let used = used_outside_updates(nodes);
    for (index, node) in nodes.iter().enumerate() {
        let hidden = match node.pass {
            Pass::Update => !options.update,
            Pass::Probe => options.detail == Detail::Folded,
            _ => node.operands.is_empty() && !used[index] && !options.update,
        };
        // The forward pass is what the picture is about: also what only informs.
        shown[index] |= node.pass == Pass::Forward && options.results.is_empty();
        shown[index] &= !hidden;
    }
    shown
}

/// Which nodes are an operand of something else than the optimizer.
fn used_outside_updates(nodes: &[Node]) -> Vec<bool> {
    let mut used = vec![false; nodes.len()];
    for node in nodes.iter().filter(|n| n.pass != Pass::Update) {
        node.operands.iter().for_each(|o| used[o.index()] = true);
    }
    used
}

/// For each node the node whose shape it is part of; `None` for what has no shape:
/// what is not shown, and numbers, which are words in the shape that uses them.
pub(super) fn owners(
    graph: &Graph,
    nodes: &[Node],
    shown: &[bool],
    detail: Detail,
) -> Vec<Option<usize>> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        node.operands.iter().for_each(|o| users[o.index()].push(index));
    }
    let new: BTreeSet<usize> = graph.updates().iter().map(|(_, new)| new.index()).collect();
    let mut owner: Vec<Option<usize>> = vec![None; nodes.len()];
    for index in (0..nodes.len()).rev().filter(|&i| shown[i]) {
        let node = &nodes[index];
        let own_shape = detail == Detail::Full || new.contains(&index);
        if !own_shape && is_number(node) {
            continue;
        }
        owner[index] = Some(index);
        let target = shared(users[index].iter().map(|&u| owner[u]));
        if let Some(target) = target.filter(|&t| !own_shape && folds(node, &nodes[t])) {
            owner[index] = Some(target);
        }
    }
    owner
}

/// The one value that all have, if there is one.
fn shared(mut all: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    let first = all.next().flatten();
    first.filter(|_| all.all(|other| other == first))
}

/// A constant without dimensions.
pub(super) fn is_number(node: &Node) -> bool {
    matches!(&node.op, Op::Constant(tensor) if tensor.sizes().is_empty())
}

/// A leaf that is drawn again in every layer that uses it, because lines from one
/// place to everywhere say nothing: the learning rate, the step.
pub(super) fn is_copied(node: &Node, detail: Detail) -> bool {
    detail == Detail::Folded && matches!(node.op, Op::Input) && node.shape.rank() == 0
}

fn folds(node: &Node, target: &Node) -> bool {
    node.name.is_none()
        && node.scope == target.scope
        && node.pass == target.pass
        && is_light(&node.op)
        && is_light(&target.op)
}

/// Whether an operation only passes over elements.
fn is_light(op: &Op) -> bool {
    matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Expand(_) | Op::Reshape(_) | Op::OneHot(_))
}
