//! What the outputs are compared with, and how much each row counts.
//!
//! Targets come in two shapes: class indices `[n]`, and values `[n, outputs]`
//! (regression, or zeros and ones for several labels). A loss that wants values
//! gets class indices as rows with a one; with a single output, the index 0 or 1
//! is itself the value.

use gradwise_graph::{Shape, Tensor, Value};

/// Whether targets are class indices, one a row.
pub fn are_classes(targets: Value<'_>) -> bool {
    targets.shape().rank() == 1
}

/// Targets as values `[n, outputs]`.
pub fn as_values(targets: Value<'_>, outputs: usize) -> Value<'_> {
    match are_classes(targets) {
        true if outputs == 1 => targets.reshape(Shape::from(column(targets))),
        true => targets.one_hot(outputs),
        false => targets,
    }
}

/// The dimensions of `[n]` as `[n, 1]`.
fn column(rows: Value<'_>) -> Vec<gradwise_graph::Dim> {
    let mut dims = rows.shape().dims().to_vec();
    dims.push(1.into());
    dims
}

/// `[n, 1]` as `[n]`.
pub fn as_rows(column: Value<'_>) -> Value<'_> {
    let dims: Vec<_> = column.shape().dims().iter().take(1).copied().collect();
    column.reshape(dims.into())
}

/// The weight of each row's class, `[n]`, from class indices `[n]`; a label that is
/// no class weighs 0.
pub fn weights_of<'g>(classes: Value<'g>, weights: &[f64]) -> Value<'g> {
    let table = Tensor::from_fn([weights.len(), 1], |i| weights[i]);
    let table = classes.graph().constant(table);
    as_rows(classes.one_hot(weights.len()).matmul(table))
}

/// Class weights that let every class count the same in total, from the number of
/// rows of each: n/(classes·count), scikit-learn's `balanced`. A class without
/// rows weighs 0 and is not counted among the classes.
pub fn balanced_weights(counts: &[usize]) -> Vec<f64> {
    let present = counts.iter().filter(|&&count| count > 0).count() as f64;
    let rows = counts.iter().map(|&count| count as f64).sum::<f64>();
    let weight = |count: usize| if count == 0 { 0.0 } else { rows / (present * count as f64) };
    counts.iter().map(|&count| weight(count)).collect()
}
