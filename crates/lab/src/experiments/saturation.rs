//! Where sigmoid and tanh stop passing gradients (lecture rows L10 and L11).

use crate::charts::{axis, band, line, log_axis, panels, steps};
use crate::report::{Claim, Figure, Report, Spread, Table, short};
use crate::{Experiment, LabError, Setup};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Feeds, Graph, Tensor};
use gradwise_nn::Activation;
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::Chart;

pub const EXPERIMENT: Experiment = Experiment {
    name: "saturation",
    rows: "L10, L11",
    shows: "σ, σ' and the gradient at x = −6 … 6; a chain of sigmoids",
    takes_data: false,
    run,
};

const DEPTH: usize = 10;
const SHOWN: [(Activation, Series); 3] = [
    (Activation::Sigmoid, Series::Blue),
    (Activation::Tanh, Series::Vermilion),
    (Activation::Relu, Series::Green),
];

/// An activation and its derivative at points.
fn with_slope(activation: Activation, x: &[f64]) -> Result<[Vec<f64>; 2], LabError> {
    let graph = Graph::new();
    let input = graph.input("x", [BATCH]);
    let y = activation.apply(input, None);
    let slope = graph.gradients(y.sum(), &[input])?[0];
    let values = graph.evaluate(&[y, slope], &Feeds::new().with("x", Tensor::vector(x)))?;
    Ok([values[0].data().to_vec(), values[1].data().to_vec()])
}

/// The mean size of dy/dx through 1, 2, … of an activation, one after the other, for
/// standard normal x. ReLU's zeros count.
fn chain(activation: Activation, seed: u64) -> Result<Vec<f64>, LabError> {
    let graph = Graph::new();
    let x = graph.input("x", [BATCH]);
    let random = Philox::new(seed, 10);
    let feeds = Feeds::new().with("x", Tensor::from_fn([200], |i| random.normal(i as u64)));
    let (mut y, mut sizes) = (x, Vec::new());
    for _ in 0..DEPTH {
        y = activation.apply(y, None);
        let gradient = graph.gradients(y.sum(), &[x])?[0];
        sizes.push(graph.evaluate(&[gradient.abs().mean()], &feeds)?[0].item());
    }
    Ok(sizes)
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let x = [-6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0];
    let ([sigmoid, slope], [tanh, steep]) =
        (with_slope(Activation::Sigmoid, &x)?, with_slope(Activation::Tanh, &x)?);
    let mut table = Table::new("Values and slopes", &["x", "σ", "σ'", "tanh", "tanh'"]);
    for (i, x) in x.iter().enumerate() {
        let cells = [sigmoid[i], slope[i], tanh[i], steep[i]].map(|v| format!("{v:.7}"));
        table.row([x.to_string()].into_iter().chain(cells));
    }
    let mut chains = Vec::new();
    let mut depths =
        Table::new("Mean gradient through a chain", &["activation", "1", "5", "10", "per layer"]);
    for (activation, _) in SHOWN {
        let curves = setup.seeds().map(|seed| chain(activation, seed));
        let curves = curves.collect::<Result<Vec<_>, _>>()?;
        let at = |depth: usize| curves.iter().map(|c| c[depth - 1]).collect::<Spread>();
        let cells = [1, 5, 10].map(|depth| short(at(depth).mean()));
        let factor = format!("{:.3}", factors(&curves));
        depths.row([activation.to_string()].into_iter().chain(cells).chain([factor]));
        chains.push(curves);
    }
    let factor = factors(&chains[0]);
    let (value, slope) = (sigmoid[8], slope[8]);
    Ok(Report {
        data: "x from −6 to 6; 200 standard normal numbers for each seed".into(),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "At x = 6 the sigmoid is saturated: σ = 0.99753, σ' = 0.00247.".into(),
                found: format!("σ(6) = {value:.7}, σ'(6) = {slope:.7}."),
                number: slope,
                holds: (value - 0.997_527_4).abs() < 1e-7 && (slope - 0.002_466_5).abs() < 1e-7,
            },
            Claim {
                says: "A chain of sigmoids kills the gradient: each passes on at most a quarter."
                    .into(),
                found: format!(
                    "Each sigmoid multiplies the gradient by {factor:.4} on average; ten leave {:.1e}.",
                    chains[0].iter().map(|c| c[DEPTH - 1]).collect::<Spread>().mean()
                ),
                number: factor.max(),
                holds: factor.max() <= 0.25,
            },
        ],
        seen: vec![
            "σ is flat on both sides: beyond |x| = 4 less than 2 % of a gradient passes. tanh is a \
             sigmoid stretched to ±1: four times as steep at 0, and flat twice as early."
                .into(),
            "In a chain the slopes multiply. Each sigmoid takes a factor of more than four away, for \
             which the weights before it would have to make up (init-depth shows what large weights \
             do instead); tanh loses little as long as its inputs are small; ReLU passes the \
             gradient of every positive x whole, however deep."
                .into(),
        ],
        figures: vec![Figure {
            name: "slopes",
            caption: "Sigmoid, tanh and ReLU, their slopes, and the mean gradient through a chain \
                      of them (bands: lowest to highest seed)."
                .into(),
            scene: picture(&chains)?,
        }],
        tables: vec![table, depths],
    })
}

/// The mean factor of the gradient from one layer to the next, for each seed.
fn factors(curves: &[Vec<f64>]) -> Spread {
    let factor = |c: &Vec<f64>| (c[DEPTH - 1] / c[0]).powf(1.0 / (DEPTH - 1) as f64);
    curves.iter().map(factor).collect()
}

fn picture(chains: &[Vec<Vec<f64>>]) -> Result<Scene, LabError> {
    let x: Vec<f64> = steps(-6.0, 6.0, 241).collect();
    let mut layers: [Vec<_>; 3] = Default::default();
    for ((activation, series), curves) in SHOWN.into_iter().zip(chains) {
        for (values, layers) in with_slope(activation, &x)?.into_iter().zip(&mut layers) {
            let inside = |(x, y): (&f64, f64)| (*x, if y <= 2.0 { y } else { f64::NAN });
            layers.push(line("", x.iter().zip(values).map(inside), series));
        }
        layers[2].extend(band(curves, 1.0, series));
    }
    let titles = ["Value", "Slope", "Gradient through a chain"];
    let axes = [("x", axis("")), ("x", axis("")), ("activations in the chain", log_axis(""))];
    let charts = titles.into_iter().zip(axes).zip(layers);
    let charts = charts.map(|((title, (x, y)), layers)| Chart {
        title: title.into(),
        x: axis(x),
        y,
        layers,
    });
    let names = ["sigmoid", "tanh", "ReLU"];
    let legend: Vec<_> = names.into_iter().zip(SHOWN.map(|s| s.1)).collect();
    Ok(panels("Saturation", 3, (330.0, 280.0), &legend, charts.collect()))
}
