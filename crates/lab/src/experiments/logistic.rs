//! The maximum of a likelihood, found by gradient descent and by L-BFGS, and by
//! Newton's method written out beside them (lecture row L4).

use crate::charts::{axis, dotted, line, log_axis, panels};
use crate::report::{Claim, Figure, Report, Spread, Table, short};
use crate::samples::{Samples, Source, scaled};
use crate::{Experiment, LabError, Setup};
use gradwise_cpu::{Feed, Plan, Request, State};
use gradwise_graph::{BATCH, Graph, NodeId, ParameterId};
use gradwise_nn::lbfgs::{Evaluation, Outcome};
use gradwise_nn::{
    Activation, Features, Init, LayerSpec, Lbfgs, Loss, LossOptions, Mode, NetworkSpec,
};
use gradwise_view::paint::{Ink, Scene, Series};
use gradwise_view::plot::{Axis, Chart, Field, Layer};

pub const EXPERIMENT: Experiment = Experiment {
    name: "logistic",
    rows: "L4",
    shows: "maximum likelihood by gradient descent and by L-BFGS; the likelihood surface with both paths",
    takes_data: true,
    run,
};

const START: [f64; 2] = [5.0, 4.0];
const RATE: f64 = 2.0;

/// Logistic regression on one feature: p = σ(w·x + b).
struct Problem {
    x: Vec<f32>,
    y: Vec<f32>,
}

/// The mean negative log-likelihood and its gradient, computed by a plan.
struct Likelihood {
    plan: Plan,
    state: State,
    /// Weight and bias.
    parameters: Vec<ParameterId>,
}

impl Likelihood {
    fn new(setup: &Setup, problem: &Problem) -> Result<Likelihood, LabError> {
        let graph = Graph::new();
        let y = graph.input("y", [BATCH]);
        let spec = NetworkSpec {
            inputs: 1,
            features: Features::None,
            layers: Vec::new(),
            output: LayerSpec::new(1, Activation::Sigmoid, Init::Zeros),
        };
        let network = spec.build(&graph, 0, Mode::Evaluation)?;
        let options = LossOptions::default();
        let loss = Loss::BinaryCrossEntropy.build(&network.output, y, &options)?.data_loss;
        let gradients = graph.gradients(loss, &graph.learnt())?;
        let outputs: Vec<NodeId> = [loss].iter().chain(&gradients).map(|v| v.id()).collect();
        let request = Request {
            batch: problem.y.len(),
            inputs: vec!["x".into(), "y".into()],
            outputs,
            ..Request::default()
        };
        let parameters = graph.parameter_ids().collect();
        let (plan, state) = (Plan::new(&setup.device, &graph, &request)?, State::new(&graph)?);
        Ok(Likelihood { plan, state, parameters })
    }

    fn at(&mut self, problem: &Problem, point: &[f64]) -> Result<Evaluation, LabError> {
        for (id, value) in self.parameters.iter().zip(point) {
            self.state.write(*id, &[*value as f32])?;
        }
        let feeds = [Feed::rows(&problem.x, 1), Feed::rows(&problem.y, 1)];
        self.plan.run(&mut self.state, &feeds)?;
        let number = |i: usize| f64::from(self.plan.output(i)[0]);
        Ok(Evaluation { value: number(0), gradient: vec![number(1), number(2)] })
    }
}

impl Problem {
    /// One feature of two classes, another part of the rows for each seed.
    fn new(source: &Source, seed: u64) -> Result<Problem, LabError> {
        let samples = Samples::of(&scaled(source, seed)?.train)?;
        if samples.y.iter().any(|y| *y != 0.0 && *y != 1.0) || samples.y.is_empty() {
            return Err(LabError::Unsuitable {
                experiment: EXPERIMENT.name,
                data: source.name.clone(),
                reason: "it needs two classes, as breast-cancer has".into(),
            });
        }
        let x = samples.x.iter().step_by(samples.columns.max(1)).copied().collect();
        Ok(Problem { x, y: samples.y })
    }

