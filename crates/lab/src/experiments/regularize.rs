//! What a penalty on the weights does to them (lecture row L8).

use super::templates::raster;
use crate::charts::{axis, panels};
use crate::report::{Claim, Figure, Report, Spread, Table, percent};
use crate::samples::{Samples, Source, classes, describe, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_graph::{Feeds, Graph, Tensor};
use gradwise_nn::penalty::penalty;
use gradwise_nn::{Activation, Init, Optimizer};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Chart, Gallery, Layer, Ridges};

pub const EXPERIMENT: Experiment = Experiment {
    name: "regularize",
    rows: "L8",
    shows: "weights under no penalty, L1, L2; the two-vectors example",
    takes_data: true,
    run,
};

/// Name, λ₁ and λ₂.
const PENALTIES: [(&str, f64, f64); 3] = [("none", 0.0, 0.0), ("L1", 1e-3, 0.0), ("L2", 0.0, 3e-3)];
/// Below this share of the largest weight a weight counts as 0.
const NOTHING: f64 = 0.01;

/// R(w) = Σw² and Σ|w| of the lecture's two vectors, and their score for x = 1.
fn vectors() -> Result<Vec<[f64; 3]>, LabError> {
    let graph = Graph::new();
    let mut found = Vec::new();
    for w in [[1.0, 0.0, 0.0, 0.0], [0.25; 4]] {
        let w = graph.constant(Tensor::vector(w));
        let x = graph.constant(Tensor::vector([1.0; 4]));
        let score = (w * x).sum();
        let terms = [penalty(w, 0.0, 1.0), penalty(w, 1.0, 0.0)];
        let wanted: Vec<_> = [Some(score)].into_iter().chain(terms).flatten().collect();
        let values = graph.evaluate(&wanted, &Feeds::new())?;
        found.push([values[0].item(), values[1].item(), values[2].item()]);
    }
    Ok(found)
}

struct Learnt {
    /// All weights, `[features, classes]`.
    weight: Vec<f64>,
    /// Those of features that vary: what never changes says nothing, and its weights
    /// are nothing under any penalty.
    live: Vec<f64>,
    accuracy: f64,
}

impl Learnt {
    /// The share of weights that are almost 0.
    fn zeros(&self) -> f64 {
        let largest = self.live.iter().fold(0.0f64, |m, w| m.max(w.abs()));
        let small = self.live.iter().filter(|w| w.abs() < NOTHING * largest).count();
        small as f64 / self.live.len() as f64
    }

    fn square(&self) -> f64 {
        self.weight.iter().map(|w| w * w).sum()
    }
}

