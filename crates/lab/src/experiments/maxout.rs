//! Maxout: the largest of k lines makes any convex function (lecture row L14).

use crate::charts::{axis, dotted, line, log_axis, panels, steps};
use crate::report::{Claim, Figure, Report, Table, short};
use crate::samples::Samples;
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_nn::{Activation, Features, Init, LayerSpec, Loss, NetworkSpec, Optimizer};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Chart, Layer};

pub const EXPERIMENT: Experiment = Experiment {
    name: "maxout",
    rows: "L14",
    shows: "x² and other convex functions by k = 2, 3, 5, 8 pieces; k = 2 becoming ReLU; parameter counts",
    takes_data: false,
    run,
};

const PIECES: [usize; 4] = [2, 3, 5, 8];
/// A name and a convex function on [−1, 1].
type Target = (&'static str, fn(f64) -> f64);
const TARGETS: [Target; 4] =
    [("x²", |x| x * x), ("|x|", f64::abs), ("e^x", f64::exp), ("relu", |x| x.max(0.0))];
const POINTS: usize = 201;
/// Starts for each seed: pieces can idle, so the best of some starts counts.
const STARTS: u64 = 4;

/// A unit of k pieces fitted to a function.
#[derive(Clone, Debug)]
struct Fit {
    /// Root mean square error.
    error: f64,
    /// Slope and offset of each piece.
    pieces: Vec<(f64, f64)>,
}

impl Fit {
    fn value(&self, x: f64) -> f64 {
        self.pieces.iter().map(|(a, b)| a * x + b).fold(f64::NEG_INFINITY, f64::max)
    }
}

fn fit(setup: &Setup, f: fn(f64) -> f64, k: usize, seed: u64) -> Result<Fit, LabError> {
    let x: Vec<f32> = steps(-1.0, 1.0, POINTS).map(|x| x as f32).collect();
    let y = x.iter().map(|x| f(f64::from(*x)) as f32).collect();
    let samples = Samples { x, y, columns: 1 };
    let unit = LayerSpec::new(1, Activation::Maxout(k), Init::Normal(1.0));
    let network =
        NetworkSpec { inputs: 1, features: Features::None, layers: Vec::new(), output: unit };
    let optimizer: Optimizer = "adam".parse()?;
    let mut best: Option<Fit> = None;
    for start in 0..setup.size(STARTS, 3) {
        // First large steps, then ten times smaller ones from where those led.
        let mut found: Option<Training> = None;
        for lr in [0.02, 0.002] {
            let recipe =
                Recipe { network: network.clone(), loss: Loss::L2, optimizer, lr, batch: POINTS };
            let mut training =
                Training::new(&setup.device, &recipe, &samples, seed * STARTS + start)?;
            match &found {
                Some(before) => copy(before, &mut training)?,
                None => spread(&mut training)?,
            }
            for _ in 0..setup.size(1000, 800) {
                training.epoch(&samples)?;
            }
            found = Some(training);
        }
        let Some(training) = found else { continue };
        let slopes = training.parameter("output.weight").into_iter().map(f64::from);
        let offsets = training.parameter("output.bias").into_iter().map(f64::from);
        let mut fit = Fit { error: 0.0, pieces: slopes.zip(offsets).collect() };
        let square = |x: f64| (fit.value(x) - f(x)).powi(2);
        fit.error = (steps(-1.0, 1.0, POINTS).map(square).sum::<f64>() / POINTS as f64).sqrt();
        if best.as_ref().is_none_or(|b| fit.error < b.error) {
            best = Some(fit);
        }
    }
    Ok(best.unwrap_or(Fit { error: f64::NAN, pieces: Vec::new() }))
}

/// Moves the pieces apart: lines of slope a and offset −a²/4 are tangents of a
/// parabola, so each of them is the largest somewhere. If all start at offset 0, all
/// but the two steepest idle for ever.
fn spread(training: &mut Training) -> Result<(), LabError> {
    let offsets: Vec<f32> =
        training.parameter("output.weight").iter().map(|a| -a * a / 4.0).collect();
    match training.graph.find_parameter("output.bias") {
        Some(id) => Ok(training.state.write(id, &offsets)?),
        None => Ok(()),
    }
}

/// Gives a training all values of another: parameters, and what the optimizer knows.
fn copy(from: &Training, to: &mut Training) -> Result<(), LabError> {
    for id in from.graph.parameter_ids() {
        to.state.write(id, &from.state.values(id))?;
    }
    Ok(())
}

/// The least root mean square error of k lines on x²: each serves a stretch of width
/// h = 2/k, where the residual of the best line has h²/√180.
fn least(k: usize) -> f64 {
    (2.0 / k as f64).powi(2) / 180f64.sqrt()
}

/// Parameters of a layer of 100 units on 64 inputs.
fn parameters(activation: Activation) -> Result<usize, LabError> {
    let recipe = Recipe::classifier(64, &[100], (activation, Init::He), 10);
    Ok(recipe.network.summary()?.first().map_or(0, |row| row.learnt))
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let mut table = Table::new(
        "Root mean square error (mean over seeds of the best start)",
        &["function", "k = 2", "k = 3", "k = 5", "k = 8"],
    );
    let (mut shown, mut means) = (Vec::new(), Vec::new());
    for (name, f) in TARGETS {
        let mut row = Vec::new();
        for k in PIECES {
            let fits = setup.seeds().map(|seed| fit(setup, f, k, seed));
            let fits = fits.collect::<Result<Vec<_>, _>>()?;
            row.push(fits.iter().map(|f| f.error).sum::<f64>() / fits.len() as f64);
            shown.extend(fits.into_iter().next());
        }
        table.row([name.to_string()].into_iter().chain(row.iter().map(|e| short(*e))));
        means.push(row);
    }
    table
        .row(["x², least possible".to_string()].into_iter().chain(PIECES.map(|k| short(least(k)))));
    let mut counts =
        Table::new("Parameters of 100 units on 64 inputs", &["activation", "parameters"]);
    let relu = parameters(Activation::Relu)?;
    counts.row(["relu".into(), relu.to_string()]);
    for k in PIECES {
        counts.row([format!("maxout({k})"), parameters(Activation::Maxout(k))?.to_string()]);
    }
    let worst = PIECES.iter().zip(&means[0]).map(|(k, e)| e / least(*k)).fold(0.0, f64::max);
    let becomes = means[3][0];
    let factor = parameters(Activation::Maxout(5))? as f64 / relu as f64;
    Ok(Report {
        data: format!("{POINTS} points from −1 to 1"),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "Maxout approximates a convex function by k linear pieces.".into(),
                found: format!(
                    "On x² the error falls from {} with 2 pieces to {} with 8, at most {worst:.2} \
                     times the least that is possible, (2/k)²/√180.",
                    short(means[0][0]),
                    short(means[0][3])
                ),
                number: worst,
                holds: worst < 1.5,
            },
            Claim {
                says: "It generalizes ReLU: k = 2 can become one.".into(),
                found: format!("Two pieces learn ReLU with an error of {}.", short(becomes)),
                number: becomes,
                holds: becomes < 1e-3,
            },
            Claim {
                says: "It multiplies the parameters by k.".into(),
                found: format!("Five pieces need {factor} times the parameters of ReLU."),
                number: factor,
                holds: factor == 5.0,
            },
        ],
        seen: vec![
            "Each unit is the upper edge of its k lines. The lines come to lie as tangents do, each \
             serving its stretch; where the function is itself made of two lines, |x| and ReLU, two \
             are enough and further pieces idle. Pieces can also idle where they would be needed: \
             one that is nowhere the largest has no gradient, and on e^x more than three pieces help \
             less than they could."
                .into(),
            "The error on x² falls with the square of k, as theory says; the price is k times the \
             weights."
                .into(),
        ],
        figures: vec![
            Figure {
                name: "pieces",
                caption: "Thick dashes: the function. Solid: maxout. Pale: its pieces.".into(),
                scene: fits(&shown),
            },
            Figure {
                name: "error",
                caption: "Root mean square error over the number of pieces; dotted: the least \
                          possible for x²."
                    .into(),
                scene: errors(&means),
            },
        ],
        tables: vec![table, counts],
    })
}