    /// The mean negative log-likelihood in f64, −ln σ(±z) = ln(1 + e^∓z).
    fn loss(&self, w: f64, b: f64) -> f64 {
        let row = |(x, y): (&f32, &f32)| {
            let z = (w * f64::from(*x) + b) * if *y > 0.5 { -1.0 } else { 1.0 };
            z.max(0.0) + (-z.abs()).exp().ln_1p()
        };
        self.x.iter().zip(&self.y).map(row).sum::<f64>() / self.y.len() as f64
    }

    /// Newton's method in f64, written out: the independent solver.
    fn newton(&self) -> [f64; 2] {
        let (mut w, mut b) = (0.0, 0.0);
        for _ in 0..50 {
            let (mut g, mut h) = ([0.0; 2], [0.0; 3]);
            for (x, y) in self.x.iter().zip(&self.y) {
                let x = f64::from(*x);
                let p = 1.0 / (1.0 + (-(w * x + b)).exp());
                let (error, curve) = (p - f64::from(*y), p * (1.0 - p));
                g = [g[0] + error * x, g[1] + error];
                h = [h[0] + curve * x * x, h[1] + curve * x, h[2] + curve];
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            w -= (h[2] * g[0] - h[1] * g[1]) / determinant;
            b -= (h[0] * g[1] - h[1] * g[0]) / determinant;
        }
        [w, b]
    }
}

/// The points that a method went through, from the start.
type Path = Vec<[f64; 2]>;

fn descend(setup: &Setup, problem: &Problem) -> Result<Path, LabError> {
    let mut likelihood = Likelihood::new(setup, problem)?;
    let mut path = vec![START];
    let mut at = START;
    for _ in 0..setup.size(1000, 500) {
        let gradient = likelihood.at(problem, &at)?.gradient;
        at = [at[0] - RATE * gradient[0], at[1] - RATE * gradient[1]];
        path.push(at);
    }
    Ok(path)
}

fn lbfgs(setup: &Setup, problem: &Problem) -> Result<Path, LabError> {
    let mut likelihood = Likelihood::new(setup, problem)?;
    let (mut method, mut point, mut path) = (Lbfgs::default(), START.to_vec(), vec![START]);
    while path.len() < 100 {
        let outcome = method.step(&mut point, |at| likelihood.at(problem, at))?;
        if outcome != Outcome::Moved {
            break;
        }
        path.push([point[0], point[1]]);
    }
    Ok(path)
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let name = setup.data.as_deref().unwrap_or("breast-cancer");
    let source = Source::read(name, &setup.target)?;
    let header = [
        "seed",
        "w, Newton",
        "b, Newton",
        "off: descent",
        "off: L-BFGS",
        "steps: descent",
        "steps: L-BFGS",
    ];
    let mut table = Table::new("Coefficients, and steps to within 1e-6 of the least loss", &header);
    let mut off: [Spread; 2] = Default::default();
    let mut counts: [Spread; 2] = Default::default();
    let mut shown = None;
    for seed in setup.seeds() {
        let problem = Problem::new(&source, seed)?;
        let right = problem.newton();
        let least = problem.loss(right[0], right[1]);
        let paths = [descend(setup, &problem)?, lbfgs(setup, &problem)?];
        for (path, (off, counts)) in paths.iter().zip(off.iter_mut().zip(&mut counts)) {
            let end = path[path.len() - 1];
            off.0.push((end[0] - right[0]).abs().max((end[1] - right[1]).abs()));
            let near = path.iter().position(|p| problem.loss(p[0], p[1]) - least < 1e-6);
            counts.0.push(near.unwrap_or(path.len()) as f64);
        }
        let last = |s: &Spread| s.0[s.0.len() - 1];
        let numbers = [right[0], right[1]].map(|x| format!("{x:.5}"));
        let rest = [short(last(&off[0])), short(last(&off[1]))];
        let steps = [last(&counts[0]).to_string(), last(&counts[1]).to_string()];
        table.row([seed.to_string()].into_iter().chain(numbers).chain(rest).chain(steps));
        shown.get_or_insert((problem, paths, right));
    }
    let worst = off[0].max().max(off[1].max());
    Ok(Report {
        data: format!("the first feature of {}, standardized; another ¾ of the rows a seed", source.name),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "Logistic regression maximizes the likelihood of θ; its optimum is one point."
                    .into(),
                found: format!(
                    "Gradient descent ends within {} of Newton's coefficients and L-BFGS within {}.",
                    short(off[0].max()),
                    short(off[1].max())
                ),
                number: worst,
                holds: worst < 1e-4,
            },
            Claim {
                says: "Gradient descent finds it step by step; knowing the curvature takes fewer steps."
                    .into(),
                found: format!(
                    "To within 1e-6 of the least loss descent takes {:.0} steps and L-BFGS {:.0}.",
                    counts[0], counts[1]
                ),
                number: counts[0].mean() / counts[1].mean(),
                holds: counts[1].max() < counts[0].min(),
            },
        ],
        seen: vec![
            "The surface is one bowl: the negative log-likelihood of logistic regression is convex, \
             so every way down leads to the same point. It is far steeper on one side than on the \
             other and long in one direction."
                .into(),
            "Gradient descent goes straight down to the bottom of the valley and then creeps along \
             it. L-BFGS learns from its own steps how the valley bends, and jumps."
                .into(),
        ],
        figures: shown.into_iter().map(|(p, paths, right)| Figure {
            name: "surface",
            caption: "Left: contours of the negative log-likelihood (each 1.4 times further above \
                      the minimum than the last) with both paths. Right: the loss above its \
                      minimum, computed in f64."
                .into(),
            scene: picture(&p, &paths, right),
        }).collect(),
        tables: vec![table],
    })
}

