//! Three ways to draw a border in the plane: a linear score, a fixed φ(x), a φ(x)
//! that is learnt (lecture rows L2 and L3).

use crate::charts::{axis, dotted, log_axis, panels};
use crate::report::{Claim, Figure, Report, Spread, Table};
use crate::samples::{Samples, Source, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_nn::{Activation, Features, Init, Loss, Optimizer};
use gradwise_view::paint::{Ink, Scene, Series};
use gradwise_view::plot::{Axis, Chart, Field, Layer};

pub const EXPERIMENT: Experiment = Experiment {
    name: "kernel",
    rows: "L2, L3",
    shows: "circles and spirals: linear fails, fixed φ works, learnt φ works with fewer parameters",
    takes_data: false,
    run,
};

const PROBLEMS: [(&str, &str); 2] =
    [("circles", "circles(800, 0.08)"), ("spirals", "spirals(800, 0.02)")];

/// A network in front of a score for each of two classes.
#[derive(Clone, Debug)]
enum Model {
    Linear,
    /// Random Fourier features and the hinge loss: a kernel SVM, nearly.
    Fixed(usize),
    /// All products of up to so many coordinates, and the hinge loss.
    Polynomial(usize),
    /// Two hidden layers of ReLU units.
    Learnt(usize),
}

impl Model {
    fn recipe(&self) -> Result<Recipe, LabError> {
        let hidden = match *self {
            Model::Learnt(units) => vec![units; 2],
            _ => Vec::new(),
        };
        let mut recipe = Recipe::classifier(2, &hidden, (Activation::Relu, Init::He), 2);
        recipe.optimizer = "adam".parse::<Optimizer>()?;
        recipe.lr = 0.02;
        recipe.network.features = match *self {
            Model::Fixed(count) => Features::Rff { count, gamma: 8.0 },
            Model::Polynomial(degree) => Features::Polynomial { degree },
            Model::Linear | Model::Learnt(_) => return Ok(recipe),
        };
        recipe.network.output.activation = Activation::Linear;
        recipe.loss = Loss::Hinge(1.0);
        Ok(recipe)
    }

    /// Numbers that the model needs, learnt or drawn.
    fn parameters(&self) -> Result<usize, LabError> {
        let rows = self.recipe()?.network.summary()?;
        Ok(rows.iter().map(|row| row.learnt + row.fixed).sum())
    }
}

/// A model trained on a problem.
struct Trained {
    accuracy: f64,
    training: Training,
    samples: Samples,
}

fn train(setup: &Setup, model: &Model, source: &Source, seed: u64) -> Result<Trained, LabError> {
    let data = scaled(source, seed)?;
    let (samples, held) = (Samples::of(&data.train)?, Samples::held_out(&data)?);
    let mut training = Training::new(&setup.device, &model.recipe()?, &samples, seed)?;
    for _ in 0..setup.size(400, 150) {
        training.epoch(&samples)?;
    }
    Ok(Trained { accuracy: training.accuracy(&held)?, training, samples })
}

/// Which share counts as solved.
const SOLVED: f64 = 0.97;

/// A model of a problem, trained with the first seed.
type Shown = (&'static str, Model, Option<Trained>);

/// What came of all models on all problems.
struct Tried {
    table: Table,
    /// The accuracy of the linear score on each problem.
    linear: Vec<f64>,
    /// Accuracy over parameters: for each problem of the Fourier features, of the
    /// polynomials, then of the learnt map.
    curves: Vec<Vec<(f64, f64)>>,
    /// In the same order, the fewest parameters that solve the problem.
    smallest: Vec<Option<f64>>,
    shown: Vec<Shown>,
}

fn try_all(setup: &Setup) -> Result<Tried, LabError> {
    let counts = setup.size(vec![10, 20, 40, 80, 160, 320], vec![10, 80, 320]);
    let widths = setup.size(vec![3, 4, 6, 8, 12, 16], vec![4, 16]);
    let degrees = setup.size(vec![2, 3, 5, 7, 9], vec![2, 5]);
    let fixed: Vec<Model> = counts.into_iter().map(Model::Fixed).collect();
    let polynomials: Vec<Model> = degrees.into_iter().map(Model::Polynomial).collect();
    let learnt: Vec<Model> = widths.into_iter().map(Model::Learnt).collect();
    let header = ["problem", "model", "parameters", "accuracy on unseen points"];
    let mut table = Table::new("Accuracy (mean ± deviation over seeds)", &header);
    let (mut curves, mut smallest, mut linear) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown = Vec::new();
    for (name, source) in PROBLEMS {
        for family in [&[Model::Linear][..], &fixed, &polynomials, &learnt] {
            let mut curve = Vec::new();
            for model in family {
                let seeds =
                    setup.seeds().map(|seed| train(setup, model, &Source::made(source), seed));
                let trained = seeds.collect::<Result<Vec<_>, _>>()?;
                let accuracy = trained.iter().map(|t| t.accuracy).collect::<Spread>();
                let parameters = model.parameters()?;
                table.row([
                    name.into(),
                    describe(model),
                    parameters.to_string(),
                    format!("{accuracy:.3}"),
                ]);
                curve.push((parameters as f64, accuracy.mean()));
                shown.push((name, model.clone(), trained.into_iter().next()));
            }
            let solved = curve.iter().find(|p| p.1 >= SOLVED).map(|p| p.0);
            match family {
                [Model::Linear] => linear.push(curve[0].1),
                _ => {
                    smallest.push(solved);
                    curves.push(curve);
                }
            }
        }
    }
    Ok(Tried { table, linear, curves, smallest, shown })
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let Tried { table, linear, curves, smallest, shown } = try_all(setup)?;
    // For each problem: Fourier features, polynomials, the learnt map.
    let [waves, powers, learnt] = [0, 1, 2].map(|kind| [smallest[kind], smallest[kind + 3]]);
    let ratio = |i: usize| waves[i].zip(learnt[i]).map(|(f, l)| f / l);
    let worst = ratio(0).into_iter().chain(ratio(1)).fold(f64::INFINITY, f64::min);
    let words = |p: Option<f64>| p.map_or("more than were tried".into(), |p| format!("{p:.0}"));
    let highest = linear.iter().copied().fold(0.0, f64::max);
    Ok(Report {
        data: format!("{} and {}; a quarter held out", PROBLEMS[0].1, PROBLEMS[1].1),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "A linear score cannot separate them.".into(),
                found: format!(
                    "It gets {:.0} % of the circles and {:.0} % of the spirals right; a coin gets 50 %.",
                    100.0 * linear[0],
                    100.0 * linear[1]
                ),
                number: highest,
                holds: highest < 0.8,
            },
            Claim {
                says: "With a fixed φ(x) a linear score can: the kernel trick.".into(),
                found: format!(
                    "Random Fourier features get {} % right with {} parameters on circles and {} on \
                     spirals, polynomials with {} and {}.",
                    100.0 * SOLVED,
                    words(waves[0]),
                    words(waves[1]),
                    words(powers[0]),
                    words(powers[1])
                ),
                number: waves[1].unwrap_or(f64::INFINITY),
                holds: waves[0].is_some() && waves[1].is_some(),
            },
            Claim {
                says: "A φ(x) that is learnt does it with fewer parameters.".into(),
                found: format!(
                    "The learnt map needs {} on circles and {} on spirals: at least {worst:.1} \
                     times fewer than Fourier features, which suit both. On circles a polynomial \
                     does with {}: who knows the right φ need not learn it.",
                    words(learnt[0]),
                    words(learnt[1]),
                    words(powers[0])
                ),
                number: worst,
                holds: worst.is_finite() && worst > 1.0,
            },
        ],
        seen: vec![
            "The border of a linear score is a straight line. Random Fourier features are waves in \
             random directions: enough of them make any smooth border, as a Gaussian kernel does. \
             Polynomials have the circle among them, x² + y², but a spiral only of a high degree. \
             Two hidden layers bend the plane until a straight line is enough."
                .into(),
            "The fixed maps get there if they are rich enough to have the right waves among their \
             own by luck, or the right powers by knowledge; the learnt one puts its few units where the border is."
                .into(),
        ],
        figures: vec![
            Figure {
                name: "regions",
                caption: "Dots and crosses: the two classes. Shade: the score of a class over the \
                          other's. Line: the border."
                    .into(),
                scene: regions(shown)?,
            },
            Figure {
                name: "parameters",
                caption:
                    "Accuracy on unseen points over the number of parameters, learnt or drawn."
                        .into(),
                scene: sweep(&curves),
            },
        ],
        tables: vec![table],
    })
}