/// Whether each feature varies: is at least somewhat off its first value in at least
/// one row of a hundred.
fn varying(samples: &Samples) -> Vec<bool> {
    let first = samples.x.get(..samples.columns).unwrap_or(&[]);
    let rows = || samples.x.chunks_exact(samples.columns.max(1));
    let others = |i: usize| rows().filter(|row| (row[i] - first[i]).abs() > 1e-3).count();
    (0..first.len()).map(|i| 100 * others(i) > samples.rows()).collect()
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let source = Source::of(setup)?;
    let mut all: [Vec<Learnt>; 3] = Default::default();
    let mut data = scaled(&source, 0)?;
    for seed in setup.seeds() {
        if seed > 0 {
            data = scaled(&source, seed)?;
        }
        let (train, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
        for ((_, l1, l2), all) in PENALTIES.into_iter().zip(&mut all) {
            let classes = classes(&EXPERIMENT, &source, &data)?;
            let mut recipe =
                Recipe::classifier(train.columns, &[], (Activation::Linear, Init::Zeros), classes);
            (recipe.network.output.l1, recipe.network.output.l2) = (l1, l2);
            recipe.optimizer = "adam".parse::<Optimizer>()?;
            recipe.lr = 2e-3;
            let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
            for _ in 0..setup.size(80, 40) {
                training.epoch(&train)?;
            }
            let weight = training.parameter("output.weight").into_iter().map(f64::from);
            let weight: Vec<f64> = weight.collect();
            let rows = weight.chunks_exact(classes).zip(varying(&train));
            let live = rows.filter(|(_, varies)| *varies).flat_map(|(row, _)| row).copied();
            let live = live.collect();
            all.push(Learnt { weight, live, accuracy: training.accuracy(&held)? });
        }
    }
    let of = |which: usize, f: fn(&Learnt) -> f64| all[which].iter().map(f).collect::<Spread>();
    let header = [
        "penalty",
        "Σw²",
        "weights of varying pixels that are almost 0",
        "accuracy on unseen rows",
    ];
    let mut table = Table::new("A linear score (mean ± deviation over seeds)", &header);
    for (which, (name, l1, l2)) in PENALTIES.into_iter().enumerate() {
        let zeros = of(which, Learnt::zeros).map(|x| 100.0 * x);
        table.row([
            if which == 0 { name.into() } else { format!("{name}, λ = {}", l1 + l2) },
            format!("{:.1}", of(which, Learnt::square)),
            format!("{zeros:.1} %"),
            format!("{:.1} %", of(which, |l| l.accuracy).map(|x| 100.0 * x)),
        ]);
    }
    let pair = vectors()?;
    let mut example =
        Table::new("The two vectors, for x = (1, 1, 1, 1)", &["w", "w·x", "Σw²", "Σ|w|"]);
    for (name, [score, square, absolute]) in ["(1, 0, 0, 0)", "(¼, ¼, ¼, ¼)"].into_iter().zip(&pair)
    {
        example.row([name.into(), score.to_string(), square.to_string(), absolute.to_string()]);
    }
    let (none, l1, l2) = (of(0, Learnt::zeros), of(1, Learnt::zeros), of(2, Learnt::zeros));
    let (free, bound) = (of(0, Learnt::square), of(2, Learnt::square));
    Ok(Report {
        data: describe(&source, &data),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "w = (1, 0, 0, 0) and w = (¼, ¼, ¼, ¼) have the same score, but R = 1 and ¼."
                    .into(),
                found: format!(
                    "Scores {} and {}, Σw² {} and {}: L2 prefers the spread-out one. Σ|w| is {} for \
                     both: L1 does not care.",
                    pair[0][0], pair[1][0], pair[0][1], pair[1][1], pair[0][2]
                ),
                number: pair[1][1],
                holds: pair[0] == [1.0, 1.0, 1.0] && pair[1] == [1.0, 0.25, 1.0],
            },
            Claim {
                says: "L1 makes weights sparse, L2 makes them small and spread.".into(),
                found: format!(
                    "Under L1 {} of the weights are almost 0 (less than {} of the largest), under \
                     L2 {}, without a penalty {}. L2 brings Σw² down from {:.1} to {:.1}.",
                    percent(l1.mean()),
                    percent(NOTHING),
                    percent(l2.mean()),
                    percent(none.mean()),
                    free,
                    bound
                ),
                number: l1.mean() - l2.mean(),
                holds: l1.min() > 1.5 * l2.max().max(none.max()) && bound.max() < free.min(),
            },
        ],
        seen: vec![
            "Without a penalty the weights are spread like a bell. L2 pulls each in proportion to \
             its size, so large ones shrink and none is exactly nothing. L1 pulls all with the same \
             force, so the unimportant ones arrive at 0 and stay: a needle in the middle, and a \
             template with few pixels."
                .into(),
            "The best penalty is a matter of the data: compare the accuracies before preferring one."
                .into(),
        ],
        figures: figures(&all, &data),
        tables: vec![example, table],
    })
}

fn figures(all: &[Vec<Learnt>; 3], data: &gradwise_data::Data) -> Vec<Figure> {
    let mut figures = vec![Figure {
        name: "weights",
        caption: "Histograms of the weights of all seeds (of pixels that vary), on one axis; counts are shares of the \
                  highest bin."
            .into(),
        scene: histograms(all),
    }];
    if let Some(image) = data.schema.image {
        let classes = data.schema.classes.len();
        let picture = |((name, ..), learnt): (&(&str, f64, f64), &Vec<Learnt>)| {
            let weight = &learnt.first()?.weight;
            let one: Vec<f64> = weight.iter().skip(3 % classes).step_by(classes).copied().collect();
            Some(((*name).to_string(), raster(&one, image)))
        };
        let pictures = PENALTIES.iter().zip(all).filter_map(picture).collect();
        let class = data.schema.classes.get(3 % classes).map_or("?", String::as_str);
        let title = format!("The template of class {class}");
        figures.push(Figure {
            name: "template",
            caption: "Grey is 0; each picture has its own scale.".into(),
            scene: Gallery { title, columns: 3, width: 150.0, pictures }.draw(),
        });
    }
    figures
}

fn histograms(all: &[Vec<Learnt>; 3]) -> Scene {
    let weights = |which: usize| all[which].iter().flat_map(|l| l.live.iter().copied());
    let largest = (0..3).flat_map(weights).fold(1e-9f64, |m, w| m.max(w.abs()));
    let bins = 81;
    let width = 2.0 * largest / bins as f64;
    let chart = |which: usize| {
        let counts = Ridges::counts(weights(which), (-largest, largest), bins);
        let highest = counts.iter().copied().fold(1.0, f64::max);
        let bar = |(i, count): (usize, f64)| {
            let left = -largest + i as f64 * width;
            (left, left + width, count / highest)
        };
        Chart {
            title: PENALTIES[which].0.into(),
            x: axis("weight"),
            y: axis("share of the highest bin"),
            layers: vec![Layer::Bars {
                bars: counts.into_iter().enumerate().map(bar).collect(),
                series: Series::Blue,
            }],
        }
    };
    panels("Weights under penalties", 3, (320.0, 250.0), &[], (0..3).map(chart).collect())
}
