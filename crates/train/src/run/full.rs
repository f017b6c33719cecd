//! The loop of L-BFGS: one step an epoch, on all rows at once.

mod sampled;

use super::diagnose;
use super::error::TrainError;
use super::observer::News;
use super::pace::Pace;
use super::probes::Measured;
use super::program::EVALUATION_INPUTS;
use super::session::Session;
use super::sums::Reading;
use crate::folder::event::{Reason, Step};
use crate::folder::tensors::{Array, Elements, Tensors};
use gradwise_cpu::{Buffer, Feed, Plan, Request, State};
use gradwise_graph::ParameterId;
use gradwise_nn::lbfgs::{Evaluation, Outcome, Pair};
use gradwise_nn::{Lbfgs, Optimizer};
use sampled::Sampled;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The outputs of the plan, in order; then the penalty, if there is one, and the
/// gradients.
const LOSS: usize = 0;
const DATA_LOSS: usize = 1;
const SCORES: usize = 2;

/// All rows and the plan that takes their loss and gradient.
struct Full {
    plan: Plan,
    x: Buffer,
    y: Vec<f32>,
    stride: usize,
    targets: usize,
    parameters: Vec<ParameterId>,
    first_gradient: usize,
    /// The point that the plan was last run at.
    evaluated: Vec<f64>,
    /// Made when first needed.
    sampled: Option<Sampled>,
}

/// Passes over the rows that a step costs, about: a line search, and what it remembers.
const EVALUATIONS: usize = 4;

/// Trains until all epochs are done, or there is a reason to end before.
pub(super) fn run(session: &mut Session<'_>) -> Result<Reason, TrainError> {
    let Optimizer::Lbfgs { history } = session.checked.train.optimizer else {
        return Ok(Reason::Done);
    };
    let mut full = Full::new(session)?;
    let (mut memory, mut point) = session.lbfgs(history, &full.parameters);
    session.clock.start = Instant::now();
    let mut pace = session.pace(EVALUATIONS * session.batch());
    while session.position.epoch < session.checked.train.epochs {
        if session.gave_up() {
            return Ok(Reason::EarlyStop);
        }
        let before = point.clone();
        let outcome = full.step(session, &mut memory, &mut point)?;
        let step = full.record(session, &before, &point, &pace)?;
        session.end_epoch()?;
        session.memory = Some((memory.clone(), point.clone()));
        session.tell_progress(&step, 1);
        if session.record_findings()? {
            return Ok(Reason::Finding);
        }
        let now = Instant::now();
        match outcome {
            Outcome::Moved => {}
            Outcome::Converged | Outcome::Stuck => return Ok(Reason::Converged),
        }
        if session.stop.load(Ordering::Relaxed) {
            return Ok(Reason::Interrupted);
        }
        if session.is_out_of_time(now) {
            return Ok(Reason::OutOfTime);
        }
        if pace.checkpoint_is_due(session.checked.train.checkpoint, now) {
            session.checkpoint()?;
            pace.checkpoint_written(now, Instant::now());
        }
    }
    Ok(Reason::Done)
}

impl Full {
    fn new(session: &Session<'_>) -> Result<Full, TrainError> {
        let set = &session.data.train;
        if let (true, Some(memory)) = (set.is_streamed(), session.data.streamed) {
            let rows = set.rows();
            return Err(TrainError::Unfit {
                what: format!(
                    "lbfgs takes all {rows} rows in every step, and they do not fit \
                     data.memory = \"{memory}\""
                ),
                help: "take adam or sgd, which need one batch at a time, or allow more memory"
                    .into(),
            });
        }
        let (stride, targets) =
            (gradwise_cpu::stride(set.columns()), session.program.sizes.targets);
        let order: Vec<u32> = (0..set.rows() as u32).collect();
        let (mut x, mut y) =
            (Buffer::zeros(order.len() * stride)?, vec![0.0; order.len() * targets]);
        set.gather(&order, &mut x, stride)?;
        set.targets(&order, &mut y)?;
        let nodes = &session.program.training;
        let mut outputs = vec![nodes.loss, nodes.data_loss, nodes.scores];
        outputs.extend(nodes.penalty);
        let first_gradient = outputs.len();
        outputs.extend(session.program.gradients.iter().map(|(_, gradient)| *gradient));
        let request = Request {
            batch: order.len(),
            inputs: EVALUATION_INPUTS.map(String::from).into(),
            outputs,
            ..Request::default()
        };
        let plan = Plan::new(&session.device, &session.program.graph, &request)?;
        let parameters = session.program.gradients.iter().map(|(id, _)| *id).collect();
        let (evaluated, sampled) = (Vec::new(), None);
        Ok(Full { plan, x, y, stride, targets, parameters, first_gradient, evaluated, sampled })
    }

