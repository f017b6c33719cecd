//! A loss that the vocabulary does not have, made of existing operations: its
//! gradient comes by itself.
//!
//! `cargo run --release --example custom_loss`
use gradwise::prelude::*;

/// The pinball loss, max(q·d, (q − 1)·d) with d = y − f: its optimum is the quantile
/// q, as that of the L1 loss is the median (Koenker and Bassett 1978).
fn pinball<'g>(f: Value<'g>, y: Value<'g>, quantile: f64) -> Value<'g> {
    let d = y - f;
    (d * quantile).max(d * (quantile - 1.0)).mean()
}

/// Finds the 90 % quantile of the numbers 0 … 100.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = Graph::new();
    let y = graph.input("y", [BATCH]);
    let f = graph.parameter("f", [1], Role::Weight, Initializer::constant(50.0));
    let loss = pinball(f, y, 0.9);
    let gradient = graph.gradients(loss, &[f])?[0];
    graph.update(f, f - gradient * 5.0);

    let numbers: Vec<f32> = (0..=100).map(|i| i as f32).collect();
    let request = Request {
        batch: numbers.len(),
        inputs: vec!["y".into()],
        outputs: vec![f.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let mut plan = Plan::new(&Device::new(None)?, &graph, &request)?;
    let mut state = State::new(&graph)?;
    for _ in 0..500 {
        plan.run(&mut state, &[Feed::rows(&numbers, 1)])?;
    }
    let found = plan.output(0)[0];
    println!("the 90 % quantile of 0 … 100 is about {found:.1}");
    assert!((found - 90.0).abs() < 1.0);
    Ok(())
}