fn describe(model: &Model) -> String {
    match model {
        Model::Linear => "linear".into(),
        Model::Fixed(count) => format!("fixed: rff({count}, 8), hinge"),
        Model::Polynomial(degree) => format!("fixed: polynomial({degree}), hinge"),
        Model::Learnt(units) => format!("learnt: relu {units}-{units}"),
    }
}

fn sweep(curves: &[Vec<(f64, f64)>]) -> Scene {
    let charts = PROBLEMS.iter().zip(curves.chunks(3)).map(|((name, _), kinds)| {
        let lines = kinds.iter().zip(KINDS.map(|(_, series)| series));
        Chart {
            title: (*name).into(),
            x: log_axis("parameters"),
            y: axis("accuracy"),
            layers: lines.map(|(points, series)| dotted("", points.clone(), series)).collect(),
        }
    });
    panels("How many parameters it takes", 2, (400.0, 290.0), &KINDS, charts.collect())
}

/// The maps in the order of their curves.
const KINDS: [(&str, Series); 3] = [
    ("fixed φ: Fourier", Series::Blue),
    ("fixed φ: polynomial", Series::Green),
    ("learnt φ", Series::Vermilion),
];

/// The largest model of each kind for each problem.
fn regions(maps: Vec<Shown>) -> Result<Scene, LabError> {
    let mut charts = Vec::new();
    for (name, _) in PROBLEMS {
        let is_kind: [fn(&Model) -> bool; 4] = [
            |m| matches!(m, Model::Linear),
            |m| matches!(m, Model::Fixed(_)),
            |m| matches!(m, Model::Polynomial(_)),
            |m| matches!(m, Model::Learnt(_)),
        ];
        for is_kind in is_kind {
            let own = maps.iter().rposition(|(n, model, _)| *n == name && is_kind(model));
            charts.push(own);
        }
    }
    let mut maps: Vec<_> = maps.into_iter().map(Some).collect();
    let taken = charts.into_iter().flatten().filter_map(|index| maps[index].take());
    let drawn = taken.filter_map(|(name, model, trained)| {
        Some(region(&format!("{name}, {}", describe(&model)), trained?))
    });
    let charts = drawn.collect::<Result<Vec<_>, _>>()?;
    Ok(panels("Who decides what", 4, (268.0, 262.0), &[], charts))
}

const SEEN: (f64, f64) = (-1.4, 1.4);

fn region(title: &str, mut trained: Trained) -> Result<Chart, LabError> {
    let side = 81;
    let places = Field::places(SEEN, SEEN, side);
    let x: Vec<f32> = places.flat_map(|(x, y)| [x as f32, y as f32]).collect();
    let scores = trained.training.scores(&x, 2)?;
    let margin = |s: &[f32]| f64::from(s[1] - s[0]);
    let values = scores.chunks_exact(2).map(margin).collect();
    let mut field = Field { x: SEEN, y: SEEN, columns: side, values };
    let border = field.contours(&[0.0], Ink::Text, 1.5);
    field.values.iter_mut().for_each(|v| *v = (*v / 2.0).tanh());
    let limits = |label| Axis { range: Some(SEEN), ..axis(label) };
    Ok(Chart {
        title: title.into(),
        x: limits(""),
        y: limits(""),
        layers: vec![
            field.map((Series::Blue, Series::Orange), 0.45),
            border,
            Layer::Dots { points: trained.samples.points(0), series: Series::Blue, opacity: 0.7 },
            Layer::Crosses { points: trained.samples.points(1), series: Series::Orange },
        ],
    })
}
