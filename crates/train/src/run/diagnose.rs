//! Where a number first became NaN or infinite.
//!
//! A step whose loss is not finite changed nothing, so the same batch is run again
//! with the moments of every value between input and loss: the first one in order
//! of computing that has non-finite elements is where it began.

use super::error::TrainError;
use super::program::TRAINING_INPUTS;
use super::session::Session;
use crate::folder::event::{Finding, Remedy, Severity};
use gradwise_cpu::{Feed, Plan, Request, Stopped};
use gradwise_graph::{Graph, Node, NodeId, ParameterId};
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
    found.map_or_else(|error| error, |finding| TrainError::Nonfinite(Box::new(finding)))
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
    match stopped {
        Stopped::Parameter(id) => Ok(of_parameter(session, *id, step)),
        _ => of_values(session, step, feeds, rows),
    }
}

/// An update that made a parameter non-finite although the loss was finite.
fn of_parameter(session: &Session<'_>, id: ParameterId, step: u64) -> Finding {
    let parameters = session.program.graph.parameters();
    let name = parameters.get(id.index()).map_or("a parameter", |p| p.name.as_str());
    let layer = name.split_once('.').map(|(layer, _)| layer.to_string());
    let optimizer = session.checked.train.optimizer;
    Finding {
        layer,
        because: Some("the loss was finite, but its gradient or the step was not".into()),
        ..finding(step, format!("the {optimizer} update of {name}"), name)
    }
}

fn of_values(
    session: &mut Session<'_>,
    step: u64,
    feeds: &[Feed<'_>],
    rows: usize,
) -> Result<Finding, TrainError> {
    let graph = &session.program.graph;
    let nodes = forward(graph, session.program.training.loss);
    let request = Request {
        batch: rows,
        inputs: TRAINING_INPUTS.map(String::from).into(),
        outputs: nodes.iter().map(|id| graph.value(*id).moments().id()).collect(),
        ..Request::default()
    };
    let mut plan = Plan::new(&session.device, graph, &request)?;
    plan.run(&mut session.state, feeds)?;
    let lost = |index: usize| plan.output(index).get(6).copied().unwrap_or(0.0);
    let Some(first) = (0..nodes.len()).find(|index| lost(*index) > 0.0) else {
        return Ok(finding(step, "the loss".into(), "loss"));
    };
    let graph = &session.program.graph;
    let node = graph.node(nodes[first]);
    let mut found = finding(step, described(&node), &node.label());
    found.layer = Some(node.scope.to_string()).filter(|scope| !scope.is_empty());
    found.evidence.insert("share".into(), json!(lost(first)));
    let operands = node.operands.iter().filter_map(|o| nodes.iter().position(|n| n == o));
    let largest = operands.flat_map(|at| plan.output(at).get(3..5).unwrap_or_default().iter());
    let largest = largest.fold(0f32, |most, x| most.max(x.abs()));
    found.evidence.insert("largest_operand".into(), json!(largest));
    found.because = Some(format!(
        "{:.3} % of its values are, where its operands reach {largest:.3e}",
        100.0 * lost(first)
    ));
    Ok(found)
}

/// The nodes that the loss is computed from, in order of computing.
fn forward(graph: &Graph, loss: NodeId) -> Vec<NodeId> {
    let (mut ids, mut open) = (Vec::new(), vec![loss]);
    let mut seen = vec![false; loss.index() + 1];
    while let Some(id) = open.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        ids.push(id);
        open.extend(graph.node(id).operands.iter().copied());
    }
    ids.sort_unstable();
    ids
}

fn described(node: &Node) -> String {
    let operation = node.op.name();
    let name = match &node.name {
        Some(name) if *name != operation => format!("{name} ({operation})"),
        _ => operation,
    };
    match node.scope.as_ref() {
        "" => name,
        layer => format!("{name} of {layer}"),
    }
}

fn finding(step: u64, what: String, operation: &str) -> Finding {
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
