//! All activations on the same task: the lecture's quick guide, tried.

use crate::charts::axis;
use crate::report::{Claim, Figure, Report, Spread, Table, percents};
use crate::samples::{Samples, Source, classes, describe, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_nn::{Activation, Init, Sharing};
use gradwise_trials::stats::{Sampling, holm, paired};
use gradwise_view::plot::{Ranking, RankingRow};
use std::time::Instant;

pub const EXPERIMENT: Experiment = Experiment {
    name: "activations",
    rows: "quick guide",
    shows: "all activations on the same task over seeds: accuracy, time, health",
    takes_data: true,
    run,
};

const KINDS: [Activation; 14] = [
    Activation::Relu,
    Activation::LeakyRelu(0.01),
    Activation::Prelu(Sharing::Layer),
    Activation::Prelu(Sharing::Unit),
    Activation::Maxout(2),
    Activation::Elu(1.0),
    Activation::Selu,
    Activation::Gelu,
    Activation::Silu,
    Activation::Softplus,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Softmax,
    Activation::Linear,
];
/// Each activation trains with each and keeps the one of least training loss.
const RATES: [f64; 3] = [0.003, 0.015, 0.06];
/// Deep enough that the choice matters.
const HIDDEN: [usize; 6] = [64; 6];

/// What one training gives.
struct Learnt {
    rate: f64,
    accuracy: f64,
    /// The loss of the last epoch.
    loss: f64,
    /// Seconds of an epoch.
    seconds: f64,
    /// How much of the differences between rows is left: the deviation of the last
    /// hidden layer's activations over that of the first's.
    signal: f64,
    /// The share of hidden units that say the same of every row.
    silent: f64,
}

/// Trainings over seeds at the learning rate of least mean loss.
fn best(setup: &Setup, source: &Source, kind: Activation) -> Result<Vec<Learnt>, LabError> {
    let (mut best, mut least) = (Vec::new(), f64::INFINITY);
    for rate in setup.size(RATES.to_vec(), vec![RATES[1]]) {
        let learnt = setup.seeds().map(|seed| learn(setup, source, (kind, rate), seed));
        let learnt = learnt.collect::<Result<Vec<_>, _>>()?;
        let loss = learnt.iter().map(|l| l.loss).collect::<Spread>().mean();
        if loss < least || best.is_empty() {
            least = if loss.is_finite() { loss } else { f64::INFINITY };
            best = learnt;
        }
    }
    Ok(best)
}

fn learn(
    setup: &Setup,
    source: &Source,
    (kind, rate): (Activation, f64),
    seed: u64,
) -> Result<Learnt, LabError> {
    let data = scaled(source, seed)?;
    let (train, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
    let init = match kind {
        Activation::Tanh | Activation::Sigmoid | Activation::Softmax | Activation::Linear => {
            Init::Xavier
        }
        Activation::Selu | Activation::Maxout(_) => Init::Lecun,
        _ => Init::He,
    };
    let classes = classes(&EXPERIMENT, source, &data)?;
    let recipe = Recipe::classifier(train.columns, &HIDDEN, (kind, init), classes);
    let recipe = Recipe { lr: rate, ..recipe };
    let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
    let epochs = setup.size(20, 8);
    let (start, mut loss) = (Instant::now(), f64::NAN);
    for _ in 0..epochs {
        loss = training.epoch(&train)?;
    }
    let seconds = start.elapsed().as_secs_f64() / f64::from(epochs);
    let (mut deviations, mut silent) = (Vec::new(), 0);
    for (layer, units) in HIDDEN.into_iter().enumerate() {
        let node = training.layers[layer].activation;
        let moments = moments(&training.value(node, &held.x, held.columns)?, units);
        silent += moments.iter().filter(|(mean, variance)| is_silent(*mean, *variance)).count();
        let mean = moments.iter().map(|(_, variance)| variance).sum::<f64>() / units as f64;
        deviations.push(mean.sqrt());
    }
    let signal = deviations[HIDDEN.len() - 1] / deviations[0];
    let silent = silent as f64 / HIDDEN.iter().sum::<usize>() as f64;
    Ok(Learnt { rate, accuracy: training.accuracy(&held)?, loss, seconds, signal, silent })
}

/// Mean and variance over rows of each unit's values.
fn moments(values: &[f32], units: usize) -> Vec<(f64, f64)> {
    let of = |unit: usize| {
        let own = || values.iter().skip(unit).step_by(units).map(|x| f64::from(*x));
        let count = (values.len() / units.max(1)).max(1) as f64;
        let mean = own().sum::<f64>() / count;
        (mean, own().map(|x| (x - mean).powi(2)).sum::<f64>() / count)
    };
    (0..units).map(of).collect()
}

/// Whether a unit's values vary by less than a hundredth of their size.
fn is_silent(mean: f64, variance: f64) -> bool {
    variance.sqrt() <= 0.01 * mean.abs()
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let source = Source::of(setup)?;
    let kinds =
        setup.size(KINDS.to_vec(), vec![Activation::Relu, Activation::Tanh, Activation::Sigmoid]);
    let header = [
        "activation",
        "best rate",
        "accuracy on unseen rows",
        "training loss",
        "ms an epoch, at best",
        "signal, last / first layer",
        "silent units",
    ];
    let mut all = Vec::new();
    for kind in kinds {
        all.push((kind, best(setup, &source, kind)?));
    }
    let accuracy = |learnt: &[Learnt]| learnt.iter().map(|l| l.accuracy).collect::<Spread>();
    let of = |kind: Activation| {
        all.iter().find(|(k, _)| *k == kind).map_or_else(Spread::default, |(_, l)| accuracy(l))
    };
    let (relu, sigmoid, tanh) =
        (of(Activation::Relu), of(Activation::Sigmoid), of(Activation::Tanh));
    let order = |(_, learnt): &(Activation, Vec<Learnt>)| {
        Some(accuracy(learnt).mean()).filter(|a| a.is_finite()).unwrap_or(0.0)
    };
    all.sort_by(|a, b| order(b).total_cmp(&order(a)));
    let mut table = Table::new("Six hidden layers of 64 (mean ± deviation over seeds)", &header);
    for (kind, learnt) in &all {
        let of = |f: fn(&Learnt) -> f64| learnt.iter().map(f).collect::<Spread>();
        table.row([
            kind.to_string(),
            of(|l| l.rate).0.first().map_or_else(String::new, f64::to_string),
            percents(&accuracy(learnt)),
            format!("{:.4}", of(|l| l.loss)),
            // Other programs only ever add to it.
            format!("{:.1}", of(|l| 1e3 * l.seconds).min()),
            format!("{:.2}", of(|l| l.signal)),
            percents(&of(|l| l.silent)),
        ]);
    }
    let best = all.first().map_or_else(Spread::default, |(_, learnt)| accuracy(learnt));
    let points = |s: &Spread| 100.0 * s.mean();
    let data = scaled(&source, 0)?;
    let rivals: Vec<Spread> = all
        .iter()
        .filter(|(kind, _)| *kind != Activation::Relu)
        .map(|(_, learnt)| accuracy(learnt))
        .collect();
    let doubt = ahead(&relu, &rivals, Samples::held_out(&data)?.y.len());
    Ok(Report {
        data: describe(&source, &data),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "ReLU first.".into(),
                found: format!(
                    "ReLU is right on {:.1} % of unseen rows, {:.1} points behind the best of all. \
                     Seed by seed, the rival that is most surely ahead of it is so with p = \
                     {doubt:.2} (paired t-tests, Holm's correction for {} rivals).",
                    points(&relu),
                    points(&best) - points(&relu),
                    rivals.len()
                ),
                number: points(&best) - points(&relu),
                holds: doubt > 0.05,
            },
            Claim {
                says: "Sigmoid hardly ever.".into(),
                found: format!(
                    "Through six layers sigmoid gets {:.1} %, tanh {:.1} %.",
                    points(&sigmoid),
                    points(&tanh)
                ),
                number: points(&relu) - points(&sigmoid),
                holds: relu.min() > sigmoid.max() + 0.05,
            },
        ],
        seen: vec![
            "Each dot is a seed, each stroke a mean. Where dots of two activations lie among each \
             other, this task does not tell them apart; then the cheaper one wins."
                .into(),
            "What separates the failures from the rest is in the last columns: sigmoid and softmax \
             squeeze the differences between rows on the way up, until units are silent, which is \
             to say the same of every row, and the gradient on the way down. \
             Each has the learning rate that suits it best of three and its usual init (He for the rectifiers, Xavier for \
             tanh and sigmoid, LeCun for SELU and maxout)."
                .into(),
        ],
        figures: vec![
            figure("accuracy", "Activations in a net of six hidden layers", &all, 0.0),
            figure("best", "Those within 10 points of the best", &all, best.mean() - 0.1),
        ],
        tables: vec![table],
    })
}

