//! Plans against the reference evaluator, for every instruction set that this
//! machine has, over shapes that no block divides.

use gradwise_cpu::{Device, Feed, Isa, Plan, Request, State, Stopped, stride};
use gradwise_graph::ops::{Random, Unary};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Feeds, Graph, Initializer, NodeId, Role, Shape, Tensor, Value};
use proptest::prelude::*;

fn noise(stream: u64, count: usize) -> Vec<f32> {
    let numbers = Philox::new(11, stream);
    (0..count).map(|i| numbers.normal(i as u64) as f32).collect()
}

fn parameter<'g>(graph: &'g Graph, name: &str, sizes: &[usize], role: Role) -> Value<'g> {
    let count: usize = sizes.iter().product();
    let scale = 1.0 / (sizes[0].max(1) as f32).sqrt();
    let stream = name.bytes().map(u64::from).sum();
    let values: Vec<f32> = noise(stream, count).into_iter().map(|x| x * scale).collect();
    graph.parameter(name, sizes, role, Initializer::values(values))
}

/// What is fed: features with a gap between rows, labels, a rate and a step.
struct Batch {
    x: Vec<f32>,
    x_stride: usize,
    y: Vec<f32>,
    rows: usize,
    columns: usize,
}

impl Batch {
    fn new(rows: usize, columns: usize, classes: usize) -> Self {
        let x_stride = stride(columns);
        let labels = Philox::new(5, 2);
        let y = (0..rows).map(|i| labels.below(i as u64, classes as u64) as f32).collect();
        Batch { x: noise(1, rows * x_stride), x_stride, y, rows, columns }
    }

    fn feeds(&self) -> Feeds {
        let x = |i: usize| {
            f64::from(self.x[i / self.columns.max(1) * self.x_stride + i % self.columns.max(1)])
        };
        Feeds::new()
            .with("x", Tensor::from_fn([self.rows, self.columns], x))
            .with("y", Tensor::from_fn([self.rows], |i| f64::from(self.y[i])))
            .with("lr", Tensor::scalar(f64::from(0.1f32)))
            .with("step", Tensor::scalar(3.0))
    }

    fn run(&self, plan: &mut Plan, state: &mut State) -> Result<(), Stopped> {
        let x = Feed { values: &self.x, stride: self.x_stride };
        plan.run(state, &[x, Feed::row(&self.y), Feed::row(&[0.1]), Feed::row(&[3.0])])
    }
}

fn inputs() -> Vec<String> {
    ["x", "y", "lr", "step"].map(String::from).to_vec()
}

fn declare(graph: &Graph, columns: usize) -> (Value<'_>, Value<'_>, Value<'_>, Value<'_>) {
    let x = graph.input("x", Shape::batch_by(columns));
    let y = graph.input("y", [BATCH]);
    (x, y, graph.input("lr", Shape::scalar()), graph.input("step", Shape::scalar()))
}

