//! Pictures of whole graphs: nothing overlaps, nothing is lost, nothing is markup.

use super::sketch::{Flow, Kind, Lane};
use super::*;
use gradwise_graph::{BATCH, Feeds, Initializer, Pass, Role, Tensor, Value};
use proptest::prelude::*;

fn dense<'g>(graph: &'g Graph, name: &str, x: Value<'g>, from: usize, to: usize) -> Value<'g> {
    graph.scope(name, || {
        let init = Initializer::constant(0.1);
        let weight = graph.parameter(&format!("{name}.weight"), [from, to], Role::Weight, init);
        let init = Initializer::constant(0.0);
        let bias = graph.parameter(&format!("{name}.bias"), [to], Role::Bias, init);
        (x.matmul(weight) + bias).relu()
    })
}

/// A training step of `depth` layers with gradient descent; the loss's node.
fn net(graph: &Graph, depth: usize) -> NodeId {
    let mut h = graph.input("x", (BATCH, 4));
    for layer in 1..=depth {
        h = dense(graph, &format!("dense{layer}"), h, 4, 4);
    }
    let loss = h.softmax_cross_entropy(graph.input("y", [BATCH])).mean().name("loss");
    let by = graph.learnt();
    let gradients = graph.gradients(loss, &by).unwrap();
    let lr = graph.pass(Pass::Update, || graph.input("lr", Shape::scalar()));
    for (parameter, gradient) in by.iter().zip(gradients) {
        let scope = graph.node(parameter.id()).scope.clone();
        let step = || graph.update(*parameter, *parameter - lr * gradient);
        graph.scope(&scope, || graph.pass(Pass::Update, step));
    }
    loss.id()
}

fn all_options() -> [Options; 3] {
    let update = Options { update: true, ..Default::default() };
    let full = Options { detail: Detail::Full, update: true, ..Default::default() };
    [Options::default(), update, full]
}

fn assert_sound(graph: &Graph, options: &Options) {
    let sketch = sketch::sketch(graph, options);
    let layout = layout::arrange(&sketch, &shapes(graph), None);
    for (i, a) in layout.places.iter().enumerate() {
        assert!(a.x - a.width / 2.0 >= 0.0 && a.x + a.width / 2.0 <= layout.width);
        assert!(a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= layout.height);
        for (j, b) in layout.places.iter().enumerate().skip(i + 1) {
            let apart = (a.x - b.x).abs() * 2.0 >= a.width + b.width
                || (a.y - b.y).abs() * 2.0 >= a.height + b.height;
            let names = (&sketch.vertices[i].label, &sketch.vertices[j].label);
            assert!(apart, "{names:?} overlap: {a:?} {b:?}");
        }
    }
    let svg = draw(graph, options, None).to_svg();
    assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
}

#[test]
fn no_shapes_overlap_and_all_are_inside() {
    for depth in [0, 1, 3, 12] {
        let graph = Graph::new();
        if depth > 0 {
            net(&graph, depth);
        }
        all_options().iter().for_each(|options| assert_sound(&graph, options));
    }
}

#[test]
fn layers_are_boxes_in_order_and_the_input_stands_before_them() {
    let graph = Graph::new();
    net(&graph, 3);
    let sketch = sketch::sketch(&graph, &Options::default());
    assert_eq!(sketch.groups, ["", "dense1", "dense2", "dense3", ""]);
    let group = |label: &str| sketch.vertices.iter().find(|v| v.label == label).unwrap().group;
    assert_eq!((group("x"), group("y")), (0, 4));
}

#[test]
fn a_gradient_stands_under_its_parameter_and_points_at_it() {
    let graph = Graph::new();
    net(&graph, 2);
    let sketch = sketch::sketch(&graph, &Options::default());
    let slots = slots::assign(&sketch);
    let updates: Vec<_> = sketch.edges.iter().filter(|e| e.flow == Flow::Update).collect();
    assert_eq!(updates.len(), 4);
    for edge in updates {
        assert!(matches!(sketch.vertices[edge.to].kind, Kind::Parameter(_)));
        assert_eq!(slots.of[edge.from], slots.of[edge.to]);
    }
}

#[test]
fn element_wise_steps_are_folded_and_numbers_are_words() {
    let graph = Graph::new();
    net(&graph, 1);
    let labels = |options: &Options| -> Vec<String> {
        let backward = |v: &sketch::Vertex| v.lane == Lane::Backward;
        let sketch = sketch::sketch(&graph, options);
        sketch.vertices.into_iter().filter(backward).map(|v| v.label).collect()
    };
    let folded = labels(&Options::default());
    assert!(folded.contains(&"step ×".to_string()), "{folded:?}");
    assert!(!folded.contains(&"1".to_string()));
    let full = labels(&Options { detail: Detail::Full, ..Default::default() });
    assert!(full.contains(&"1".to_string()) && full.len() > folded.len());
}

#[test]
fn values_of_the_chosen_row_are_in_every_format() {
    let graph = Graph::new();
    let loss = net(&graph, 1);
    let feeds = Feeds::new()
        .with("x", Tensor::from_fn([2, 4], |i| i as f64))
        .with("y", Tensor::vector([1.0, 3.0]));
    let values = Values::evaluate(&graph, &feeds, 1, &[]).unwrap();
    let options = Options::default();
    let svg = draw(&graph, &options, Some(&values)).to_svg();
    assert!(svg.contains(">4  5 …<"), "row 1 of x");
    assert!(svg.contains(">1.39<"), "ln 4, the loss of equal scores");
    assert!(to_dot(&graph, &options, Some(&values)).contains("4  5 …"));
    let json = to_json(&graph, Some(&values));
    let value = json["nodes"][loss.index()]["value"][0].as_f64().unwrap();
    assert!((value - 4f64.ln()).abs() < 1e-12);
    assert_eq!(json["updates"].as_array().unwrap().len(), 2);
}

#[test]
fn names_are_never_markup() {
    let graph = Graph::new();
    let evil = "<script>\"'&\\";
    graph.scope(evil, || graph.input(evil, [BATCH]).exp().name(evil));
    let options = Options { title: evil.into(), ..Default::default() };
    assert!(!draw(&graph, &options, None).to_svg().contains("<script>"));
    let dot = to_dot(&graph, &options, None);
    assert!(dot.contains("label=\"<script>\\\"'&\\\\\""), "{dot}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_graph_can_be_drawn(steps in prop::collection::vec((0..6u8, 0..9usize, 0..9usize, 0..4u8), 0..40)) {
        let graph = Graph::new();
        let mut made = vec![graph.input("x", (BATCH, 3))];
        for (kind, a, b, layer) in steps {
            let (a, b) = (made[a % made.len()], made[b % made.len()]);
            let scope = ["", "a", "b", "c"][usize::from(layer)];
            let next = graph.scope(scope, || match kind {
                0 => a.relu(),
                1 => a + b,
                2 => a * 2.0,
                3 => a.softmax(),
                4 => graph.pass(Pass::Backward, || a * b),
                _ => graph.pass(Pass::Update, || a.exp()),
            });
            made.push(next);
        }
        for options in all_options() {
            assert_sound(&graph, &options);
            to_dot(&graph, &options, None);
        }
    }
}
