//! A user's own operation: its value and derivative are used, checked and, where
//! they break the contract, refused with the operation's name.

use gradwise_graph::{
    Feeds, Gradient, Graph, GraphError, Initializer, Operation, Role, Shape, Tensor, Value,
};
use std::sync::Arc;

/// x·e^{−x²}, with the derivative e^{−x²}(1 − 2x²) times `scale`, and a gradient of
/// one row where `narrow`.
#[derive(Debug)]
struct Ricker {
    scale: f64,
    narrow: bool,
    value_columns: Option<usize>,
}

const RIGHT: Ricker = Ricker { scale: 1.0, narrow: false, value_columns: None };

impl Operation for Ricker {
    fn name(&self) -> String {
        "ricker".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        match operands {
            [one] => Ok((*one).clone()),
            _ => Err(format!("it takes one value, not {}", operands.len())),
        }
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        match self.value_columns {
            Some(columns) => Tensor::zeros([sizes[0], columns]),
            None => operands[0].map(|x| x * (-x * x).exp()),
        }
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        gradient: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let square = operands[0].square();
        let slope = (-square).exp() * (1.0 - square * 2.0) * self.scale;
        let flow = gradient * slope;
        vec![Gradient::Flows(if self.narrow { flow.sum_columns() } else { flow })]
    }
}

fn feeds() -> Feeds {
    Feeds::new().with("x", Tensor::rows(&[[0.3, -1.2], [0.9, 2.0], [0.0, -0.1]]))
}

fn errors(operation: Ricker) -> Result<Vec<f64>, GraphError> {
    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(2));
    let loss = graph.custom(Arc::new(operation), &[x]).square().mean();
    graph.gradient_errors(loss, &[x], &feeds())
}

#[test]
fn its_own_derivative_is_right_and_is_used() {
    assert!(errors(RIGHT).unwrap()[0] < 1e-7);
}

#[test]
fn a_wrong_derivative_is_found() {
    let error = errors(Ricker { scale: 1.01, ..RIGHT }).unwrap()[0];
    assert!((0.009..0.011).contains(&error), "{error}");
}

#[test]
fn a_derivative_of_the_wrong_shape_is_refused() {
    let message = errors(Ricker { narrow: true, ..RIGHT }).unwrap_err().to_string();
    assert!(message.contains("ricker") && message.contains("custom.rs"), "{message}");
    assert!(message.contains("by x has the shape [2], not [batch, 2]"), "{message}");
}

#[test]
fn a_value_of_the_wrong_size_is_refused() {
    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(2));
    let y = graph.custom(Arc::new(Ricker { value_columns: Some(3), ..RIGHT }), &[x]);
    let message = graph.evaluate(&[y], &feeds()).unwrap_err().to_string();
    assert!(message.contains("ricker") && message.contains("[3, 3], not [3, 2]"), "{message}");
}

#[test]
fn too_many_operands_are_refused() {
    let graph = Graph::new();
    let x = graph.input("x", Shape::batch_by(2));
    let y = graph.custom(Arc::new(RIGHT), &[x, x]);
    let message = graph.evaluate(&[y], &feeds()).unwrap_err().to_string();
    assert!(message.contains("takes one value, not 2"), "{message}");
}

/// It trains: gradient descent on w in (ricker(w) − 0.3)², whose minimum is 0.
#[test]
fn it_learns() {
    let graph = Graph::new();
    let w = graph.parameter("w", [1], Role::Weight, Initializer::constant(0.0));
    let loss = (graph.custom(Arc::new(RIGHT), &[w]) - 0.3).square().sum();
    let slope = graph.gradients(loss, &[w]).unwrap()[0];
    let mut feeds = Feeds::new();
    for _ in 0..60 {
        let next = graph.evaluate(&[w - slope * 0.5], &feeds).unwrap().remove(0);
        feeds.set("w", next);
    }
    assert!(graph.evaluate(&[loss], &feeds).unwrap()[0].item() < 1e-12);
}
