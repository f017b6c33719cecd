//! ReLU with a slope below 0: fixed, or learnt (lecture row L13).

use super::dead_relu::alive;
use crate::charts::{axis, band, line, log_axis, panels};
use crate::report::{Claim, Figure, Report, Spread, Table, percents};
use crate::samples::{Samples, Source, classes, describe, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_nn::{Activation, Init, Sharing};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::Chart;

pub const EXPERIMENT: Experiment = Experiment {
    name: "leaky",
    rows: "L13",
    shows: "ReLU, leaky ReLU and PReLU on the same net; α over time",
    takes_data: true,
    run,
};

const KINDS: [(Activation, Series); 3] = [
    (Activation::Relu, Series::Blue),
    (Activation::LeakyRelu(0.01), Series::Vermilion),
    (Activation::Prelu(Sharing::Layer), Series::Green),
];
const HIDDEN: [usize; 5] = [32; 5];

/// A training.
struct Learnt {
    losses: Vec<f64>,
    accuracy: f64,
    /// The share of hidden units without any gradient at the end.
    stuck: f64,
    /// α of each hidden layer after each epoch; empty but for PReLU.
    slopes: Vec<Vec<f64>>,
}

fn learn(setup: &Setup, source: &Source, kind: Activation, seed: u64) -> Result<Learnt, LabError> {
    let data = scaled(source, seed)?;
    let (train, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
    let classes = classes(&EXPERIMENT, source, &data)?;
    let mut recipe = Recipe::classifier(train.columns, &HIDDEN, (kind, Init::He), classes);
    recipe.lr = 0.015;
    let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
    let (mut losses, mut slopes) = (Vec::new(), vec![Vec::new(); HIDDEN.len()]);
    for _ in 0..setup.size(30, 12) {
        losses.push(training.epoch(&train)?);
        for (layer, path) in (1..).zip(&mut slopes) {
            let slope = training.parameter(&format!("dense{layer}.slope")).first().copied();
            path.extend(slope.map(f64::from));
        }
    }
    // Below 0, only ReLU's slope is 0.
    let stuck = match kind {
        Activation::Relu => 1.0 - alive(&mut training, &train)?,
        _ => 0.0,
    };
    Ok(Learnt { losses, accuracy: training.accuracy(&held)?, stuck, slopes })
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let source = Source::of(setup)?;
    let header =
        ["activation", "loss at the end", "accuracy on unseen rows", "units without gradient"];
    let mut table = Table::new("Five hidden layers (mean ± deviation over seeds)", &header);
    let mut all = Vec::new();
    for (kind, _) in KINDS {
        let learnt = setup.seeds().map(|seed| learn(setup, &source, kind, seed));
        let learnt = learnt.collect::<Result<Vec<_>, _>>()?;
        let of = |f: fn(&Learnt) -> f64| learnt.iter().map(f).collect::<Spread>();
        table.row([
            kind.to_string(),
            format!("{:.4}", of(|l| l.losses[l.losses.len() - 1])),
            percents(&of(|l| l.accuracy)),
            format!("{:.1} %", of(|l| 100.0 * l.stuck)),
        ]);
        all.push(learnt);
    }
    let ends = |layer: usize| {
        let last = |l: &Learnt| l.slopes[layer].last().copied().unwrap_or(f64::NAN);
        all[2].iter().map(last).collect::<Spread>()
    };
    let mut slopes = Table::new("α of PReLU at the end (it starts at 0.25)", &["layer", "α"]);
    (0..HIDDEN.len())
        .for_each(|layer| slopes.row([format!("dense{}", layer + 1), ends(layer).to_string()]));
    let moved =
        (0..HIDDEN.len()).map(|layer| (ends(layer).mean() - 0.25).abs()).fold(0.0, f64::max);
    let stuck = |kind: usize| all[kind].iter().map(|l| l.stuck).collect::<Spread>();
    let loss =
        |kind: usize| all[kind].iter().map(|l| l.losses[l.losses.len() - 1]).collect::<Spread>();
    Ok(Report {
        data: describe(&source, &scaled(&source, 0)?),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "Leaky ReLU does not die.".into(),
                found: format!(
                    "{:.1} % of the ReLU units end without gradient, of leaky ReLU and PReLU none. The losses at the end are {:.4}, {:.4} and {:.4}.",
                    stuck(0).map(|x| 100.0 * x),
                    loss(0),
                    loss(1),
                    loss(2)
                ),
                number: stuck(0).mean(),
                holds: stuck(0).min() > 0.0 && stuck(1).max() == 0.0,
            },
            Claim {
                says: "Parametric ReLU learns its slope α.".into(),
                found: format!("α starts at 0.25 and moves by up to {moved:.3} in a layer."),
                number: moved,
                holds: moved > 0.01,
            },
        ],
        seen: vec![
            "The same network, seeds and data three times. A ReLU unit that is below 0 for every row \
             has no gradient and stays where it is; with a slope below 0 it can come back. A slope \
             of 0.01 does so slowly, though: through five layers it passes 0.01⁵ of a gradient, and \
             its losses are close to those of ReLU. α is free to be larger where that helps."
                .into(),
            "On the right, each layer's α. The steeper it becomes, the more linear is its layer."
                .into(),
        ],
        figures: vec![Figure {
            name: "slopes",
            caption:
                "Left: training loss, bands from lowest to highest seed. Right: α of PReLU, a \
                      line for each hidden layer (mean over seeds)."
                    .into(),
            scene: picture(&all),
        }],
        tables: vec![table, slopes],
    })
}

fn picture(all: &[Vec<Learnt>]) -> Scene {
    let losses = all.iter().zip(KINDS).flat_map(|(learnt, (_, series))| {
        let curves: Vec<Vec<f64>> = learnt.iter().map(|l| l.losses.clone()).collect();
        band(&curves, 1.0, series)
    });
    let slopes = (0..HIDDEN.len()).map(|layer| {
        let at = |epoch: usize| {
            all[2].iter().filter_map(|l| l.slopes[layer].get(epoch).copied()).collect::<Spread>()
        };
        let epochs = all[2].first().map_or(0, |l| l.losses.len());
        let points = (0..epochs).map(|epoch| (epoch as f64 + 1.0, at(epoch).mean()));
        line(&(layer + 1).to_string(), points, Series::at(layer))
    });
    let charts = vec![
        Chart { title: "Loss".into(), x: axis("epoch"), y: log_axis(""), layers: losses.collect() },
        Chart {
            title: "α of PReLU by layer".into(),
            x: axis("epoch"),
            y: axis(""),
            layers: slopes.collect(),
        },
    ];
    let legend: Vec<(String, Series)> =
        KINDS.map(|(kind, series)| (kind.to_string(), series)).into();
    let legend: Vec<(&str, Series)> = legend.iter().map(|(n, s)| (n.as_str(), *s)).collect();
    panels("A slope below zero", 2, (450.0, 300.0), &legend, charts)
}
