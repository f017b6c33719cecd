//! A deep net from the vocabulary: layers, loss and optimizer by their names.
//!
//! `cargo run --release --example deep_net`
use gradwise::prelude::*;

/// Ten ReLU layers on two interleaved spirals, which no linear score tells apart.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = open(&DataSpec::new("spirals(1000, 0.02)"))?;

    let graph = Graph::new();
    let (y, lr, step) = (
        graph.input("y", [BATCH]),
        graph.input("lr", Shape::scalar()),
        graph.input("step", Shape::scalar()),
    );
    let layer = LayerSpec::new(50, Activation::Relu, Init::He);
    let spec = NetworkSpec {
        inputs: data.train.columns(),
        features: Features::None,
        layers: vec![layer; 10],
        output: LayerSpec::new(2, Activation::Softmax, Init::Xavier),
    };
    let network = spec.build(&graph, 0, Mode::Training { step })?;
    let loss = Loss::CrossEntropy.build(&network.output, y, &LossOptions::default())?.data_loss;
    let parameters = graph.learnt();
    let gradients = graph.gradients(loss, &parameters)?;
    let adam: Optimizer = "adam".parse()?;
    adam.build(&graph, &parameters, &gradients, Rates { lr, step, clip: None })?;

    let losses = train(&graph, loss, &data.train)?;
    println!("loss {:.4} before, {:.4} after", losses[0], losses[losses.len() - 1]);
    assert!(losses[losses.len() - 1] < 0.05);
    Ok(())
}

/// Mini-batches in a new order each epoch; the loss of every step.
fn train(
    graph: &Graph,
    loss: Value<'_>,
    set: &Set,
) -> Result<Vec<f32>, Box<dyn std::error::Error>> {
    const ROWS: usize = 50;
    let request = Request {
        batch: ROWS,
        inputs: ["x", "y", "lr", "step"].map(String::from).to_vec(),
        outputs: vec![loss.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let mut plan = Plan::new(&Device::new(None)?, graph, &request)?;
    let mut state = State::new(graph)?;
    let (mut x, mut y) = (vec![0.0; ROWS * set.columns()], vec![0.0; ROWS]);
    let mut losses = Vec::new();
    for epoch in 0..100 {
        for rows in order(set.rows() as u32, 0, epoch).chunks_exact(ROWS) {
            set.gather(rows, &mut x, set.columns())?;
            set.targets(rows, &mut y)?;
            let step = [losses.len() as f32 + 1.0];
            let feeds = [
                Feed::rows(&x, set.columns()),
                Feed::rows(&y, 1),
                Feed::row(&[0.003]),
                Feed::row(&step),
            ];
            plan.run(&mut state, &feeds)?;
            losses.push(plan.output(0)[0]);
        }
    }
    Ok(losses)
}
