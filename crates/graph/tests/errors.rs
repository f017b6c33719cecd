//! Mistakes: what the messages name, and that nothing panics on the way to them.

use gradwise_graph::{BATCH, Feeds, Graph, GraphError, Initializer, Role, Shape, Tensor, Value};
use proptest::prelude::*;

/// The message of the graph's first mistake.
fn mistake(graph: &Graph) -> String {
    graph.check().expect_err("a mistake was made").to_string()
}

fn assert_names(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

/// This file at the line `offset` lines after `line`, as messages show it.
fn place(line: u32, offset: u32) -> String {
    format!("errors.rs:{}:", line + offset)
}

#[test]
fn a_shape_error_names_shapes_operation_and_places() {
    let graph = Graph::new();
    let line = line!();
    let x = graph.input("x", Shape::batch_by(784));
    let w = graph.parameter("w", [10, 784], Role::Weight, Initializer::constant(0.0));
    let _ = x.matmul(w);
    let places = [place(line, 1), place(line, 2), place(line, 3)];
    let message = mistake(&graph);
    assert_names(&message, &["matmul", "x [batch, 784]", "w [10, 784]", "784 and 10"]);
    assert_names(&message, &places.each_ref().map(String::as_str));
}

#[test]
fn operators_name_the_place_of_the_expression() {
    let graph = Graph::new();
    let line = line!();
    let (a, b) = (graph.input("a", [2, 3]), graph.input("b", [4]));
    let _ = 1.0 - (a + b) * 2.0;
    assert_names(&mistake(&graph), &["add", "[2, 3]", "[4]", &place(line, 1), &place(line, 2)]);
}

#[test]
fn the_first_mistake_is_the_one_that_is_told() {
    let graph = Graph::new();
    let (a, b) = (graph.input("a", [2]), graph.input("b", [3]));
    let _ = (a + b).matmul(b * a);
    assert_names(&mistake(&graph), &["add"]);
}

#[test]
fn a_missing_derivative_names_both_ends() {
    let graph = Graph::new();
    let w = graph.parameter("dense1.weight", [3], Role::Weight, Initializer::constant(1.0));
    let line = line!();
    let moments = w.moments();
    let loss = moments.sum().name("data loss");
    let message = graph.gradients(loss, &graph.learnt()).unwrap_err().to_string();
    assert_names(&message, &["moments", &place(line, 1), "data loss", "dense1.weight", "detach"]);
}

#[test]
fn labels_have_no_derivative_but_detached_ones_are_constants() {
    let graph = Graph::new();
    let w = graph.parameter("w", [2], Role::Weight, Initializer::constant(1.0));
    let scores = graph.input("scores", [2, 3]);
    let loss = scores.softmax_cross_entropy(w).sum();
    assert!(matches!(graph.gradients(loss, &[w]), Err(GraphError::NoDerivative { .. })));
    let loss = scores.softmax_cross_entropy(w.detach()).sum();
    assert!(graph.gradients(loss, &[w]).is_ok());
}

#[test]
fn inputs_and_parameters_share_their_names() {
    let make: [fn(&Graph) -> Value<'_>; 2] = [
        |g| g.input("x", [2]),
        |g| g.parameter("x", [2], Role::Weight, Initializer::constant(0.0)),
    ];
    for first in make {
        for second in make {
            let graph = Graph::new();
            first(&graph);
            second(&graph);
            let message = mistake(&graph);
            assert!(matches!(graph.check(), Err(GraphError::NameTaken { .. })), "{message}");
            assert_eq!(message.matches("errors.rs:").count(), 2, "{message}");
        }
    }
}

#[test]
fn an_input_keeps_the_name_it_is_fed_by() {
    let graph = Graph::new();
    let x = graph.input("x", Shape::scalar()).name("features");
    let y = (x * 2.0).name("y").name("twice");
    let feeds = Feeds::new().with("x", Tensor::scalar(4.0));
    assert_eq!(graph.evaluate(&[y], &feeds).unwrap()[0].item(), 8.0);
    assert_eq!(graph.node(y.id()).label(), "twice");
}

#[test]
fn values_of_another_graph_are_refused_everywhere() {
    let (graph, other) = (Graph::new(), Graph::new());
    let x = graph.input("x", Shape::scalar());
    let far = (0..20).fold(other.input("x", Shape::scalar()), |v, _| v + 1.0);
    let refused = |result: Result<(), GraphError>| {
        let message = result.expect_err("another graph's value").to_string();
        assert_names(&message, &["different graphs", "errors.rs:"]);
    };
    let feeds = Feeds::new().with("x", Tensor::scalar(1.0));
    refused(graph.evaluate(&[far], &feeds).map(drop));
    refused(graph.gradients(far, &[x]).map(drop));
    refused(graph.gradients(x, &[far]).map(drop));
    refused(graph.finite_differences(far, x, &feeds).map(drop));
    graph.update(far, x);
    refused(graph.check());
    let graph = Graph::new();
    let _ = graph.input("x", Shape::scalar()) + far;
    refused(graph.check());
}

#[test]
fn only_a_parameter_is_updated_and_only_by_its_shape() {
    let graph = Graph::new();
    let w = graph.parameter("w", [2, 3], Role::Weight, Initializer::constant(0.0));
    graph.update(w, w.sum_columns());
    assert_names(&mistake(&graph), &["update", "[3]", "[2, 3]", "w"]);
    let graph = Graph::new();
    let x = graph.input("x", [2]);
    graph.update(x, x);
    assert_names(&mistake(&graph), &["only a parameter"]);
}

#[test]
fn a_loss_must_be_a_scalar() {
    let graph = Graph::new();
    let x = graph.input("x", [2]);
    let message = graph.gradients(x.exp(), &[x]).unwrap_err().to_string();
    assert_names(&message, &["exp [2]", "mean()"]);
}

#[test]
fn feeds_that_do_not_fit_are_named() {
    let graph = Graph::new();
    let (x, y) = (graph.input("x", Shape::batch_by(2)), graph.input("y", [BATCH]));
    let loss = x.sum() + y.sum();
    let told = |feeds: Feeds| graph.evaluate(&[loss], &feeds).unwrap_err().to_string();
    let x = Feeds::new().with("x", Tensor::zeros([3, 2]));
    assert_names(&told(x.clone()), &["\"y\"", "not fed"]);
    assert_names(&told(x.clone().with("y", Tensor::zeros([4]))), &["\"y\"", "[4]", "batch of 3"]);
    assert_names(&told(x.with("x", Tensor::zeros([3, 5]))), &["\"x\"", "[3, 5]", "[batch, 2]"]);
}

#[test]
fn a_value_too_large_to_address_is_an_error() {
    let graph = Graph::new();
    let huge = graph.scalar(0.0).expand([usize::MAX, 2].into()).sum();
    let message = graph.evaluate(&[huge], &Feeds::new()).unwrap_err().to_string();
    assert_names(&message, &["too many elements"]);
}

#[test]
fn what_the_loss_does_not_depend_on_has_gradient_zero() {
    let graph = Graph::new();
    let (x, w) = (graph.input("x", Shape::scalar()), graph.input("w", [3]));
    let gradient = graph.gradients(x.exp(), &[w]).unwrap()[0];
    let feeds = Feeds::new().with("x", Tensor::scalar(1.0)).with("w", Tensor::zeros([3]));
    assert_eq!(graph.evaluate(&[gradient], &feeds).unwrap()[0], Tensor::zeros([3]));
}

/// Every method that combines values, on whatever it is given.
fn combine<'g>(which: usize, a: Value<'g>, b: Value<'g>) -> Value<'g> {
    match which {
        0 => a + b,
        1 => a.matmul(b),
        2 => a.softmax(),
        3 => a.log_sum_exp(),
        4 => a.softmax_cross_entropy(b),
        5 => a.softmax_cross_entropy_gradient(b),
        6 => a.one_hot(3),
        7 => a.maxout(2),
        8 => a.scatter_winner(b, 2),
        9 => a.gather([0, 5]),
        10 => a.scatter([0, 1], 2),
        11 => a.reshape(b.shape()),
        12 => a.reduce(b.shape(), true),
        13 => a.expand_mean(b.shape()),
        14 => a.sum_rows(),
        15 => a.sum_columns(),
        16 => a.moments(),
        17 => a.product(b, true, true),
        18 => a.maxout(0),
        _ => a.pick_winner(b, 1).mean(),
    }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let dim = prop_oneof![Just(BATCH), (0usize..4).prop_map(Into::into)];
    prop::collection::vec(dim, 0..4).prop_map(Shape::from)
}

/// Whether that is no mistake.
fn fits(which: usize, a: Shape, b: Shape) -> bool {
    let scratch = Graph::new();
    combine(which, scratch.input("a", a), scratch.input("b", b));
    scratch.check().is_ok()
}

/// A random expression of two inputs, all its values and its two inputs' sums; only
/// of combinations that are no mistakes if `valid`.
fn expression<'g>(
    graph: &'g Graph,
    shapes: &(Shape, Shape),
    steps: &[(usize, u8, u8)],
    valid: bool,
) -> Vec<Value<'g>> {
    let mut values = vec![graph.input("a", shapes.0.clone()), graph.input("b", shapes.1.clone())];
    for &(which, a, b) in steps {
        let pick = |i: u8| values[usize::from(i) % values.len()];
        let (a, b) = (pick(a), pick(b));
        if !valid || fits(which, a.shape(), b.shape()) {
            values.push(combine(which, a, b));
        }
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Most random expressions are mistakes; none may panic when built,
    /// differentiated or evaluated, whether poisoned or not.
    #[test]
    fn no_expression_panics(
        shapes in (any_shape(), any_shape()),
        steps in prop::collection::vec((0usize..20, any::<u8>(), any::<u8>()), 1..8),
        valid: bool,
        batch in 0usize..4,
        cell in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(0.0), Just(1.0), Just(-3.5)],
    ) {
        let graph = Graph::new();
        let values = expression(&graph, &shapes, &steps, valid);
        let feeds = Feeds::new()
            .with("a", Tensor::from_fn(shapes.0.sizes(batch), |_| cell))
            .with("b", Tensor::from_fn(shapes.1.sizes(batch), |i| i as f64));
        prop_assert!(!valid || graph.check().is_ok());
        let loss = values[values.len() - 1].sum();
        let _ = graph.evaluate(&values, &feeds);
        if let Ok(gradients) = graph.gradients(loss, &values[..2]) {
            prop_assert_eq!(gradients[0].shape(), shapes.0.clone());
            let made = graph.evaluate(&gradients, &feeds);
            prop_assert!(made.is_ok(), "{:?}", made);
        }
        if let Err(error) = graph.check() {
            prop_assert!(error.to_string().contains("errors.rs:"), "{}", error);
        }
    }
}
