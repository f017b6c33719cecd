//! Graph → [`Ir`]: one pass over the needed nodes, in order.

use super::ir::{Fixed, Ir, Item, RowFunction, Source, Spread, Sum, View, What};
use crate::CpuError;
use crate::plan::Request;
use gradwise_graph::ops::{Binary, Unary};
use gradwise_graph::{Graph, Node, NodeId, Op, ParameterId, Pass};
use std::collections::HashMap;

/// Lowers what `request` wants of `graph`, whose products take bf16 operands from so many
/// rows, columns and terms on.
pub(crate) fn build(
    graph: &Graph,
    request: &Request,
    bf16_from: Option<usize>,
) -> Result<Ir, CpuError> {
    graph.check()?;
    let updates = if request.update { graph.updates() } else { Vec::new() };
    let mut wanted = request.outputs.clone();
    wanted.extend(updates.iter().map(|(_, node)| *node));
    wanted.extend(request.gate);
    let needed = graph.needed(&wanted);
    let nodes = graph.nodes();
    let mut builder = Builder::new(&nodes, request);
    builder.ir.bf16_from = bf16_from;
    builder.ir.parameters = graph.parameters().iter().map(|p| matrix(&p.sizes)).collect();
    builder.ir.feeds = request.inputs.len();
    for index in (0..nodes.len()).filter(|&i| needed[i]) {
        builder.current = index;
        let view = builder.node(&nodes[index])?;
        builder.views[index] = Some(view);
    }
    builder.finish(&updates)
}

struct Builder<'a> {
    nodes: &'a [Node],
    request: &'a Request,
    views: Vec<Option<View>>,
    ir: Ir,
    /// The result of relu or leaky-relu by its operand: it has the same sign.
    rectified: HashMap<View, View>,
    /// The copies of feeds that products read.
    fed: HashMap<View, View>,
    current: usize,
    pass: Pass,
}

/// Rows and columns of an array of `sizes`.
fn matrix(sizes: &[usize]) -> (usize, usize) {
    match sizes.split_last() {
        None => (1, 1),
        Some((cols, leading)) => (leading.iter().product(), *cols),
    }
}

/// How an array of `sizes` fills one of `to`; `None` if not in a way a view can say.
fn spreading(sizes: &[usize], to: &[usize]) -> Option<Spread> {
    let padded: Vec<usize> = std::iter::repeat_n(1, to.len().saturating_sub(sizes.len()))
        .chain(sizes.iter().copied())
        .collect();
    let (last, leading) = padded.split_last().map_or((1, &padded[..]), |(l, rest)| (*l, rest));
    let (to_last, to_leading) = to.split_last().map_or((1, to), |(l, rest)| (*l, rest));
    let ones = leading.iter().all(|&n| n == 1);
    if padded == to {
        Some(Spread::Full)
    } else if ones && last == 1 {
        Some(Spread::Scalar)
    } else if ones && last == to_last {
        Some(Spread::Row)
    } else if leading == to_leading && last == 1 {
        Some(Spread::Column)
    } else {
        None
    }
}

/// How two differently repeated operands are both repeated, if they are.
fn common(a: Spread, b: Spread) -> Option<Spread> {
    match (a, b) {
        (Spread::Scalar, other) | (other, Spread::Scalar) => {
            (other != Spread::Full).then_some(other)
        }
        _ => None,
    }
}

impl<'a> Builder<'a> {
    fn new(nodes: &'a [Node], request: &'a Request) -> Self {
        Builder {
            nodes,
            request,
            views: vec![None; nodes.len()],
            ir: Ir::default(),
            rectified: HashMap::new(),
            fed: HashMap::new(),
            current: 0,
            pass: Pass::Forward,
        }
    }

    fn finish(mut self, updates: &[(ParameterId, NodeId)]) -> Result<Ir, CpuError> {
        for id in self.request.outputs.clone() {
            let view = self.view(id)?;
            let view = self.own_item(view);
            let view = self.contiguous(view);
            self.ir.outputs.push(view);
        }
        for (parameter, node) in updates {
            let view = self.view(*node)?;
            let view = self.own_item(view);
            self.ir.updates.push((parameter.index(), view));
        }
        if let Some(gate) = self.request.gate {
            let view = self.view(gate)?;
            self.ir.gate = Some(self.stored(view));
        }
        Ok(self.ir)
    }

