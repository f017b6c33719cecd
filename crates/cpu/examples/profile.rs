//! Where the time of a training step goes, each step's best of many rounds, for the networks of the benchmark:
//! `cargo run --release -p gradwise-cpu --example profile -- deep 2`
//! (a network's name or its batch and widths as in 128,784,500,10; threads, f32 or bf16,
//! rounds, sgd or adam).

use gradwise_cpu::{Buffer, Device, Feed, Plan, Precision, Request, State, stride};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Graph, Initializer, Role, Shape, Value};
use std::time::Instant;

fn network(name: &str) -> (usize, Vec<usize>) {
    let sizes: Vec<usize> = name.split(',').filter_map(|size| size.parse().ok()).collect();
    if let [batch, widths @ ..] = &sizes[..] {
        return (*batch, widths.to_vec());
    }
    match name {
        "logreg" => (64, vec![784, 10]),
        "one" => (1, vec![784, 512, 512, 10]),
        "mlp" => (32, vec![784, 128, 10]),
        "cifar" => (256, vec![3072, 1024, 1024, 10]),
        "rows8192" => (8192, vec![784, 512, 512, 10]),
        "wide" => (256, [vec![784], vec![2048; 8], vec![10]].concat()),
        _ => (128, [vec![784], vec![500; 10], vec![10]].concat()),
    }
}

fn noise(stream: u64, count: usize, scale: f32) -> Vec<f32> {
    let numbers = Philox::new(1, stream);
    (0..count as u64).map(|i| numbers.normal(i) as f32 * scale).collect()
}

fn dense<'g>(x: Value<'g>, index: usize, from: usize, to: usize) -> Value<'g> {
    let graph = x.graph();
    let weights = Initializer::values(noise(index as u64, from * to, 1.0 / (from as f32).sqrt()));
    let w = graph.parameter(&format!("w{index}"), [from, to], Role::Weight, weights);
    let b = graph.parameter(&format!("b{index}"), [to], Role::Bias, Initializer::constant(0.0));
    x.matmul(w) + b
}

/// Momentum, or Adam with made-up corrections.
fn update<'g>(w: Value<'g>, g: Value<'g>, lr: Value<'g>, index: usize, adam: bool) {
    let (graph, sizes) = (w.graph(), w.shape().sizes(1));
    let state = |name: &str| {
        let zeros = Initializer::constant(0.0);
        graph.parameter(&format!("{name}{index}"), sizes.clone(), Role::State, zeros)
    };
    let v = state("v");
    if adam {
        let m = state("m");
        let (mean, square) = (m * 0.9 + g * 0.1, v * 0.999 + g.square() * 0.001);
        graph.update(m, mean);
        graph.update(v, square);
        // Scalars of every step, as the corrections of the first steps are.
        let (rate, spread) = (lr * 0.1, lr * 0.5 + 1.0);
        graph.update(w, w - mean / (square.sqrt() * spread + 1e-8) * rate);
    } else {
        let velocity = v * 0.9 + g;
        graph.update(v, velocity);
        graph.update(w, w - velocity * lr);
    }
}

fn build(graph: &Graph, widths: &[usize], adam: bool) -> gradwise_graph::NodeId {
    let (x, y) = (graph.input("x", Shape::batch_by(widths[0])), graph.input("y", [BATCH]));
    let lr = graph.input("lr", Shape::scalar());
    let mut h = x;
    for (i, pair) in widths.windows(2).enumerate() {
        h = graph.scope(&format!("dense{}", i + 1), || {
            let s = dense(h, i, pair[0], pair[1]);
            if i + 2 < widths.len() { s.tanh() } else { s }
        });
    }
    let loss = h.softmax_cross_entropy(y).mean();
    let parameters = graph.learnt();
    let gradients = graph.gradients(loss, &parameters).unwrap_or_default();
    for (i, (w, g)) in parameters.iter().zip(&gradients).enumerate() {
        update(*w, *g, lr, i, adam);
    }
    loss.id()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("deep", String::as_str);
    let threads = arguments.get(1).and_then(|t| t.parse().ok());
    let bf16 = arguments.get(2).is_some_and(|p| p == "bf16");
    let precision = if bf16 { Precision::Bf16 } else { Precision::F32 };
    let rounds: usize = arguments.get(3).and_then(|t| t.parse().ok()).unwrap_or(50);
    let adam = arguments.get(4).is_some_and(|o| o == "adam");
    let (batch, widths) = network(name);
    let graph = Graph::new();
    let loss = build(&graph, &widths, adam);
    let device = Device::new(threads)?;
    let mut state = State::new(&graph)?;
    let inputs = ["x", "y", "lr"].map(String::from).to_vec();
    let outputs = vec![loss];
    let gate = Some(loss);
    let request = Request { batch, inputs, outputs, update: true, gate, precision };
    let mut plan = Plan::new(&device, &graph, &request)?;
    let x_stride = stride(widths[0]);
    let mut x = Buffer::zeros(batch * x_stride)?;
    x.copy_from_slice(&noise(77, batch * x_stride, 1.0));
    let labels = Philox::new(3, 3);
    let y: Vec<f32> = (0..batch as u64).map(|i| labels.below(i, 10) as f32).collect();
    let feeds = [Feed { values: &x, stride: x_stride }, Feed::row(&y), Feed::row(&[0.01])];
    let mut best: Vec<u64> = Vec::new();
    let mut totals: Vec<f64> = Vec::new();
    for round in 0..rounds + 5 {
        let start = Instant::now();
        plan.run(&mut state, &feeds)?;
        totals.push(start.elapsed().as_secs_f64() * 1e6);
        if round == 4 {
            totals.clear();
        }
    }
    for _ in 0..rounds {
        let mut times = Vec::new();
        plan.profile(&mut state, &feeds, &mut times)?;
        best.resize(times.len(), u64::MAX);
        best.iter_mut().zip(times).for_each(|(best, time)| *best = time.min(*best));
    }
    totals.sort_by(f64::total_cmp);
    println!("{name}: median {:.1} µs, best {:.1} µs a step", totals[totals.len() / 2], totals[0]);
    println!("the steps' best sum to {:.1} µs", best.iter().sum::<u64>() as f64 / 1e3);
    println!("products in {:?}", plan.precision());
    println!("loss {}, plan memory {} kB", plan.output(0)[0], plan.memory() / 1024);
    for (time, what) in best.iter().zip(plan.describe()) {
        println!("{:9.1} µs  {what}", *time as f64 / 1e3);
    }
    Ok(())
}
