//! Every operation's derivative, and its derivative again, against finite
//! differences in f64, over random shapes.
//!
//! A value y is made a scalar by random weights, Σ c·y; its gradient by each operand
//! must be within 1e-7 of finite differences, and so must the gradient of that
//! gradient. Operands stand on lattices that stay away from kinks and ties.

use gradwise_graph::ops::{Binary, Random, Unary};
use gradwise_graph::{BATCH, Feeds, Graph, Op, Shape, Tensor, Value};
use proptest::prelude::*;

/// The largest error allowed, relative to the largest element of the gradient.
const TOLERANCE: f64 = 1e-7;

/// The name of the operand `index`.
fn operand_name(index: usize) -> String {
    format!("x{index}")
}

/// Distinct numbers from −1.5 to 1.5: number i of stream `stream`, at least 0.01
/// from every other one, of this stream or another below 10, and from 0.
fn lattice(i: usize, stream: usize) -> f64 {
    let place = (i * 37 + stream * 11) % 101;
    (place as f64 - 50.0) * 0.03 + 0.001 * (stream as f64 + 1.0)
}

fn filled(shape: &Shape, batch: usize, stream: usize) -> Tensor {
    Tensor::from_fn(shape.sizes(batch), |i| lattice(i, stream))
}

/// Σ c·y with fixed weights c that differ from element to element.
fn weighted<'g>(graph: &'g Graph, feeds: &mut Feeds, y: Value<'g>, batch: usize) -> Value<'g> {
    let (shape, name) = (y.shape(), format!("weights{}", graph.nodes().len()));
    feeds.set(&name, Tensor::from_fn(shape.sizes(batch), |i| lattice(i, 7) + 0.3));
    (y * graph.input(&name, shape)).sum()
}

/// Holds the first and, if `twice`, the second derivative of `build` by its first
/// `by` operands, whose values are fed.
fn hold(
    shapes: &[Shape],
    batch: usize,
    values: &[Tensor],
    by: usize,
    twice: bool,
    build: impl for<'g> Fn(&[Value<'g>]) -> Value<'g>,
) -> Result<(), TestCaseError> {
    let graph = Graph::new();
    let mut feeds = Feeds::new();
    let operands: Vec<Value<'_>> = shapes
        .iter()
        .enumerate()
        .map(|(i, shape)| graph.input(&operand_name(i), shape.clone()))
        .collect();
    values.iter().enumerate().for_each(|(i, v)| feeds.set(&operand_name(i), v.clone()));
    let by = &operands[..by];
    let loss = weighted(&graph, &mut feeds, build(&operands), batch);
    held("first", &graph, loss, by, &feeds)?;
    if twice {
        let gradients = graph.gradients(loss, by).unwrap();
        for gradient in gradients {
            let again = weighted(&graph, &mut feeds, gradient, batch);
            held("second", &graph, again, by, &feeds)?;
        }
    }
    Ok(())
}

fn held<'g>(
    which: &str,
    graph: &'g Graph,
    loss: Value<'g>,
    by: &[Value<'g>],
    feeds: &Feeds,
) -> Result<(), TestCaseError> {
    let errors = graph.gradient_errors(loss, by, feeds);
    let errors = errors.map_err(|e| TestCaseError::fail(format!("{which} derivative: {e}")))?;
    let right = errors.iter().all(|&e| e < TOLERANCE);
    prop_assert!(right, "{which} derivative is off by {errors:?}");
    Ok(())
}

/// Operands of `shapes` on their lattices, all of them differentiated twice.
fn holds(
    shapes: &[Shape],
    batch: usize,
    build: impl for<'g> Fn(&[Value<'g>]) -> Value<'g>,
) -> Result<(), TestCaseError> {
    let values: Vec<Tensor> = shapes.iter().enumerate().map(|(i, s)| filled(s, batch, i)).collect();
    hold(shapes, batch, &values, shapes.len(), true, build)
}