fn picture(problem: &Problem, paths: &[Path; 2], right: [f64; 2]) -> Scene {
    let least = problem.loss(right[0], right[1]);
    let span = |i: usize| {
        let ends = paths.iter().flatten().map(|p| p[i]);
        let (low, high) = ends.fold((right[i], right[i]), |(l, h), x| (l.min(x), h.max(x)));
        let air = 0.15 * (high - low);
        (low - air, high + air)
    };
    let (x, y) = (span(0), span(1));
    let field = Field::sample(x, y, 101, |w, b| problem.loss(w, b) - least);
    let levels: Vec<f64> = (0..24).map(|i| 1e-3 * 1.4f64.powi(i)).collect();
    let colours = [Series::Blue, Series::Vermilion];
    let way = |(path, series): (&Path, Series)| {
        dotted("", path.iter().take(60).map(|p| (p[0], p[1])), series)
    };
    let mut layers = vec![field.contours(&levels, Ink::Rule, 1.0)];
    layers.extend(paths.iter().zip(colours).map(way));
    layers.push(Layer::Word { text: "maximum likelihood".into(), at: (right[0], right[1]) });
    let surface = Chart {
        title: "Likelihood surface".into(),
        x: Axis { range: Some(x), ..axis("w") },
        y: Axis { range: Some(y), ..axis("b") },
        layers,
    };
    let above = |(path, series): (&Path, Series)| {
        let height = |p: &[f64; 2]| (problem.loss(p[0], p[1]) - least).max(1e-15);
        line("", (0..200).map(f64::from).zip(path.iter().map(height)), series)
    };
    let descent = Chart {
        title: "Loss above its minimum".into(),
        x: axis("step"),
        y: log_axis(""),
        layers: paths.iter().zip(colours).map(above).collect(),
    };
    let legend = [("gradient descent", Series::Blue), ("L-BFGS", Series::Vermilion)];
    panels("Two ways to the maximum", 2, (460.0, 400.0), &legend, vec![surface, descent])
}
