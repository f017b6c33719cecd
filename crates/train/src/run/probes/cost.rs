//! What measuring costs beside a step, counted and not timed: which steps of a run are
//! measured is then the same each time it is made, on any machine.

use super::Probes;
use gradwise_graph::Graph;

/// The share of a run that measuring may cost.
const BUDGET: f64 = 0.02;
/// The fewest and the most steps between measurements.
const INTERVALS: (f64, f64) = (10.0, 5000.0);
/// What a number that is measured costs, in multiplications of an f32 product; with the
/// next, from a third to a half above what was timed for 64-64-10, 64-256-128-10 and
/// 784-512-512-10 with AVX-512.
const NUMBER: f64 = 32.0;
/// What a layer costs beside: distributions, products of rows, records.
const LAYER: f64 = 1e6;
/// What a step costs beside its products: batch, loss, record.
const STEP: f64 = 3e5;
/// How much faster products of bf16 are, about.
const BF16: f64 = 4.0;

/// Multiplications of a step, and what its measures cost beside, of so many rows.
fn work(probes: &Probes, graph: &Graph, rows: usize) -> (f64, f64) {
    let (mut step, mut measures, rows) = (STEP, 0.0, rows as f64);
    let parameters = graph.parameters();
    for layer in &probes.layers {
        let sizes = layer.weight.and_then(|id| parameters.get(id.index())).map(|p| &p.sizes[..]);
        let Some([inputs, sums]) = sizes else { continue };
        let (inputs, sums) = (*inputs as f64, *sums as f64);
        // Forward, and the gradients by the weight and by what is given.
        step += 3.0 * rows * inputs * sums;
        // Signals forward and backward; the weight, its gradient and its update.
        measures += NUMBER * (rows * (inputs + 3.0 * sums) + 3.0 * inputs * sums) + LAYER;
    }
    (step, measures)
}

/// After how many steps to measure again, so that all of it stays within its budget.
pub(in crate::run) fn interval(probes: &Probes, graph: &Graph, rows: usize, bf16: bool) -> u64 {
    let (step, measures) = work(probes, graph, rows);
    let step = if bf16 { step / BF16 } else { step };
    (measures / (BUDGET * step)).ceil().clamp(INTERVALS.0, INTERVALS.1) as u64
}