/// Compares all of `wanted` with the reference, for each instruction set and for
/// one and three threads; those must agree to the bit.
fn agree(graph: &Graph, batch: &Batch, wanted: &[Value<'_>], tolerance: f64) {
    let expected = graph.evaluate(wanted, &batch.feeds()).unwrap();
    let outputs: Vec<NodeId> = wanted.iter().map(|v| v.id()).collect();
    let request = Request { batch: batch.rows, inputs: inputs(), outputs, ..Request::default() };
    for isa in Isa::available() {
        let mut first: Option<Vec<Vec<f32>>> = None;
        for threads in [1, 3] {
            let device = Device::with_isa(isa, Some(threads)).unwrap();
            let mut state = State::new(graph).unwrap();
            let mut plan = Plan::new(&device, graph, &request).unwrap();
            batch.run(&mut plan, &mut state).unwrap();
            let found: Vec<Vec<f32>> = (0..wanted.len()).map(|i| plan.output(i).to_vec()).collect();
            for ((tensor, found), value) in expected.iter().zip(&found).zip(wanted) {
                close(tensor.data(), found, tolerance, &format!("{value:?} on {isa}"));
            }
            let bits =
                |all: &[Vec<f32>]| all.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
            if let Some(first) = &first {
                assert_eq!(bits(first), bits(&found), "threads change the result on {isa}");
            }
            first = Some(found);
        }
    }
}

/// Relative to the largest element: sums of n terms err by some 1e-7·√n of it.
fn close(expected: &[f64], found: &[f32], tolerance: f64, what: &str) {
    assert_eq!(expected.len(), found.len(), "{what}");
    let scale = expected.iter().filter(|x| x.is_finite()).fold(1e-3f64, |m, x| m.max(x.abs()));
    for (i, (e, f)) in expected.iter().zip(found).enumerate() {
        let same = e.is_nan() && f.is_nan()
            || (e - f64::from(*f)).abs() <= tolerance * scale
            || *e == f64::from(*f);
        assert!(same, "{what}: element {i} is {f}, not {e}");
    }
}

fn network<'g>(x: Value<'g>, widths: &[usize], f: fn(Value<'g>) -> Value<'g>) -> Value<'g> {
    let graph = x.graph();
    let mut h = x;
    for (i, &width) in widths.iter().enumerate() {
        let fan_in = h.shape().last().size(0);
        let w = parameter(graph, &format!("w{i}"), &[fan_in, width], Role::Weight);
        let b = parameter(graph, &format!("b{i}"), &[width], Role::Bias);
        h = h.matmul(w) + b;
        if i + 1 < widths.len() {
            h = f(h);
        }
    }
    h
}