/// The smallest p-value, corrected for their number, of a rival that is ahead of `own` on
/// average; 1 if none is, or if one seed cannot tell.
fn ahead(own: &Spread, rivals: &[Spread], rows: usize) -> f64 {
    let test = |rival: &Spread| {
        let gains: Vec<f64> = rival.0.iter().zip(&own.0).map(|(r, o)| r - o).collect();
        let resolution = 1.0 / rows.max(1) as f64;
        paired(&gains, Sampling::Seeds, resolution).map_or((0.0, 1.0), |d| (d.mean, d.p))
    };
    let tests: Vec<(f64, f64)> = rivals.iter().map(test).collect();
    let corrected = holm(&tests.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    let of_better = tests.iter().zip(corrected).filter(|((gain, _), _)| *gain > 0.0);
    of_better.map(|(_, p)| p).fold(1.0, f64::min)
}

/// The accuracies of the activations that reach `least` on average.
fn figure(
    name: &'static str,
    title: &str,
    all: &[(Activation, Vec<Learnt>)],
    least: f64,
) -> Figure {
    let rows = all.iter().map(|(kind, learnt)| RankingRow {
        name: kind.to_string(),
        values: learnt.iter().map(|l| l.accuracy).collect(),
    });
    let reaches = |row: &RankingRow| Spread(row.values.clone()).mean() >= least;
    let rows = rows.filter(reaches).collect();
    let axis = axis("accuracy on unseen rows");
    Figure {
        name,
        caption: "Accuracy on unseen rows; a dot for each seed, a stroke at the mean.".into(),
        scene: Ranking { title: title.into(), axis, rows }.draw(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rival_is_ahead_only_if_the_seeds_carry_it() {
        let spread = |values: &[f64]| Spread(values.to_vec());
        let own = spread(&[0.90, 0.91, 0.90, 0.91, 0.90]);
        let surely = spread(&[0.95, 0.96, 0.95, 0.96, 0.95]);
        let perhaps = spread(&[0.95, 0.89, 0.97, 0.90, 0.93]);
        let behind = spread(&[0.10; 5]);
        assert!(ahead(&own, &[surely, behind.clone()], 1000) < 0.01);
        assert!(ahead(&own, &[perhaps, behind], 1000) > 0.05);
        assert!(ahead(&spread(&[0.9]), &[spread(&[1.0])], 1000) == 1.0);
    }
}
