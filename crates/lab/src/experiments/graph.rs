//! Score, loss and regularizer in one compute graph, with values and gradients
//! flowing through it (lecture row L9).

use crate::report::{Claim, Figure, Report, Spread, Table, short};
use crate::{Experiment, LabError, Setup};
use gradwise_graph::random::Philox;
use gradwise_graph::{BATCH, Feeds, Graph, Initializer, NodeId, Role, Shape, Tensor, Value};
use gradwise_view::graph::{Options, Values, draw};

pub const EXPERIMENT: Experiment = Experiment {
    name: "graph",
    rows: "L9",
    shows: "the loss's compute graph with values and gradients flowing, step by step; gradient check",
    takes_data: false,
    run,
};

const INPUTS: usize = 4;
const CLASSES: usize = 3;
const LAMBDA: f64 = 0.1;

/// The nodes of the lecture's picture.
struct Nodes<'g> {
    scores: Value<'g>,
    loss: Value<'g>,
    weight: Value<'g>,
    bias: Value<'g>,
}

/// L = softmax loss of xW + b + λΣW².
fn build(graph: &Graph) -> Nodes<'_> {
    let x = graph.input("x", Shape::batch_by(INPUTS));
    let y = graph.input("y", [BATCH]);
    let weights = Philox::new(4, 9);
    let fill = Initializer::new("normal(0.5)", move |to| {
        to.iter_mut().zip(0..).for_each(|(w, i)| *w = 0.5 * weights.normal(i) as f32);
    });
    let weight = graph.parameter("W", [INPUTS, CLASSES], Role::Weight, fill);
    let bias = graph.parameter("b", [CLASSES], Role::Bias, Initializer::constant(0.0));
    let scores = (x.matmul(weight) + bias).name("scores");
    let data = scores.softmax_cross_entropy(y).mean().name("data loss");
    let penalty = (weight.square().sum() * LAMBDA).name("penalty");
    let loss = (data + penalty).name("loss");
    Nodes { scores, loss, weight, bias }
}

fn feeds(seed: u64) -> Feeds {
    let random = Philox::new(seed, 90);
    Feeds::new()
        .with("x", Tensor::from_fn([2, INPUTS], |i| random.normal(i as u64)))
        .with("y", Tensor::vector([0.0, 2.0]))
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let graph = Graph::new();
    let nodes = build(&graph);
    let gradients = graph.gradients(nodes.loss, &[nodes.weight, nodes.bias])?;
    let mut checks = Table::new(
        "Gradients against central differences (relative error)",
        &["seed", "∂L/∂W", "∂L/∂b"],
    );
    let mut worst = Spread::default();
    for seed in setup.seeds() {
        let errors =
            graph.gradient_errors(nodes.loss, &[nodes.weight, nodes.bias], &feeds(seed))?;
        worst.0.push(errors.iter().copied().fold(0.0, f64::max));
        let cells = errors.iter().map(|e| format!("{e:.1e}"));
        checks.row([seed.to_string()].into_iter().chain(cells));
    }
    let all: Vec<NodeId> = gradients.iter().chain([&nodes.loss]).map(Value::id).collect();
    let steps = [
        ("scores", "1. The scores: xW + b", vec![nodes.scores.id()]),
        ("loss", "2. The loss: data loss and penalty", vec![nodes.loss.id()]),
        ("gradients", "3. The gradients: back along every edge", all.clone()),
    ];
    let mut figures = Vec::new();
    for (name, title, results) in steps {
        let values = Values::evaluate(&graph, &feeds(0), 0, &results)?;
        let options = Options { title: title.into(), results, ..Options::default() };
        let caption = "Numbers on the edges are those of the first row of the batch; for W and its \
                       gradient their mean ± deviation. Solid blue: forward. Dashed vermilion: \
                       backward.";
        let scene = draw(&graph, &options, Some(&values));
        figures.push(Figure { name, caption: caption.into(), scene });
    }
    Ok(Report {
        data: "two random rows of four numbers, three classes".into(),
        seeds: setup.seeds,
        claims: vec![Claim {
            says: "∇L by W comes out of the graph by backpropagation, one node at a time.".into(),
            found: format!(
                "The gradients agree with central differences to {:.0e} for every seed.",
                worst.max()
            ),
            number: worst.max(),
            holds: worst.max() < 1e-7,
        }],
        seen: vec![
            "First the graph of the scores alone; then the loss is added, in which W is used twice: \
             by the scores and by the penalty; then the gradients, which run back from the loss and \
             are themselves nodes of the same graph. Where W is used twice its two gradients are \
             added."
                .into(),
            "The gradient of the softmax loss by the scores is p − 1 at the right class and p at \
             the others: it pushes one score up and the others down, and its numbers sum to 0."
                .into(),
        ],
        figures,
        tables: vec![flow(&graph, &all)?, checks],
    })
}

/// Every node in the order of computing, with its value for the first row.
fn flow(graph: &Graph, wanted: &[NodeId]) -> Result<Table, LabError> {
    let values = graph.evaluate_nodes(wanted, &feeds(0))?;
    let mut table =
        Table::new("Step by step", &["step", "pass", "operation", "name", "shape", "value"]);
    let computed = graph.nodes().iter().cloned().zip(values).collect::<Vec<_>>();
    let computed = computed.into_iter().filter_map(|(node, value)| Some((node, value?)));
    for (step, (node, value)) in (1..).zip(computed) {
        let first: Vec<String> = value.data().iter().take(4).map(|x| short(*x)).collect();
        let more = if value.data().len() > 4 { " …" } else { "" };
        table.row([
            step.to_string(),
            format!("{:?}", node.pass).to_lowercase(),
            node.op.name(),
            node.name.clone().unwrap_or_default(),
            node.shape.to_string(),
            first.join("  ") + more,
        ]);
    }
    Ok(table)
}
