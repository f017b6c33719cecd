//! The lecture's worked examples in f64, with the right numbers: the slides carry
//! arithmetic slips, which are named where they stand (rows L4 to L10).

use gradwise_graph::{Feeds, Graph, Shape, Tensor, Value};

/// The scores of cat, chair and car on the slides; image i is of class i.
const SCORES: [[f64; 3]; 3] = [[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]];

/// The value of `build` on `scores` and `labels`, one label a row.
fn losses<const N: usize>(
    scores: &[[f64; N]],
    labels: &[f64],
    build: impl for<'g> Fn(Value<'g>, Value<'g>) -> Value<'g>,
) -> Vec<f64> {
    let graph = Graph::new();
    let (s, y) = (graph.input("s", [scores.len(), N]), graph.input("y", [labels.len()]));
    let feeds =
        Feeds::new().with("s", Tensor::rows(scores)).with("y", Tensor::vector(labels.to_vec()));
    graph.evaluate(&[build(s, y)], &feeds).unwrap()[0].data().to_vec()
}

/// Multiclass hinge, Σ_{j≠y} max(0, s_j − s_y + 1), from existing operations (row L7).
fn hinge<'g>(s: Value<'g>, y: Value<'g>) -> Value<'g> {
    let correct = y.one_hot(s.shape().last().size(0));
    let violation = (s - (s * correct).sum_rows() + 1.0).relu();
    (violation * (1.0 - correct)).sum_rows()
}

fn softmax<'g>(s: Value<'g>, y: Value<'g>) -> Value<'g> {
    s.softmax_cross_entropy(y)
}

/// The gradient of the summed softmax losses by the scores.
fn slope<'g>(s: Value<'g>, y: Value<'g>) -> Value<'g> {
    s.graph().gradients(softmax(s, y).sum(), &[s]).unwrap()[0]
}

fn assert_close(found: &[f64], right: &[f64], tolerance: f64) {
    assert_eq!(found.len(), right.len());
    let close = found.iter().zip(right).all(|(f, r)| (f - r).abs() <= tolerance);
    assert!(close, "{found:?} should be {right:?}");
}

/// The slides add the L2 loss up to 66, twice what it is, and the L1 loss to 15. The
/// rows differ by 3, 4, 2 and 2.
#[test]
fn l2_and_l1_loss_of_the_integer_example() {
    let graph = Graph::new();
    let (y, f) = (graph.input("y", [4]), graph.input("f", [4]));
    let feeds = Feeds::new()
        .with("y", Tensor::vector([12.0, 24.0, 42.0, 23.0]))
        .with("f", Tensor::vector([15.0, 20.0, 40.0, 25.0]));
    let wanted = [(y - f).square().sum(), (y - f).abs().sum()];
    let found = graph.evaluate(&wanted, &feeds).unwrap();
    assert_eq!((found[0].item(), found[1].item()), (33.0, 11.0));
}

/// The slides have 2.04, 0.14, 6.94 and a mean of 9.12.
#[test]
fn softmax_losses_of_cat_chair_and_car() {
    let found = losses(&SCORES, &[0.0, 1.0, 2.0], softmax);
    assert_close(&found, &[2.0403552, 0.0791318, 6.1564772], 5e-8);
    let mean = losses(&SCORES, &[0.0, 1.0, 2.0], |s, y| softmax(s, y).mean());
    assert_close(&mean, &[2.7586547], 5e-8);
}

/// The slides have 2.9, 0, 10.9 and a mean of 4.6.
#[test]
fn hinge_losses_of_cat_chair_and_car() {
    let found = losses(&SCORES, &[0.0, 1.0, 2.0], hinge);
    assert_close(&found, &[2.9, 0.0, 12.9], 1e-12);
    let mean = losses(&SCORES, &[0.0, 1.0, 2.0], |s, y| hinge(s, y).mean());
    assert_close(&mean, &[5.2666667], 5e-8);
}

/// Softmax always wants to improve, hinge is satisfied.
#[test]
fn three_rows_for_which_hinge_and_softmax_differ() {
    let scores = [[5.0, -3.0, 2.0], [5.0, 10.0, 10.0], [5.0, -20.0, -20.0]];
    assert_close(&losses(&scores, &[0.0; 3], hinge), &[0.0, 12.0, 0.0], 0.0);
    let found = losses(&scores, &[0.0; 3], softmax);
    assert_close(&found[..2], &[0.0489069, 5.6965105], 5e-8);
    assert!((found[2] / 2.7775888e-11 - 1.0).abs() < 1e-8, "{}", found[2]);
}

/// The gradient at the label is −Σ of the other probabilities, not 1 − 1.
#[test]
fn the_softmax_gradient_of_a_won_row_does_not_vanish() {
    let found = losses(&[[5.0, -20.0, -20.0]], &[0.0], slope);
    assert!((found[0] / -2.7775888e-11 - 1.0).abs() < 1e-8, "{found:?}");
    assert!((found[0] + found[1] + found[2]).abs() < 1e-25, "{found:?}");
}

#[test]
fn a_sigmoid_saturates_at_six() {
    let graph = Graph::new();
    let x = graph.input("x", Shape::scalar());
    let y = x.sigmoid();
    let slope = graph.gradients(y, &[x]).unwrap()[0];
    let found = graph.evaluate(&[y, slope], &Feeds::new().with("x", Tensor::scalar(6.0))).unwrap();
    assert_close(&[found[0].item(), found[1].item()], &[0.9975274, 0.0024665], 5e-8);
}

/// Two weight vectors with the same score on x = (1, 1, 1, 1): the L2 penalty tells
/// them apart, the L1 penalty does not (row L8).
#[test]
fn the_l2_penalty_prefers_spread_weights() {
    let graph = Graph::new();
    let (x, w) = (graph.input("x", [1, 4]), graph.input("w", [4, 1]));
    let wanted = [x.matmul(w).sum(), w.square().sum(), w.abs().sum()];
    let of = |weights: [f64; 4]| {
        let w = Tensor::new([4, 1], weights).unwrap();
        let feeds = Feeds::new().with("x", Tensor::rows(&[[1.0; 4]])).with("w", w);
        let found = graph.evaluate(&wanted, &feeds).unwrap();
        [found[0].item(), found[1].item(), found[2].item()]
    };
    assert_eq!(of([1.0, 0.0, 0.0, 0.0]), [1.0, 1.0, 1.0]);
    assert_eq!(of([0.25; 4]), [1.0, 0.25, 1.0]);
}

/// −Σ y log Π + (1−y) log(1−Π) with Π = σ(s), in its stable form softplus(s) − y·s
/// (row L4): ln 2 at s = 0, and right where σ rounds to 1.
#[test]
fn the_logistic_loss_is_stable() {
    let graph = Graph::new();
    let (s, y) = (graph.input("s", [4]), graph.input("y", [4]));
    let feeds = Feeds::new()
        .with("s", Tensor::vector([0.0, 6.0, 50.0, -800.0]))
        .with("y", Tensor::vector([1.0, 0.0, 1.0, 1.0]));
    let loss = graph.evaluate(&[s.softplus() - y * s], &feeds).unwrap();
    let right = [2f64.ln(), -(1.0 - 0.9975273768433653f64).ln(), 0.0, 800.0];
    assert_close(loss[0].data(), &right, 1e-12);
    assert_eq!(graph.node(s.id()).shape, Shape::from([4]));
}
