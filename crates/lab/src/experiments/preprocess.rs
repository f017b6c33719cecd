//! What pre-processing does to data and to training (lecture row L15).

use super::templates::raster;
use crate::charts::{axis, band, log_axis, panels};
use crate::report::{Claim, Figure, Report, Spread, Table, percents};
use crate::samples::{Samples, Source, classes, describe, scaled, with_steps};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_data::{Image, Preprocess};
use gradwise_nn::{Activation, Init, Optimizer};
use gradwise_trials::stats::{Sampling, paired};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Chart, Gallery};

pub const EXPERIMENT: Experiment = Experiment {
    name: "preprocess",
    rows: "L15",
    shows: "none, mean image, per-channel mean, standardize, whitening: the data and the training",
    takes_data: true,
    run,
};

const STEPS: [(&str, &[Preprocess], Series); 5] = [
    ("none", &[], Series::Blue),
    ("mean-image", &[Preprocess::MeanImage], Series::Vermilion),
    ("channel-mean", &[Preprocess::ChannelMean], Series::Green),
    ("standardize", &[Preprocess::Standardize], Series::Purple),
    ("zca(0.01)", &[Preprocess::Zca(0.01)], Series::Orange),
];
/// Each pre-processing trains with each and keeps its best.
const RATES: [f64; 9] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0];
const IMAGES: usize = 5;

/// What one kind of pre-processing gives.
struct Found {
    rate: f64,
    /// The training loss of each seed after each epoch, at the best rate.
    losses: Vec<Vec<f64>>,
    accuracy: Spread,
    samples: Samples,
}