    fn view(&self, id: NodeId) -> Result<View, CpuError> {
        let missing = || CpuError::MissingInput(self.nodes[id.index()].label());
        self.views[id.index()].ok_or_else(missing)
    }

    fn sizes(&self, id: NodeId) -> Vec<usize> {
        self.nodes[id.index()].shape.sizes(self.request.batch)
    }

    fn push(&mut self, what: What, operands: Vec<View>, (rows, cols): (usize, usize)) -> View {
        let (node, pass) = (self.current, self.pass);
        self.ir.items.push(Item { what, operands, rows, cols, node, pass, contiguous: false });
        View::full(Source::Item(self.ir.items.len() - 1), rows, cols)
    }

    fn constant(&mut self, values: Vec<f32>, scalar: Option<f64>) -> Source {
        let same =
            |f: &Fixed| scalar.is_some() && f.scalar.map(f64::to_bits) == scalar.map(f64::to_bits);
        let found = self.ir.constants.iter().position(same);
        Source::Constant(found.unwrap_or_else(|| {
            self.ir.constants.push(Fixed { values, scalar });
            self.ir.constants.len() - 1
        }))
    }

    fn number(&mut self, value: f64) -> View {
        View::full(self.constant(vec![value as f32], Some(value)), 1, 1)
    }

    /// The number that the view repeats, if it is one known now.
    fn known(&self, view: &View) -> Option<f64> {
        match view.source {
            Source::Constant(index) => self.ir.constants[index].scalar,
            _ => None,
        }
    }

    /// The same matrix as really stored elements.
    fn stored(&mut self, view: View) -> View {
        match view.spread {
            Spread::Full => view,
            _ => self.push(What::Copy, vec![view], (view.rows, view.cols)),
        }
    }

    /// The same matrix as the result of an item of its own shape.
    fn own_item(&mut self, view: View) -> View {
        match view.item() {
            Some(item) if self.ir.items[item].is_whole(&view) => view,
            _ => self.push(What::Copy, vec![view], (view.rows, view.cols)),
        }
    }

    /// The same matrix, its rows following each other without a gap.
    fn contiguous(&mut self, view: View) -> View {
        let view = match view.source {
            Source::Feed(_) => self.own_item(view),
            _ => view,
        };
        if let Some(item) = view.item() {
            self.ir.items[item].contiguous = true;
        }
        view
    }

    fn node(&mut self, node: &Node) -> Result<View, CpuError> {
        let count = node.shape.count(self.request.batch);
        if count.is_none_or(|n| n > isize::MAX as usize / 8) {
            return Err(CpuError::Memory { what: node.label(), bytes: usize::MAX });
        }
        self.pass = node.pass;
        let sizes = node.shape.sizes(self.request.batch);
        let space = matrix(&sizes);
        match &node.op {
            Op::Input => self.input(node, space),
            Op::Parameter(id) => Ok(View::full(Source::Parameter(id.index()), space.0, space.1)),
            Op::Constant(tensor) => {
                let scalar = (tensor.data().len() == 1).then(|| tensor.item());
                let values = tensor.data().iter().map(|&x| x as f32).collect();
                Ok(View::full(self.constant(values, scalar), space.0, space.1))
            }
            op => {
                let operands =
                    node.operands.iter().map(|o| self.view(*o)).collect::<Result<Vec<_>, _>>()?;
                let lowered = self.operation(op, node, &operands, &sizes);
                Ok(lowered.unwrap_or_else(|| self.reference(op, node, &operands, &sizes)))
            }
        }
    }

    fn input(&mut self, node: &Node, (rows, cols): (usize, usize)) -> Result<View, CpuError> {
        let name = node.name.clone().unwrap_or_default();
        let at = self.request.inputs.iter().position(|i| *i == name);
        let index = at.ok_or(CpuError::MissingInput(name))?;
        Ok(View::full(Source::Feed(index), rows, cols))
    }

