//! The graph itself: nodes in the order they were made, parameters, updates.
//!
//! Nodes only refer to earlier nodes, so the order of making is an order of
//! computing. A mistake does not interrupt the expression that contains it: the
//! first one is kept with its places and everything that depends on it is
//! poisoned; [`Graph::check`], differentiating, evaluating and planning return it.

use crate::error::{GraphError, Operand, Place};
use crate::operation::{Custom, Op};
use crate::{Shape, Tensor, Value};
use std::cell::{Ref, RefCell};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// The number of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) usize);

impl NodeId {
    /// The position among the graph's nodes.
    pub fn index(self) -> usize {
        self.0
    }
}

/// The number of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub(crate) usize);

impl ParameterId {
    /// The position among the graph's parameters.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Which part of a step a node belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// From the input to the loss.
    #[default]
    Forward,
    /// From the loss to the gradients.
    Backward,
    /// From gradients to new parameters.
    Update,
    /// Measures of the others.
    Probe,
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Multiplies activations: regularized, judged by its spread.
    Weight,
    /// Is added: not regularized unless asked for.
    Bias,
    /// Shapes an activation, such as PReLU's α.
    Slope,
    /// Belongs to the model but is never learnt, such as random features.
    Fixed,
    /// Belongs to the optimizer, such as momentum.
    State,
}

impl Role {
    /// Whether gradients are taken by it.
    pub fn is_learnt(self) -> bool {
        matches!(self, Role::Weight | Role::Bias | Role::Slope)
    }
}

type Fill = dyn Fn(&mut [f32]) + Send + Sync;

/// How a parameter gets its first value.
#[derive(Clone)]
pub struct Initializer {
    label: String,
    fill: Arc<Fill>,
}

impl Initializer {
    /// An initializer with a label for pictures and a function that fills the
    /// parameter's elements, row-major.
    pub fn new(
        label: impl Into<String>,
        fill: impl Fn(&mut [f32]) + Send + Sync + 'static,
    ) -> Self {
        Initializer { label: label.into(), fill: Arc::new(fill) }
    }

    /// Every element the same.
    pub fn constant(value: f32) -> Self {
        Initializer::new(format!("constant({value})"), move |to| to.fill(value))
    }

    /// Given values, row-major; elements beyond them are zero.
    pub fn values(values: impl Into<Vec<f32>>) -> Self {
        let values = values.into();
        Initializer::new("values", move |to| {
            to.fill(0.0);
            to.iter_mut().zip(&values).for_each(|(to, &value)| *to = value);
        })
    }

    /// The label for pictures.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Fills a parameter's elements.
    pub fn fill(&self, to: &mut [f32]) {
        (self.fill)(to);
    }
}

impl fmt::Debug for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// A value that lives from step to step.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, unique in the graph, such as `dense1.weight`.
    pub name: String,
    /// The sizes: a parameter never depends on the batch size.
    pub sizes: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// How it gets its first value.
    pub initializer: Initializer,
    /// The node that reads it.
    pub node: NodeId,
}

impl Parameter {
    /// The number of elements.
    pub fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    /// The first value.
    pub fn initial(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.count()];
        self.initializer.fill(&mut values);
        values
    }
}

/// One operation on earlier nodes.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// The nodes whose values it takes.
    pub operands: Vec<NodeId>,
    /// The shape of its value.
    pub shape: Shape,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The layer it belongs to, such as `dense1`; empty outside of layers.
    pub scope: Arc<str>,
    /// Which part of a step it belongs to.
    pub pass: Pass,
    /// Where in the user's code it was made.
    pub place: Place,
    pub(crate) poisoned: bool,
}

impl Node {
    /// The given name, or else the operation's.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.op.name())
    }
}

/// What is computed: values, how they follow from each other, what is updated.
#[derive(Debug)]
pub struct Graph {
    inner: RefCell<Inner>,
}

#[derive(Debug)]
struct Inner {
    nodes: Vec<Node>,
    parameters: Vec<Parameter>,
    updates: Vec<(ParameterId, NodeId)>,
    error: Option<GraphError>,
    scope: Arc<str>,
    pass: Pass,
}

impl Default for Graph {
    fn default() -> Self {
        Graph::new()
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Graph {
            inner: RefCell::new(Inner {
                nodes: Vec::new(),
                parameters: Vec::new(),
                updates: Vec::new(),
                error: None,
                scope: "".into(),
                pass: Pass::Forward,
            }),
        }
    }