fn find(setup: &Setup, source: &Source, steps: &[Preprocess]) -> Result<Found, LabError> {
    let mut best: Option<Found> = None;
    for rate in RATES {
        let (mut losses, mut accuracy, mut shown) = (Vec::new(), Spread::default(), None);
        for seed in setup.seeds() {
            let data = with_steps(source, seed, steps)?;
            let (train, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
            let classes = classes(&EXPERIMENT, source, &data)?;
            let mut recipe =
                Recipe::classifier(train.columns, &[], (Activation::Linear, Init::Zeros), classes);
            recipe.optimizer = Optimizer::Sgd { momentum: 0.0, nesterov: false, weight_decay: 0.0 };
            recipe.lr = rate;
            let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
            let epochs = setup.size(15, 8);
            let curve = (0..epochs).map(|_| training.epoch(&train)).collect::<Result<_, _>>()?;
            losses.push(curve);
            accuracy.0.push(training.accuracy(&held)?);
            shown.get_or_insert(train);
        }
        let found = Found { rate, losses, accuracy, samples: shown.unwrap_or_default() };
        if best.as_ref().is_none_or(|b| found.end().mean() < b.end().mean()) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| LabError::Unsuitable {
        experiment: EXPERIMENT.name,
        data: source.name.clone(),
        reason: "no training ended with a finite loss; give it images with class labels".into(),
    })
}

impl Found {
    /// The loss of the last epoch; infinite if it diverged.
    fn end(&self) -> Spread {
        let last = self.losses.iter().filter_map(|c| c.last().copied());
        last.map(|loss| if loss.is_finite() { loss } else { f64::INFINITY }).collect()
    }

    /// Mean and standard deviation of all features.
    fn moments(&self) -> (f64, f64) {
        let numbers = || self.samples.x.iter().map(|x| f64::from(*x));
        let count = self.samples.x.len().max(1) as f64;
        let mean = numbers().sum::<f64>() / count;
        (mean, (numbers().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt())
    }
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let source = Source::of(setup)?;
    let data = scaled(&source, 0)?;
    let Some(image) = data.schema.image else {
        return Err(LabError::Unsuitable {
            experiment: EXPERIMENT.name,
            data: source.name,
            reason: "its rows are not images; a folder of images by class would do".into(),
        });
    };
    let header = [
        "pre-processing",
        "mean",
        "deviation",
        "best rate",
        "loss at the end",
        "accuracy on unseen rows",
    ];
    let mut table = Table::new("A linear score (mean ± deviation over seeds)", &header);
    let mut all = Vec::new();
    for (name, steps, _) in STEPS {
        let found = find(setup, &source, steps)?;
        let (mean, deviation) = found.moments();
        table.row([
            name.into(),
            // Adding 0 takes the sign off a mean that is 0 but for rounding.
            format!("{:.3}", (1e3 * mean).round() / 1e3 + 0.0),
            format!("{deviation:.3}"),
            found.rate.to_string(),
            format!("{:.4}", found.end()),
            percents(&found.accuracy),
        ]);
        all.push(found);
    }
    let end = |which: usize| all[which].end().mean();
    Ok(Report {
        data: describe(&source, &data),
        seeds: setup.seeds,
        claims: vec![
            lower("Subtract the mean image first (AlexNet).", &all[0], &all[1]),
            lower("Or subtract the per-channel mean (VGG).", &all[0], &all[2]),
        ],
        seen: vec![
            "The same images after each pre-processing, grey where a pixel is 0. Without any, all \
             pixels are at least 0, and every weight of a unit is pushed in one direction at once \
             (see one-sided-gradient). Taking the mean off centres them; standardizing makes rare \
             pixels as loud as common ones; whitening leaves edges."
                .into(),
            format!(
                "After as many epochs, each at its best learning rate, the training loss is \
                 {:.4} without, {:.4} with the mean image and {:.4} with the channel mean taken \
                 off, {:.4} standardized, {:.4} whitened. Of grey images the channel mean is one \
                 number for all pixels: it centres them together, not each.",
                end(0),
                end(1),
                end(2),
                end(3),
                end(4)
            ),
            "All statistics come from the training rows alone. Gradients go faster down a round \
             bowl than down a long valley: that is what centring and whitening make of the loss. \
             What trains faster need not be right more often on unseen rows; the table has both."
                .into(),
        ],
        figures: vec![
            Figure {
                name: "images",
                caption:
                    "Rows: none, mean image, channel mean, standardize, whitening. White is the \
                          largest size, black its negative."
                        .into(),
                scene: images(&all, image),
            },
            Figure {
                name: "training",
                caption: "Training loss, each at its best learning rate; bands from lowest to \
                          highest seed."
                    .into(),
                scene: curves(&all),
            },
        ],
        tables: vec![table],
    })
}

/// The claim that the loss ends lower with a pre-processing than without, by more than
/// the seeds differ: a paired t-test of the losses' logarithms.
fn lower(says: &str, without: &Found, with: &Found) -> Claim {
    let (before, after) = (without.end(), with.end());
    let ratios: Vec<f64> = after.0.iter().zip(&before.0).map(|(a, b)| (a / b).ln()).collect();
    let test = paired(&ratios, Sampling::Seeds, 0.0);
    let probability = test.map_or(1.0, |test| test.p);
    let p = match probability {
        p if p < 0.001 => "p < 0.001".to_string(),
        p => format!("p = {p:.3}"),
    };
    Claim {
        says: says.into(),
        found: format!(
            "The training loss ends at {before:.4} without and at {after:.4} with it; seed by \
             seed {:.2} times as high (paired t-test of the logarithms: {p}).",
            test.map_or(f64::NAN, |test| test.mean.exp())
        ),
        number: after.mean() / before.mean(),
        holds: after.mean() < before.mean() && probability < 0.05,
    }
}

fn images(all: &[Found], image: Image) -> Scene {
    let mut pictures = Vec::new();
    for ((name, ..), found) in STEPS.iter().zip(all) {
        let rows = found.samples.x.chunks_exact(found.samples.columns.max(1)).take(IMAGES);
        for row in rows {
            let numbers: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
            pictures.push(((*name).to_string(), raster(&numbers, image)));
        }
    }
    let title = "The same images after each pre-processing".into();
    Gallery { title, columns: IMAGES, width: 88.0, pictures }.draw()
}

fn curves(all: &[Found]) -> Scene {
    let lines = all.iter().zip(STEPS).flat_map(|(f, (_, _, series))| band(&f.losses, 1.0, series));
    let chart = Chart {
        x: axis("epoch"),
        y: log_axis("training loss"),
        layers: lines.collect(),
        ..Chart::default()
    };
    let legend = STEPS.map(|(name, _, series)| (name, series));
    panels("Training after each pre-processing", 1, (640.0, 340.0), &legend, vec![chart])
}