fn gradients<'g>(graph: &'g Graph, loss: Value<'g>) -> Vec<Value<'g>> {
    graph.gradients(loss, &graph.learnt()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_classifier_and_its_gradients(
        rows in 0usize..40, columns in 1usize..70, width in 1usize..90, classes in 1usize..20, f in 0usize..6
    ) {
        let activations: [fn(Value<'_>) -> Value<'_>; 6] = [
            |x| x.tanh(), |x| x.relu(), |x| x.sigmoid(), |x| x.unary(Unary::LeakyRelu(0.01)),
            |x| x.unary(Unary::Gelu), |x| x.relu() - x.min(x.graph().scalar(0.0)) * -0.25,
        ];
        let graph = Graph::new();
        let (x, y, ..) = declare(&graph, columns);
        let scores = network(x, &[width, width / 2 + 1, classes], activations[f]);
        let loss = scores.softmax_cross_entropy(y).mean();
        let mut wanted = gradients(&graph, loss);
        wanted.extend([scores, loss, scores.softmax(), scores.log_sum_exp(), scores.moments()]);
        if rows > 0 {
            agree(&graph, &Batch::new(rows, columns, classes), &wanted, 2e-5);
        }
    }
}

#[test]
fn shapes_that_cross_every_tile() {
    for (rows, columns, width) in [(130, 200, 131), (1, 300, 257), (3, 65, 64), (257, 33, 300)] {
        let graph = Graph::new();
        let (x, y, ..) = declare(&graph, columns);
        let scores = network(x, &[width, width + 1, 10], |h| h.tanh());
        let penalty = graph.learnt().iter().map(|w| w.square().sum()).reduce(|a, b| a + b).unwrap();
        let loss = scores.softmax_cross_entropy(y).mean() + penalty * 1e-3;
        let mut wanted = gradients(&graph, loss);
        wanted.extend([loss, scores]);
        agree(&graph, &Batch::new(rows, columns, 10), &wanted, 5e-5);
    }
}

/// Of a size for which runs are tried on one thread and shared, and for which a product is
/// computed over halves of the inner dimension.
#[test]
fn shared_runs_of_a_small_net_give_the_same_bits() {
    let (rows, columns, width) = (40, 785, 90);
    let graph = Graph::new();
    let (x, y, ..) = declare(&graph, columns);
    let scores = network(x, &[width, 10], |h| h.tanh());
    let loss = scores.softmax_cross_entropy(y).mean();
    let mut wanted = gradients(&graph, loss);
    wanted.extend([loss, scores]);
    let batch = Batch::new(rows, columns, 10);
    agree(&graph, &batch, &wanted, 5e-5);

    let outputs: Vec<NodeId> = wanted.iter().map(|v| v.id()).collect();
    let request = Request { batch: rows, inputs: inputs(), outputs, ..Request::default() };
    for isa in Isa::available() {
        let device = Device::with_isa(isa, Some(3)).unwrap();
        let mut plan = Plan::new(&device, &graph, &request).unwrap();
        assert!(plan.describe().iter().any(|step| step.contains("in two")), "{isa}");
        let mut state = State::new(&graph).unwrap();
        let mut run = || {
            batch.run(&mut plan, &mut state).unwrap();
            let found = (0..wanted.len()).flat_map(|i| plan.output(i));
            found.map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let first = run();
        assert!((0..40).all(|_| run() == first), "sharing changes the result on {isa}");
    }
}

#[test]
fn every_kind_of_operation_runs() {
    let graph = Graph::new();
    let (x, y, lr, step) = declare(&graph, 12);
    let numbers = step.random(Random { seed: 1, stream: 2, shape: Shape::batch_by(12) });
    let hot = y.one_hot(4);
    let row = graph.constant(Tensor::vector((0..12).map(f64::from).collect::<Vec<_>>()));
    let column = x.sum_rows();
    let pieces = x.maxout(3);
    let wanted = [
        numbers,
        hot,
        pieces,
        x.scatter_winner(pieces * 2.0, 3),
        x.gather(vec![3u32, 3, 0]),
        x.gather(vec![3u32, 3, 0]).scatter(vec![1u32, 1, 5], 7),
        x * row + column,
        (column * row) / (row + 1.0),
        column * lr + 1.0,
        x.mean(),
        x.sum_columns(),
        x.abs().sum_columns(),
        row.abs().expand(x.shape()).sum_columns(),
        x.reduce(Shape::from(vec![BATCH, 1.into()]), true),
        lr.expand(x.shape()),
        row.expand(x.shape()).matmul(x.product(x, true, false)),
        x.product(x, false, true),
        x.product(x, true, false).product(x, false, true),
        x.product(x.detach(), true, false).product(x, true, true),
        y.reshape(Shape::from(vec![BATCH, 1.into()])) * x,
        (y * 2.0).reshape(Shape::from(vec![BATCH, 1.into()])).log_sum_exp(),
        x.moments(),
        (x * 0.0).moments(),
        y,
        lr,
        x.max(row).greater(column),
        step.exp() * 2.0 + lr.ln(),
        graph.scalar(2.0).expand(x.shape()).sum(),
    ];
    for rows in [1, 2, 17, 200] {
        agree(&graph, &Batch::new(rows, 12, 4), &wanted, 2e-5);
    }
}

#[test]
fn an_empty_batch_has_the_gradient_nan_and_no_crash() {
    let graph = Graph::new();
    let (x, y, ..) = declare(&graph, 5);
    let scores = network(x, &[7, 3], |h| h.relu());
    let loss = scores.softmax_cross_entropy(y).mean();
    agree(&graph, &Batch::new(0, 5, 3), &[scores, loss, x.sum(), x.sum_columns()], 1e-5);
}

/// Momentum by hand in f64, three steps, against the plan's in-place updates.
#[test]
fn updates_follow_the_reference() {
    for isa in Isa::available() {
        let graph = Graph::new();
        let (x, y, lr, _) = declare(&graph, 20);
        let scores = network(x, &[33, 5], |h| h.tanh());
        let decay = graph.learnt().iter().map(|w| w.square().sum()).reduce(|a, b| a + b).unwrap();
        let loss = scores.softmax_cross_entropy(y).mean() + decay * 0.01;
        let parameters = graph.learnt();
        let slopes = graph.gradients(loss, &parameters).unwrap();
        for (i, (w, g)) in parameters.iter().zip(&slopes).enumerate() {
            let sizes: Vec<usize> = w.shape().sizes(1);
            let v =
                graph.parameter(&format!("v{i}"), sizes, Role::State, Initializer::constant(0.0));
            let velocity = v * 0.9 + *g;
            graph.update(v, velocity);
            graph.update(*w, *w - velocity * lr);
        }
        let batch = Batch::new(19, 20, 5);
        let request = Request {
            batch: 19,
            inputs: inputs(),
            outputs: vec![loss.id()],
            update: true,
            gate: Some(loss.id()),
            ..Request::default()
        };
        let device = Device::with_isa(isa, Some(2)).unwrap();
        let mut plan = Plan::new(&device, &graph, &request).unwrap();
        let mut state = State::new(&graph).unwrap();
        let mut feeds = batch.feeds();
        for _ in 0..3 {
            let news: Vec<Value<'_>> =
                graph.updates().iter().map(|(_, id)| graph.value(*id)).collect();
            let values = graph.evaluate(&news, &feeds).unwrap();
            let expected_loss = graph.evaluate(&[loss], &feeds).unwrap();
            batch.run(&mut plan, &mut state).unwrap();
            close(expected_loss[0].data(), plan.output(0), 1e-5, "the loss");
            for ((id, _), value) in graph.updates().iter().zip(&values) {
                let name = graph.parameters()[id.index()].name.clone();
                close(value.data(), &state.values(*id), 1e-5, &name);
                feeds.set(&name, value.clone());
            }
        }
    }
}

/// The moments of weights, of their gradient and of what a step adds to them, with sums
/// over the gradient's columns: right, and without a trace in the new weights.
#[test]
fn what_is_watched_of_an_update_is_right_and_disturbs_nothing() {
    let graph = Graph::new();
    let (x, y, lr, _) = declare(&graph, 20);
    let scores = network(x, &[70, 5], |h| h.tanh());
    let loss = scores.softmax_cross_entropy(y).mean();
    let mut watched = Vec::new();
    for (i, (w, g)) in graph.learnt().iter().zip(gradients(&graph, loss)).enumerate() {
        let (sizes, zeros) = (w.shape().sizes(1), Initializer::constant(0.0));
        let v = graph.parameter(&format!("v{i}"), sizes.clone(), Role::State, zeros);
        let velocity = v * 0.9 + g;
        let new = *w - velocity * lr;
        graph.update(v, velocity);
        graph.update(*w, new);
        if sizes.len() == 2 {
            watched.extend([w.moments(), g.moments(), (new - *w).moments()]);
            watched.extend([g.sum_columns(), g.abs().sum_columns()]);
        }
    }
    let batch = Batch::new(19, 20, 5);
    let expected = graph.evaluate(&watched, &batch.feeds()).unwrap();
    for isa in Isa::available() {
        let device = Device::with_isa(isa, Some(2)).unwrap();
        let run = |watched: &[Value<'_>]| {
            let outputs = watched.iter().map(|v| v.id()).collect();
            let inputs = inputs();
            let request =
                Request { batch: 19, inputs, outputs, update: true, ..Request::default() };
            let mut plan = Plan::new(&device, &graph, &request).unwrap();
            let mut state = State::new(&graph).unwrap();
            batch.run(&mut plan, &mut state).unwrap();
            let together = plan.describe().iter().filter(|s| s.contains("sums(head)")).count();
            assert_eq!(together, watched.len() / 5, "{isa}: {:?}", plan.describe());
            for (number, (value, node)) in expected.iter().zip(watched).enumerate() {
                close(
                    value.data(),
                    plan.output(number),
                    1e-5,
                    &format!("{isa} {}", node.id().index()),
                );
            }
            let values = graph.parameter_ids().flat_map(|id| state.values(id).into_owned());
            values.map(f32::to_bits).collect::<Vec<_>>()
        };
        assert!(run(&watched) == run(&[]), "{isa}: watching changed the update");
    }
}

/// An update whose old value is still needed afterwards must not disturb it.
#[test]
fn old_values_are_read_before_they_are_overwritten() {
    let graph = Graph::new();
    let (_, _, lr, _) = declare(&graph, 3);
    let a = parameter(&graph, "a", &[40, 50], Role::Weight);
    let b = parameter(&graph, "b", &[40, 50], Role::Weight);
    let (new_a, new_b) = (b * 2.0 - lr, a * 3.0 + b);
    graph.update(a, new_a);
    graph.update(b, new_b);
    let later = a.product(b, true, false).moments();
    let batch = Batch::new(2, 3, 2);
    let wanted = [later, a.sum()];
    let expected = graph.evaluate(&[new_a, new_b, later, a.sum()], &batch.feeds()).unwrap();
    let request = Request {
        batch: 2,
        inputs: inputs(),
        outputs: wanted.iter().map(|v| v.id()).collect(),
        update: true,
        gate: None,
        ..Request::default()
    };
    let device = Device::with_isa(Isa::detect(), Some(2)).unwrap();
    let mut plan = Plan::new(&device, &graph, &request).unwrap();
    let mut state = State::new(&graph).unwrap();
    batch.run(&mut plan, &mut state).unwrap();
    let ids: Vec<_> = graph.parameter_ids().collect();
    close(expected[0].data(), &state.values(ids[0]), 1e-6, "a");
    close(expected[1].data(), &state.values(ids[1]), 1e-6, "b");
    close(expected[2].data(), plan.output(0), 1e-5, "moments");
}

#[test]
fn a_loss_that_is_not_finite_leaves_the_parameters_alone() {
    let graph = Graph::new();
    let (x, y, lr, _) = declare(&graph, 4);
    let scores = network(x, &[3], |h| h);
    let loss = scores.softmax_cross_entropy(y).mean() + (lr - 0.1 - 1.0).ln();
    let w = graph.learnt()[0];
    let slope = graph.gradients(loss, &[w]).unwrap()[0];
    graph.update(w, w - slope);
    let request = Request {
        batch: 2,
        inputs: inputs(),
        outputs: vec![],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let device = Device::with_isa(Isa::detect(), Some(1)).unwrap();
    let mut plan = Plan::new(&device, &graph, &request).unwrap();
    let mut state = State::new(&graph).unwrap();
    let before: Vec<Vec<f32>> = graph.parameter_ids().map(|id| state.read(id)).collect();
    let batch = Batch::new(2, 4, 3);
    assert_eq!(batch.run(&mut plan, &mut state), Err(Stopped::Gate));
    let after: Vec<Vec<f32>> = graph.parameter_ids().map(|id| state.read(id)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_parameter_that_becomes_infinite_is_named() {
    let graph = Graph::new();
    let (..) = declare(&graph, 1);
    let a = parameter(&graph, "a", &[3], Role::Weight);
    let b = parameter(&graph, "b", &[3, 4], Role::Weight);
    graph.update(a, a * 2.0);
    graph.update(b, b * 3e38 * 3e38);
    let request = Request { batch: 1, inputs: inputs(), update: true, ..Request::default() };
    let device = Device::with_isa(Isa::detect(), Some(1)).unwrap();
    let mut plan = Plan::new(&device, &graph, &request).unwrap();
    let mut state = State::new(&graph).unwrap();
    let b = graph.find_parameter("b").unwrap();
    assert_eq!(Batch::new(1, 1, 1).run(&mut plan, &mut state), Err(Stopped::Parameter(b)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let graph = Graph::new();
    let (x, ..) = declare(&graph, 4);
    let device = Device::with_isa(Isa::Portable, Some(1)).unwrap();
    let missing = Request { batch: 2, inputs: vec![], outputs: vec![x.id()], ..Request::default() };
    assert!(Plan::new(&device, &graph, &missing).is_err());
    let unknown = Request { batch: 2, inputs: vec!["z".into()], ..Request::default() };
    assert!(Plan::new(&device, &graph, &unknown).is_err());
    let request =
        Request { batch: 2, inputs: inputs(), outputs: vec![x.sum().id()], ..Request::default() };
    let mut plan = Plan::new(&device, &graph, &request).unwrap();
    let mut state = State::new(&graph).unwrap();
    let short = [0.0; 5];
    let all = [Feed::rows(&short, 4), Feed::row(&short[..2]), Feed::row(&[0.0]), Feed::row(&[0.0])];
    assert!(matches!(plan.run(&mut state, &all), Err(Stopped::Fed(_))));
    assert!(matches!(plan.run(&mut state, &all[1..]), Err(Stopped::Fed(_))));
}
