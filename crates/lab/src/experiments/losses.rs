//! The worked examples of the slides, computed (lecture rows L5 to L7).

use crate::charts::axis;
use crate::report::{Claim, Figure, Report, Table};
use crate::{Experiment, LabError, Setup};
use gradwise_cpu::{Feed, Plan, Request, State};
use gradwise_graph::{BATCH, Feeds, Graph, Shape, Tensor, Value};
use gradwise_view::paint::Scene;
use gradwise_view::plot::{Ranking, RankingRow};

pub const EXPERIMENT: Experiment = Experiment {
    name: "losses",
    rows: "L5, L6, L7",
    shows: "the worked examples with the right numbers, and where the slides slip",
    takes_data: false,
    run,
};

/// Scores of three classes and the right one, with softmax and hinge loss: what the
/// slide says and what is right.
struct Example {
    name: &'static str,
    scores: [f64; 3],
    label: f64,
    slide: (f64, f64),
    right: (f64, f64),
}

const fn example(
    name: &'static str,
    scores: [f64; 3],
    label: f64,
    slide: (f64, f64),
    right: (f64, f64),
) -> Example {
    Example { name, scores, label, slide, right }
}

const EXAMPLES: [Example; 6] = [
    example("cat", [3.2, 5.1, -1.7], 0.0, (2.04, 2.9), (2.0403552, 2.9)),
    example("chair", [1.3, 4.9, 2.0], 1.0, (0.14, 0.0), (0.0791318, 0.0)),
    example("car", [2.2, 2.5, -3.1], 2.0, (6.94, 10.9), (6.1564772, 12.9)),
    example("(5, −3, 2)", [5.0, -3.0, 2.0], 0.0, (0.05, 0.0), (0.0489069, 0.0)),
    example("(5, 10, 10)", [5.0, 10.0, 10.0], 0.0, (5.70, 12.0), (5.6965105, 12.0)),
    example("(5, −20, −20)", [5.0, -20.0, -20.0], 0.0, (2e-11, 0.0), (2.7775888e-11, 0.0)),
];

/// The rows of the L2 and L1 example that differ.
const PREDICTED: [f64; 4] = [12.0, 24.0, 42.0, 23.0];
const TRUE: [f64; 4] = [15.0, 20.0, 40.0, 25.0];

/// One number of the lecture, computed.
struct Line {
    what: String,
    slide: f64,
    right: f64,
    double: f64,
    single: f64,
}

/// Both losses of each row of scores `[n, 3]` for class indices `[n]`.
fn losses<'g>(scores: Value<'g>, labels: Value<'g>) -> [Value<'g>; 2] {
    let softmax = scores.softmax_cross_entropy(labels);
    let truth = labels.one_hot(3);
    let own = (scores * truth).sum_rows();
    let wrong = ((scores - own + 1.0).relu() * (1.0 - truth)).sum_rows();
    [softmax, wrong.reshape([BATCH].into())]
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let lines = lines(setup)?;
    let off = |line: &&Line| (line.slide - line.right).abs() > 0.05 * line.right.abs() + 5e-3;
    let slips: Vec<&Line> = lines.iter().filter(off).collect();
    let relative = |x: f64, line: &Line| (x - line.right).abs() / line.right.abs().max(1e-12);
    let error = lines.iter().map(|line| relative(line.double, line)).fold(0.0, f64::max);
    let single = lines.iter().map(|line| relative(line.single, line)).fold(0.0, f64::max);
    let names: Vec<&str> = slips.iter().map(|line| line.what.as_str()).collect();
    Ok(Report {
        data: "the numbers on the slides".into(),
        seeds: 0,
        claims: vec![
            Claim {
                says: "Softmax, hinge, L2 and L1 loss follow from the scores by their formulas."
                    .into(),
                found: format!(
                    "All {} numbers agree with an independent computation to {error:.0e} \
                     (relative); in f32, as training computes, to {single:.0e}.",
                    lines.len()
                ),
                number: single,
                holds: error < 1e-6 && single < 1e-5,
            },
            Claim {
                says: "The numbers that the slides print for them.".into(),
                found: format!("{} of {} are off: {}.", slips.len(), lines.len(), names.join("; ")),
                number: slips.len() as f64,
                holds: slips.is_empty(),
            },
        ],
        seen: vec![
            "Each line is one number of the lecture. A mark off 1 is a slip on the slide; the \
             formulas are right, only the arithmetic was not. The slide's 2e−11 for (5, −20, −20) \
             is as small as it should be, and not counted."
                .into(),
            "The last softmax loss is 2.8e−11 because the margin is 25. A careless computation, \
             −ln of a probability that rounds to 1, gives 0 there and the gradient is lost; \
             computed as ln(1 + Σ exp(differences)) it is exact even in single precision."
                .into(),
        ],
        figures: vec![Figure {
            name: "slips",
            caption: "What the slide prints over the right number; 1 where both are 0.".into(),
            scene: picture(&lines),
        }],
        tables: vec![table(&lines)],
    })
}

