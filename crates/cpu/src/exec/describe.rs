//! What steps do, in a few words: for whoever looks at a plan.

use super::step::{Arg, Head, Instr, LoopStep, Place, Step, Velocity};

impl Step {
    /// What it does, in a few words.
    pub fn describe(&self) -> String {
        match self {
            Step::Loop(step) => step.describe(),
            Step::Strips(loops) => {
                format!("{}; with it {}", loops[0].describe(), loops[1].describe())
            }
            Step::Transpose(step) => format!("transpose {}×{}", step.rows, step.cols),
            Step::Reference(step) => format!("{} by the reference evaluator", step.op.name()),
            Step::Gate(_) => "stop unless finite".into(),
        }
    }
}

impl LoopStep {
    fn describe(&self) -> String {
        let (rows, cols) = (self.rows, self.cols);
        let head = match &self.head {
            Head::None => "loop".into(),
            Head::Product(p) => {
                let turned = if p.result_transposed { " (turned)" } else { "" };
                let in_two = if p.in_two { " in two" } else { "" };
                format!("product{turned}{in_two} over {}", p.inner)
            }
            Head::PackedProduct(p) => {
                let turned = if p.turned { " (turned)" } else { "" };
                format!("bf16 product{turned} over {}", p.inner)
            }
            Head::SumOfTwo { .. } => "sum of two".into(),
            Head::Dots { inner, .. } => format!("dot products over {inner}"),
            Head::Rows { function, .. } => format!("{function:?}"),
            Head::OneHot { .. } => "one-hot".into(),
            Head::PickWinner { .. } => "pick winners".into(),
            Head::ScatterWinner { .. } => "scatter to winners".into(),
            Head::Gather { .. } => "gather".into(),
            Head::Scatter { .. } => "scatter".into(),
            Head::Random { .. } => "random".into(),
        };
        let code: Vec<String> = self.code.iter().map(Instr::describe).collect();
        let tiles = format!("{}×{}", self.tile_rows, self.tile_cols);
        format!("{head} {rows}×{cols} in tiles {tiles}: {}", code.join(", "))
    }
}

impl Instr {
    fn describe(&self) -> String {
        let place = |p: &Place| match p {
            Place::Register(i) => format!("r{i}"),
            Place::Slot(slot) => format!("@{}+{}", slot.base, slot.offset),
            Place::Head => "head".into(),
        };
        let arg = |a: &Arg| match a {
            Arg::Tile(p) => place(p),
            Arg::Row(slot) => format!("row@{}", slot.base),
            Arg::Column(slot) => format!("column@{}", slot.base),
            Arg::Scalar(slot) => format!("scalar@{}", slot.base),
        };
        match self {
            Instr::Unary { x, y, .. } => format!("{} = f({})", place(y), arg(x)),
            Instr::OfSum { a, b, y, .. } => format!("{} = f({} + {})", place(y), arg(a), arg(b)),
            Instr::Binary { a, b, y, .. } => format!("{} = f({}, {})", place(y), arg(a), arg(b)),
            Instr::Linear { a, b, y, .. } => format!("{} = p·{} + q·{}", place(y), arg(a), arg(b)),
            Instr::OverRoot { a, v, y, .. } => format!("{} = {}/√{}", place(y), arg(a), arg(v)),
            Instr::Pair(x) => {
                let (y, z) = (place(&x.y), place(&x.z));
                format!("{y} = p·{} + q·{}, {z} = p·{} + q·{y}", arg(&x.a), arg(&x.b), arg(&x.c))
            }
            Instr::Copy { x, y } => format!("{} = {}", place(y), arg(x)),
            Instr::Sink { x, .. } => format!("sum({})", arg(x)),
            Instr::Step { a, b, .. } => format!("sums({} − {}, {})", arg(a), arg(b), arg(b)),
            Instr::Columns { x, .. } => format!("sums({})", arg(x)),
            Instr::Pack { x, to } => format!("pack({}, {:?})", arg(x), to.layout),
            Instr::Unpack { y, .. } => format!("{} = unpacked", place(y)),
            Instr::Join { from, y } => format!("{} = join(@{})", place(y), from.base),
            Instr::Momentum { v, g, weights, .. } => {
                let v = match v {
                    Velocity::Whole(v) => place(v),
                    Velocity::Rounded(v) => format!("@{}", v.base),
                };
                format!(
                    "{v} = p·{v} + q·{}, @{} = p·@{} + q·{v}",
                    arg(g),
                    weights.base,
                    weights.base
                )
            }
            Instr::Halve { x, to } => format!("@{} = halve({})", to.base, place(x)),
            Instr::Check { x, .. } => format!("check({})", place(x)),
        }
    }
}
