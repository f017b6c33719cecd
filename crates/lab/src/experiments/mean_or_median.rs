//! What the L2 and the L1 loss are minimal at (lecture row L6): the mean, which a
//! few outliers carry away, and the median, which they do not.

use crate::charts::{axis, line, panels, steps};
use crate::report::{Claim, Figure, Report, Spread, Table, short};
use crate::{Experiment, LabError, Setup};
use gradwise_cpu::{Feed, Plan, Request, State};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Graph, Initializer, Role, Shape, Value};
use gradwise_view::paint::Series;
use gradwise_view::plot::{Chart, Layer};

pub const EXPERIMENT: Experiment = Experiment {
    name: "mean-or-median",
    rows: "L6",
    shows: "the optima of the L2 and the L1 loss on data with outliers",
    takes_data: false,
    run,
};

const ROWS: usize = 101;
/// Where the outliers lie; the other numbers are standard normal.
const FAR: f64 = 50.0;
/// Outliers among the rows.
const OUTLIERS: [usize; 7] = [0, 2, 5, 10, 20, 30, 40];

/// The data: `outliers` of the rows are far away.
fn numbers(seed: u64, outliers: usize) -> Vec<f32> {
    let random = Philox::new(seed, 6);
    let far = |i: usize| if i < outliers { FAR } else { 0.0 };
    (0..ROWS).map(|i| (random.normal(i as u64) + far(i)) as f32).collect()
}

/// Finds the number f that minimizes a loss of y − f by gradient descent.
fn descend(
    setup: &Setup,
    numbers: &[f32],
    loss: impl for<'g> Fn(Value<'g>) -> Value<'g>,
) -> Result<f64, LabError> {
    let graph = Graph::new();
    let (y, lr) = (graph.input("y", [BATCH]), graph.input("lr", Shape::scalar()));
    let f = graph.parameter("f", [1], Role::Weight, Initializer::constant(20.0));
    let loss = loss(y - f).mean();
    let gradient = graph.gradients(loss, &[f])?[0];
    graph.update(f, f - gradient * lr);
    let request = Request {
        batch: numbers.len(),
        inputs: vec!["y".into(), "lr".into()],
        outputs: vec![f.id()],
        update: true,
        gate: Some(loss.id()),
        ..Request::default()
    };
    let mut plan = Plan::new(&setup.device, &graph, &request)?;
    let mut state = State::new(&graph)?;
    for step in 0..3000 {
        // The L1 loss has a kink at its minimum: only ever smaller steps settle there.
        let rate = [0.4 / (1.0 + step as f32 / 200.0)];
        plan.run(&mut state, &[Feed::rows(numbers, 1), Feed::row(&rate)])?;
    }
    Ok(f64::from(plan.output(0)[0]))
}

fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / numbers.len() as f64
}

fn median(numbers: &[f32]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f32::total_cmp);
    f64::from(sorted[sorted.len() / 2])
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let header = ["outliers", "L2 optimum", "mean", "L1 optimum", "median"];
    let mut table = Table::new("What gradient descent finds (mean over seeds)", &header);
    let (mut optima, mut errors) = ([Vec::new(), Vec::new()], [0.0f64; 2]);
    for outliers in OUTLIERS {
        let mut found: [Spread; 4] = Default::default();
        for seed in setup.seeds() {
            let data = numbers(seed, outliers);
            let l2 = descend(setup, &data, |d| d.square())?;
            let l1 = descend(setup, &data, |d| d.abs())?;
            let row = [l2, mean(&data), l1, median(&data)];
            errors[0] = errors[0].max((row[0] - row[1]).abs());
            errors[1] = errors[1].max((row[2] - row[3]).abs());
            found.iter_mut().zip(row).for_each(|(to, x)| to.0.push(x));
        }
        optima[0].push(found[0].clone());
        optima[1].push(found[2].clone());
        table.row([outliers.to_string()].into_iter().chain(found.map(|s| format!("{s:.3}"))));
    }
    let moved = |which: usize| {
        let last = OUTLIERS.iter().position(|n| *n == 20).unwrap_or(0);
        optima[which][last].mean() - optima[which][0].mean()
    };
    let (l2, l1) = (moved(0), moved(1));
    Ok(Report {
        data: format!("{ROWS} normal numbers, of which some are moved by {FAR}"),
        seeds: setup.seeds,
        claims: vec![
            Claim {
                says: "The optimum of the L2 loss is the mean, that of the L1 loss the median."
                    .into(),
                found: format!(
                    "Over all seeds and outliers the L2 optimum is within {} of the mean, the L1 \
                     optimum within {} of the median.",
                    short(errors[0]),
                    short(errors[1])
                ),
                number: errors[0].max(errors[1]),
                holds: errors[0] < 1e-3 && errors[1] < 0.02,
            },
            Claim {
                says: "L2 is prone to outliers, L1 is robust.".into(),
                found: format!(
                    "20 outliers among {ROWS} at {FAR} move the L2 optimum by {l2:.2} and the L1 \
                     optimum by {l1:.2}: {:.0} times less.",
                    l2 / l1.abs()
                ),
                number: l2 / l1.abs(),
                holds: l2 > 10.0 * l1.abs(),
            },
        ],
        seen: vec![
            "On the left, the L2 optimum follows the outliers in proportion to their share. The L1 \
             optimum hardly moves until they are nearly half of the data."
                .into(),
            "On the right, both losses as a function of the one number f, for 20 outliers: the \
             parabola has its minimum at the mean, between the two groups, where there is not one \
             data point; the sum of distances has it in the middle of the large group."
                .into(),
        ],
        figures: vec![Figure {
            name: "optima",
            caption: "Solid blue: L2. Dashed vermilion: L1. Left: bands from the lowest to the \
                      highest seed. Right: each loss over its smallest value."
                .into(),
            scene: panels(
                "Optima of L2 and L1 with outliers",
                2,
                (420.0, 300.0),
                &[("L2", Series::Blue), ("L1", Series::Vermilion)],
                vec![optima_chart(&optima), loss_chart()],
            ),
        }],
        tables: vec![table],
    })
}

fn optima_chart(optima: &[Vec<Spread>; 2]) -> Chart {
    let layers = optima.iter().zip([Series::Blue, Series::Vermilion]).flat_map(|(rows, series)| {
        let points = OUTLIERS.iter().zip(rows);
        let edges = points.clone().map(|(n, s)| (*n as f64, s.min(), s.max()));
        let means = points.map(|(n, s)| (*n as f64, s.mean()));
        [Layer::Band { points: edges.collect(), series }, line("", means, series)]
    });
    Chart {
        title: "Where the optimum lies".into(),
        x: axis("outliers among 101"),
        y: axis("optimum"),
        layers: layers.collect(),
    }
}

fn loss_chart() -> Chart {
    let data = numbers(0, 20);
    let curve = |loss: fn(f64) -> f64, series| {
        let value = |f: f64| data.iter().map(|y| loss(f64::from(*y) - f)).sum::<f64>();
        let points: Vec<(f64, f64)> = steps(-5.0, 30.0, 200).map(|f| (f, value(f))).collect();
        let least = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        line("", points.into_iter().map(|(x, y)| (x, y / least)), series)
    };
    Chart {
        title: "The losses, for 20 outliers".into(),
        x: axis("f"),
        y: axis("loss / least loss"),
        layers: vec![curve(|d| d * d, Series::Blue), curve(f64::abs, Series::Vermilion)],
    }
}
