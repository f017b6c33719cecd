//! Why inputs that are all positive make a neuron zig-zag (lecture row L10).
//!
//! The gradient of the weights of one neuron is δ·a: if every a is positive, all of
//! it has the sign of δ, and two weights can only rise together or fall together.

use crate::charts::{axis, line, panels};
use crate::report::{Claim, Figure, Report, Spread, Table, percent};
use crate::{Experiment, LabError, Setup};
use gradwise_cpu::{Feed, Plan, Request, State};
use gradwise_graph::random::Philox;
use gradwise_graph::{Graph, Initializer, Role};
use gradwise_view::paint::{Ink, Scene, Series};
use gradwise_view::plot::{Axis, Chart, Field, Layer};

pub const EXPERIMENT: Experiment = Experiment {
    name: "one-sided-gradient",
    rows: "L10",
    shows: "the zig-zag path of a neuron with positive inputs beside zero-mean inputs",
    takes_data: false,
    run,
};

const START: [f32; 2] = [-1.0, 1.0];
/// One weight has to rise and the other to fall.
const GOAL: [f32; 2] = [1.0, -1.0];
/// There is the goal when it is this near.
const NEAR: f64 = 0.1;
const STEPS: usize = 3000;
/// The part of the plane that is drawn.
const SEEN: (f64, f64) = (-2.2, 2.2);
const RATE: f64 = 0.8;

/// The input of a step: what two sigmoid units put out, or the same less its mean.
fn input(seed: u64, step: usize, centred: bool) -> [f32; 2] {
    let random = Philox::new(seed, 110);
    let sigmoid = |i: usize| 1.0 / (1.0 + (-2.0 * random.normal((2 * step + i) as u64)).exp());
    [0, 1].map(|i| (sigmoid(i) - if centred { 0.5 } else { 0.0 }) as f32)
}

/// The way of the weights to the goal and what its gradients looked like.
struct Path {
    places: Vec<(f64, f64)>,
    /// The share of steps in which both gradients had one sign.
    one_signed: f64,
}

impl Path {
    fn length(&self) -> f64 {
        let step = |w: &[(f64, f64)]| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1);
        self.places.windows(2).map(step).sum()
    }

    /// How much longer it is than the straight line.
    fn detour(&self) -> f64 {
        let (a, b) = (self.places[0], self.places[self.places.len() - 1]);
        self.length() / (a.0 - b.0).hypot(a.1 - b.1)
    }
}

