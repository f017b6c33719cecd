//! Every activation: its text, its slope, its gain, its gradient.

mod support;

use gradwise_graph::{Feeds, Graph, Initializer, Role, Tensor, Value};
use gradwise_nn::{Activation, Sharing};
use support::value;

const ALL: [Activation; 16] = [
    Activation::Linear,
    Activation::Sigmoid,
    Activation::Tanh,
    Activation::Relu,
    Activation::LeakyRelu(0.1),
    Activation::Prelu(Sharing::Layer),
    Activation::Prelu(Sharing::Unit),
    Activation::Maxout(2),
    Activation::Maxout(5),
    Activation::Elu(1.0),
    Activation::Elu(0.5),
    Activation::Selu,
    Activation::Gelu,
    Activation::Silu,
    Activation::Softplus,
    Activation::Exp,
];

#[test]
fn texts_are_read_and_written() {
    for activation in ALL.iter().chain([&Activation::Softmax]) {
        assert_eq!(activation.to_string().parse(), Ok(*activation), "{activation}");
    }
    assert_eq!("leaky-relu".parse(), Ok(Activation::LeakyRelu(0.01)));
    for wrong in [
        "maxout",
        "maxout(1)",
        "maxout(2.5)",
        "maxout(-3)",
        "relu(1)",
        "prelu(each)",
        "leaky-relu(nan)",
        "linear()",
        "",
    ] {
        let message = wrong.parse::<Activation>().unwrap_err().to_string();
        assert!(message.starts_with(&format!("activation {wrong:?}")), "{message}");
    }
}

fn of_one<'g>(graph: &'g Graph, activation: Activation) -> [Value<'g>; 3] {
    let pieces = activation.pieces();
    let z = graph.input("z", [1, pieces]);
    let slope = Initializer::constant(0.25);
    let alpha = graph.parameter("alpha", [1], Role::Slope, slope);
    let y = activation.apply(z, Some(alpha));
    let slope = activation.slope(z, y, Some(alpha));
    [z, y, slope.unwrap_or_else(|| graph.scalar(1.0).expand(y.shape()))]
}

#[test]
fn slopes_are_derivatives_and_bounded_by_the_steepest() {
    for activation in ALL.iter().filter(|a| a.pieces() == 1) {
        let graph = Graph::new();
        let [z, y, slope] = of_one(&graph, *activation);
        let gradient = graph.gradients(y.sum(), &[z]).unwrap()[0];
        let mut steepest = 0f64;
        for i in -400..=400 {
            let feeds = Feeds::new().with("z", Tensor::rows(&[[f64::from(i) / 50.0 - 1e-3]]));
            let found = value(&graph, slope, &feeds).item();
            let exact = value(&graph, gradient, &feeds).item();
            assert!(
                (found - exact).abs() < 1e-14 * exact.abs().max(1.0),
                "{activation}: {found} {exact}"
            );
            steepest = steepest.max(found.abs());
        }
        if *activation != Activation::Exp {
            let known = activation.facts().steepest;
            assert!((steepest - known).abs() < 2e-3, "{activation}: {steepest}, not {known}");
        }
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    for activation in ALL.iter().chain([&Activation::Softmax]) {
        let graph = Graph::new();
        let units = 3;
        let z = graph.input("z", [4, units * activation.pieces()]);
        let slopes = activation.slopes(units).map(|(count, start)| {
            graph.parameter("alpha", [count], Role::Slope, Initializer::constant(start as f32))
        });
        let mix = graph.constant(support::normal(5, &[4, units]));
        let loss = (activation.apply(z, slopes) * mix).sum();
        let by: Vec<_> = [Some(z), slopes].into_iter().flatten().collect();
        let feeds = Feeds::new().with("z", support::normal(9, &[4, units * activation.pieces()]));
        let error = support::gradient_error(&graph, loss, &feeds, &by);
        assert!(error < 1e-7, "{activation}: off by {error:e}");
    }
}

/// E f(z)² for z ~ N(0, 1), by the trapezoidal rule; of a maxout unit by drawing.
fn mean_square(activation: Activation) -> f64 {
    let graph = Graph::new();
    let pieces = activation.pieces();
    if pieces > 1 {
        let z = graph.input("z", [40_000, pieces]);
        let feeds = Feeds::new().with("z", support::normal(1, &[40_000, pieces]));
        return value(&graph, activation.apply(z, None).square().mean(), &feeds).item();
    }
    let points = 4001;
    let at = |i: usize| (i as f64 - 2000.0) / 200.0;
    let z = graph.input("z", [points, 1]);
    let feeds = Feeds::new().with("z", Tensor::from_fn([points, 1], at));
    let squares = value(&graph, activation.apply(z, None).square(), &feeds);
    let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    squares.data().iter().enumerate().map(|(i, s)| s * density(at(i)) / 200.0).sum()
}

#[test]
fn gains_keep_the_mean_square() {
    for activation in ALL {
        let kept = activation.facts().gain.powi(2) * mean_square(activation);
        let tolerance = if activation.pieces() > 1 { 0.02 } else { 1e-4 };
        let gain = mean_square(activation).sqrt().recip();
        assert!((kept - 1.0).abs() < tolerance, "{activation}: the gain is {gain}");
    }
}

/// The lively interval of activations against the slopes at many weighted sums.
#[test]
fn a_unit_is_lively_where_its_slope_is_above_a_share_of_the_steepest() {
    for activation in ALL.iter().filter(|a| a.lively(0.0).is_some()) {
        let graph = Graph::new();
        let [_, y, slope] = of_one(&graph, *activation);
        for share in [0.0, 0.0591, 0.5] {
            let (low, high) = activation.lively(share).unwrap();
            for i in -400..=400 {
                let feeds = Feeds::new().with("z", Tensor::rows(&[[f64::from(i) / 80.0 - 1e-3]]));
                let (y, slope) = (value(&graph, y, &feeds), value(&graph, slope, &feeds));
                let (y, slope) = (y.item(), slope.item());
                let steep = slope > share * activation.facts().steepest;
                assert_eq!(low < y && y < high, steep, "{activation} {share}: {y} {slope}");
            }
        }
    }
    assert_eq!(Activation::Gelu.lively(0.0), None);
}

/// Lecture row L16 counts |tanh| > 0.97: a slope under 0.0591.
#[test]
fn saturated_tanh_units_are_those_beyond_0_97() {
    let graph = Graph::new();
    let z = graph.constant(Tensor::vector([0.0, 2.0, 2.15, -2.15, 40.0]));
    let y = Activation::Tanh.apply(z, None);
    let flags = Activation::Tanh.saturated(z, y, None, 1.0 - 0.97 * 0.97).unwrap();
    assert_eq!(value(&graph, flags, &Feeds::new()).data(), [0.0, 0.0, 1.0, 1.0, 1.0]);
    assert!(Activation::Maxout(2).saturated(z, y, None, 0.1).is_none());
}
