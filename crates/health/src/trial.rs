//! Short trials of a run file's own training step: one batch learnt by itself, and a
//! sweep of learning rates. Nothing is written.

use crate::check::{Cost, OneBatch};
use crate::data::Sample;
use crate::doctor::HealthError;
use gradwise_cpu::{Device, Feed, Plan, Request, State};
use gradwise_data::{Data, order};
use gradwise_graph::Role;
use gradwise_train::run::Program;
use gradwise_train::run::program::TRAINING_INPUTS;
use gradwise_train::runfile::{Checked, Resolved};
use serde::Serialize;
use std::ops::Range;
use std::time::Instant;

/// Batches that a sweep goes through.
const BATCHES: usize = 20;
/// Those of them whose loss tells what a rate has done.
const LATE: Range<usize> = BATCHES - 5..BATCHES;
/// Most steps on one batch.
const STEPS: u64 = 300;
/// Learning rates of a sweep, in half decades from the run's own: outward from it to a
/// thousandth and a thousandfold, so that short time takes the farthest away.
const SWEEP: [i32; 13] = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6];

/// Learning rates that work, by twenty steps each from fresh weights.
#[derive(Clone, Debug, Serialize)]
pub struct Rates {
    /// The lowest that gets a tenth as far as the best.
    pub low: f64,
    /// The one that gets farthest.
    pub best: f64,
    /// The highest after which the loss is below where it started.
    pub high: f64,
    /// Every rate that was tried with its last loss; infinite where it was not finite.
    pub sweep: Vec<(f64, f64)>,
    /// How many there was no time for.
    pub untried: usize,
}

/// A training step with some batches to try it on.
pub(crate) struct Steps {
    program: Program,
    plan: Plan,
    sample: Sample,
    batch: usize,
    rows: usize,
    seconds: f64,
    done: u64,
}

impl Steps {
    pub fn new(
        device: &Device,
        checked: &Checked,
        resolved: &Resolved,
        data: &Data,
    ) -> Result<Steps, HealthError> {
        let program = Program::build(checked, resolved)?;
        let rows = data.train.rows();
        let batch = checked.train.batch.unwrap_or(rows).min(rows).max(1);
        let request = Request {
            batch,
            inputs: TRAINING_INPUTS.map(String::from).into(),
            outputs: vec![program.training.data_loss],
            update: true,
            gate: Some(program.training.loss),
            ..Request::default()
        };
        let plan = Plan::new(device, &program.graph, &request)?;
        // In the order of a training: neighbours in a file are often alike.
        let mut order = order(rows as u32, checked.seed, 0);
        order.truncate(batch * BATCHES);
        let sample = Sample::take(&data.train, &order)?;
        Ok(Steps { program, plan, sample, batch, rows, seconds: 0.0, done: 0 })
    }

    /// A step on batch `index`; the data loss before it, infinite if it is no number.
    fn step(&mut self, state: &mut State, index: usize, lr: f64, step: u64) -> f64 {
        let (columns, targets) = (self.sample.columns, self.sample.outputs);
        let batches = (self.sample.rows / self.batch).max(1);
        let at = index % batches * self.batch;
        let part = |values: &'_ [f32], width: usize| {
            values.get(at * width..(at + self.batch) * width).unwrap_or_default().to_vec()
        };
        let (x, y) = (part(&self.sample.x, columns), part(&self.sample.y, targets));
        let scalars = [lr as f32, step as f32];
        let feeds = [
            Feed::rows(&x, columns),
            Feed { values: &y, stride: targets },
            Feed::row(&scalars[..1]),
            Feed::row(&scalars[1..]),
        ];
        let start = Instant::now();
        let ran = self.plan.run(state, &feeds);
        self.seconds += start.elapsed().as_secs_f64();
        self.done += 1;
        let loss = self.plan.output(0).first().map_or(f64::INFINITY, |x| f64::from(*x));
        if ran.is_ok() && loss.is_finite() { loss } else { f64::INFINITY }
    }

    /// Learns one batch for some steps, or as many as `seconds` allow.
    pub fn one_batch(&mut self, lr: f64, seconds: f64) -> Result<OneBatch, HealthError> {
        let mut state = State::new(&self.program.graph)?;
        let start = Instant::now();
        let first = self.step(&mut state, 0, lr, 1);
        let (mut last, mut steps) = (first, 1);
        while steps < STEPS && start.elapsed().as_secs_f64() < seconds && last.is_finite() {
            steps += 1;
            last = self.step(&mut state, 0, lr, steps);
        }
        Ok(OneBatch { steps, first, last })
    }

    /// Tries learning rates around `lr`, as long as `seconds` allow; `None` if none of
    /// them helps.
    pub fn rates(&mut self, lr: f64, seconds: f64) -> Result<Option<Rates>, HealthError> {
        let mut sweep = Vec::new();
        let start = Instant::now();
        // The same batches as those at a run's end: batches differ, small ones by far.
        let mut state = State::new(&self.program.graph)?;
        let first = mean(LATE.map(|i| self.step(&mut state, i, 0.0, 1)));
        for half in SWEEP {
            if start.elapsed().as_secs_f64() > seconds {
                break;
            }
            let rate = lr * 10f64.powf(0.5 * f64::from(half));
            let mut state = State::new(&self.program.graph)?;
            let mut step = |i| self.step(&mut state, i, rate, i as u64 + 1);
            for i in 0..LATE.start {
                step(i);
            }
            sweep.push((rate, mean(LATE.map(step))));
        }
        sweep.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(usable(&sweep, first))
    }

    /// What a step and an epoch cost, by all steps so far.
    pub fn cost(&self) -> Cost {
        let parameters = self.program.graph.parameters();
        let count = |wanted: fn(Role) -> bool| -> u64 {
            parameters.iter().filter(|p| wanted(p.role)).map(|p| p.count() as u64).sum()
        };
        let step_seconds = self.seconds / self.done.max(1) as f64;
        let steps = self.rows.div_ceil(self.batch) as f64;
        Cost {
            parameters: count(Role::is_learnt),
            bytes: 4 * count(|_| true),
            step_bytes: self.plan.memory() as u64,
            step_seconds,
            epoch_seconds: step_seconds * steps,
        }
    }
}

fn mean(losses: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = losses.len();
    losses.sum::<f64>() / count.max(1) as f64
}

/// The usable part of a sweep whose runs all began at the loss `first`.
fn usable(sweep: &[(f64, f64)], first: f64) -> Option<Rates> {
    let best = sweep.iter().min_by(|a, b| a.1.total_cmp(&b.1)).filter(|b| b.1 < first)?;
    let far = |loss: f64| first - loss >= 0.1 * (first - best.1);
    let low = sweep.iter().find(|(_, loss)| far(*loss))?.0;
    let high = sweep.iter().rfind(|(_, loss)| *loss < first)?.0;
    let untried = SWEEP.len().saturating_sub(sweep.len());
    Some(Rates { low, best: best.0, high, sweep: sweep.to_vec(), untried })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usable_range_of_a_sweep() {
        let sweep = [(0.001, 2.29), (0.01, 2.0), (0.1, 0.5), (1.0, 2.1), (10.0, f64::INFINITY)];
        let rates = usable(&sweep, 2.3).unwrap();
        assert_eq!((rates.low, rates.best, rates.high), (0.01, 0.1, 1.0));
        assert_eq!(rates.untried, 8);
        assert!(usable(&[(0.1, f64::INFINITY)], 2.3).is_none());
    }
}
