//! The words in and around shapes.

use super::fold::is_number;
use gradwise_graph::ops::{Binary, Unary};
use gradwise_graph::{Dim, Node, Op, Parameter, Shape};

/// `batch×512`, or nothing for a scalar.
pub(super) fn shape(shape: &Shape) -> String {
    let size = |d: &Dim| match d {
        Dim::Batch => "batch".into(),
        Dim::Fixed(n) => n.to_string(),
    };
    shape.dims().iter().map(size).collect::<Vec<String>>().join("×")
}

/// A name without the layer that it stands in anyway.
pub(super) fn within<'n>(name: &'n str, scope: &str) -> &'n str {
    let rest = name.strip_prefix(scope).and_then(|rest| rest.strip_prefix('.'));
    rest.filter(|rest| !scope.is_empty() && !rest.is_empty()).unwrap_or(name)
}

/// What stands in a shape that `node` and the nodes folded into it share.
pub(super) fn label(nodes: &[Node], members: &[usize], node: &Node) -> String {
    if let (true, Some(name)) = (node.operands.is_empty(), &node.name) {
        return within(name, &node.scope).into();
    }
    let mut words: Vec<String> = members.iter().map(|&i| word(nodes, &nodes[i])).collect();
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        words.push(node.op.name());
    }
    words.dedup();
    if words.len() > 3 {
        words = vec![words[0].clone(), "…".into(), words[words.len() - 1].clone()];
    }
    words.join(" ")
}

/// One operation; what changes no number is silent, as are steps around it.
fn word(nodes: &[Node], node: &Node) -> String {
    match &node.op {
        Op::Binary(op) => with_number(nodes, node, symbol(*op)),
        Op::Constant(tensor) if is_number(node) => number(tensor.item()),
        Op::Reshape(_) => String::new(),
        Op::Expand(expand) => {
            if expand.mean {
                "÷ count".into()
            } else {
                String::new()
            }
        }
        Op::Unary(Unary::Scale(c)) => format!("·{}", number(*c)),
        Op::Unary(Unary::Offset(c)) if *c < 0.0 => number(*c),
        Op::Unary(Unary::Offset(c)) => format!("+{}", number(*c)),
        op => op.name().trim_start_matches("matmul ").into(),
    }
}

/// A constant as it was written, if that is short.
fn number(x: f64) -> String {
    let written = x.to_string();
    if written.len() <= 6 { written.replace('-', "−") } else { super::values::short(x) }
}

fn symbol(op: Binary) -> &'static str {
    match op {
        Binary::Add => "+",
        Binary::Sub => "−",
        Binary::Mul => "×",
        Binary::Div => "÷",
        Binary::Max => "max",
        Binary::Min => "min",
        Binary::Greater => ">",
    }
}

/// `× 0.5` where one operand is a number.
fn with_number(nodes: &[Node], node: &Node, symbol: &str) -> String {
    let constant = |position: usize| match &nodes[node.operands.get(position)?.index()].op {
        Op::Constant(tensor) if tensor.sizes().is_empty() => Some(number(tensor.item())),
        _ => None,
    };
    match (constant(0), constant(1)) {
        (_, Some(right)) => format!("{symbol} {right}"),
        (Some(left), None) => format!("{left} {symbol}"),
        (None, None) => symbol.into(),
    }
}

/// What is seen when a shape is pointed at: everything that it stands for.
pub(super) fn title(
    nodes: &[Node],
    members: &[usize],
    node: &Node,
    parameters: &[Parameter],
) -> String {
    let mut lines = vec![format!("{} {}", node.label(), node.shape)];
    match &node.op {
        Op::Parameter(id) => {
            if let Some(parameter) = parameters.get(id.index()) {
                let init = parameter.initializer.label();
                lines.push(format!("{:?}, starts as {init}", parameter.role).to_lowercase());
            }
        }
        _ if members.len() > 1 => {
            let names: Vec<String> = members.iter().map(|&i| nodes[i].op.name()).collect();
            lines.push(names.join(", then "));
        }
        op if node.name.is_some() => lines.push(op.name()),
        _ => {}
    }
    if !node.scope.is_empty() {
        lines.push(format!("in {}, {:?} pass", node.scope, node.pass).to_lowercase());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_only_its_own_layer() {
        assert_eq!(within("dense1.weight", "dense1"), "weight");
        assert_eq!(within("dense10.weight", "dense1"), "dense10.weight");
        assert_eq!(within("weight", ""), "weight");
        assert_eq!(within("dense1.", "dense1"), "dense1.");
    }

    #[test]
    fn shapes_read_like_sizes() {
        assert_eq!(shape(&Shape::batch_by(512)), "batch×512");
        assert_eq!(shape(&Shape::scalar()), "");
    }
}