fn picture(lines: &[Line]) -> Scene {
    let ratio = |l: &Line| if l.slide == l.right { 1.0 } else { l.slide / l.right };
    let row = |l: &Line| RankingRow { name: l.what.clone(), values: vec![ratio(l)] };
    let title = "What the slides print, over the right number".into();
    let rows = lines.iter().map(row).collect();
    Ranking { title, axis: axis("slide / right"), rows }.draw()
}

fn table(lines: &[Line]) -> Table {
    let header = ["number", "slide", "right", "gradwise, f64", "gradwise, f32"];
    let mut table = Table::new("The worked examples", &header);
    for line in lines {
        let number = |x: f64| match x {
            x if x != 0.0 && x.abs() < 1e-6 => tidy(&format!("{x:.7e}")),
            x => format!("{x:.7}").trim_end_matches('0').trim_end_matches('.').into(),
        };
        let cells = [line.slide, line.right, line.double, line.single].map(number);
        table.row(std::iter::once(line.what.clone()).chain(cells));
    }
    table
}

/// A number with an exponent, without zeros at the end of what stands before it.
fn tidy(number: &str) -> String {
    let (digits, exponent) = number.split_once('e').unwrap_or((number, "0"));
    format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn lines(setup: &Setup) -> Result<Vec<Line>, LabError> {
    let graph = Graph::new();
    let (s, y) = (graph.input("s", Shape::batch_by(3)), graph.input("y", [BATCH]));
    let [softmax, hinge] = losses(s, y);
    let scores: Vec<f64> = EXAMPLES.iter().flat_map(|e| e.scores).collect();
    let labels: Vec<f64> = EXAMPLES.iter().map(|e| e.label).collect();
    let feeds = Feeds::new()
        .with("s", Tensor::from_fn([EXAMPLES.len(), 3], |i| scores[i]))
        .with("y", Tensor::vector(labels.clone()));
    let double = graph.evaluate(&[softmax, hinge], &feeds)?;
    let single = single(setup, &graph, &[softmax, hinge], [&scores, &labels])?;
    let mut lines = Vec::new();
    for (kind, name) in ["softmax", "hinge"].into_iter().enumerate() {
        let pick = |pair: (f64, f64)| if kind == 0 { pair.0 } else { pair.1 };
        for (i, e) in EXAMPLES.iter().enumerate() {
            let (double, single) = (double[kind].data()[i], f64::from(single[kind][i]));
            let (slide, right) = (pick(e.slide), pick(e.right));
            lines.push(Line { what: format!("{name} {}", e.name), slide, right, double, single });
        }
        let mean = |numbers: &mut dyn Iterator<Item = f64>| numbers.take(3).sum::<f64>() / 3.0;
        lines.push(Line {
            what: format!("{name}, mean of cat, chair, car"),
            slide: [9.12, 4.6][kind],
            right: [2.7586547, 5.2666667][kind],
            double: mean(&mut double[kind].data().iter().copied()),
            single: mean(&mut single[kind].iter().copied().map(f64::from)),
        });
    }
    let distance = graph.constant(Tensor::vector(PREDICTED)) - graph.constant(Tensor::vector(TRUE));
    let sums = graph.evaluate(&[distance.square().sum(), distance.abs().sum()], &Feeds::new())?;
    for (i, (what, slide, right)) in
        [("L2", 66.0, 33.0), ("L1", 15.0, 11.0)].into_iter().enumerate()
    {
        let sum = sums[i].item();
        lines.push(Line { what: what.into(), slide, right, double: sum, single: sum });
    }
    Ok(lines)
}

/// The same values as a training computes them, in f32.
fn single(
    setup: &Setup,
    graph: &Graph,
    wanted: &[Value<'_>],
    feeds: [&[f64]; 2],
) -> Result<Vec<Vec<f32>>, LabError> {
    let request = Request {
        batch: EXAMPLES.len(),
        inputs: vec!["s".into(), "y".into()],
        outputs: wanted.iter().map(Value::id).collect(),
        ..Request::default()
    };
    let [scores, labels] = feeds.map(|f| f.iter().map(|x| *x as f32).collect::<Vec<f32>>());
    let mut plan = Plan::new(&setup.device, graph, &request)?;
    plan.run(&mut State::new(graph)?, &[Feed::rows(&scores, 3), Feed::rows(&labels, 1)])?;
    Ok((0..wanted.len()).map(|i| plan.output(i).to_vec()).collect())
}
