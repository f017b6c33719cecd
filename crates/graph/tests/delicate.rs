//! Values at the edges of f64 and of shapes: infinite and huge scores, rows without
//! elements, labels out of range, ties.

use gradwise_graph::ops::Unary;
use gradwise_graph::{BATCH, Feeds, Graph, Shape, Tensor, Value};

const INF: f64 = f64::INFINITY;

/// The value of `build` on one fed value.
fn of(x: Tensor, build: impl for<'g> Fn(Value<'g>) -> Value<'g>) -> Vec<f64> {
    let graph = Graph::new();
    let dims: Vec<_> = x.sizes().iter().map(|&n| n.into()).collect();
    let value = build(graph.input("x", Shape::from(dims)));
    graph.evaluate(&[value], &Feeds::new().with("x", x)).unwrap()[0].data().to_vec()
}

fn row<const N: usize>(x: [f64; N]) -> Tensor {
    Tensor::rows(&[x])
}

/// As many labels `label` as `s` has rows.
fn labels<'g>(s: Value<'g>, label: f64) -> Value<'g> {
    let rows = s.shape().dims()[0].size(0);
    s.graph().constant(Tensor::vector(vec![label; rows]))
}

fn cross_entropy<const N: usize>(scores: [f64; N], label: f64) -> (f64, Vec<f64>) {
    let loss = of(row(scores), |s| s.softmax_cross_entropy(labels(s, label)));
    let slope = of(row(scores), |s| s.softmax_cross_entropy_gradient(labels(s, label)));
    (loss[0], slope)
}

#[test]
fn softmax_does_not_overflow() {
    assert_eq!(of(row([1e308, -1e308, 1e308]), |s| s.softmax()), [0.5, 0.0, 0.5]);
    assert_eq!(of(row([-INF, 3.0]), |s| s.softmax()), [0.0, 1.0]);
    assert_eq!(of(row([-1000.0, -1000.0]), |s| s.softmax()), [0.5, 0.5]);
    assert!(of(row([INF, 0.0]), |s| s.softmax())[0].is_nan(), "∞ has no softmax");
    assert!(of(row([-INF, -INF]), |s| s.softmax())[0].is_nan());
    assert!(of(row([0.0, f64::NAN]), |s| s.softmax()).iter().all(|p| p.is_nan()));
}

#[test]
fn log_sum_exp_takes_its_limits() {
    let found = |s| of(row(s), |s| s.log_sum_exp())[0];
    assert_eq!(found([1000.0, 1000.0]), 1000.0 + 2f64.ln());
    assert_eq!(found([INF, 1.0]), INF);
    assert_eq!(found([-INF, -INF]), -INF);
    assert_eq!(found([-INF, 2.0]), 2.0);
    assert!(found([f64::NAN, INF]).is_nan());
}

#[test]
fn cross_entropy_takes_its_limits() {
    assert_eq!(cross_entropy([-INF, 2.0], 1.0), (0.0, vec![0.0, 0.0]));
    assert_eq!(cross_entropy([-INF, 2.0], 0.0), (INF, vec![-1.0, 1.0]));
    assert_eq!(cross_entropy([1e308, -1e308], 1.0).0, INF);
    assert_eq!(cross_entropy([4.0, 4.0], 1.0), (2f64.ln(), vec![0.5, -0.5]));
    assert!(cross_entropy([INF, 0.0], 0.0).0.is_nan());
    assert_eq!(cross_entropy([7.0], 0.0), (0.0, vec![0.0]));
}

#[test]
fn a_label_that_is_no_class_is_not_taken_for_one() {
    for label in [-1.0, 3.0, 0.5, f64::NAN, INF] {
        let (loss, slope) = cross_entropy([1.0, 2.0, 3.0], label);
        assert!(loss.is_nan() && slope.iter().all(|g| g.is_nan()), "label {label}");
        assert_eq!(of(Tensor::vector([label]), |y| y.one_hot(3)), [0.0; 3], "label {label}");
    }
}

