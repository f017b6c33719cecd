//! What a graph becomes before it is grouped into loops.
//!
//! Every value is a matrix: leading dimensions are rows, the last one columns. A
//! value that is only another one repeated (a bias, a scalar's gradient) is never
//! computed: it is a [`View`] that says how its source is spread.

use gradwise_graph::ops::{Binary, Random, Unary};
use gradwise_graph::{Op, Pass};
use std::sync::Arc;

/// Where a value's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    Item(usize),
    Parameter(usize),
    Feed(usize),
    Constant(usize),
}

/// How a source fills the matrix that it is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spread {
    /// Element by element.
    Full,
    /// One row, repeated for every row.
    Row,
    /// One column, repeated for every column.
    Column,
    /// One number.
    Scalar,
}

/// A matrix of `rows` × `cols` made of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub source: Source,
    pub spread: Spread,
    pub rows: usize,
    pub cols: usize,
}

impl View {
    pub fn full(source: Source, rows: usize, cols: usize) -> Self {
        View { source, spread: Spread::Full, rows, cols }
    }

    /// Rows and columns of what is really stored.
    pub fn stored(&self) -> (usize, usize) {
        match self.spread {
            Spread::Full => (self.rows, self.cols),
            Spread::Row => (1, self.cols),
            Spread::Column => (self.rows, 1),
            Spread::Scalar => (1, 1),
        }
    }

    /// The stored part alone, not repeated.
    pub fn unspread(&self) -> View {
        let (rows, cols) = self.stored();
        View::full(self.source, rows, cols)
    }

    /// This view repeated as `spread` says to `rows` × `cols`.
    pub fn spread_to(&self, spread: Spread, rows: usize, cols: usize) -> View {
        let spread = match (self.spread, spread) {
            (inner, Spread::Full) => inner,
            (Spread::Scalar, _) | (_, Spread::Scalar) => Spread::Scalar,
            (Spread::Full, outer) => outer,
            (inner, outer) if inner == outer => outer,
            // One row of repeated columns, or one column of repeated rows.
            _ => Spread::Scalar,
        };
        View { source: self.source, spread, rows, cols }
    }

    pub fn item(&self) -> Option<usize> {
        match self.source {
            Source::Item(item) => Some(item),
            _ => None,
        }
    }
}

/// Which dimensions a reduction sums away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    /// All: `[r, c] → 1`.
    All,
    /// The rows: `[r, c] → [1, c]`.
    Columns,
    /// The rows, of the numbers' sizes: `[r, c] → [1, c]`.
    ColumnSizes,
    /// The columns: `[r, c] → [r, 1]`.
    Rows,
}

/// Functions of whole rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFunction {
    Softmax,
    LogSumExp,
    CrossEntropy,
    CrossEntropyGradient,
}

/// What an item computes.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Unary(Unary),
    /// `p₀·x² + p₁`
    Parabola([f32; 2]),
    Binary(Binary),
    /// `p·a + q·b`, or `p·a + q·s·b` with a number s as third operand.
    Linear([f32; 2]),
    /// `a/(√v + ε)`, or `a/(s·√v + ε)` with a number s as third operand.
    OverRoot(f32),
    Copy,
    /// `op(A)·op(B)`; true transposes.
    Product(bool, bool),
    /// The sum times a factor.
    Reduce(Sum, f32),
    Moments,
    Rows(RowFunction),
    OneHot,
    PickWinner(usize),
    ScatterWinner(usize),
    Gather(Arc<[u32]>),
    Scatter(Arc<[u32]>),
    Random(Random),
    /// By the reference evaluator: the operation, its operands' sizes, its own.
    Reference(Op, Vec<Vec<usize>>, Vec<usize>),
}

impl What {
    /// Computes each element from the same element of its operands.
    pub fn is_elementwise(&self) -> bool {
        let unary = matches!(self, What::Unary(_) | What::Parabola(_) | What::Copy);
        unary || matches!(self, What::Binary(_) | What::Linear(_) | What::OverRoot(_))
    }

    /// Reads a matrix element by element and leaves something smaller.
    pub fn is_sink(&self) -> bool {
        matches!(self, What::Reduce(..) | What::Moments)
    }
}

/// One computation.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub what: What,
    pub operands: Vec<View>,
    pub rows: usize,
    pub cols: usize,
    /// The node that it came from, for messages and profiles.
    pub node: usize,
    pub pass: Pass,
    /// Its rows must follow each other without a gap.
    pub contiguous: bool,
}

impl Item {
    /// The rows and columns that its loop runs over.
    pub fn space(&self) -> (usize, usize) {
        match self.operands.first() {
            Some(first) if self.what.is_sink() => (first.rows, first.cols),
            _ => (self.rows, self.cols),
        }
    }

    /// Whether `view` is this item's result, element for element.
    pub fn is_whole(&self, view: &View) -> bool {
        view.spread == Spread::Full && (view.rows, view.cols) == (self.rows, self.cols)
    }
}

/// A value fixed in the plan.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub values: Vec<f32>,
    /// The exact value, if it is one number.
    pub scalar: Option<f64>,
}

/// The whole program before grouping.
#[derive(Debug, Default)]
pub(crate) struct Ir {
    pub items: Vec<Item>,
    pub constants: Vec<Fixed>,
    /// For each wanted node, where its value is.
    pub outputs: Vec<View>,
    /// For each update, the parameter and its new value.
    pub updates: Vec<(usize, View)>,
    /// Rows and columns of each parameter of the graph.
    pub parameters: Vec<(usize, usize)>,
    /// How many values are fed.
    pub feeds: usize,
    /// The value whose becoming non-finite stops a run.
    pub gate: Option<View>,
    /// From so many rows, columns and terms on a product takes bf16 operands.
    pub bf16_from: Option<usize>,
}

impl Ir {
    /// Whether a product of these sizes takes bf16 operands.
    pub fn in_bf16(&self, rows: usize, cols: usize, inner: usize) -> bool {
        self.bf16_from.is_some_and(|least| rows.min(cols).min(inner) >= least)
    }

    /// Whether any product does.
    pub fn has_bf16_product(&self) -> bool {
        self.items.iter().any(|item| match item.what {
            What::Product(a_transposed, _) => {
                let a = item.operands[0];
                self.in_bf16(item.rows, item.cols, if a_transposed { a.rows } else { a.cols })
            }
            _ => false,
        })
    }
}
