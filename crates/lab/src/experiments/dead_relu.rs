//! How ReLU units die, and what bias and learning rate have to do with it (lecture
//! row L12).

use crate::charts::{axis, band, panels};
use crate::report::{Claim, Figure, Report, Spread, Table};
use crate::samples::{Samples, Source, classes, describe, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_nn::{Activation, Init, Optimizer};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Axis, Chart};

pub const EXPERIMENT: Experiment = Experiment {
    name: "dead-relu",
    rows: "L12",
    shows: "units alive over training for bias 0, 0.1, −1 and three learning rates",
    takes_data: true,
    run,
};

const BIASES: [(f64, Series); 3] =
    [(0.0, Series::Blue), (0.1, Series::Green), (-1.0, Series::Vermilion)];
const RATES: [f64; 3] = [0.02, 0.2, 1.0];
const HIDDEN: [usize; 3] = [64, 64, 64];

/// A training: the share of hidden units alive before it and after each epoch, and
/// the accuracy at its end.
struct Life {
    alive: Vec<f64>,
    accuracy: f64,
}

/// The share of hidden units that are above 0 for at least one row; a unit that is
/// not has no gradient and cannot come back.
pub fn alive(training: &mut Training, samples: &Samples) -> Result<f64, LabError> {
    let hidden = training.layers.len().saturating_sub(1);
    let nodes: Vec<_> = training.layers.iter().take(hidden).map(|layer| layer.activation).collect();
    let (mut alive, mut units) = (0, 0);
    for node in nodes {
        let values = training.value(node, &samples.x, samples.columns)?;
        let width = values.len() / samples.rows().max(1);
        let lives = |unit: usize| values.iter().skip(unit).step_by(width).any(|y| *y > 0.0);
        alive += (0..width).filter(|unit| lives(*unit)).count();
        units += width;
    }
    Ok(alive as f64 / units.max(1) as f64)
}

fn live(
    setup: &Setup,
    source: &Source,
    (bias, lr): (f64, f64),
    seed: u64,
) -> Result<Life, LabError> {
    let data = scaled(source, seed)?;
    let (train, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
    let classes = classes(&EXPERIMENT, source, &data)?;
    let mut recipe =
        Recipe::classifier(train.columns, &HIDDEN, (Activation::Relu, Init::He), classes);
    recipe.network.layers.iter_mut().for_each(|layer| layer.bias = Some(bias));
    recipe.optimizer = Optimizer::Sgd { momentum: 0.0, nesterov: false, weight_decay: 0.0 };
    recipe.lr = lr;
    let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
    let mut shares = vec![alive(&mut training, &train)?];
    for _ in 0..setup.size(20, 8) {
        training.epoch(&train)?;
        shares.push(alive(&mut training, &train)?);
    }
    Ok(Life { alive: shares, accuracy: training.accuracy(&held)? })
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let source = Source::of(setup)?;
    let header =
        ["bias", "learning rate", "alive before", "alive after", "accuracy on unseen rows"];
    let mut table = Table::new("Hidden units alive (mean ± deviation over seeds)", &header);
    let mut curves = Vec::new();
    let mut after = Vec::new();
    let mut each: Vec<Spread> = Vec::new();
    for lr in RATES {
        for (bias, _) in BIASES {
            let lives = setup.seeds().map(|seed| live(setup, &source, (bias, lr), seed));
            let lives = lives.collect::<Result<Vec<_>, _>>()?;
            let of = |f: fn(&Life) -> f64| lives.iter().map(|l| 100.0 * f(l)).collect::<Spread>();
            let end = of(|l| l.alive[l.alive.len() - 1]);
            table.row([
                bias.to_string(),
                lr.to_string(),
                format!("{:.1} %", of(|l| l.alive[0])),
                format!("{end:.1} %"),
                format!("{:.1} %", of(|l| l.accuracy)),
            ]);
            after.push(end.mean());
            each.push(end);
            curves.push(lives.into_iter().map(|l| l.alive).collect::<Vec<_>>());
        }
    }
    let at = |rate: usize, bias: usize| after[rate * BIASES.len() + bias];
    // The same seed has the same weights and batches whatever the bias: pairs.
    let pairs = each.chunks(BIASES.len()).flat_map(|row| row[1].0.iter().zip(&row[0].0));
    let gain: Spread = pairs.map(|(with, without)| with - without).collect();
    let doubt = 2.0 * gain.deviation() / (gain.0.len() as f64).sqrt();
    Ok(Report {
        data: describe(&source, &scaled(&source, 0)?),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "ReLU units can die: a large step or a negative bias switches them off for \
                       good."
                    .into(),
                found: format!(
                    "With bias 0, {:.1} % are alive after training at a learning rate of {} and \
                     {:.1} % at {}. Of a bias of −1, {:.1} %, {:.1} % and {:.1} % are alive \
                     at the three learning rates.",
                    at(0, 0),
                    RATES[0],
                    at(2, 0),
                    RATES[2],
                    at(0, 2),
                    at(1, 2),
                    at(2, 2)
                ),
                number: at(0, 0) - at(2, 0),
                holds: at(2, 0) < at(0, 0) - 5.0 && at(0, 2) < at(0, 0) - 5.0,
            },
            Claim {
                says: "A slightly positive bias (0.1) keeps units alive.".into(),
                found: format!(
                    "Alive with bias 0.1 against bias 0: {:.1} % against {:.1} %, {:.1} % against \
                     {:.1} %, {:.1} % against {:.1} % at the three learning rates; over the pairs \
                     of one seed and rate {:+.1} ± {doubt:.1} points (two standard errors).",
                    at(0, 1),
                    at(0, 0),
                    at(1, 1),
                    at(1, 0),
                    at(2, 1),
                    at(2, 0),
                    gain.mean()
                ),
                number: gain.mean(),
                holds: gain.mean() > doubt,
            },
        ],
        seen: vec![
            "Each line is the share of hidden units that are above 0 for at least one training row. \
             A unit that is below 0 for all of them has no gradient: its line never rises by its \
             own, only when the layer below changes what it sees."
                .into(),
            "A small learning rate kills hardly any. With a large one the first steps throw weights \
             so far that many units are switched off at once. A bias of −1 starts with most of the \
             upper layers dead. How much a bias of 0.1 helps is in the table; it is a small effect \
             beside that of the learning rate."
                .into(),
        ],
        figures: vec![Figure {
            name: "alive",
            caption: "Bands: lowest to highest seed.".into(),
            scene: picture(&curves),
        }],
        tables: vec![table],
    })
}

fn picture(curves: &[Vec<Vec<f64>>]) -> Scene {
    let chart = |(group, rate): (&[Vec<Vec<f64>>], f64)| {
        let lines = group.iter().zip(BIASES);
        Chart {
            title: format!("learning rate {rate}"),
            x: axis("epoch"),
            y: Axis { range: Some((0.0, 1.0)), ..axis("share alive") },
            layers: lines.flat_map(|(curves, (_, series))| band(curves, 0.0, series)).collect(),
        }
    };
    let charts = curves.chunks(BIASES.len()).zip(RATES).map(chart).collect();
    let legend =
        [("bias 0", Series::Blue), ("bias 0.1", Series::Green), ("bias −1", Series::Vermilion)];
    panels("Hidden ReLU units alive", 3, (330.0, 270.0), &legend, charts)
}