/// A batch of no rows, and rows of no columns, are values like others.
#[test]
fn empty_values_have_values() {
    let nothing: [f64; 0] = [];
    assert_eq!(of(Tensor::zeros([0, 3]), |s| s.softmax()), nothing);
    assert_eq!(of(Tensor::zeros([0, 3]), |s| s.sum_columns()), [0.0; 3]);
    assert_eq!(of(Tensor::zeros([2, 0]), |s| s.softmax()), nothing);
    assert_eq!(of(Tensor::zeros([2, 0]), |s| s.log_sum_exp()), [-INF; 2]);
    assert_eq!(of(Tensor::zeros([2, 0]), |s| s.sum_rows()), [0.0; 2]);
    assert_eq!(of(Tensor::zeros([2, 0]), |s| s.maxout(3)), nothing);
    assert_eq!(of(Tensor::zeros([2, 0]), |s| s.product(s, false, true)), [0.0; 4]);
    assert!(of(Tensor::zeros([2, 0]), |s| s.mean())[0].is_nan(), "0/0");
    assert_eq!(of(Tensor::zeros([0]), |s| s.moments()), [0.0; 7]);
    let loss = of(Tensor::zeros([2, 0]), |s| s.softmax_cross_entropy(labels(s, 0.0)));
    assert!(loss.iter().all(|l| l.is_nan()), "no class can be the label: {loss:?}");
}

#[test]
fn moments_leave_out_what_is_not_finite() {
    let found = of(Tensor::vector([1.0, 3.0, f64::NAN, -INF, 0.0]), |x| x.moments());
    let (mean, std) = (4.0 / 3.0, (14f64 / 9.0).sqrt());
    assert_eq!((found[0], found[3], found[4], found[5]), (5.0, 0.0, 3.0, 0.2));
    assert!((found[1] - mean).abs() < 1e-15 && (found[2] - std).abs() < 1e-15, "{found:?}");
    assert!((found[6] - 0.4).abs() < 1e-15, "{found:?}");
}

/// NaN is never swallowed: it must reach the loss, where it stops the run.
#[test]
fn every_activation_passes_nan_on() {
    let all = [
        Unary::Relu,
        Unary::LeakyRelu(0.1),
        Unary::Elu(1.0),
        Unary::Gelu,
        Unary::Silu,
        Unary::Softplus,
        Unary::Tanh,
        Unary::Sigmoid,
        Unary::Clamp(0.0, 1.0),
        Unary::Abs,
        Unary::Sign,
    ];
    for op in all {
        assert!(op.at(f64::NAN).is_nan(), "{op:?}");
    }
    let nan = Tensor::vector([f64::NAN, 0.0]);
    assert!(of(nan.clone(), |x| x.max(x * 0.0))[0].is_nan());
    assert!(of(nan, |x| (x * 0.0).min(x))[0].is_nan());
}

#[test]
fn activations_do_not_overflow_at_large_arguments() {
    for (op, at, value) in [
        (Unary::Softplus, 800.0, 800.0),
        (Unary::Softplus, -800.0, 0.0),
        (Unary::Sigmoid, -800.0, 0.0),
        (Unary::Sigmoid, 800.0, 1.0),
        (Unary::Silu, -800.0, 0.0),
        (Unary::SiluSlope, -800.0, 0.0),
        (Unary::Gelu, -40.0, 0.0),
        (Unary::GeluSlope, 40.0, 1.0),
        (Unary::Elu(1.0), -800.0, -1.0),
        (Unary::EluSlope(1.0), 800.0, 1.0),
    ] {
        assert_eq!(op.at(at), value, "{op:?} at {at}");
    }
    assert_eq!(Unary::Ln1p.at(1e-300), 1e-300);
}

/// At a tie one operand, and only one, gets the gradient.
#[test]
fn ties_are_not_counted_twice() {
    let graph = Graph::new();
    let (a, b) = (graph.input("a", [BATCH]), graph.input("b", [BATCH]));
    let feeds = Feeds::new().with("a", Tensor::vector([1.0])).with("b", Tensor::vector([1.0]));
    for y in [a.max(b), a.min(b)] {
        let slopes = graph.gradients(y.sum(), &[a, b]).unwrap();
        let found = graph.evaluate(&slopes, &feeds).unwrap();
        assert_eq!((found[0].item(), found[1].item()), (1.0, 0.0));
    }
    let scores = graph.input("scores", [1, 3]);
    let slope = graph.gradients(scores.maxout(3).sum(), &[scores]).unwrap();
    let found = graph.evaluate(&slope, &feeds.with("scores", row([2.0, 2.0, 2.0]))).unwrap();
    assert_eq!(found[0].data(), [1.0, 0.0, 0.0]);
}
