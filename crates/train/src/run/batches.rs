//! The loop over batches: steps, epochs, checkpoints, until a reason to end.

use super::error::TrainError;
use super::loader::{Batch, Loader};
use super::observer::{News, Progress};
use super::pace::Pace;
use super::probes::{self, Measured};
use super::session::Session;
use super::sums::Reading;
use super::{diagnose, monitor};
use crate::folder::event::{Epoch, Event, Reason, Step};
use gradwise_cpu::{Feed, Plan};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The outputs of a training plan, in order; then the penalty, if there is one, and
/// the probes.
const LOSS: usize = 0;
const DATA_LOSS: usize = 1;
const SCORES: usize = 2;
const PENALTY: usize = 3;

/// The plans of the steps.
struct Plans {
    full: Plan,
    /// For the last, smaller batch of an epoch.
    last: Option<Plan>,
    /// Made when first needed.
    probed: Option<Plan>,
}

/// The loop's own state.
struct Batches<'s, 'a> {
    session: &'s mut Session<'a>,
    plans: Plans,
    pace: Pace,
    batch: usize,
    stride: usize,
    per_epoch: u64,
}

/// Trains until all epochs are done, or there is a reason to end before.
pub(super) fn run(session: &mut Session<'_>) -> Result<Reason, TrainError> {
    let (batch, per_epoch) = (session.batch(), session.steps_per_epoch());
    let rest = session.data.train.rows() % batch;
    let plans = Plans {
        full: session.training_plan(batch, false)?,
        last: (rest > 0).then(|| session.training_plan(rest, false)).transpose()?,
        probed: None,
    };
    let order = session.order_from(&session.position);
    let stride = order.stride;
    let loader = Loader::start(session.data.train.clone(), order)?;
    session.clock.start = Instant::now();
    let pace = session.pace(batch);
    Batches { session, plans, pace, batch, stride, per_epoch }.run(loader)
}

impl Batches<'_, '_> {
    fn run(&mut self, mut loader: Loader) -> Result<Reason, TrainError> {
        while self.session.position.epoch < self.session.checked.train.epochs {
            if self.session.gave_up() {
                return Ok(Reason::EarlyStop);
            }
            while self.session.position.batch < self.per_epoch {
                let Some(batch) = loader.next()? else { break };
                let now = self.step(&batch)?;
                if self.session.record_findings()? {
                    return Ok(Reason::Finding);
                }
                if self.session.stop.load(Ordering::Relaxed) {
                    return Ok(Reason::Interrupted);
                }
                if self.session.is_out_of_time(now) {
                    self.session.end_epoch()?;
                    return Ok(Reason::OutOfTime);
                }
                if self.pace.checkpoint_is_due(self.session.checked.train.checkpoint, now) {
                    self.checkpoint()?;
                }
            }
            self.session.end_epoch()?;
            if self.session.record_findings()? {
                return Ok(Reason::Finding);
            }
        }
        Ok(Reason::Done)
    }

    fn checkpoint(&mut self) -> Result<(), TrainError> {
        let begin = Instant::now();
        self.session.checkpoint()?;
        self.pace.checkpoint_written(begin, Instant::now());
        Ok(())
    }

    /// One step; the time after it.
    fn step(&mut self, batch: &Batch<'_>) -> Result<Instant, TrainError> {
        let session = &mut *self.session;
        let position = &session.position;
        let train = &session.checked.train;
        let progress = gradwise_nn::Progress {
            step: position.step,
            epoch: position.epoch,
            total_steps: self.per_epoch.saturating_mul(train.epochs),
            plateau: position.plateau.factor,
        };
        let (lr, step) = (train.schedule.lr(train.lr, &progress), position.step + 1);
        let full = batch.rows == self.batch;
        let probing = full && step >= position.next_probe;
        if probing && self.plans.probed.is_none() {
            self.plans.probed = Some(session.training_plan(self.batch, true)?);
        }
        let plan = self.plans.of(full, probing);
        let scalars = [lr as f32, step as f32];
        let feeds = [
            Feed { values: batch.x, stride: self.stride },
            Feed { values: batch.y, stride: session.program.sizes.targets },
            Feed::row(&scalars[..1]),
            Feed::row(&scalars[1..]),
        ];
        if let Err(stopped) = plan.run(&mut session.state, &feeds) {
            return Err(diagnose::failure(session, stopped, step, &feeds, batch.rows));
        }
        let now = Instant::now();
        self.record(batch, probing, lr, now)?;
        Ok(now)
    }

    /// Reads the results of a step off its plan and records them.
    fn record(
        &mut self,
        batch: &Batch<'_>,
        probing: bool,
        lr: f64,
        now: Instant,
    ) -> Result<(), TrainError> {
        let session = &mut *self.session;
        let plan = self.plans.of(batch.rows == self.batch, probing);
        let mut event = take(session, plan, batch, lr, now);
        let measured = probing.then(|| measure(session, plan, batch, &mut event));
        session.tell(News::Step(&event));
        session.writer.step(event, now)?;
        if let Some(measured) = measured {
            session.tell(News::Layers(&measured.layers));
            session.tell(News::Histograms(&measured.histograms));
            session.writer.measures(&measured.layers, &measured.histograms, now)?;
            session.measurer.give_back(measured);
        }
        if probing {
            session.position.next_probe = self.pace.next_measured(session.position.step);
        }
        if session.is_observed() && self.pace.progress_is_due(now) {
            session.tell_progress(&event, self.per_epoch);
        }
        Ok(())
    }
}

