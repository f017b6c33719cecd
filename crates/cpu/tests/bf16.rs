//! Plans whose products take bf16 operands, against the reference evaluator, for
//! every instruction set of this machine that can multiply bf16.

use gradwise_cpu::{Device, Feed, Isa, Plan, Precision, Request, State, Unit, stride};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Feeds, Graph, Initializer, NodeId, Role, Shape, Tensor, Value};

/// Devices that can, with one thread and with three.
fn devices() -> Vec<Device> {
    let device = |isa| [1, 3].map(|threads| Device::with_isa(isa, Some(threads)).unwrap());
    Isa::available().flat_map(device).filter(|d| d.bf16().is_some()).collect()
}

fn noise(stream: u64, count: usize) -> Vec<f32> {
    let numbers = Philox::new(11, stream);
    (0..count).map(|i| numbers.normal(i as u64) as f32).collect()
}

/// Whole numbers from −8 to 8: exact in bf16, and so are sums of their products in f32.
fn whole(stream: u64, count: usize) -> Vec<f32> {
    let numbers = Philox::new(12, stream);
    (0..count).map(|i| numbers.below(i as u64, 17) as f32 - 8.0).collect()
}

fn parameter<'g>(graph: &'g Graph, name: &str, sizes: [usize; 2], values: Vec<f32>) -> Value<'g> {
    graph.parameter(name, sizes, Role::Weight, Initializer::values(values))
}

fn request(batch: usize, outputs: Vec<NodeId>) -> Request {
    let inputs = ["x", "y", "lr"].map(String::from).to_vec();
    Request { batch, inputs, outputs, precision: Precision::Bf16, ..Request::default() }
}

/// Runs a plan on features of `columns` and labels below 8.
fn run(plan: &mut Plan, state: &mut State, x: &[f32], rows: usize) {
    let labels = Philox::new(5, 2);
    let y: Vec<f32> = (0..rows).map(|i| labels.below(i as u64, 8) as f32).collect();
    let x = Feed { values: x, stride: x.len() / rows };
    plan.run(state, &[x, Feed::row(&y), Feed::row(&[0.125])]).unwrap();
}

fn feeds(x: &[f32], rows: usize, columns: usize) -> Feeds {
    let stride = x.len() / rows;
    let at = |i: usize| f64::from(x[i / columns * stride + i % columns]);
    let labels = Philox::new(5, 2);
    Feeds::new()
        .with("x", Tensor::from_fn([rows, columns], at))
        .with("y", Tensor::from_fn([rows], |i| labels.below(i as u64, 8) as f64))
        .with("lr", Tensor::scalar(0.125))
}

fn inputs(graph: &Graph, columns: usize) -> (Value<'_>, Value<'_>, Value<'_>) {
    let x = graph.input("x", Shape::batch_by(columns));
    (x, graph.input("y", [BATCH]), graph.input("lr", Shape::scalar()))
}

/// Those of few columns are as those of an f32 plan; vectors waste more on padding than
/// the matrix unit gains by it.
#[test]
fn products_of_few_columns_are_not_rounded() {
    for device in devices() {
        let few = if device.bf16() == Some(Unit::Avx512Bf16) { 15 } else { 7 };
        for (width, rounded) in [(few, false), (few + 1, true)] {
            let graph = Graph::new();
            let (x, ..) = inputs(&graph, 40);
            let scores = x.matmul(parameter(&graph, "w", [40, width], noise(1, 40 * width)));
            let of = |precision| {
                let request = Request { precision, ..request(20, vec![scores.id()]) };
                let mut plan = Plan::new(&device, &graph, &request).unwrap();
                run(&mut plan, &mut State::new(&graph).unwrap(), &noise(2, 20 * 40), 20);
                plan.output(0).to_vec()
            };
            assert_eq!(of(Precision::Bf16) != of(Precision::F32), rounded, "{width}");
        }
    }
}

