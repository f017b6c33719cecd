//! Values on edges: one row of what depends on the batch, a summary of the rest.

use gradwise_graph::{Feeds, Graph, GraphError, NodeId, Pass, Shape, Tensor};

/// The values of a graph's nodes for one batch, of which one row is shown.
#[derive(Clone, Debug)]
pub struct Values {
    tensors: Vec<Option<Tensor>>,
    row: usize,
}

impl Values {
    /// Evaluates the graph in f64 for `feeds`, to show row `row` of the batch.
    /// With `results` it evaluates what they need, without, everything but probes
    /// and updates.
    ///
    /// # Errors
    /// An input that is missing or does not fit.
    pub fn evaluate(
        graph: &Graph,
        feeds: &Feeds,
        row: usize,
        results: &[NodeId],
    ) -> Result<Values, GraphError> {
        let mut wanted = results.to_vec();
        if wanted.is_empty() {
            wanted = graph.ids().collect();
            wanted.retain(|id| matches!(graph.node(*id).pass, Pass::Forward | Pass::Backward));
            wanted.retain(|id| fed(graph, *id, feeds));
        }
        Ok(Values { tensors: graph.evaluate_nodes(&wanted, feeds)?, row })
    }

    /// The value of the node at a position, if it was computed.
    pub fn get(&self, node: usize) -> Option<&Tensor> {
        self.tensors.get(node)?.as_ref()
    }

    /// What stands on the edge that leaves a node.
    pub(super) fn summary(&self, node: usize, shape: &Shape) -> String {
        self.get(node).map_or(String::new(), |tensor| match self.row_of(tensor, shape) {
            Some([]) => String::new(),
            Some([x]) => short(*x),
            Some([x, y]) => format!("{}  {}", short(*x), short(*y)),
            Some([x, y, ..]) => format!("{}  {} …", short(*x), short(*y)),
            None => spread(tensor.data()),
        })
    }

    /// What is seen when the shape is pointed at: more numbers, and their spread.
    pub(super) fn details(&self, node: usize, shape: &Shape) -> String {
        let Some(tensor) = self.get(node) else { return String::new() };
        let shown = self.row_of(tensor, shape);
        let numbers = shown.unwrap_or(tensor.data());
        let first: Vec<String> = numbers.iter().take(8).map(|x| short(*x)).collect();
        let more = if numbers.len() > 8 { " …" } else { "" };
        let row = shown.filter(|_| shape.has_batch());
        let row = row.map_or(String::new(), |_| format!("row {}: ", self.row));
        let mut text = format!("{row}{}{more}", first.join("  "));
        if numbers.len() > 1 {
            text += &format!("\nmean ± std: {}", spread(numbers));
        }
        text
    }

    /// The row that is shown, a scalar's number, or `None` for what has no rows.
    fn row_of<'t>(&self, tensor: &'t Tensor, shape: &Shape) -> Option<&'t [f64]> {
        match shape.dims().first() {
            None => Some(tensor.data()),
            Some(gradwise_graph::Dim::Batch) => {
                let length = tensor.sizes().iter().skip(1).product::<usize>();
                let start = self.row.checked_mul(length)?;
                Some(tensor.data().get(start..start.checked_add(length)?).unwrap_or(&[]))
            }
            Some(_) => None,
        }
    }
}

/// Whether a node that is an input has a value.
fn fed(graph: &Graph, id: NodeId, feeds: &Feeds) -> bool {
    let node = graph.node(id);
    let is_input = matches!(node.op, gradwise_graph::Op::Input);
    !is_input || node.name.as_deref().is_some_and(|name| feeds.get(name).is_some())
}

/// Mean ± standard deviation of the population.
fn spread(numbers: &[f64]) -> String {
    let count = numbers.len() as f64;
    if numbers.is_empty() {
        return String::new();
    }
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    format!("{} ± {}", short(mean), short(variance.sqrt()))
}

/// A number in few characters: three digits, or a power of ten.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    let text = match x {
        _ if x.is_nan() => "NaN".into(),
        _ if x.is_infinite() => "∞".into(),
        0.0 => "0".into(),
        _ if !(1e-3..1e5).contains(&size) => format!("{size:.1e}").replace(".0e", "e"),
        _ if size >= 100.0 || size.fract() == 0.0 => format!("{size:.0}"),
        _ if size >= 10.0 => format!("{size:.1}"),
        _ if size >= 1.0 => format!("{size:.2}"),
        _ => format!("{size:.3}"),
    };
    if x < 0.0 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.7031, -12.34, 1234.0, 1e-9, 2.5e7, 0.0, f64::NAN, -f64::INFINITY, 3.0];
        let shown: Vec<String> = shown.iter().map(|x| short(*x)).collect();
        assert_eq!(shown, ["0.703", "−12.3", "1234", "1e-9", "2.5e7", "0", "NaN", "−∞", "3"]);
    }

    #[test]
    fn a_row_is_cut_out_of_a_batch() {
        let values =
            Values { tensors: vec![Some(Tensor::rows(&[[1.0, 2.0], [3.0, 4.0]]))], row: 1 };
        assert_eq!(values.summary(0, &Shape::batch_by(2)), "3  4");
        assert_eq!(values.summary(0, &[2, 2].into()), "2.50 ± 1.12");
        let beyond = Values { row: 9, ..values };
        assert_eq!(beyond.summary(0, &Shape::batch_by(2)), "");
    }
}
