//! The shapes and lines that stand for a graph, before they have places.

use super::fold::{is_copied, owners, shown};
use super::{Options, groups, labels};
use gradwise_graph::{Graph, Node, NodeId, Op, Parameter, Pass, Role};
use std::collections::{BTreeMap, BTreeSet};

/// What is drawn.
#[derive(Debug)]
pub(super) struct Sketch {
    pub vertices: Vec<Vertex>,
    pub edges: Vec<Edge>,
    /// The layers in the order of the forward pass, by title; some have none.
    pub groups: Vec<String>,
}

/// One shape.
#[derive(Debug)]
pub(super) struct Vertex {
    pub label: String,
    /// What stands below the label: a parameter's sizes.
    pub detail: String,
    /// What is seen when it is pointed at.
    pub title: String,
    pub kind: Kind,
    pub lane: Lane,
    pub group: usize,
    /// The position of the node whose value leaves the shape.
    pub node: usize,
    /// The sizes of that value.
    pub shape: String,
}

/// What a shape stands for; each kind has its own outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Parameter(Role),
    Constant,
    Operation,
    Result,
}

/// Where a shape stands: lanes lie under each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Forward,
    Parameter,
    Backward,
    Update,
}

impl Lane {
    pub const ALL: [Lane; 4] = [Lane::Forward, Lane::Parameter, Lane::Backward, Lane::Update];
}

/// One line between two shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub flow: Flow,
}

/// What runs along a line; each has its own colour and pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// A value on its way to the loss.
    Forward,
    /// A gradient.
    Backward,
    /// A value of the forward pass that a gradient needs.
    Kept,
    /// A gradient or a new value on its way to a parameter.
    Update,
}

/// The sketch of a graph.
pub(super) fn sketch(graph: &Graph, options: &Options) -> Sketch {
    let (nodes, parameters) = (graph.nodes(), graph.parameters());
    let shown = shown(graph, &nodes, options);
    let owner = owners(graph, &nodes, &shown, options.detail);
    let grouping = groups::assign(&nodes, &shown);
    let new = graph.updates();
    let mut sketcher = Sketcher {
        nodes: &nodes,
        parameters: &parameters,
        new: &new,
        owner,
        options,
        group_of: grouping.of,
        place: BTreeMap::new(),
        sketch: Sketch { vertices: Vec::new(), edges: Vec::new(), groups: grouping.titles },
    };
    sketcher.draw_shapes();
    sketcher.draw_lines();
    if !options.update {
        sketcher.draw_implied_updates();
    }
    sketcher.sketch
}

struct Sketcher<'a> {
    nodes: &'a [Node],
    parameters: &'a [Parameter],
    new: &'a [(gradwise_graph::ParameterId, NodeId)],
    owner: Vec<Option<usize>>,
    options: &'a Options,
    group_of: Vec<usize>,
    /// The shape of a node; of a copied one, for each group.
    place: BTreeMap<(usize, Option<usize>), usize>,
    sketch: Sketch,
}

