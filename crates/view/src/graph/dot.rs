//! The sketch in Graphviz's language, for those who want another layout.

use super::sketch::{Edge, Flow, Kind, Sketch, Vertex};
use super::{Options, Values};
use gradwise_graph::Shape;
use std::fmt::Write;

/// A whole DOT document.
pub(super) fn document(
    sketch: &Sketch,
    shapes: &[Shape],
    options: &Options,
    values: Option<&Values>,
) -> String {
    let mut out = format!(
        "digraph gradwise {{\n  label={};\n  labelloc=t;\n  rankdir=LR;\n  \
         node [fontname=\"sans-serif\", fontsize=11];\n  \
         edge [fontname=\"sans-serif\", fontsize=9];\n",
        quote(&options.title)
    );
    for (group, title) in sketch.groups.iter().enumerate() {
        let members = sketch.vertices.iter().enumerate().filter(|(_, v)| v.group == group);
        let lines: String = members.map(|(i, v)| vertex(i, v)).collect();
        if title.is_empty() {
            out.push_str(&lines);
        } else {
            let _ = writeln!(
                out,
                "  subgraph cluster_{group} {{\n  label={};\n  color=gray80;\n{lines}  }}",
                quote(title)
            );
        }
    }
    for edge in &sketch.edges {
        out.push_str(&line(*edge, &sketch.vertices[edge.from], shapes, values));
    }
    out.push_str("}\n");
    out
}

fn vertex(index: usize, vertex: &Vertex) -> String {
    let shape = match vertex.kind {
        Kind::Input => "ellipse",
        Kind::Parameter(_) => "hexagon",
        Kind::Constant => "plaintext",
        Kind::Operation => "box",
        Kind::Result => "doubleoctagon",
    };
    let label = format!("{}\n{}", vertex.label, vertex.detail);
    let (label, tooltip) = (quote(label.trim_end()), quote(&vertex.title));
    format!("    v{index} [shape={shape}, label={label}, tooltip={tooltip}];\n")
}

fn line(edge: Edge, source: &Vertex, shapes: &[Shape], values: Option<&Values>) -> String {
    let style = match edge.flow {
        Flow::Forward => "color=\"#0067a3\"",
        Flow::Backward => "color=\"#c55300\", style=dashed",
        Flow::Kept => "color=gray60, style=dotted, constraint=false",
        Flow::Update => "color=\"#007a5a\", style=\"dashed,bold\", constraint=false",
    };
    let mut label = source.shape.clone();
    if let Some((values, shape)) = values.zip(shapes.get(source.node)) {
        label = format!("{label}\n{}", values.summary(source.node, shape));
    }
    let (from, to, label) = (edge.from, edge.to, quote(label.trim()));
    format!("  v{from} -> v{to} [{style}, label={label}];\n")
}

/// A quoted string that ends where it should.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_closed_by_us_alone() {
        assert_eq!(quote("a\"b\\\n\u{7}"), "\"a\\\"b\\\\\\n \"");
    }
}
