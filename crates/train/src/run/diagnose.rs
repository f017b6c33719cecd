//! Where a number first became NaN or infinite.
//!
//! A step whose loss is not finite changed nothing, so the same batch is run again
//! with the moments of every value between input and loss: the first one in order
//! of computing that has non-finite elements is where it began. An update that made a
//! parameter non-finite has overwritten it; see [`super::replay`].

use super::error::TrainError;
use super::program::TRAINING_INPUTS;
use super::replay;
use super::session::Session;
use crate::folder::event::{Finding, Remedy, Severity};
use gradwise_cpu::{Feed, Plan, Request, Stopped};
use gradwise_graph::{Graph, Node, NodeId, ParameterId, Pass};
use serde_json::json;

/// The error of a step that could not be done, with a diagnosis where a number was
/// not finite. `feeds` are those of a training plan of so many rows.
pub(super) fn failure(
    session: &mut Session<'_>,
    stopped: Stopped,
    step: u64,
    feeds: &[Feed<'_>],
    rows: usize,
) -> TrainError {
    if let Stopped::Fed(error) = stopped {
        return error.into();
    }
    let found = find(session, &stopped, step, feeds, rows);
    found.map_or_else(|error| error, TrainError::nonfinite)
}

/// Finds where the step `step`, which was `stopped`, went wrong on the batch that
/// `feeds` hold.
fn find(
    session: &mut Session<'_>,
    stopped: &Stopped,
    step: u64,
    feeds: &[Feed<'_>],
    rows: usize,
) -> Result<Finding, TrainError> {
    let Stopped::Parameter(id) = stopped else {
        let nodes = before(&session.program.graph, &[session.program.training.loss]);
        let found = first_lost(session, &nodes, feeds, rows)?;
        return Ok(found.map_or_else(|| finding(step, "the loss", "loss"), |f| f.finding(step)));
    };
    // The loss was finite: the gradients, or else the step itself. The parameters from
    // before the step stay: they are the last that are worth anything.
    session.state = replay::before(session, step)?;
    let gradients: Vec<NodeId> = session.program.gradients.iter().map(|(_, g)| *g).collect();
    let nodes = before(&session.program.graph, &gradients);
    let found = first_lost(session, &nodes, feeds, rows)?;
    Ok(found.map_or_else(|| of_update(session, *id, step), |f| f.finding(step)))
}

/// An update that made a parameter non-finite although its gradient was finite.
fn of_update(session: &Session<'_>, id: ParameterId, step: u64) -> Finding {
    let parameters = session.program.graph.parameters();
    let name = parameters.get(id.index()).map_or("a parameter", |p| p.name.as_str());
    let what = format!("the {} update of {name}", session.checked.train.optimizer);
    Finding {
        layer: name.split_once('.').map(|(layer, _)| layer.to_string()),
        because: Some("the loss and its gradient were finite, but the step was not".into()),
        ..finding(step, &what, name)
    }
}

/// The first value that is not finite everywhere.
struct Lost {
    what: String,
    operation: String,
    layer: Option<String>,
    share: f32,
    largest_operand: f32,
}

/// Runs the batch with the moments of all `nodes`.
fn first_lost(
    session: &mut Session<'_>,
    nodes: &[NodeId],
    feeds: &[Feed<'_>],
    rows: usize,
) -> Result<Option<Lost>, TrainError> {
    let graph = &session.program.graph;
    let request = Request {
        batch: rows,
        inputs: TRAINING_INPUTS.map(String::from).into(),
        outputs: nodes.iter().map(|id| graph.value(*id).moments().id()).collect(),
        ..Request::default()
    };
    let mut plan = Plan::new(&session.device, graph, &request)?;
    plan.run(&mut session.state, feeds)?;
    let moment = |index: usize, at: usize| plan.output(index).get(at).copied().unwrap_or(0.0);
    let Some(first) = (0..nodes.len()).find(|index| moment(*index, NONFINITE) > 0.0) else {
        return Ok(None);
    };
    let Some(id) = nodes.get(first) else { return Ok(None) };
    let node = session.program.graph.node(*id);
    let operands = node.operands.iter().filter_map(|o| nodes.iter().position(|n| n == o));
    let extremes = operands.map(|at| moment(at, MIN).abs().max(moment(at, MAX).abs()));
    Ok(Some(Lost {
        what: described(&node),
        operation: node.op.name(),
        layer: Some(node.scope.to_string()).filter(|scope| !scope.is_empty()),
        share: moment(first, NONFINITE),
        largest_operand: extremes.fold(0.0, f32::max),
    }))
}

/// Places among the moments.
const MIN: usize = 3;
const MAX: usize = 4;
const NONFINITE: usize = 6;

impl Lost {
    fn finding(self, step: u64) -> Finding {
        let Lost { what, operation, layer, share, largest_operand } = self;
        let because = format!(
            "{:.3} % of its values are, where its operands reach {largest_operand:.3e}",
            100.0 * share
        );
        let mut found = finding(step, &what, &operation);
        found.evidence.insert("share".into(), json!(share));
        found.evidence.insert("largest_operand".into(), json!(largest_operand));
        Finding { layer, because: Some(because), ..found }
    }
}

/// The nodes that some are computed from, and those, in order of computing.
fn before(graph: &Graph, of: &[NodeId]) -> Vec<NodeId> {
    let mut open = of.to_vec();
    let mut ids = std::collections::BTreeSet::new();
    while let Some(id) = open.pop() {
        if ids.insert(id) {
            open.extend(graph.node(id).operands.iter().copied());
        }
    }
    ids.into_iter().collect()
}

fn described(node: &Node) -> String {
    let operation = node.op.name();
    let name = match &node.name {
        Some(name) if *name != operation => format!("{name} ({operation})"),
        _ => operation,
    };
    let on = if node.pass == Pass::Backward { " on the way back" } else { "" };
    match node.scope.as_ref() {
        "" => format!("{name}{on}"),
        layer => format!("{name} of {layer}{on}"),
    }
}

fn finding(step: u64, what: &str, operation: &str) -> Finding {
    let remedy = |key: &str, value: serde_json::Value, why: &str| Remedy {
        set: [(key.to_string(), value)].into(),
        why: why.into(),
    };
    Finding {
        id: "nonfinite".into(),
        severity: Severity::Error,
        step: Some(step),
        evidence: [("operation".to_string(), json!(operation))].into(),
        message: format!("step {step}: {what} is the first to be NaN or infinite"),
        remedies: vec![
            remedy("train.clip", json!(1.0), "no step is then longer than the learning rate"),
            remedy("data.preprocess", json!(["standardize"]), "large inputs make large gradients"),
        ],
        ..Finding::default()
    }
}