    /// `None` where no kernel does it: then the reference evaluator must.
    fn operation(
        &mut self,
        op: &Op,
        node: &Node,
        operands: &[View],
        sizes: &[usize],
    ) -> Option<View> {
        let space = matrix(sizes);
        Some(match op {
            Op::Unary(op) => self.unary(*op, operands[0]),
            Op::Binary(op) => return self.binary(*op, node, operands, sizes),
            Op::MatMul(op) => {
                let (mut a, mut b) = (self.stored(operands[0]), self.stored(operands[1]));
                let inner = if op.transpose_left { a.rows } else { a.cols };
                if self.ir.in_bf16(space.0, space.1, inner) {
                    (a, b) = (self.packable(a), self.packable(b));
                }
                self.push(What::Product(op.transpose_left, op.transpose_right), vec![a, b], space)
            }
            Op::Reduce(op) => return self.reduce(op.mean, operands[0], node, sizes),
            Op::Expand(op) => return self.expand(op.mean, operands[0], node, sizes),
            Op::Reshape(_) => self.reshape(operands[0], space),
            Op::Softmax(_) => self.head(What::Rows(RowFunction::Softmax), operands, space),
            Op::LogSumExp(_) => self.head(What::Rows(RowFunction::LogSumExp), operands, space),
            Op::SoftmaxCrossEntropy(_) => {
                let each = self.head(What::Rows(RowFunction::CrossEntropy), operands, (space.1, 1));
                self.reshape(each, space)
            }
            Op::SoftmaxCrossEntropyGradient(_) => {
                self.head(What::Rows(RowFunction::CrossEntropyGradient), operands, space)
            }
            Op::OneHot(_) => self.head(What::OneHot, operands, space),
            Op::PickWinner(op) => self.head(What::PickWinner(op.pieces), operands, space),
            Op::ScatterWinner(op) => self.head(What::ScatterWinner(op.pieces), operands, space),
            Op::Gather(op) => self.head(What::Gather(op.columns.clone()), operands, space),
            Op::Scatter(op) => self.head(What::Scatter(op.columns.clone()), operands, space),
            Op::Random(op) => self.head(What::Random(op.clone()), operands, space),
            Op::Moments(_) => {
                let x = self.stored(operands[0]);
                self.push(What::Moments, vec![x], space)
            }
            _ => return None,
        })
    }

    /// A value that is fed is packed by a loop of its own, once.
    fn packable(&mut self, view: View) -> View {
        if !matches!(view.source, Source::Feed(_)) {
            return view;
        }
        if let Some(copy) = self.fed.get(&view) {
            return *copy;
        }
        let copy = self.push(What::Copy, vec![view], (view.rows, view.cols));
        self.fed.insert(view, copy);
        copy
    }

    /// An item that reads its operands from memory, whole rows at a time. Labels
    /// are `[n]`, one row, and are read as a column.
    fn head(&mut self, what: What, operands: &[View], space: (usize, usize)) -> View {
        let operands = operands.iter().map(|o| self.stored(*o)).collect();
        self.push(what, operands, space)
    }

    fn unary(&mut self, op: Unary, x: View) -> View {
        if let Some(value) = self.known(&x) {
            let folded = self.number(op.at(value));
            return folded.spread_to(Spread::Scalar, x.rows, x.cols);
        }
        match op {
            Unary::Detach => return x,
            Unary::Scale(1.0) => return x,
            Unary::Offset(0.0) => return x,
            Unary::Step => {
                if let Some(rectified) = self.rectified.get(&x) {
                    let (operand, space) = (rectified.unspread(), rectified.stored());
                    let y = self.push(What::Unary(op), vec![operand], space);
                    return y.spread_to(x.spread, x.rows, x.cols);
                }
            }
            _ => {}
        }
        let y = self.push(What::Unary(op), vec![x.unspread()], x.stored());
        let y = y.spread_to(x.spread, x.rows, x.cols);
        if matches!(op, Unary::Relu) || matches!(op, Unary::LeakyRelu(a) if a > 0.0) {
            self.rectified.insert(x, y);
        }
        y
    }