impl Sketcher<'_> {
    fn draw_shapes(&mut self) {
        for index in 0..self.nodes.len() {
            let copied = is_copied(&self.nodes[index], self.options.detail);
            if self.owner[index] == Some(index) && !copied {
                self.shape(index, None);
            }
        }
    }

    /// The shape of a node, drawn if it is not there yet: in its own group, or as
    /// a copy in another.
    fn shape(&mut self, index: usize, copy_in: Option<usize>) -> usize {
        if let Some(&found) = self.place.get(&(index, copy_in)) {
            return found;
        }
        let vertex = self.vertex(index, copy_in.unwrap_or(self.group_of[index]));
        self.sketch.vertices.push(vertex);
        let at = self.sketch.vertices.len() - 1;
        self.place.insert((index, copy_in), at);
        at
    }

    fn draw_lines(&mut self) {
        let mut lines = BTreeSet::new();
        for index in 0..self.nodes.len() {
            let Some(owner) = self.owner[index] else { continue };
            let Some(&to) = self.place.get(&(owner, None)) else { continue };
            for operand in &self.nodes[index].operands {
                let Some(source) = self.owner[operand.index()] else { continue };
                let copied = is_copied(&self.nodes[source], self.options.detail);
                let copy_in = copied.then_some(self.sketch.vertices[to].group);
                let from = self.shape(source, copy_in);
                if from != to {
                    lines.insert((from, to));
                }
            }
        }
        let vertices = &self.sketch.vertices;
        self.sketch.edges = lines.into_iter().map(|(f, t)| line(vertices, f, t)).collect();
    }

    fn vertex(&self, index: usize, group: usize) -> Vertex {
        let node = &self.nodes[index];
        let members: Vec<usize> = (0..=index).filter(|&i| self.owner[i] == Some(index)).collect();
        let kind = match &node.op {
            Op::Input => Kind::Input,
            Op::Parameter(id) => Kind::Parameter(self.parameters[id.index()].role),
            Op::Constant(_) => Kind::Constant,
            _ if node.shape.rank() == 0 && node.pass == Pass::Forward => Kind::Result,
            _ => Kind::Operation,
        };
        let shape = labels::shape(&node.shape);
        let updated = self.new.iter().find(|(_, new)| new.index() == index);
        let detail = match (kind, updated) {
            (Kind::Parameter(_), _) => shape.clone(),
            (_, Some((id, _))) => {
                let name = &self.parameters[id.index()].name;
                format!("new {}", labels::within(name, &node.scope))
            }
            _ => String::new(),
        };
        Vertex {
            label: labels::label(self.nodes, &members, node),
            detail,
            title: labels::title(self.nodes, &members, node, self.parameters),
            kind,
            lane: self.lane(kind, index),
            group,
            node: index,
            shape,
        }
    }

    fn lane(&self, kind: Kind, index: usize) -> Lane {
        let uses = |n: &&Node| n.operands.iter().any(|o| o.index() == index);
        let only_updates = || self.nodes.iter().filter(uses).all(|n| n.pass == Pass::Update);
        match (kind, self.nodes[index].pass) {
            (Kind::Parameter(Role::State), _) => Lane::Update,
            (Kind::Parameter(_), _) => Lane::Parameter,
            (Kind::Input | Kind::Constant, _) if only_updates() => Lane::Update,
            (_, Pass::Forward | Pass::Probe) => Lane::Forward,
            (_, Pass::Backward) => Lane::Backward,
            (_, Pass::Update) => Lane::Update,
        }
    }

    /// Arrows from gradients to parameters, where the optimizer is not drawn: a
    /// parameter's gradient is the value of the backward pass, of its shape and in
    /// its layer, that its new value is computed from.
    fn draw_implied_updates(&mut self) {
        for (parameter, new) in self.new {
            let read = self.parameters[parameter.index()].node.index();
            for gradient in self.gradients_behind(new.index(), read) {
                let from = self.owner[gradient].and_then(|o| self.place.get(&(o, None)));
                if let Some((&from, &to)) = from.zip(self.place.get(&(read, None))) {
                    self.sketch.edges.push(Edge { from, to, flow: Flow::Update });
                }
            }
        }
    }

    fn gradients_behind(&self, new: usize, read: usize) -> BTreeSet<usize> {
        let (mut stack, mut seen) = (vec![new], BTreeSet::new());
        while let Some(index) = stack.pop() {
            let first_time = seen.insert(index);
            if first_time && self.nodes[index].pass == Pass::Update {
                stack.extend(self.nodes[index].operands.iter().map(|o| o.index()));
            }
        }
        let (node, parameter) = (|i: usize| &self.nodes[i], &self.nodes[read]);
        seen.retain(|&i| {
            node(i).pass == Pass::Backward
                && node(i).shape == parameter.shape
                && node(i).scope == parameter.scope
        });
        seen
    }
}

fn line(vertices: &[Vertex], from: usize, to: usize) -> Edge {
    let flow = match (vertices[from].lane, vertices[to].lane) {
        (Lane::Forward | Lane::Parameter, Lane::Forward) => Flow::Forward,
        (Lane::Forward | Lane::Parameter, Lane::Backward | Lane::Update) => Flow::Kept,
        (_, Lane::Backward) => Flow::Backward,
        _ => Flow::Update,
    };
    Edge { from, to, flow }
}
