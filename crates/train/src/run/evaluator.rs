//! The network without dropout on all rows of a set, in order.

use super::error::TrainError;
use super::program::{EVALUATION_INPUTS, Program};
use crate::metrics::{Answers, Outputs};
use gradwise_cpu::{Buffer, Device, Feed, Plan, Request, State};
use gradwise_data::Set;

/// Rows that are run at once.
const BATCH: usize = 512;

/// A set with the plans to run it and room for the results.
pub struct Evaluator {
    set: Set,
    batch: usize,
    stride: usize,
    plan: Plan,
    last: Option<Plan>,
    rows: Vec<u32>,
    x: Buffer,
    y: Vec<f32>,
    /// Numbers of a row's answer; 0 without answers.
    targets: usize,
    columns: usize,
    probabilities: bool,
    outputs: Vec<f32>,
    /// Each row's loss; empty without answers.
    losses: Vec<f32>,
}

impl Evaluator {
    /// Makes the plans for a set, with or without answers.
    ///
    /// # Errors
    /// A plan that cannot be made.
    pub fn new(device: &Device, program: &Program, set: Set) -> Result<Evaluator, TrainError> {
        let batch = BATCH.min(set.rows()).max(1);
        let answered = set.has_targets();
        let plan = |rows: usize| {
            let evaluation = &program.evaluation;
            let mut request = Request {
                batch: rows,
                inputs: vec![EVALUATION_INPUTS[0].into()],
                outputs: vec![evaluation.output],
                ..Request::default()
            };
            if answered {
                request.inputs.push(EVALUATION_INPUTS[1].into());
                request.outputs.push(evaluation.row_losses);
            }
            Plan::new(device, &program.graph, &request)
        };
        let (rest, stride) = (set.rows() % batch, gradwise_cpu::stride(set.columns()));
        let targets = if answered { program.sizes.targets } else { 0 };
        let mut y = vec![0.0; set.rows() * targets];
        if answered {
            for (start, y) in y.chunks_mut(batch * targets.max(1)).enumerate() {
                let first = (start * batch) as u32;
                let rows: Vec<u32> = (first..first + (y.len() / targets) as u32).collect();
                set.targets(&rows, y)?;
            }
        }
        Ok(Evaluator {
            plan: plan(batch)?,
            last: (rest > 0).then(|| plan(rest)).transpose()?,
            x: Buffer::zeros(batch * stride)?,
            outputs: Vec::new(),
            losses: Vec::new(),
            columns: program.sizes.outputs,
            probabilities: program.evaluation.probabilities,
            set,
            batch,
            stride,
            rows: Vec::with_capacity(batch),
            y,
            targets,
        })
    }

    /// Runs all rows; the mean of their losses (NaN without rows or answers).
    ///
    /// # Errors
    /// The processor's.
    pub fn run(&mut self, state: &mut State) -> Result<f64, TrainError> {
        let rows = self.set.rows();
        self.outputs.clear();
        self.outputs.reserve_exact(rows * self.columns);
        self.losses.clear();
        self.losses.reserve_exact(if self.targets > 0 { rows } else { 0 });
        for index in 0..self.batches() {
            let full = self.run_batch(state, index)?;
            let plan = self.last.as_ref().filter(|_| !full).unwrap_or(&self.plan);
            self.outputs.extend_from_slice(plan.output(0));
            if self.targets > 0 {
                self.losses.extend_from_slice(plan.output(1));
            }
        }
        let loss = self.losses.iter().map(|x| f64::from(*x)).sum::<f64>();
        Ok(if self.targets == 0 { f64::NAN } else { loss / self.set.rows() as f64 })
    }

    /// Runs all rows without keeping what is said about them: `visit` is given it, batch
    /// after batch, without what is right.
    ///
    /// # Errors
    /// The processor's, and those of `visit`.
    pub fn each<E: From<TrainError>>(
        &mut self,
        state: &mut State,
        visit: &mut dyn FnMut(&Outputs<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for index in 0..self.batches() {
            let full = self.run_batch(state, index)?;
            let plan = self.last.as_ref().filter(|_| !full).unwrap_or(&self.plan);
            visit(&Outputs {
                outputs: plan.output(0),
                columns: self.columns,
                targets: &[],
                probabilities: self.probabilities,
            })?;
        }
        Ok(())
    }

    fn batches(&self) -> usize {
        self.set.rows().div_ceil(self.batch)
    }

    /// Runs one batch; whether it was a full one.
    fn run_batch(&mut self, state: &mut State, index: usize) -> Result<bool, TrainError> {
        let first = index * self.batch;
        let end = (first + self.batch).min(self.set.rows());
        self.rows.clear();
        self.rows.extend((first..end).map(|row| row as u32));
        self.set.gather(&self.rows, &mut self.x, self.stride)?;
        let (rows, full) = (self.rows.len(), self.rows.len() == self.batch);
        let plan = match &mut self.last {
            Some(last) if !full => last,
            _ => &mut self.plan,
        };
        let start = first * self.targets;
        let y = self.y.get(start..start + rows * self.targets).unwrap_or_default();
        let x = Feed { values: &self.x, stride: self.stride };
        match self.targets {
            0 => plan.run(state, &[x])?,
            stride => plan.run(state, &[x, Feed { values: y, stride }])?,
        }
        Ok(full)
    }

    /// What the last run said, beside what is right.
    pub fn outputs(&self) -> Outputs<'_> {
        Outputs {
            outputs: &self.outputs,
            columns: self.columns,
            targets: &self.y,
            probabilities: self.probabilities,
        }
    }
    /// The rows, and all that the last run said about them.
    pub fn into_answers(self) -> (Set, Answers) {
        let answers = Answers {
            outputs: self.outputs,
            columns: self.columns,
            targets: self.y,
            losses: self.losses,
            probabilities: self.probabilities,
        };
        (self.set, answers)
    }
}
