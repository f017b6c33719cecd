//! Measures of layers under L-BFGS: at the point that a step came to, on some of the
//! rows.
//!
//! A step passes several times over all rows; one more pass over a few of them, which
//! change from one measured step to the next so that all have their turn, costs little
//! and says the same of a layer.

use super::super::error::TrainError;
use super::super::probes::{Measured, Reading};
use super::super::program::EVALUATION_INPUTS;
use super::super::session::Session;
use super::feeds;
use gradwise_cpu::{Plan, Request};
use gradwise_graph::ParameterId;

/// Rows that are looked at: some batches' worth; all of smaller data.
const ROWS: usize = 512;
/// The golden ratio's fraction.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// The plan that measures, and room for its rows.
pub(super) struct Sampled {
    plan: Plan,
    rows: usize,
    x: Vec<f32>,
    y: Vec<f32>,
    stride: usize,
    targets: usize,
}

impl Sampled {
    pub fn new(session: &Session<'_>) -> Result<Sampled, TrainError> {
        let set = &session.data.train;
        let (rows, stride) = (set.rows().min(ROWS), gradwise_cpu::stride(set.columns()));
        let targets = session.program.sizes.targets;
        let request = Request {
            batch: rows,
            inputs: EVALUATION_INPUTS.map(String::from).into(),
            outputs: session.program.probes.nodes.clone(),
            ..Request::default()
        };
        let plan = Plan::new(&session.device, &session.program.graph, &request)?;
        let (x, y) = (vec![0.0; rows * stride], vec![0.0; rows * targets]);
        Ok(Sampled { plan, rows, x, y, stride, targets })
    }

    /// Measures the layers; `added` is what the step added to each parameter.
    pub fn measure(
        &mut self,
        session: &mut Session<'_>,
        step: u64,
        added: &[(ParameterId, Vec<f64>)],
    ) -> Result<Measured, TrainError> {
        let set = &session.data.train;
        let (all, apart) = (set.rows(), set.rows() / self.rows.max(1));
        // Multiples of the golden ratio are spread evenly whatever the interval.
        let first = ((step as f64 * GOLDEN).fract() * all as f64) as usize;
        let row = |i: usize| ((first + i * apart) % all.max(1)) as u32;
        let order: Vec<u32> = (0..self.rows).map(row).collect();
        set.gather(&order, &mut self.x, self.stride)?;
        set.targets(&order, &mut self.y)?;
        self.plan.run(&mut session.state, &feeds(&self.x, &self.y, self.stride, self.targets))?;
        let reading = Reading {
            step,
            rows: self.rows,
            plan: &self.plan,
            first: 0,
            device: &session.device,
            state: &session.state,
            x: &self.x,
            added,
        };
        Ok(session.measurer.take(&session.program.probes, reading))
    }
}