/// As [`holds`], for scores and labels, by the scores alone.
fn holds_with_labels(
    rows: usize,
    classes: usize,
    build: impl for<'g> Fn(&[Value<'g>]) -> Value<'g>,
) -> Result<(), TestCaseError> {
    let shapes = [Shape::batch_by(classes), Shape::from([BATCH])];
    let labels = Tensor::from_fn([rows], |i| ((i * 5 + 2) % classes.max(1)) as f64);
    hold(&shapes, rows, &[filled(&shapes[0], rows, 0), labels], 1, true, build)
}

/// Every function of one element, with how far the lattice is moved to lie in its
/// domain.
fn unary_cases() -> Vec<(Unary, f64)> {
    use Unary::*;
    let anywhere = [
        Scale(-2.5),
        Offset(0.7),
        Exp,
        Abs,
        Sign,
        Square,
        Sin,
        Cos,
        Erf,
        Tanh,
        Sigmoid,
        Relu,
        Step,
        LeakyRelu(0.01),
        LeakyRelu(0.25),
        Elu(1.0),
        Elu(1.7),
        EluSlope(1.3),
        Gelu,
        GeluSlope,
        Silu,
        SiluSlope,
        Softplus,
        Clamp(-0.4955, 0.8045),
    ];
    let positive = [Ln, Ln1p, Sqrt, Recip];
    let anywhere = anywhere.into_iter().map(|op| (op, 0.0));
    anywhere.chain(positive.into_iter().map(|op| (op, 2.2))).collect()
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0usize), Just(1), 2usize..6]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn functions_of_one_element(rows in sizes(), columns in 0usize..4, stream in 0usize..4) {
        for (op, shift) in unary_cases() {
            let shape = Shape::batch_by(columns);
            let values = filled(&shape, rows, stream).map(|x| x + shift);
            hold(&[shape], rows, &[values], 1, true, |v| v[0].unary(op))
                .map_err(|e| TestCaseError::fail(format!("{op:?}: {e}")))?;
        }
    }

    /// Each operand keeps, loses or shrinks to 1 each dimension of the other.
    #[test]
    fn functions_of_two_elements_with_broadcasting(
        rows in sizes(), columns in sizes(), left in 0usize..4, right in 0usize..4,
    ) {
        use Binary::*;
        let variants = |which: usize| -> Shape {
            match which {
                0 => (BATCH, columns).into(),
                1 => (BATCH, 1).into(),
                2 => [columns].into(),
                _ => Shape::scalar(),
            }
        };
        let shapes = [variants(left), variants(right)];
        for op in [Add, Sub, Mul, Max, Min, Greater] {
            holds(&shapes, rows, |v| v[0].binary(op, v[1]))?;
        }
        let away_from_zero = filled(&shapes[1], rows, 1).map(|x| x + 2.2);
        let values = [filled(&shapes[0], rows, 0), away_from_zero];
        hold(&shapes, rows, &values, 2, true, |v| v[0] / v[1])?;
    }

    #[test]
    fn matrix_products(
        rows in sizes(), inner in sizes(), columns in sizes(),
        left: bool, right: bool,
    ) {
        let shape = |a, b, transposed: bool| Shape::from(if transposed { [b, a] } else { [a, b] });
        let shapes = [shape(rows, inner, left), shape(inner, columns, right)];
        holds(&shapes, 1, |v| v[0].product(v[1], left, right))?;
    }

    #[test]
    fn a_product_with_the_batch_inside(rows in sizes(), columns in sizes(), other in sizes()) {
        let shapes = [Shape::batch_by(columns), Shape::batch_by(other)];
        holds(&shapes, rows, |v| v[0].product(v[1], true, false))?;
    }

    #[test]
    fn sums_means_and_their_reverse(rows in sizes(), columns in sizes()) {
        let full = Shape::batch_by(columns);
        let smaller = [full.clone(), (BATCH, 1).into(), [columns].into(),
            [1].into(), Shape::scalar()];
        let empty = rows * columns == 0;
        for to in smaller {
            for mean in [false, true] {
                // The mean of no elements is NaN, and so is its derivative.
                if !(mean && empty) {
                    let (large, small) = ([full.clone()], [to.clone()]);
                    holds(&large, rows, |v| v[0].reduce(to.clone(), mean))?;
                    holds(&small, rows, |v| match mean {
                        true => v[0].expand_mean(full.clone()),
                        false => v[0].expand(full.clone()),
                    })?;
                }
            }
        }
        holds(std::slice::from_ref(&full), rows, |v| v[0].sum_rows() * v[0].sum_columns())?;
    }

    #[test]
    fn reshaping(rows in sizes(), a in sizes(), b in sizes()) {
        let from: Shape = vec![BATCH, a.into(), b.into()].into();
        holds(&[from], rows, |v| v[0].reshape(Shape::batch_by(a * b)).square())?;
    }

    #[test]
    fn softmax_and_log_sum_exp(rows in sizes(), columns in sizes()) {
        let shape = [Shape::batch_by(columns)];
        holds(&shape, rows, |v| v[0].softmax())?;
        if columns > 0 {
            holds(&shape, rows, |v| v[0].log_sum_exp())?;
        }
    }

    #[test]
    fn softmax_losses(rows in sizes(), classes in 1usize..6) {
        holds_with_labels(rows, classes, |v| v[0].softmax_cross_entropy(v[1]))?;
        holds_with_labels(rows, classes, |v| v[0].softmax_cross_entropy_gradient(v[1]))?;
        holds_with_labels(rows, classes, |v| v[0] * v[1].one_hot(v[0].shape().last().size(0)))?;
    }

    #[test]
    fn maxout(rows in sizes(), units in sizes(), pieces in 1usize..5) {
        let (scores, units) = (Shape::batch_by(units * pieces), Shape::batch_by(units));
        holds(std::slice::from_ref(&scores), rows, |v| v[0].maxout(pieces))?;
        let pair = [scores.clone(), scores.clone()];
        holds(&pair, rows, |v| v[0].pick_winner(v[1], pieces).square())?;
        holds(&[scores, units], rows, |v| v[0].scatter_winner(v[1], pieces).square())?;
    }

    #[test]
    fn chosen_columns(
        rows in sizes(),
        (width, columns) in (1usize..5)
            .prop_flat_map(|w| (Just(w), prop::collection::vec(0..w as u32, 0..7))),
    ) {
        let (wide, chosen) = (Shape::batch_by(width), Shape::batch_by(columns.len()));
        holds(&[wide], rows, |v| v[0].gather(columns.clone()).square())?;
        holds(&[chosen], rows, |v| v[0].scatter(columns.clone(), width).square())?;
    }

    #[test]
    fn random_numbers_pass_no_gradient_to_the_step(rows in sizes()) {
        let shape = Shape::batch_by(3);
        let stream = Random { seed: 1, stream: 2, shape: shape.clone() };
        let shapes = [shape, Shape::scalar()];
        let values = [filled(&shapes[0], rows, 0), Tensor::scalar(4.0)];
        hold(&shapes, rows, &values, 1, true, |v| v[0] * v[1].random(stream.clone()))?;
    }
}

/// Fails to compile when an operation is added, and says where its case belongs.
#[test]
fn every_operation_has_a_case() {
    let has_case = |op: &Op| match op {
        Op::Input | Op::Parameter(_) | Op::Constant(_) => "leaves",
        Op::Unary(_) => "functions_of_one_element",
        Op::Binary(_) => "functions_of_two_elements_with_broadcasting",
        Op::MatMul(_) => "matrix_products",
        Op::Reduce(_) | Op::Expand(_) => "sums_means_and_their_reverse",
        Op::Reshape(_) => "reshaping",
        Op::Softmax(_) | Op::LogSumExp(_) => "softmax_and_log_sum_exp",
        Op::SoftmaxCrossEntropy(_) | Op::SoftmaxCrossEntropyGradient(_) | Op::OneHot(_) => {
            "softmax_losses"
        }
        Op::PickWinner(_) | Op::ScatterWinner(_) => "maxout",
        Op::Gather(_) | Op::Scatter(_) => "chosen_columns",
        Op::Random(_) => "random_numbers_pass_no_gradient_to_the_step",
        Op::Moments(_) => "errors.rs: it has no derivative",
        Op::Custom(_) => "custom.rs",
    };
    assert!(!has_case(&Op::Input).is_empty());
}
