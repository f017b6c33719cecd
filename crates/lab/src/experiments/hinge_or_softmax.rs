//! When is a loss satisfied? (lecture row L7) The hinge at a margin of 1, softmax
//! never.

use crate::charts::{axis, band, line, log_axis, panels, steps};
use crate::report::{Claim, Figure, Report, Spread, Table, short};
use crate::samples::{Samples, Source, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_graph::{BATCH, Feeds, Graph, Shape, Tensor, Value};
use gradwise_nn::{Activation, Init, Loss};
use gradwise_view::paint::Series;
use gradwise_view::plot::Chart;

pub const EXPERIMENT: Experiment = Experiment {
    name: "hinge-or-softmax",
    rows: "L7",
    shows: "loss and gradient while the margin grows: softmax always wants more, hinge is satisfied",
    takes_data: false,
    run,
};

/// Three clouds that a linear score tells apart.
const CLOUDS: &str = "blobs(300, 3, 0.5)";

/// Losses of scores `[n, 3]` whose class is 0; `labels` say so once more.
fn losses<'g>(scores: Value<'g>, labels: Value<'g>) -> [Value<'g>; 2] {
    let differences = scores.gather([1, 2]) - scores.gather([0]);
    [(differences + 1.0).relu().sum_rows(), scores.softmax_cross_entropy(labels)]
}

/// Loss and size of the gradient at each margin: scores (m, 0, 0).
fn at_margins(margins: &[f64]) -> Result<[Vec<(f64, f64)>; 2], LabError> {
    let graph = Graph::new();
    let (scores, labels) = (graph.input("s", Shape::batch_by(3)), graph.input("y", [BATCH]));
    let rows =
        Tensor::from_fn([margins.len(), 3], |i| if i % 3 == 0 { margins[i / 3] } else { 0.0 });
    let feeds = Feeds::new().with("s", rows).with("y", Tensor::zeros([margins.len()]));
    let mut found: [Vec<(f64, f64)>; 2] = Default::default();
    for (loss, found) in losses(scores, labels).into_iter().zip(&mut found) {
        let gradient = graph.gradients(loss.sum(), &[scores])?[0];
        let values = graph.evaluate(&[loss, gradient], &feeds)?;
        let size = |row: &[f64]| row.iter().map(|g| g * g).sum::<f64>().sqrt();
        let sizes = values[1].iter_rows().map(size);
        *found = values[0].data().iter().copied().zip(sizes).collect();
    }
    Ok(found)
}

