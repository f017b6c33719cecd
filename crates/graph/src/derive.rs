//! Reverse-mode differentiation as a transformation of the graph.
//!
//! The gradient is made of ordinary nodes, so it is fused, planned, probed, drawn
//! and differentiated again like everything else. Source: Griewank and Walther,
//! *Evaluating Derivatives*, 2008, chapter 3.

use crate::error::GraphError;
use crate::graph::{Graph, Node, NodeId, Pass};
use crate::operation::{Gradient, Op};
use crate::ops::Unary;
use crate::{Shape, Value};
use std::panic::Location;

impl Graph {
    /// The gradients of the scalar `loss` by each of `by`, each of the shape of
    /// what it is taken by. A value that the loss does not depend on has gradient 0.
    ///
    /// # Errors
    /// A mistake in building the graph, a loss that is not a scalar, an operation
    /// without a derivative between the loss and one of `by`, or a custom operation
    /// whose derivative does not have the shape of the operand.
    #[track_caller]
    pub fn gradients<'g>(
        &'g self,
        loss: Value<'g>,
        by: &[Value<'g>],
    ) -> Result<Vec<Value<'g>>, GraphError> {
        self.check()?;
        let place = Location::caller();
        self.owned("gradients", &[loss], place)?;
        self.owned("gradients", by, place)?;
        if loss.shape() != Shape::scalar() {
            return Err(GraphError::NotScalar(self.operand(loss.id())));
        }
        let gradients = self.pass(Pass::Backward, || self.sweep(loss, by))?;
        self.check()?;
        Ok(gradients)
    }

    fn sweep<'g>(
        &'g self,
        loss: Value<'g>,
        by: &[Value<'g>],
    ) -> Result<Vec<Value<'g>>, GraphError> {
        let leads_to = self.reaching(loss.id(), by);
        let mut gradients: Vec<Option<Value<'g>>> = vec![None; loss.id().0 + 1];
        gradients[loss.id().0] = Some(self.scalar(1.0));
        for id in (0..=loss.id().0).rev() {
            let Some(gradient) = gradients[id] else { continue };
            if leads_to[id].is_some() {
                self.distribute(NodeId(id), gradient, &leads_to, &mut gradients, loss)?;
            }
        }
        Ok(by.iter().map(|v| self.gradient_or_zero(gradients.get(v.id().0), *v)).collect())
    }

    fn distribute<'g>(
        &'g self,
        id: NodeId,
        gradient: Value<'g>,
        leads_to: &[Option<NodeId>],
        gradients: &mut [Option<Value<'g>>],
        loss: Value<'g>,
    ) -> Result<(), GraphError> {
        let node = self.node(id).clone();
        let Some(operation) = node.op.operation() else { return Ok(()) };
        let operands: Vec<Value<'g>> = node.operands.iter().map(|o| self.value(*o)).collect();
        let flows =
            self.scope(&node.scope, || operation.derivative(&operands, self.value(id), gradient));
        for (position, operand) in node.operands.iter().enumerate() {
            let Some(end) = leads_to[operand.0] else { continue };
            match flows.get(position) {
                Some(Gradient::Flows(flow)) => {
                    self.check_flow(&node, &operands[position], flow)?;
                    let sum = gradients[operand.0]
                        .map_or(*flow, |g| self.scope(&node.scope, || g + *flow));
                    gradients[operand.0] = Some(sum);
                }
                Some(Gradient::Zero) => {}
                Some(Gradient::Undefined) | None => {
                    return Err(GraphError::NoDerivative {
                        operation: node.label(),
                        place: node.place,
                        loss: self.node(loss.id()).label(),
                        parameter: self.node(end).label(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether `flow`, which `node` says is the gradient by `operand`, can be that.
    fn check_flow(
        &self,
        node: &Node,
        operand: &Value<'_>,
        flow: &Value<'_>,
    ) -> Result<(), GraphError> {
        self.check()?;
        self.owned(&node.op.name(), &[*flow], node.place)?;
        if flow.shape() == operand.shape() {
            return Ok(());
        }
        let reason = format!(
            "its derivative by {} has the shape {}, not {}",
            self.node(operand.id()).label(),
            flow.shape(),
            operand.shape()
        );
        Err(GraphError::Custom { operation: node.op.name(), place: node.place, reason })
    }

    /// For each node up to `last`, one of `by` that it is computed from without
    /// detaching it.
    fn reaching(&self, last: NodeId, by: &[Value<'_>]) -> Vec<Option<NodeId>> {
        let nodes = self.nodes();
        let mut from: Vec<Option<NodeId>> = vec![None; last.0 + 1];
        for id in 0..=last.0 {
            let own = by.iter().map(Value::id).find(|b| b.0 == id);
            let node = &nodes[id];
            let operands = if is_detach(&node.op) { &[][..] } else { &node.operands[..] };
            from[id] = own.or_else(|| operands.iter().find_map(|o| from[o.0]));
        }
        from
    }

    fn gradient_or_zero<'g>(
        &'g self,
        found: Option<&Option<Value<'g>>>,
        by: Value<'g>,
    ) -> Value<'g> {
        found.copied().flatten().unwrap_or_else(|| self.scalar(0.0).expand(by.shape()))
    }
}

fn is_detach(op: &Op) -> bool {
    matches!(op, Op::Unary(Unary::Detach))
}