    fn binary(
        &mut self,
        op: Binary,
        node: &Node,
        operands: &[View],
        sizes: &[usize],
    ) -> Option<View> {
        let (rows, cols) = matrix(sizes);
        let spread = |k: usize| spreading(&self.sizes(node.operands[k]), sizes);
        let (a, b) = (
            operands[0].spread_to(spread(0)?, rows, cols),
            operands[1].spread_to(spread(1)?, rows, cols),
        );
        if let Some(view) = self.with_number(op, a, b) {
            return Some(view);
        }
        if a.spread == b.spread {
            let y = self.push(What::Binary(op), vec![a.unspread(), b.unspread()], a.stored());
            return Some(y.spread_to(a.spread, rows, cols));
        }
        if let Some(small) = common(a.spread, b.spread) {
            // Two repeated operands: the same repetition of something smaller.
            let (r, c) = View { spread: small, ..a }.stored();
            let shrunk = |v: View| View {
                rows: r,
                cols: c,
                spread: if v.spread == small { Spread::Full } else { v.spread },
                ..v
            };
            let y = self.push(What::Binary(op), vec![shrunk(a), shrunk(b)], (r, c));
            return Some(y.spread_to(small, rows, cols));
        }
        Some(self.push(What::Binary(op), vec![a, b], (rows, cols)))
    }

    /// Arithmetic with a number that is known now.
    fn with_number(&mut self, op: Binary, a: View, b: View) -> Option<View> {
        if let (Some(x), Some(y)) = (self.known(&a), self.known(&b)) {
            let folded = self.number(op.at(x, y));
            return Some(folded.spread_to(Spread::Scalar, a.rows, a.cols));
        }
        let (unary, x) = match (op, self.known(&a), self.known(&b)) {
            (Binary::Mul, Some(c), _) => (Unary::Scale(c), b),
            (Binary::Mul, _, Some(c)) => (Unary::Scale(c), a),
            (Binary::Add, Some(c), _) => (Unary::Offset(c), b),
            (Binary::Add, _, Some(c)) => (Unary::Offset(c), a),
            (Binary::Sub, _, Some(c)) => (Unary::Offset(-c), a),
            _ => return None,
        };
        Some(self.unary(unary, x))
    }

    fn reduce(&mut self, mean: bool, x: View, node: &Node, sizes: &[usize]) -> Option<View> {
        let spread = spreading(sizes, &self.sizes(node.operands[0]))?;
        let space = matrix(sizes);
        let factor = if mean { (space.0 * space.1) as f64 / (x.rows * x.cols) as f64 } else { 1.0 };
        if spread == Spread::Full {
            return Some(x);
        }
        if let (Some(value), Spread::Scalar) = (self.known(&x), spread) {
            let count = (x.rows * x.cols) as f64;
            let folded = self.number(value * count * factor);
            return Some(folded.spread_to(Spread::Scalar, space.0, space.1));
        }
        let sum = match spread {
            Spread::Row => Sum::Columns,
            Spread::Column => Sum::Rows,
            _ => Sum::All,
        };
        let x = self.stored(x);
        Some(self.push(What::Reduce(sum, factor as f32), vec![x], space))
    }

    fn expand(&mut self, mean: bool, x: View, node: &Node, sizes: &[usize]) -> Option<View> {
        let spread = spreading(&self.sizes(node.operands[0]), sizes)?;
        let (rows, cols) = matrix(sizes);
        let x = match mean {
            true => self.unary(Unary::Scale((x.rows * x.cols) as f64 / (rows * cols) as f64), x),
            false => x,
        };
        Some(x.spread_to(spread, rows, cols))
    }

    fn reshape(&mut self, x: View, (rows, cols): (usize, usize)) -> View {
        if x.spread == Spread::Scalar || (x.rows, x.cols) == (rows, cols) {
            return View { rows, cols, ..x };
        }
        let x = self.stored(x);
        let x = self.contiguous(x);
        View { rows, cols, ..x }
    }

    fn reference(&mut self, op: &Op, node: &Node, operands: &[View], sizes: &[usize]) -> View {
        let views = operands.iter().map(|o| self.stored(*o)).collect::<Vec<_>>();
        let views = views.into_iter().map(|v| self.contiguous(v)).collect();
        let of_operands = node.operands.iter().map(|o| self.sizes(*o)).collect();
        let what = What::Reference(op.clone(), of_operands, sizes.to_vec());
        let result = self.push(what, views, matrix(sizes));
        self.contiguous(result)
    }
}
