//! Where shapes stand from left to right: slots, counted over all layers.
//!
//! In a layer the forward pass takes the slots of its longest path from the left,
//! the backward pass those from the right; a parameter stands under its use, its
//! gradient under it.

use super::sketch::{Flow, Lane, Sketch};

/// The slots of shapes and layers.
#[derive(Debug)]
pub(super) struct Slots {
    /// For each vertex its slot.
    pub of: Vec<usize>,
    /// For each group its first slot.
    pub first: Vec<usize>,
    /// The number of all slots.
    pub count: usize,
}

/// Finds the slots of all shapes.
pub(super) fn assign(sketch: &Sketch) -> Slots {
    let mut rank = longest_paths(sketch);
    let parameters: Vec<(usize, usize)> = under_uses(sketch, &rank);
    parameters.iter().for_each(|&(vertex, slot)| rank[vertex] = slot);
    let mut width = vec![1; sketch.groups.len()];
    for (vertex, &rank) in sketch.vertices.iter().zip(&rank) {
        width[vertex.group] = width[vertex.group].max(rank + 1);
    }
    let backward = |v: usize| sketch.vertices[v].lane == Lane::Backward;
    for vertex in (0..rank.len()).filter(|&v| backward(v)) {
        rank[vertex] = width[sketch.vertices[vertex].group] - 1 - rank[vertex];
    }
    move_ends_left(sketch, &mut rank);
    let mut first = Vec::with_capacity(width.len());
    let mut count = 0;
    for width in width {
        first.push(count);
        count += width;
    }
    let of = sketch.vertices.iter().zip(rank).map(|(v, rank)| first[v.group] + rank).collect();
    Slots { of, first, count }
}

/// Whether both ends of an edge are in the same lane of the same layer.
fn is_local(sketch: &Sketch, from: usize, to: usize) -> bool {
    let (from, to) = (&sketch.vertices[from], &sketch.vertices[to]);
    from.lane == to.lane && from.group == to.group
}

/// For each shape the number of steps before it in its lane and layer.
fn longest_paths(sketch: &Sketch) -> Vec<usize> {
    let mut rank = vec![0; sketch.vertices.len()];
    let local: Vec<(usize, usize)> = sketch
        .edges
        .iter()
        .map(|e| (e.from, e.to))
        .filter(|&(from, to)| is_local(sketch, from, to))
        .collect();
    // Nodes only refer to earlier nodes, so a shape's own node orders them.
    let mut order: Vec<usize> = (0..local.len()).collect();
    order.sort_by_key(|&e| sketch.vertices[local[e].0].node);
    for edge in order {
        let (from, to) = local[edge];
        rank[to] = rank[to].max(rank[from] + 1);
    }
    rank
}

/// Parameters with the slot of their first use in the same layer.
fn under_uses(sketch: &Sketch, rank: &[usize]) -> Vec<(usize, usize)> {
    let is_parameter = |v: &usize| sketch.vertices[*v].lane == Lane::Parameter;
    let slot = |v: usize| {
        let uses = sketch.edges.iter().filter(|e| e.from == v && e.flow == Flow::Forward);
        let near = uses.filter(|e| sketch.vertices[e.to].group == sketch.vertices[v].group);
        (v, near.map(|e| rank[e.to]).min().unwrap_or(0))
    };
    (0..sketch.vertices.len()).filter(is_parameter).map(slot).collect()
}

/// Moves gradients that nothing in their layer uses to the left: under their
/// parameter, or to where they leave the layer.
fn move_ends_left(sketch: &Sketch, rank: &mut [usize]) {
    for vertex in 0..sketch.vertices.len() {
        let mut leaving = sketch.edges.iter().filter(|e| e.from == vertex);
        let is_end = sketch.vertices[vertex].lane == Lane::Backward
            && !leaving.any(|e| is_local(sketch, vertex, e.to));
        if is_end {
            let target = parameter_of(sketch, vertex).map_or(0, |parameter| rank[parameter]);
            rank[vertex] = rank[vertex].min(target);
        }
    }
}

/// The parameter whose gradient a shape is: that which it updates, or else the
/// only one of its size in its layer.
fn parameter_of(sketch: &Sketch, vertex: usize) -> Option<usize> {
    let lane = |v: usize| sketch.vertices[v].lane;
    let update = |e: &&super::sketch::Edge| e.from == vertex && lane(e.to) == Lane::Parameter;
    if let Some(edge) = sketch.edges.iter().find(update) {
        return Some(edge.to);
    }
    let own = &sketch.vertices[vertex];
    let fits = |v: &usize| {
        let other = &sketch.vertices[*v];
        other.lane == Lane::Parameter && other.group == own.group && other.shape == own.shape
    };
    let mut fitting = (0..sketch.vertices.len()).filter(fits);
    fitting.next().filter(|_| fitting.next().is_none())
}
