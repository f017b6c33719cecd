//! What the tests of this crate share: numbers to feed, values and gradient checks.
#![allow(dead_code)]

use gradwise_graph::random::Philox;
use gradwise_graph::{Feeds, Graph, Tensor, Value};

/// Standard normal numbers of the given sizes.
pub fn normal(seed: u64, sizes: &[usize]) -> Tensor {
    let random = Philox::new(seed, 77);
    Tensor::from_fn(sizes.to_vec(), |i| random.normal(i as u64))
}

/// Evaluates one value.
pub fn value(graph: &Graph, of: Value<'_>, feeds: &Feeds) -> Tensor {
    graph.evaluate(&[of], feeds).expect("the graph evaluates").remove(0)
}

/// The largest relative distance of the gradients of `loss` from central
/// differences.
pub fn gradient_error<'g>(
    graph: &'g Graph,
    loss: Value<'g>,
    feeds: &Feeds,
    by: &[Value<'g>],
) -> f64 {
    let errors = graph.gradient_errors(loss, by, feeds).expect("differentiable");
    errors.into_iter().fold(0.0, f64::max)
}

/// Runs the graph's updates with the given feeds and puts the new values there.
pub fn step(graph: &Graph, feeds: &mut Feeds) {
    let updates = graph.updates();
    let values: Vec<_> = updates.iter().map(|(_, node)| graph.value(*node)).collect();
    let new = graph.evaluate(&values, feeds).expect("the updates evaluate");
    for ((id, _), value) in updates.iter().zip(new) {
        let name = graph.parameters()[id.index()].name.clone();
        feeds.set(&name, value);
    }
}