    /// One iteration; the parameters are then at the new point.
    fn step(
        &mut self,
        session: &mut Session<'_>,
        memory: &mut Lbfgs,
        point: &mut [f64],
    ) -> Result<Outcome, TrainError> {
        let state = &mut session.state;
        // What was measured since may have left other weights.
        self.evaluated.clear();
        let outcome = memory.step(point, |at| self.evaluate(state, at))?;
        // The last point that the line search tried may not be the one it took.
        if self.evaluated != point {
            self.evaluate(state, point)?;
        }
        if !self.scalar(LOSS).is_finite() {
            return Err(self.failure(session));
        }
        Ok(outcome)
    }

    /// Loss and gradient at a point.
    fn evaluate(&mut self, state: &mut State, point: &[f64]) -> Result<Evaluation, TrainError> {
        let (mut start, mut values) = (0, Vec::new());
        for id in &self.parameters {
            let count = state.values(*id).len();
            values.clear();
            values.extend(point.iter().skip(start).take(count).map(|x| *x as f32));
            state.write(*id, &values)?;
            start += count;
        }
        self.plan.run(state, &feeds(&self.x, &self.y, self.stride, self.targets))?;
        self.evaluated.clear();
        self.evaluated.extend_from_slice(point);
        let gradients = (self.first_gradient..).take(self.parameters.len());
        let gradient = gradients.flat_map(|i| self.plan.output(i)).map(|g| f64::from(*g)).collect();
        Ok(Evaluation { value: f64::from(self.scalar(LOSS)), gradient })
    }

    fn scalar(&self, output: usize) -> f32 {
        self.plan.output(output).first().copied().unwrap_or(f32::NAN)
    }

    fn failure(&self, session: &mut Session<'_>) -> TrainError {
        let [x, y] = feeds(&self.x, &self.y, self.stride, self.targets);
        let all = [x, y, Feed::row(&[1.0]), Feed::row(&[1.0])];
        let (step, rows) = (session.position.step + 1, session.data.train.rows());
        diagnose::failure(session, gradwise_cpu::Stopped::Gate, step, &all, rows)
    }

    /// Records the step that was just done, and measures layers if it is time to.
    fn record(
        &mut self,
        session: &mut Session<'_>,
        before: &[f64],
        point: &[f64],
        pace: &Pace,
    ) -> Result<Step, TrainError> {
        let now = Instant::now();
        let mut step = self.take(session, now);
        let probing = step.step >= session.position.next_probe;
        let measured = match probing {
            true => Some(self.measure(session, &mut step, before, point)?),
            false => None,
        };
        session.tell(News::Step(&step));
        session.writer.step(step, now)?;
        if let Some(measured) = measured {
            session.tell(News::Layers(&measured.layers));
            session.tell(News::Histograms(&measured.histograms));
            session.writer.measures(&measured.layers, &measured.histograms, now)?;
            session.measurer.give_back(measured);
        }
        if probing {
            session.position.next_probe = pace.next_measured(step.step);
        }
        Ok(step)
    }

