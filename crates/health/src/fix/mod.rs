//! Tries the remedies of what is wrong, and keeps those that measurably help.
//!
//! The run file is trained once and judged. Each remedy of a root cause is tried, and
//! remedies of independent causes together (`candidates`): all of them in short runs
//! under seeds of their own, the promising ones in full runs beside the run file as it
//! is. One is kept if the paired test of the full runs says that it helps (`gain`);
//! where a few seeds say nothing clear, more are asked once more. What is kept is judged
//! in turn, and so is the best of what did not help by itself: remedies that only help
//! together are found one after the other (`round`). Where none of it helped, the usual
//! settings do (`usual`). What only makes the scores honest, such as rows that are drawn
//! anew, comes before all of it and need not raise them (`honest`). It ends when nothing
//! is wrong, nothing helps, or the budget is spent. A run in which nothing is wrong is
//! left as it is.

mod candidates;
mod change;
mod gain;
mod honest;
mod round;
mod usual;
mod workshop;
mod written;

pub use change::{Change, Part};
pub use gain::{LEVEL, Score};
pub use written::written;

use crate::doctor::HealthError;
use gradwise_data::Task;
use gradwise_train::folder::event::{Finding, Severity};
use gradwise_trials::{Base, News, Report, VariantReport};
use round::{Round, Start};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use workshop::Workshop;

/// How much work may be put into it.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Seeds of every full run, at least two.
    pub seeds: u32,
    /// Everything is stopped after this time.
    pub budget: Option<Duration>,
    /// Threads that compute; `None`: one for each core.
    pub threads: Option<usize>,
}

/// What is told while it goes.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// What comes next.
    Stage(&'a str),
    /// How far it is.
    Runs(News<'a>),
}

/// Who is told; called from the threads that train.
pub type Listener<'a> = &'a (dyn Fn(Told<'_>) + Sync);

/// What was tried and kept.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fixed {
    /// What the scores are: accuracy, macro_recall or r2, on validation rows.
    pub metric: String,
    /// What was wrong at first, by root causes.
    pub findings: Vec<Finding>,
    /// What is wrong after all.
    pub left: Vec<Finding>,
    /// The scores as it was, one a seed.
    pub before: Vec<f64>,
    /// The scores with what was kept.
    pub after: Vec<f64>,
    /// Every change that was tried, in the order of the rounds.
    pub tried: Vec<Tried>,
    /// What was kept.
    pub kept: Change,
    /// The full runs before and after, if anything was kept.
    pub study: Option<Report>,
    /// Whether it ended before everything was tried.
    pub stopped: bool,
    /// Trainings that were made, short and full.
    pub trainings: usize,
    /// Seconds that all of it took.
    pub seconds: f64,
}

impl Tried {
    /// A change that is to be tried.
    fn of(change: Change) -> Tried {
        Tried { change, ..Tried::default() }
    }
}

/// How a change did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tried {
    /// The change.
    pub change: Change,
    /// Its mean score in short runs; none if the run file does not take it.
    pub short: Option<f64>,
    /// Its scores in full runs, one a seed, if it was promising.
    pub full: Vec<f64>,
    /// The mean gain in full runs over what was kept before.
    pub gain: Option<f64>,
    /// The corrected p-value of that gain, or of the fall of the validation loss.
    pub p: Option<f64>,
    /// Whether the validation loss proves it, not the score.
    pub by_loss: bool,
    /// Whether it was kept.
    pub kept: bool,
    /// Whether it was kept because the scores were not honest without it.
    pub honest: bool,
}

/// Tries the remedies of a run file; the runs are made in the folder `out`.
///
/// # Errors
/// Whatever is wrong with run file, data or machine.
pub fn fix(
    base: &Base,
    effort: &Effort,
    out: &Path,
    stop: &Arc<AtomicBool>,
    listener: Listener<'_>,
) -> Result<Fixed, HealthError> {
    let mut workshop = Workshop::new(base, effort, out, stop, listener)?;
    let mut fixed = Fixed::default();
    workshop.say("one full run, to see what is wrong");
    let first = workshop.full(&[&Change::default()], 1)?.into_iter().flatten().next();
    let first = first.unwrap_or_default();
    fixed.findings = roots(&first);
    let score = score(&fixed.findings, workshop.task);
    fixed.metric = score.name().into();
    fixed.before = scores(&first, score);
    fixed.left = fixed.findings.clone();
    let mut round = Round { workshop: &mut workshop, fixed: &mut fixed, score };
    let on = Start { change: Change::default(), findings: round.fixed.findings.clone() };
    let on = round.honest(&on)?.unwrap_or(on);
    round.rounds(on)?;
    if !round.fixed.kept.parts.is_empty() {
        round.prune()?;
        let seeds = round.fixed.before.len().min(round.fixed.after.len()) as u32;
        round.fixed.study = Some(round.workshop.beside(&round.fixed.kept, seeds)?);
    }
    fixed.stopped = workshop.is_over();
    (fixed.trainings, fixed.seconds) = workshop.spent();
    Ok(fixed)
}

/// The root causes that any of the runs has, those of most runs first.
fn roots(variant: &VariantReport) -> Vec<Finding> {
    let mut all: BTreeMap<&str, (usize, usize, &Finding)> = BTreeMap::new();
    let found = variant.runs.iter().flat_map(|run| run.findings.iter().enumerate());
    let counts = |f: &Finding| f.caused_by.is_none() && f.severity > Severity::Info;
    for (at, finding) in found.filter(|(_, finding)| counts(finding)) {
        all.entry(&finding.id).or_insert((0, at, finding)).0 += 1;
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|(runs, at, finding)| (std::cmp::Reverse((*runs, finding.severity)), *at));
    all.into_iter().map(|(_, _, finding)| finding.clone()).collect()
}

/// What decides: where a class is rare, the mean of the classes counts.
fn score(findings: &[Finding], task: Task) -> Score {
    match task {
        Task::Regression => Score::R2,
        Task::Multilabel => Score::Accuracy,
        _ if findings.iter().any(|f| f.id == "class-imbalance") => Score::Recall,
        _ => Score::Accuracy,
    }
}

fn scores(variant: &VariantReport, score: Score) -> Vec<f64> {
    variant.runs.iter().filter_map(|run| score.of(run)).collect()
}
