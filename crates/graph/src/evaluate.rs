//! The f64 evaluator: the judge of every backend, made to be obviously right.
//!
//! It walks the nodes in order and computes each with [`crate::Operation::value`].
//! Nothing is fused, nothing is reused, nothing is fast.

use crate::error::GraphError;
use crate::graph::{Graph, Node, NodeId, Parameter};
use crate::operation::Op;
use crate::{Dim, Shape, Tensor, Value};
use std::collections::HashMap;
use std::panic::Location;

/// What an evaluation is given: inputs by name, and parameters by name where they
/// are not to have their first values.
#[derive(Clone, Debug, Default)]
pub struct Feeds {
    values: HashMap<String, Tensor>,
}

impl Feeds {
    /// Nothing fed yet.
    pub fn new() -> Self {
        Feeds::default()
    }

    /// With `value` for the input or parameter called `name`.
    pub fn with(mut self, name: &str, value: Tensor) -> Self {
        self.set(name, value);
        self
    }

    /// Sets the value of the input or parameter called `name`.
    pub fn set(&mut self, name: &str, value: Tensor) {
        self.values.insert(name.into(), value);
    }

    /// The value fed under `name`.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.values.get(name)
    }
}

impl Graph {
    /// The values of `wanted`, in f64. The batch size is that of the fed inputs.
    ///
    /// # Errors
    /// A mistake in building the graph, values of another graph, an input that is
    /// missing or does not fit.
    #[track_caller]
    pub fn evaluate(&self, wanted: &[Value<'_>], feeds: &Feeds) -> Result<Vec<Tensor>, GraphError> {
        self.owned("evaluate", wanted, Location::caller())?;
        let all = self.evaluate_nodes(&wanted.iter().map(Value::id).collect::<Vec<_>>(), feeds)?;
        let take =
            |v: &Value<'_>| all[v.id().0].clone().unwrap_or_else(|| Tensor::scalar(f64::NAN));
        Ok(wanted.iter().map(take).collect())
    }

    /// The values of `wanted` and of every node they are computed from, by node
    /// index; `None` for the others.
    ///
    /// # Errors
    /// As [`Graph::evaluate`].
    pub fn evaluate_nodes(
        &self,
        wanted: &[NodeId],
        feeds: &Feeds,
    ) -> Result<Vec<Option<Tensor>>, GraphError> {
        self.check()?;
        let needed = self.needed(wanted);
        let batch = self.batch_of(&needed, feeds)?;
        let nodes = self.nodes();
        let mut values: Vec<Option<Tensor>> = vec![None; nodes.len()];
        for index in (0..nodes.len()).filter(|&i| needed[i]) {
            values[index] =
                Some(self.compute(NodeId(index), &nodes[index], &values, feeds, batch)?);
        }
        Ok(values)
    }

    /// Which nodes are needed to compute `wanted`.
    pub fn needed(&self, wanted: &[NodeId]) -> Vec<bool> {
        let nodes = self.nodes();
        let mut needed = vec![false; nodes.len()];
        wanted.iter().for_each(|id| needed[id.0] = true);
        for index in (0..nodes.len()).rev() {
            if needed[index] {
                nodes[index].operands.iter().for_each(|o| needed[o.0] = true);
            }
        }
        needed
    }

    fn compute(
        &self,
        id: NodeId,
        node: &Node,
        values: &[Option<Tensor>],
        feeds: &Feeds,
        batch: usize,
    ) -> Result<Tensor, GraphError> {
        if node.shape.count(batch).is_none_or(|n| n > isize::MAX as usize / 8) {
            return Err(GraphError::TooLarge(self.operand(id)));
        }
        let sizes = node.shape.sizes(batch);
        match (&node.op, node.op.operation()) {
            (Op::Constant(tensor), _) => Ok(tensor.as_ref().clone()),
            (Op::Parameter(id), _) => parameter_value(&self.parameters()[id.0], node, feeds),
            (_, Some(operation)) => {
                let operands: Vec<&Tensor> =
                    node.operands.iter().filter_map(|o| values[o.0].as_ref()).collect();
                let value = operation.value(&operands, &sizes);
                if value.sizes() != sizes {
                    let reason = format!("its value has sizes {:?}, not {sizes:?}", value.sizes());
                    let (operation, place) = (operation.name(), node.place);
                    return Err(GraphError::Custom { operation, place, reason });
                }
                Ok(value)
            }
            _ => fed(node, feeds).cloned(),
        }
    }

    /// The batch size that the needed inputs agree on; if none of them depends on it,
    /// that of another fed input (the gradient of a mean depends on it, but not on
    /// what the mean was taken of); else 1.
    fn batch_of(&self, needed: &[bool], feeds: &Feeds) -> Result<usize, GraphError> {
        let nodes = self.nodes();
        let inputs = || nodes.iter().zip(needed).filter(|(n, _)| matches!(n.op, Op::Input));
        let mut batch = None;
        for (node, _) in inputs().filter(|(_, needed)| **needed) {
            let sizes = fed(node, feeds)?.sizes();
            let found = matched_batch(&node.shape, sizes, batch).ok_or_else(|| {
                feed_error(node, format!("it was fed sizes {sizes:?}{}", other(batch)))
            })?;
            batch = found;
        }
        let spare = |(node, _): (&Node, _)| {
            matched_batch(&node.shape, fed(node, feeds).ok()?.sizes(), None).flatten()
        };
        Ok(batch.or_else(|| inputs().find_map(spare)).unwrap_or(1))
    }
}

fn other(batch: Option<usize>) -> String {
    batch.map_or(String::new(), |b| format!(" where another input has a batch of {b}"))
}

/// The batch size that makes `shape` the same as `sizes`, starting from `batch`.
fn matched_batch(shape: &Shape, sizes: &[usize], batch: Option<usize>) -> Option<Option<usize>> {
    let mut batch = batch;
    if shape.rank() != sizes.len() {
        return None;
    }
    for (dim, &size) in shape.dims().iter().zip(sizes) {
        match dim {
            Dim::Fixed(n) if *n == size => {}
            Dim::Batch if batch.is_none_or(|b| b == size) => batch = Some(size),
            _ => return None,
        }
    }
    Some(batch)
}

fn parameter_value(
    parameter: &Parameter,
    node: &Node,
    feeds: &Feeds,
) -> Result<Tensor, GraphError> {
    match feeds.get(&parameter.name) {
        Some(value) if value.sizes() == parameter.sizes => Ok(value.clone()),
        Some(value) => Err(feed_error(node, format!("it was fed sizes {:?}", value.sizes()))),
        None => {
            let initial = parameter.initial();
            Ok(Tensor::from_fn(parameter.sizes.clone(), |i| f64::from(initial[i])))
        }
    }
}

fn fed<'f>(node: &Node, feeds: &'f Feeds) -> Result<&'f Tensor, GraphError> {
    let name = node.name.as_deref().unwrap_or_default();
    feeds.get(name).ok_or_else(|| feed_error(node, "it was not fed".into()))
}

fn feed_error(node: &Node, reason: String) -> GraphError {
    let name = node.name.clone().unwrap_or_default();
    GraphError::Feed { name, shape: node.shape.clone(), reason }
}