    /// A value that is fed by name at each run.
    #[track_caller]
    pub fn input(&self, name: &str, shape: impl Into<Shape>) -> Value<'_> {
        let place = Location::caller();
        if let Some(first) = self.taken(name) {
            return self.poison(GraphError::NameTaken { name: name.into(), place, first }, place);
        }
        self.push(Op::Input, Vec::new(), shape.into(), place).name(name)
    }

    /// A value that lives from step to step. Its sizes are fixed numbers.
    #[track_caller]
    pub fn parameter(
        &self,
        name: &str,
        sizes: impl Into<Vec<usize>>,
        role: Role,
        initializer: Initializer,
    ) -> Value<'_> {
        let (place, sizes) = (Location::caller(), sizes.into());
        if let Some(first) = self.taken(name) {
            return self.poison(GraphError::NameTaken { name: name.into(), place, first }, place);
        }
        let id = ParameterId(self.parameters().len());
        let shape: Shape = sizes.iter().map(|&n| n.into()).collect::<Vec<_>>().into();
        let value = self.push(Op::Parameter(id), Vec::new(), shape, place).name(name);
        let parameter = Parameter { name: name.into(), sizes, role, initializer, node: value.id() };
        self.inner.borrow_mut().parameters.push(parameter);
        value
    }

    /// A value fixed in the graph.
    #[track_caller]
    pub fn constant(&self, tensor: Tensor) -> Value<'_> {
        let shape: Shape = tensor.sizes().iter().map(|&n| n.into()).collect::<Vec<_>>().into();
        self.push(Op::Constant(Arc::new(tensor)), Vec::new(), shape, Location::caller())
    }

    /// A number fixed in the graph.
    #[track_caller]
    pub fn scalar(&self, value: f64) -> Value<'_> {
        self.constant(Tensor::scalar(value))
    }

    /// A user's own operation on values.
    #[track_caller]
    pub fn custom<'g>(&'g self, operation: Custom, operands: &[Value<'g>]) -> Value<'g> {
        self.apply(Op::Custom(operation), operands, Location::caller())
    }

    /// Says that a step gives `parameter` the value `new`, of the same shape.
    #[track_caller]
    pub fn update<'g>(&'g self, parameter: Value<'g>, new: Value<'g>) {
        let place = Location::caller();
        if let Err(error) = self.owned("update", &[parameter, new], place) {
            return self.fail(error);
        }
        let (to, from) = (self.node(parameter.id()).clone(), self.node(new.id()).clone());
        if to.poisoned || from.poisoned {
            return;
        }
        match to.op {
            Op::Parameter(id) if to.shape == from.shape => {
                self.inner.borrow_mut().updates.push((id, new.id()));
            }
            Op::Parameter(_) => self.fail_shape(
                "update",
                place,
                format!("the new value's shape {} is not the parameter's {}", from.shape, to.shape),
                &[parameter, new],
            ),
            _ => self.fail_shape(
                "update",
                place,
                "only a parameter can be updated".into(),
                &[parameter],
            ),
        }
    }

    /// The first mistake made while building, if there is one.
    ///
    /// # Errors
    /// That mistake.
    pub fn check(&self) -> Result<(), GraphError> {
        self.inner.borrow().error.clone().map_or(Ok(()), Err)
    }

    /// Runs `build` so that the nodes it makes belong to the layer `scope`.
    pub fn scope<T>(&self, scope: &str, build: impl FnOnce() -> T) -> T {
        let outer = std::mem::replace(&mut self.inner.borrow_mut().scope, scope.into());
        let result = build();
        self.inner.borrow_mut().scope = outer;
        result
    }

    /// Runs `build` so that the nodes it makes belong to `pass`.
    pub fn pass<T>(&self, pass: Pass, build: impl FnOnce() -> T) -> T {
        let outer = std::mem::replace(&mut self.inner.borrow_mut().pass, pass);
        let result = build();
        self.inner.borrow_mut().pass = outer;
        result
    }

    /// All nodes, operands before the nodes that use them.
    pub fn nodes(&self) -> Ref<'_, [Node]> {
        Ref::map(self.inner.borrow(), |inner| &inner.nodes[..])
    }

    /// The numbers of all nodes, in the same order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes().len()).map(NodeId)
    }

    /// One node.
    ///
    /// # Panics
    /// If `id` is of another graph that has more nodes.
    pub fn node(&self, id: NodeId) -> Ref<'_, Node> {
        Ref::map(self.inner.borrow(), |inner| &inner.nodes[id.0])
    }

    /// All parameters.
    pub fn parameters(&self) -> Ref<'_, [Parameter]> {
        Ref::map(self.inner.borrow(), |inner| &inner.parameters[..])
    }

    /// The parameter of that name.
    pub fn find_parameter(&self, name: &str) -> Option<ParameterId> {
        self.parameters().iter().position(|p| p.name == name).map(ParameterId)
    }

    /// The numbers of all parameters, in the order they were made.
    pub fn parameter_ids(&self) -> impl Iterator<Item = ParameterId> + use<> {
        (0..self.parameters().len()).map(ParameterId)
    }

    /// The handles of the parameters that are learnt, in the order they were made.
    pub fn learnt(&self) -> Vec<Value<'_>> {
        let learnt = |p: &&Parameter| p.role.is_learnt();
        self.parameters().iter().filter(learnt).map(|p| self.value(p.node)).collect()
    }

    /// The updates of a step: each parameter with the node of its new value.
    pub fn updates(&self) -> Vec<(ParameterId, NodeId)> {
        self.inner.borrow().updates.clone()
    }

    /// Replaces the initializer of a parameter, for those that need data (LSUV).
    pub fn set_initializer(&self, id: ParameterId, initializer: Initializer) {
        if let Some(parameter) = self.inner.borrow_mut().parameters.get_mut(id.0) {
            parameter.initializer = initializer;
        }
    }

    /// A handle on a node of this graph.
    pub fn value(&self, id: NodeId) -> Value<'_> {
        Value::new(self, id)
    }

    /// The input of that name.
    pub fn find_input(&self, name: &str) -> Option<Value<'_>> {
        let at = self.nodes().iter().position(|n| is_input(n, name));
        at.map(|index| self.value(NodeId(index)))
    }

    pub(crate) fn apply<'g>(&'g self, op: Op, operands: &[Value<'g>], place: Place) -> Value<'g> {
        if let Err(error) = self.owned(&op.name(), operands, place) {
            return self.poison(error, place);
        }
        let ids: Vec<NodeId> = operands.iter().map(|o| o.id()).collect();
        if ids.iter().any(|id| self.node(*id).poisoned) {
            return self.push_poisoned(place);
        }
        let shapes: Vec<Shape> = operands.iter().map(|o| o.shape()).collect();
        let borrowed: Vec<&Shape> = shapes.iter().collect();
        match op.operation().map(|o| o.shape(&borrowed)) {
            Some(Ok(shape)) => self.push(op, ids, shape, place),
            Some(Err(reason)) => {
                self.fail_shape(&op.name(), place, reason, operands);
                self.push_poisoned(place)
            }
            None => self.push(op, ids, Shape::scalar(), place),
        }
    }

    /// Names a node. An input or parameter keeps its first name: it is fed by it.
    pub(crate) fn set_name(&self, id: NodeId, name: &str) {
        let node = &mut self.inner.borrow_mut().nodes[id.0];
        let is_leaf = matches!(node.op, Op::Input | Op::Parameter(_));
        if node.name.is_none() || !is_leaf {
            node.name = Some(name.into());
        }
    }

    /// Whether all of `values` are of this graph.
    ///
    /// # Errors
    /// That they are not, for `operation` at `place`.
    pub(crate) fn owned(
        &self,
        operation: &str,
        values: &[Value<'_>],
        place: Place,
    ) -> Result<(), GraphError> {
        match values.iter().all(|v| std::ptr::eq(v.graph(), self)) {
            true => Ok(()),
            false => Err(GraphError::OtherGraph { operation: operation.into(), place }),
        }
    }

    /// Where the input or parameter called `name` was made, if there is one: both are
    /// fed by name, so they share their names.
    fn taken(&self, name: &str) -> Option<Place> {
        let named = |n: &&Node| {
            matches!(n.op, Op::Input | Op::Parameter(_)) && n.name.as_deref() == Some(name)
        };
        self.nodes().iter().find(named).map(|n| n.place)
    }

    pub(crate) fn operand(&self, id: NodeId) -> Operand {
        let node = self.node(id);
        Operand { name: node.label(), shape: node.shape.clone(), place: node.place }
    }

    fn fail_shape(&self, operation: &str, place: Place, reason: String, operands: &[Value<'_>]) {
        let operands = operands.iter().map(|o| self.operand(o.id())).collect();
        self.fail(GraphError::Shape { operation: operation.into(), place, reason, operands });
    }

    fn fail(&self, error: GraphError) {
        self.inner.borrow_mut().error.get_or_insert(error);
    }

    fn poison(&self, error: GraphError, place: Place) -> Value<'_> {
        self.fail(error);
        self.push_poisoned(place)
    }

    fn push_poisoned(&self, place: Place) -> Value<'_> {
        let value = self.push(Op::Input, Vec::new(), Shape::scalar(), place);
        self.inner.borrow_mut().nodes[value.id().0].poisoned = true;
        value
    }

    fn push(&self, op: Op, operands: Vec<NodeId>, shape: Shape, place: Place) -> Value<'_> {
        let mut inner = self.inner.borrow_mut();
        let id = NodeId(inner.nodes.len());
        let (scope, pass) = (inner.scope.clone(), inner.pass);
        let node = Node { op, operands, shape, name: None, scope, pass, place, poisoned: false };
        inner.nodes.push(node);
        Value::new(self, id)
    }
}

fn is_input(node: &Node, name: &str) -> bool {
    matches!(node.op, Op::Input) && node.name.as_deref() == Some(name)
}