/// The length of the weights after each epoch of a linear score's training.
fn lengths(setup: &Setup, loss: Loss, seed: u64) -> Result<Vec<f64>, LabError> {
    let data = scaled(&Source::made(CLOUDS), seed)?;
    let samples = Samples::of(&data.train)?;
    let mut recipe = Recipe::classifier(2, &[], (Activation::Linear, Init::Zeros), 3);
    recipe.network.output.init = Init::Zeros;
    if loss != Loss::CrossEntropy {
        recipe.network.output.activation = Activation::Linear;
    }
    let mut training =
        Training::new(&setup.device, &Recipe { loss, lr: 0.02, ..recipe }, &samples, seed)?;
    let mut lengths = Vec::new();
    for _ in 0..setup.size(120, 60) {
        training.epoch(&samples)?;
        let square = |w: &f32| f64::from(*w).powi(2);
        lengths.push(training.parameter("output.weight").iter().map(square).sum::<f64>().sqrt());
    }
    Ok(lengths)
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let header = ["margin", "hinge", "|∇ hinge|", "softmax", "|∇ softmax|"];
    let mut table = Table::new("Scores (m, 0, 0), class 0", &header);
    let margins = [-3.0, -1.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0];
    let [hinge, softmax] = at_margins(&margins)?;
    for ((margin, h), s) in margins.iter().zip(&hinge).zip(&softmax) {
        table.row([margin.to_string()].into_iter().chain([h.0, h.1, s.0, s.1].map(short)));
    }
    let beyond = margins.iter().zip(&hinge).filter(|(m, _)| **m >= 1.0);
    let left = beyond.map(|(_, (_, g))| *g).fold(0.0, f64::max);
    let still = softmax.iter().map(|s| s.1).fold(f64::INFINITY, f64::min);
    let grow = |loss: Loss| -> Result<Vec<Vec<f64>>, LabError> {
        setup.seeds().map(|seed| lengths(setup, loss, seed)).collect()
    };
    let curves = [grow(Loss::Hinge(1.0))?, grow(Loss::CrossEntropy)?];
    let growth = |curves: &[Vec<f64>]| -> Spread {
        let half = |c: &Vec<f64>| c[c.len() - 1] / c[c.len() / 2] - 1.0;
        curves.iter().map(half).collect()
    };
    let (h, s) = (growth(&curves[0]), growth(&curves[1]));
    let mut weights = Table::new(
        "Growth of the weights in the second half of training",
        &["loss", "growth (mean ± deviation over seeds)"],
    );
    weights.row(["hinge".into(), format!("{:.2} %", h.map(|x| 100.0 * x))]);
    weights.row(["softmax".into(), format!("{:.2} %", s.map(|x| 100.0 * x))]);
    Ok(Report {
        data: format!("scores (m, 0, 0); and {CLOUDS}"),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "The hinge loss is satisfied once the margin is 1: it saturates.".into(),
                found: format!("Beyond a margin of 1 the hinge's gradient is {}.", short(left)),
                number: left,
                holds: left == 0.0,
            },
            Claim {
                says: "Softmax always wants to improve.".into(),
                found: format!(
                    "At a margin of 30 its gradient is still {}. In training, separated clouds go \
                     on pulling: in the second half the weights grow by {:.1} % under softmax and \
                     by {:.1} % under the hinge.",
                    short(still),
                    s.map(|x| 100.0 * x),
                    h.map(|x| 100.0 * x)
                ),
                number: s.mean(),
                holds: still > 0.0 && s.min() > 0.002 && h.max() < s.min() / 4.0,
            },
        ],
        seen: vec![
            "Both losses fall while the margin grows. The hinge is a straight line that ends at 0 \
             when the margin is 1; from there its gradient is exactly 0. Softmax falls by a factor \
             e with each unit of margin and never arrives."
                .into(),
            "On the right a linear score learns three separate clouds. Under the hinge the weights \
             stop as soon as every point has its margin; under softmax they grow with the \
             logarithm of time."
                .into(),
        ],
        figures: vec![Figure {
            name: "margins",
            caption:
                "Solid blue: softmax. Dashed vermilion: hinge. A logarithmic axis cannot show \
                      the hinge's gradient of 0, so its line ends."
                    .into(),
            scene: picture(&curves)?,
        }],
        tables: vec![table, weights],
    })
}

fn picture(curves: &[Vec<Vec<f64>>; 2]) -> Result<gradwise_view::paint::Scene, LabError> {
    let margins: Vec<f64> = steps(-3.0, 10.0, 261).collect();
    let found = at_margins(&margins)?;
    let colours = [Series::Vermilion, Series::Blue];
    let chart = |title: &str, y, pick: fn(&(f64, f64)) -> f64| {
        let of = |(rows, series): (&Vec<(f64, f64)>, Series)| {
            line("", margins.iter().copied().zip(rows.iter().map(pick)), series)
        };
        let layers = found.iter().zip(colours).map(of).collect();
        Chart { title: title.into(), x: axis("margin"), y, layers }
    };
    let training = Chart {
        title: "Length of the weights".into(),
        x: axis("epoch"),
        y: axis(""),
        layers: curves.iter().zip(colours).flat_map(|(c, series)| band(c, 1.0, series)).collect(),
    };
    Ok(panels(
        "Hinge or softmax",
        3,
        (330.0, 280.0),
        &[("softmax", Series::Blue), ("hinge", Series::Vermilion)],
        vec![
            chart("Loss", axis(""), |p| p.0),
            chart("Size of the gradient", log_axis(""), |p| p.1),
            training,
        ],
    ))
}
