//! A step allocates nothing: every allocation of the process is counted.

use gradwise_cpu::{Device, Feed, Isa, Plan, Precision, Request, State};
use gradwise_graph::{BATCH, Graph, Initializer, Role, Shape};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of the process while `step` runs 20 times.
fn allocations(mut step: impl FnMut()) -> usize {
    let before = COUNT.load(Relaxed);
    (0..20).for_each(|_| step());
    COUNT.load(Relaxed) - before
}

#[test]
fn a_training_step_allocates_nothing() {
    let graph = Graph::new();
    let (x, y) = (graph.input("x", Shape::batch_by(300)), graph.input("y", [BATCH]));
    let values =
        |n: usize| (0..n).map(|i| ((i * 7919) % 101) as f32 / 1000.0 - 0.05).collect::<Vec<_>>();
    let weight = |name: &str, from: usize, to: usize| {
        graph.parameter(name, [from, to], Role::Weight, Initializer::values(values(from * to)))
    };
    let hidden = x.matmul(weight("w1", 300, 256)).tanh();
    let scores = hidden.matmul(weight("w2", 256, 256)).relu().matmul(weight("w3", 256, 10));
    let loss = scores.softmax_cross_entropy(y).mean() + graph.learnt()[0].square().sum() * 1e-4;
    let gradients = graph.gradients(loss, &graph.learnt()).unwrap();
    for (w, g) in graph.learnt().iter().zip(gradients) {
        graph.update(*w, *w - g * 0.1);
    }
    let outputs = vec![loss.id(), hidden.moments().id()];
    let inputs = vec!["x".to_string(), "y".into()];
    let request = Request {
        batch: 128,
        inputs,
        outputs,
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let (features, labels) = (values(128 * 300), vec![3.0; 128]);
    let cases = [Precision::F32, Precision::Bf16].map(|p| [(1, p), (2, p)]);
    for (threads, precision) in cases.into_iter().flatten() {
        let request = Request { precision, ..request.clone() };
        let device = Device::with_isa(Isa::detect(), Some(threads)).unwrap();
        let mut plan = Plan::new(&device, &graph, &request).unwrap();
        let mut state = State::new(&graph).unwrap();
        let feeds = [Feed::rows(&features, 300), Feed::row(&labels)];
        plan.run(&mut state, &feeds).unwrap();
        // A thread that the machine starts late allocates once; a step that
        // allocates does so every time.
        let fewest = (0..10).map(|_| allocations(|| plan.run(&mut state, &feeds).unwrap())).min();
        assert_eq!(fewest, Some(0), "with {threads} threads in {precision}");
        assert!(plan.output(0)[0].is_finite());
    }
}
