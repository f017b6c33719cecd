//! The training itself: from a checked run file to a run folder.
//!
//! [`train`] opens a session (data, graph, plans, run folder), loops over batches
//! or full gradients until there is a reason to end, and writes the model.

mod batches;
mod diagnose;
pub mod error;
mod evaluator;
mod full;
mod loader;
mod lsuv;
mod machine;
mod monitor;
pub mod observer;
mod pace;
pub mod place;
pub mod probes;
pub mod program;
mod replay;
mod session;
mod sums;

pub use error::TrainError;
pub use evaluator::Evaluator;
pub use observer::{News, Observer, Progress, Resume, Watcher};
pub use program::Program;
pub(crate) use session::restore;
pub use session::{Options, Session};

use crate::folder::event::{End, Event, Finding, Measures, Reason, Severity, VERSION};
use crate::folder::model::Model;
use crate::folder::summary::{Summary, Timings};
use crate::model::{Evaluation, Part};
use crate::runfile::Checked;
use gradwise_graph::Role;
use gradwise_nn::Optimizer;
use std::path::PathBuf;
use std::time::Instant;

/// How a training ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run folder.
    pub folder: PathBuf,
    /// What is in its summary.
    pub summary: Summary,
    /// How good the model is on the test rows, or on the validation rows for want of
    /// those; absent if there are neither, or the run did not come to its end.
    pub evaluation: Option<Evaluation>,
}

/// Trains as a run file says.
///
/// # Errors
/// Whatever is wrong with run file, data, machine or run folder; a loss or a
/// parameter that became NaN or infinite, named with its layer and operation.
pub fn train(checked: Checked, options: Options<'_>) -> Result<Outcome, TrainError> {
    let mut session = Session::open(checked, options)?;
    let ended = match (session.record_findings()?, session.checked.train.optimizer) {
        (true, _) => Ok(Reason::Finding),
        (_, Optimizer::Lbfgs { .. }) => full::run(&mut session),
        _ => batches::run(&mut session),
    };
    match ended {
        Ok(reason) => session.finish(reason, None),
        Err(TrainError::Nonfinite { finding, .. }) => {
            let outcome = session.finish(Reason::Nonfinite, Some(*finding.clone()))?;
            Err(TrainError::Nonfinite { finding, folder: Some(outcome.folder) })
        }
        Err(error) => Err(error),
    }
}

impl Session<'_> {
    /// Writes what a run leaves behind: a checkpoint to go on from, the model, the
    /// last records and the summary.
    fn finish(mut self, reason: Reason, finding: Option<Finding>) -> Result<Outcome, TrainError> {
        let seconds = self.clock.seconds(Instant::now());
        if reason != Reason::Nonfinite {
            self.checkpoint()?;
        }
        let complete = !matches!(reason, Reason::Nonfinite | Reason::Interrupted | Reason::Finding);
        let best_epoch = self.take_best()?;
        let (validation, evaluation) = if complete { self.scores()? } else { Default::default() };
        let test = evaluation.as_ref().filter(|e| e.part == Part::Test);
        self.model().write(&self.folder)?;
        self.found.extend(finding);
        self.record_findings()?;
        let end = End {
            reason,
            step: self.position.step,
            epoch: self.position.epoch + u64::from(self.position.batch > 0),
            best_epoch,
            test: test.map(|e| e.report.measures.clone()).unwrap_or_default(),
            validation: validation.unwrap_or_else(|| self.position.validation.clone()),
            seconds,
        };
        let summary = self.summary(&end);
        self.tell(News::End(&end));
        self.writer.event(Event::End(end))?;
        self.writer.close()?;
        summary.write(&self.folder)?;
        Ok(Outcome { folder: self.folder, summary, evaluation })
    }

    /// Puts the best epoch's weights in place, if they are kept; the epoch whose
    /// weights the model has.
    fn take_best(&mut self) -> Result<u64, TrainError> {
        if self.best.is_empty() {
            return Ok(self.position.epoch);
        }
        for ((id, _), values) in self.program.gradients.iter().zip(&self.best) {
            self.state.write(*id, values)?;
        }
        Ok(self.position.best.epoch)
    }

    /// The model's measures on the validation rows, and how good it is on the test
    /// rows, or else on those.
    fn scores(&mut self) -> Result<(Option<Measures>, Option<Evaluation>), TrainError> {
        let validation = self.validation.take();
        let validation = validation.map(|e| self.evaluated(Part::Validation, e)).transpose()?;
        let measures = validation.as_ref().map(|e| e.report.measures.clone());
        let Some(set) = self.data.test.clone() else { return Ok((measures, validation)) };
        let evaluator = Evaluator::new(&self.device, &self.program, set)?;
        Ok((measures, Some(self.evaluated(Part::Test, evaluator)?)))
    }

    fn evaluated(&mut self, part: Part, mut rows: Evaluator) -> Result<Evaluation, TrainError> {
        let loss = rows.run(&mut self.state)?;
        Ok(Evaluation::new(part, rows, loss, self.resolved.task, &self.data.schema)?)
    }

    fn model(&self) -> Model {
        Model {
            run: self.checked.render(&self.resolved),
            schema: self.data.schema.clone(),
            pipeline: self.data.pipeline.clone(),
            parameters: self.arrays(|role| role != Role::State),
        }
    }

    fn summary(&self, end: &End) -> Summary {
        let here = end.seconds - self.clock.before;
        let steps = (self.position.step - self.clock.steps_before) as f64;
        let rows = steps * self.data.train.rows() as f64 / self.steps_per_epoch().max(1) as f64;
        Summary {
            version: VERSION,
            reason: end.reason,
            // A run without findings was watched, not judged.
            verdict: self.findings.iter().any(is_error).then(|| "broken".into()),
            findings: self.findings.clone(),
            steps: end.step,
            epochs: self.position.epoch,
            best_epoch: end.best_epoch,
            train: self.position.train.clone(),
            validation: end.validation.clone(),
            test: end.test.clone(),
            parameters: self.program.layers.iter().map(|l| l.parameters).sum(),
            timings: Timings {
                data: self.clock.data,
                plan: self.clock.plan,
                training: end.seconds,
                rows_per_second: if here > 0.0 { rows / here } else { 0.0 },
            },
        }
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}
