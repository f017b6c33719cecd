//! What the tests of this crate share: numbers to feed, and central differences.
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

/// Compares the gradient of the scalar `loss` by each of the parameters and inputs
/// named with central differences: largest |a − b|/max(1, |a|, |b|).
pub fn gradient_error(graph: &Graph, loss: Value<'_>, feeds: &Feeds, by: &[Value<'_>]) -> f64 {
    let gradients = graph.gradients(loss, by).expect("differentiable");
    let exact = graph.evaluate(&gradients, feeds).expect("the gradients evaluate");
    let here = graph.evaluate(by, feeds).expect("the parameters evaluate");
    let mut worst = 0f64;
    for ((variable, exact), here) in by.iter().zip(&exact).zip(&here) {
        let name = graph.node(variable.id()).label();
        for i in 0..here.data().len() {
            let at = |h: f64| {
                let mut moved = here.clone();
                moved.data_mut()[i] += h;
                let mut feeds = feeds.clone();
                feeds.set(&name, moved);
                value(graph, loss, &feeds).item()
            };
            let numeric = central(at);
            let analytic = exact.data()[i];
            let scale = 1f64.max(analytic.abs()).max(numeric.abs());
            worst = worst.max((analytic - numeric).abs() / scale);
        }
    }
    worst
}

/// The derivative at 0 by central differences, of fourth order.
fn central(f: impl Fn(f64) -> f64) -> f64 {
    let h = 1e-4;
    (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h)
}