/// Every way to multiply, with operands from a feed, a parameter, a loop's body, a
/// loop's head and a reshaped value, to the bit.
#[test]
fn products_of_whole_numbers_are_exact() {
    for (rows, columns, width) in [
        (8, 8, 8),
        (33, 40, 10),
        (70, 65, 48),
        (128, 784, 10),
        (9, 300, 129),
        (300, 17, 70),
        (1100, 40, 70),
        (33, 1070, 40),
    ] {
        let graph = Graph::new();
        let (x, ..) = inputs(&graph, columns);
        let w = parameter(&graph, "w", [columns, width], whole(1, columns * width));
        let v = parameter(&graph, "v", [width, columns], whole(2, columns * width));
        let scores = x.matmul(w);
        let signs = scores.greater(graph.scalar(0.0));
        // Columns of x added up, below 256 and so exact: the result of a product, to be packed.
        let pick = |i: usize| f32::from(u8::from(i / width % width == i % width));
        let pick = (0..columns * width).map(pick).collect();
        let picked = x.matmul(parameter(&graph, "pick", [columns, width], pick));
        let wanted = [
            scores,
            x.product(v, false, true),
            x.relu().matmul(w),
            x.relu().product(v, false, true),
            x.product(signs, true, false),
            signs.product(x, true, false),
            x.product(x.relu(), true, false),
            x.product(x, false, true),
            picked.matmul(v),
            picked.product(w, false, true),
            x.product(picked, true, false),
            w.matmul(v),
            w.reshape(Shape::from([width, columns])).product(v, false, true),
        ];
        let stride = stride(columns);
        let x_values = whole(3, rows * stride);
        let expected = graph.evaluate(&wanted, &feeds(&x_values, rows, columns)).unwrap();
        for device in devices() {
            let outputs = wanted.iter().map(|v| v.id()).collect();
            let mut plan = Plan::new(&device, &graph, &request(rows, outputs)).unwrap();
            let mut state = State::new(&graph).unwrap();
            run(&mut plan, &mut state, &x_values, rows);
            for (i, expected) in expected.iter().enumerate() {
                let found: Vec<f64> = plan.output(i).iter().map(|x| f64::from(*x)).collect();
                let what = format!("{i} of {rows}×{columns}×{width} on {}", device.isa());
                assert!(found == expected.data(), "{what}: {:?}", plan.describe());
            }
        }
    }
}

/// A classifier with momentum; its loss, gradients, and all learnt parameters.
fn classifier<'g>(
    graph: &'g Graph,
    columns: usize,
    widths: &[usize],
) -> (Value<'g>, Vec<Value<'g>>) {
    let (x, y, lr) = inputs(graph, columns);
    let (mut h, mut fan_in) = (x, columns);
    for (i, &width) in widths.iter().enumerate() {
        let values = noise(i as u64, fan_in * width);
        let values = values.into_iter().map(|x| x / (fan_in as f32).sqrt()).collect();
        let w = parameter(graph, &format!("w{i}"), [fan_in, width], values);
        let zeros = Initializer::constant(0.0);
        let b = graph.parameter(&format!("b{i}"), [width], Role::Bias, zeros);
        h = h.matmul(w) + b;
        h = if i + 1 < widths.len() { h.tanh() } else { h };
        fan_in = width;
    }
    let loss = h.softmax_cross_entropy(y).mean();
    let gradients = graph.gradients(loss, &graph.learnt()).unwrap();
    for (i, (w, g)) in graph.learnt().iter().zip(&gradients).enumerate() {
        let sizes = w.shape().sizes(1);
        let v = graph.parameter(&format!("v{i}"), sizes, Role::State, Initializer::constant(0.0));
        let velocity = v * 0.9 + *g;
        graph.update(v, velocity);
        graph.update(*w, *w - velocity * lr);
    }
    (loss, gradients)
}

/// ‖found − expected‖ / ‖expected‖.
fn distance(expected: &[f64], found: &[f32]) -> f64 {
    let norm = |terms: &mut dyn Iterator<Item = f64>| terms.map(|x| x * x).sum::<f64>().sqrt();
    let mut errors = expected.iter().zip(found).map(|(e, f)| e - f64::from(*f));
    norm(&mut errors) / norm(&mut expected.iter().copied()).max(1e-30)
}

#[test]
fn gradients_are_near_the_reference() {
    for (rows, columns, widths) in [
        (64, 784, vec![10]),
        (33, 100, vec![70, 33, 9]),
        (130, 50, vec![64; 6]),
        (17, 9, vec![500, 8]),
    ] {
        let graph = Graph::new();
        let (loss, gradients) = classifier(&graph, columns, &widths);
        let wanted: Vec<Value<'_>> = gradients.iter().copied().chain([loss]).collect();
        let x = noise(77, rows * stride(columns));
        let expected = graph.evaluate(&wanted, &feeds(&x, rows, columns)).unwrap();
        for device in devices() {
            let outputs = wanted.iter().map(|v| v.id()).collect();
            let mut plan = Plan::new(&device, &graph, &request(rows, outputs)).unwrap();
            assert_eq!(plan.precision(), Precision::Bf16);
            run(&mut plan, &mut State::new(&graph).unwrap(), &x, rows);
            for (i, tensor) in expected.iter().enumerate() {
                let error = distance(tensor.data(), plan.output(i));
                assert!(error < 2e-2, "{i} of {widths:?} on {}: {error}", device.isa());
            }
        }
    }
}