impl Plans {
    /// The plan of a step.
    fn of(&mut self, full: bool, probing: bool) -> &mut Plan {
        match (&mut self.probed, &mut self.last) {
            (Some(probed), _) if probing => probed,
            (_, Some(last)) if !full => last,
            _ => &mut self.full,
        }
    }
}

/// Takes note of a step whose plan has just run.
fn take(session: &mut Session<'_>, plan: &Plan, batch: &Batch<'_>, lr: f64, now: Instant) -> Step {
    let penalized = session.program.training.penalty.is_some();
    let reading = Reading {
        rows: batch.rows,
        data_loss: scalar(plan, DATA_LOSS),
        penalty: if penalized { scalar(plan, PENALTY) } else { 0.0 },
        scores: plan.output(SCORES),
        y: batch.y,
    };
    let (task, reduction) = (session.resolved.task, session.checked.loss.reduction);
    session.position.sums.add(&session.program, task, reduction, &reading);
    session.position.step += 1;
    session.position.batch += 1;
    Step {
        step: session.position.step,
        epoch: session.position.epoch + 1,
        loss: f64::from(scalar(plan, LOSS)).into(),
        data_loss: f64::from(reading.data_loss).into(),
        penalty: f64::from(reading.penalty).into(),
        lr,
        seconds: session.clock.seconds(now),
        ..Step::default()
    }
}

fn scalar(plan: &Plan, output: usize) -> f32 {
    plan.output(output).first().copied().unwrap_or(f32::NAN)
}

/// Takes the measures of a step that was probed; those of the whole gradient become
/// part of its record.
fn measure(session: &mut Session<'_>, plan: &Plan, batch: &Batch<'_>, step: &mut Step) -> Measured {
    let reading = probes::Reading {
        step: step.step,
        rows: batch.rows,
        plan,
        first: PENALTY + usize::from(session.program.training.penalty.is_some()),
        device: &session.device,
        state: &session.state,
        x: batch.x,
        added: &[],
    };
    let measured = session.measurer.take(&session.program.probes, reading);
    measured.tell(step);
    measured
}

impl Session<'_> {
    /// Whether `train.early-stop` epochs brought nothing better.
    pub(super) fn gave_up(&self) -> bool {
        let patience = self.checked.train.early_stop;
        patience.is_some_and(|patience| self.position.waited >= patience)
    }

    pub(super) fn is_out_of_time(&self, now: Instant) -> bool {
        self.checked.train.max_seconds.is_some_and(|most| self.clock.seconds(now) >= most)
    }

    /// Ends the epoch: validation, records, whether it is the best.
    pub(super) fn end_epoch(&mut self) -> Result<(), TrainError> {
        let task = self.resolved.task;
        let train = self.position.sums.measures(&self.program, task);
        let validation = match &mut self.validation {
            Some(evaluator) => {
                let loss = evaluator.run(&mut self.state)?;
                let mut measures = evaluator.outputs().headline(task);
                measures.insert("loss".into(), loss.into());
                measures
            }
            None => Default::default(),
        };
        self.position.epoch += 1;
        self.position.batch = 0;
        self.position.sums = Default::default();
        let judged = if self.validation.is_some() { &validation } else { &train };
        let best = monitor::observe(&mut self.position, &self.checked.train, judged);
        if best && self.checked.train.keep_best && self.validation.is_some() {
            self.keep_weights();
        }
        let progress = gradwise_nn::Progress {
            step: self.position.step.saturating_sub(1),
            epoch: self.position.epoch - 1,
            total_steps: self.steps_per_epoch().saturating_mul(self.checked.train.epochs),
            plateau: self.position.plateau.factor,
        };
        let epoch = Epoch {
            epoch: self.position.epoch,
            step: self.position.step,
            lr: self.checked.train.schedule.lr(self.checked.train.lr, &progress),
            seconds: self.clock.seconds(Instant::now()),
            best,
            train,
            validation,
        };
        self.position.train = epoch.train.clone();
        self.position.validation = epoch.validation.clone();
        self.tell(News::Epoch(&epoch));
        Ok(self.writer.event(Event::Epoch(epoch))?)
    }

    fn keep_weights(&mut self) {
        self.best.resize(self.program.gradients.len(), Vec::new());
        for ((id, _), kept) in self.program.gradients.iter().zip(&mut self.best) {
            kept.clear();
            kept.extend_from_slice(&self.state.values(*id));
        }
    }

    pub(super) fn tell_progress(&mut self, step: &Step, per_epoch: u64) {
        let steps = per_epoch.saturating_mul(self.checked.train.epochs);
        let here = (step.seconds - self.clock.before).max(1e-9);
        let per_second = (step.step - self.clock.steps_before) as f64 / here;
        let sums = self.position.sums;
        let progress = Progress {
            step: step.step,
            steps,
            epoch: step.epoch,
            epochs: self.checked.train.epochs,
            share: self.position.batch as f64 / per_epoch.max(1) as f64,
            loss: step.loss.0,
            mean_loss: sums.loss.0 / sums.rows.max(1) as f64,
            lr: step.lr,
            rows_per_second: per_second * self.data.train.rows() as f64 / per_epoch.max(1) as f64,
            seconds: step.seconds,
            seconds_left: steps.saturating_sub(step.step) as f64 / per_second.max(1e-9),
        };
        self.tell(News::Progress(&progress));
    }
}
