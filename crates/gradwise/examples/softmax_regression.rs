//! Linear softmax regression, the lecture's first network, written as a graph.
//!
//! `cargo run --release --example softmax_regression`
use gradwise::prelude::*;

/// Trains on the digits and says how many of the training rows it gets right.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data =
        open(&DataSpec { preprocess: vec![Preprocess::Scale(16.0)], ..DataSpec::new("digits") })?;
    let (features, labels) = all_rows(&data.train)?;

    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(64));
    let y = graph.input("y", [BATCH]);
    let w = graph.parameter("w", [64, 10], Role::Weight, Initializer::constant(0.0));
    let b = graph.parameter("b", [10], Role::Bias, Initializer::constant(0.0));
    let scores = x.matmul(w) + b;
    let loss = scores.softmax_cross_entropy(y).mean();
    let gradients = graph.gradients(loss, &[w, b])?;
    graph.update(w, w - gradients[0] * 0.5);
    graph.update(b, b - gradients[1] * 0.5);

    let request = Request {
        batch: labels.len(),
        inputs: vec!["x".into(), "y".into()],
        outputs: vec![loss.id(), scores.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let mut plan = Plan::new(&Device::new(None)?, &graph, &request)?;
    let mut state = State::new(&graph)?;
    for _ in 0..200 {
        plan.run(&mut state, &[Feed::rows(&features, 64), Feed::rows(&labels, 1)])?;
    }

    let right = plan.output(1).chunks(10).zip(&labels).filter(|(s, y)| best(s) == **y as usize);
    let accuracy = right.count() as f64 / labels.len() as f64;
    println!("loss {:.4}, {:.1} % right", plan.output(0)[0], 100.0 * accuracy);
    assert!(accuracy > 0.95);
    Ok(())
}

/// The features and labels of a whole set.
fn all_rows(set: &Set) -> Result<(Vec<f32>, Vec<f32>), DataError> {
    let rows: Vec<u32> = (0..set.rows() as u32).collect();
    let (mut features, mut labels) = (vec![0.0; rows.len() * set.columns()], vec![0.0; rows.len()]);
    set.gather(&rows, &mut features, set.columns())?;
    set.targets(&rows, &mut labels)?;
    Ok((features, labels))
}

/// The index of the largest score.
fn best(scores: &[f32]) -> usize {
    (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best })
}