fn fits(shown: &[Fit]) -> Scene {
    let mut charts = Vec::new();
    for ((name, f), row) in TARGETS.iter().zip(shown.chunks(PIECES.len())) {
        for (k, fit) in PIECES.iter().zip(row) {
            let x = || steps(-1.0, 1.0, 101);
            let lowest = x().map(f).fold(f64::INFINITY, f64::min) - 0.25;
            let piece = |(a, b): &(f64, f64)| {
                let inside =
                    |x: f64| (x, Some(a * x + b).filter(|y| *y >= lowest).unwrap_or(f64::NAN));
                Layer::Trace { points: x().map(inside).collect(), series: Series::Blue }
            };
            let mut layers: Vec<Layer> = fit.pieces.iter().map(piece).collect();
            layers.push(line("", x().map(|x| (x, fit.value(x))), Series::Blue));
            layers.push(line("", x().map(|x| (x, f(x))), Series::Vermilion));
            charts.push(Chart { title: format!("{name}, k = {k}"), layers, ..Chart::default() });
        }
    }
    let legend = [("maxout", Series::Blue), ("function", Series::Vermilion)];
    panels("Convex functions by k pieces", 4, (230.0, 190.0), &legend, charts)
}

fn errors(means: &[Vec<f64>]) -> Scene {
    let at =
        |row: &[f64]| PIECES.iter().map(|k| *k as f64).zip(row.iter().copied()).collect::<Vec<_>>();
    let shown = means.iter().zip([Series::Blue, Series::Vermilion, Series::Green]).take(3);
    let mut layers: Vec<Layer> = shown.map(|(row, series)| dotted("", at(row), series)).collect();
    layers.push(dotted("", at(&PIECES.map(least)), Series::Purple));
    let chart = Chart { x: axis("pieces"), y: log_axis("error"), layers, ..Chart::default() };
    let legend = [
        ("x²", Series::Blue),
        ("|x|", Series::Vermilion),
        ("e^x", Series::Green),
        ("x², least possible", Series::Purple),
    ];
    panels("Error by pieces", 1, (480.0, 300.0), &legend, vec![chart])
}