/// Stochastic gradient descent on ½(w·a − goal·a)², one input a step.
fn walk(setup: &Setup, seed: u64, centred: bool) -> Result<Path, LabError> {
    let graph = Graph::new();
    let a = graph.input("a", [1, 2]);
    let w = graph.parameter("w", [2, 1], Role::Weight, Initializer::values(START.to_vec()));
    let goal = graph.parameter("goal", [2, 1], Role::Fixed, Initializer::values(GOAL.to_vec()));
    let loss = (a.matmul(w) - a.matmul(goal)).square().sum() * 0.5;
    let gradient = graph.gradients(loss, &[w])?[0];
    graph.update(w, w - gradient * RATE);
    let request = Request {
        batch: 1,
        inputs: vec!["a".into()],
        outputs: vec![gradient.id(), w.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let mut plan = Plan::new(&setup.device, &graph, &request)?;
    let mut state = State::new(&graph)?;
    let mut places = vec![(f64::from(START[0]), f64::from(START[1]))];
    let mut one_signed = 0;
    for step in 0..STEPS {
        plan.run(&mut state, &[Feed::rows(&input(seed, step, centred), 2)])?;
        one_signed += usize::from(plan.output(0)[0] * plan.output(0)[1] > 0.0);
        let at = (f64::from(plan.output(1)[0]), f64::from(plan.output(1)[1]));
        places.push(at);
        if (at.0 - f64::from(GOAL[0])).hypot(at.1 - f64::from(GOAL[1])) < NEAR {
            break;
        }
    }
    Ok(Path { one_signed: one_signed as f64 / (places.len() - 1) as f64, places })
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let header =
        ["inputs", "steps to the goal", "length of the way / straight", "one-signed steps"];
    let mut table = Table::new("The way of two weights (mean ± deviation over seeds)", &header);
    let mut shown = Vec::new();
    let mut found = Vec::new();
    for (name, centred) in [("positive", false), ("zero-mean", true)] {
        let paths = setup.seeds().map(|seed| walk(setup, seed, centred));
        let paths = paths.collect::<Result<Vec<_>, _>>()?;
        let of = |f: fn(&Path) -> f64| paths.iter().map(f).collect::<Spread>();
        let steps = of(|p| p.places.len() as f64 - 1.0);
        let (detour, signed) = (of(Path::detour), of(|p| p.one_signed));
        table.row([
            name.into(),
            format!("{steps:.0}"),
            format!("{detour:.2}"),
            format!("{:.1} %", signed.map(|s| 100.0 * s)),
        ]);
        found.push((steps, detour, signed));
        shown.extend(paths.into_iter().take(1));
    }
    let (positive, centred) = (&found[0], &found[1]);
    Ok(Report {
        data: "pairs of sigmoids of normal numbers, as they are and less ½".into(),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "With inputs that are all positive the gradients of all weights of a neuron \
                       have one sign."
                    .into(),
                found: format!(
                    "{} of the steps are one-signed with positive inputs, {} with zero-mean inputs.",
                    percent(positive.2.mean()),
                    percent(centred.2.mean())
                ),
                number: positive.2.min(),
                holds: positive.2.min() == 1.0 && centred.2.max() < 0.7,
            },
            Claim {
                says: "So the weights zig-zag towards their optimum.".into(),
                found: format!(
                    "The way is {:.2} times the straight line with positive inputs and {:.2} times \
                     with the same inputs less their mean; it takes {:.0} steps and {:.0}.",
                    positive.1, centred.1, positive.0, centred.0
                ),
                number: positive.1.mean() / centred.1.mean(),
                holds: positive.1.min() > 1.3 * centred.1.max(),
            },
        ],
        seen: vec![
            "The first weight has to rise and the second to fall. With positive inputs every step \
             goes up-right or down-left, never towards the goal; only the small differences between \
             steps move the weights across. The contours of the loss, a long valley, say the same."
                .into(),
            "With the mean taken off, the loss is round and steps point in all directions. This is \
             what zero-centred activations, tanh, and centred data are good for."
                .into(),
        ],
        figures: vec![Figure {
            name: "paths",
            caption: "The weights of one neuron from (−1, 1) to (1, −1), over contours of the loss."
                .into(),
            scene: picture(&shown),
        }],
        tables: vec![table],
    })
}

fn picture(shown: &[Path]) -> Scene {
    let titles = ["Positive inputs", "Zero-mean inputs"];
    let chart = |((path, title), centred): ((&Path, &str), bool)| {
        let field = Field::sample(SEEN, SEEN, 61, |u, v| expected(u, v, centred));
        let levels: Vec<f64> = (1..12).map(|i| f64::from(i * i) * 0.012).collect();
        Chart {
            title: title.into(),
            x: Axis { range: Some(SEEN), ..axis("first weight") },
            y: Axis { range: Some(SEEN), ..axis("second weight") },
            layers: vec![
                field.contours(&levels, Ink::Rule, 1.0),
                line("", path.places.clone(), Series::Blue),
                Layer::Word { text: "start".into(), at: (-1.0, 1.0) },
                Layer::Word { text: "goal".into(), at: (1.0, -1.0) },
                Layer::Crosses { points: vec![(1.0, -1.0)], series: Series::Vermilion },
            ],
        }
    };
    let charts = shown.iter().zip(titles).zip([false, true]).map(chart).collect();
    panels("Two weights on their way", 2, (420.0, 400.0), &[], charts)
}

/// The expected loss at weights (u, v): inputs are independent of variance s² around
/// their mean m.
fn expected(u: f64, v: f64, centred: bool) -> f64 {
    let (d, e) = (u - f64::from(GOAL[0]), v - f64::from(GOAL[1]));
    let mean = if centred { 0.0 } else { 0.5 };
    const VARIANCE: f64 = 0.0865;
    0.5 * (VARIANCE * (d * d + e * e) + (mean * (d + e)).powi(2))
}