/// Parameters after five steps with outputs beside the loss or without.
fn trained(device: &Device, graph: &Graph, x: &[f32], rows: usize, outputs: &[NodeId]) -> Vec<u32> {
    let gate = outputs.first().copied();
    let request = Request { update: true, gate, ..request(rows, outputs.to_vec()) };
    let mut plan = Plan::new(device, graph, &request).unwrap();
    let mut state = State::new(graph).unwrap();
    (0..5).for_each(|_| run(&mut plan, &mut state, x, rows));
    let values = graph.parameter_ids().flat_map(|id| state.read(id));
    values.map(f32::to_bits).collect()
}

#[test]
fn neither_threads_nor_other_outputs_change_a_bit_of_training() {
    for (rows, columns, widths) in [(100, 150, vec![129, 70, 9]), (300, 30, vec![40, 8])] {
        let graph = Graph::new();
        let (loss, gradients) = classifier(&graph, columns, &widths);
        let x = noise(78, rows * stride(columns));
        let mut probes = vec![loss.id()];
        probes.extend(gradients.iter().map(|g| g.moments().id()));
        probes.extend(gradients.iter().map(|g| g.id()));
        for devices in devices().chunks(2) {
            let bits = trained(&devices[0], &graph, &x, rows, &probes[..1]);
            for device in devices {
                for outputs in [&probes[..1], &probes[..]] {
                    assert!(bits == trained(device, &graph, &x, rows, outputs));
                }
            }
        }
    }
}

#[test]
fn a_plan_says_what_it_computes_in() {
    let graph = Graph::new();
    let (x, ..) = inputs(&graph, 20);
    let scores = x.product(x, true, false);
    for isa in Isa::available() {
        let device = Device::with_isa(isa, Some(1)).unwrap();
        let plan = Plan::new(&device, &graph, &request(30, vec![scores.id()])).unwrap();
        assert_eq!(plan.precision() == Precision::Bf16, device.bf16().is_some());
        assert!(isa > Isa::Avx2 || device.bf16().is_none());
    }
}

/// The loss of a state, and of a new one that was given the same parameters.
fn losses(plan: &mut Plan, state: &mut State, graph: &Graph, x: &[f32], rows: usize) -> [u32; 2] {
    let mut copy = State::new(graph).unwrap();
    for id in graph.parameter_ids() {
        copy.write(id, &state.values(id)).unwrap();
    }
    [state, &mut copy].map(|state| {
        run(plan, state, x, rows);
        plan.output(0)[0].to_bits()
    })
}

/// Whoever changes a parameter, what a plan has packed of it follows.
#[test]
fn packed_parameters_are_never_out_of_date() {
    let graph = Graph::new();
    let (loss, _) = classifier(&graph, 50, &[40, 36, 9]);
    let x = noise(79, 40 * stride(50));
    for device in devices() {
        let plan = |precision, update| {
            let request = Request { precision, update, ..request(40, vec![loss.id()]) };
            Plan::new(&device, &graph, &request).unwrap()
        };
        let mut evaluation = plan(Precision::Bf16, false);
        let mut plans = [plan(Precision::Bf16, true), plan(Precision::F32, true)];
        let mut state = State::new(&graph).unwrap();
        let mut seen = Vec::new();
        for step in 0..6 {
            run(&mut plans[step % 2], &mut state, &x, 40);
            if step == 4 {
                let w = graph.parameter_ids().next().unwrap();
                let halves: Vec<f32> = state.read(w).iter().map(|x| x * 0.5).collect();
                state.write(w, &halves).unwrap();
            }
            let [own, other] = losses(&mut evaluation, &mut state, &graph, &x, 40);
            assert_eq!(own, other, "step {step}");
            seen.push(own);
        }
        seen.dedup();
        assert_eq!(seen.len(), 6, "the loss does not change");
    }
}