    /// Measures layers at the point that a step came to.
    fn measure(
        &mut self,
        session: &mut Session<'_>,
        step: &mut Step,
        before: &[f64],
        point: &[f64],
    ) -> Result<Measured, TrainError> {
        let mut start = 0;
        let mut added = Vec::new();
        for id in &self.parameters {
            let range = start..start + session.state.values(*id).len();
            start = range.end;
            let (old, new) = (before.get(range.clone()), point.get(range));
            let changes = old.into_iter().flatten().zip(new.into_iter().flatten());
            added.push((*id, changes.map(|(old, new)| new - old).collect()));
        }
        let sampled = match &mut self.sampled {
            Some(sampled) => sampled,
            None => self.sampled.insert(Sampled::new(session)?),
        };
        let mut measured = sampled.measure(session, step.step, &added)?;
        // Of all rows it is known anyway.
        let gradients = (self.first_gradient..).take(self.parameters.len());
        let all = gradients.flat_map(|i| self.plan.output(i));
        measured.gradient_norm = all.map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        measured.tell(step);
        Ok(measured)
    }

    /// Takes note of the step that was just done.
    fn take(&self, session: &mut Session<'_>, now: Instant) -> Step {
        let penalized = session.program.training.penalty.is_some();
        let penalty = if penalized { self.scalar(SCORES + 1) } else { 0.0 };
        let reading = Reading {
            rows: session.data.train.rows(),
            data_loss: self.scalar(DATA_LOSS),
            penalty,
            scores: self.plan.output(SCORES),
            y: &self.y,
        };
        let (task, reduction) = (session.resolved.task, session.checked.loss.reduction);
        session.position.sums.add(&session.program, task, reduction, &reading);
        session.position.step += 1;
        session.position.batch += 1;
        Step {
            step: session.position.step,
            epoch: session.position.epoch + 1,
            loss: f64::from(self.scalar(LOSS)).into(),
            data_loss: f64::from(reading.data_loss).into(),
            penalty: f64::from(penalty).into(),
            lr: 1.0,
            seconds: session.clock.seconds(now),
            ..Step::default()
        }
    }
}

fn feeds<'f>(x: &'f [f32], y: &'f [f32], stride: usize, targets: usize) -> [Feed<'f>; 2] {
    [Feed { values: x, stride }, Feed { values: y, stride: targets }]
}

/// What the optimizer knows at a point of the parameters.
pub(super) type Memory = (Lbfgs, Vec<f64>);

impl Session<'_> {
    /// The optimizer as the checkpoint has it, or at its start.
    fn lbfgs(&self, history: usize, parameters: &[ParameterId]) -> Memory {
        self.memory.clone().unwrap_or_else(|| {
            let values = parameters.iter().flat_map(|id| self.state.read(*id));
            let point = values.map(f64::from).collect();
            (Lbfgs { history, ..Lbfgs::default() }, point)
        })
    }
}

/// The arrays of a checkpoint that hold what the optimizer knows. Value and
/// gradient at the point are left out: they are made again to the same bits.
pub(super) fn arrays((lbfgs, point): &Memory) -> Vec<Array> {
    let array = |name: String, values: &[f64]| Array {
        name,
        sizes: vec![values.len()],
        values: Elements::F64(values.to_vec()),
    };
    let pairs = lbfgs.pairs.iter().enumerate().flat_map(|(i, pair)| {
        [array(step_name(i), &pair.step), array(change_name(i), &pair.change)]
    });
    std::iter::once(array(POINT.into(), point)).chain(pairs).collect()
}

const POINT: &str = "lbfgs/point";

fn step_name(index: usize) -> String {
    format!("lbfgs/{index}/step")
}

fn change_name(index: usize) -> String {
    format!("lbfgs/{index}/change")
}

/// The reverse of [`arrays`]; `None` if there are no such arrays.
pub(super) fn memory(tensors: &Tensors, history: usize) -> Option<Memory> {
    let get = |name: &str| tensors.find(name).map(|a| a.doubles().to_vec());
    let pair = |i| Some(Pair { step: get(&step_name(i))?, change: get(&change_name(i))? });
    let pairs = (0..).map_while(pair).collect();
    Some((Lbfgs { history, pairs, ..Lbfgs::default() }, get(POINT)?))
}
