//! Where changes are trained: studies of short and of full runs, within the budget.

use super::change::{Change, Part};
use super::{Effort, Listener, Told};
use crate::doctor::{Examiner, HealthError};
use gradwise_data::Task;
use gradwise_train::runfile::Checked;
use gradwise_trials::vary::Variant;
use gradwise_trials::{Base, Judge, News, Repeats, Report, Study, StudyError, VariantReport};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The least share of the epochs that short runs have, so that schedules which look at
/// the end of the training see one.
const SHORT: f64 = 0.2;
/// Runs of so many seconds need not be shortened.
const BRIEF: f64 = 1.5;
/// Seeds of short runs, or one where they are long. They are not those of full runs:
/// else what is promising by chance would be proven by the same chance.
const SCREENED: u32 = 2;
const APART: u64 = 1000;
/// The run file as it is.
const BEFORE: &str = "before";

/// A run file with everything that is needed to train changes of it.
pub(super) struct Workshop<'a> {
    base: Base,
    effort: &'a Effort,
    out: &'a Path,
    stop: &'a Arc<AtomicBool>,
    listener: Listener<'a>,
    judge: Judge,
    begin: Instant,
    /// Every change that was trained, which gives each a folder.
    changes: Vec<Change>,
    trainings: AtomicUsize,
    /// The seconds of the longest full run.
    longest: f64,
    /// The share of the epochs that short runs have, and their seeds: by what is known
    /// when the first are made, so that all can be compared.
    short: Option<(f64, u32)>,
    /// What the data ask for.
    pub task: Task,
}

impl<'a> Workshop<'a> {
    pub fn new(
        base: &Base,
        effort: &'a Effort,
        out: &'a Path,
        stop: &'a Arc<AtomicBool>,
        listener: Listener<'a>,
    ) -> Result<Self, HealthError> {
        let begin = Instant::now();
        let examiner = Examiner::new(Some(1));
        let (task, validates) = examiner.task(&base.with(&[])?)?;
        let mut base = base.clone();
        if !validates {
            // A gain on training rows proves nothing.
            base.sets.push(("data.fold".into(), "1/5".into()));
        }
        Ok(Workshop {
            base,
            effort,
            out,
            stop,
            listener,
            judge: examiner.into_judge(),
            begin,
            changes: Vec::new(),
            trainings: AtomicUsize::new(0),
            longest: 0.0,
            short: None,
            task,
        })
    }

    /// The changes that the run file takes, and that are some.
    pub fn possible(&self, changes: Vec<Change>) -> Vec<Change> {
        let Ok(own) = self.base.with(&[]) else { return Vec::new() };
        let takes = |change: &Change| match self.base.with(&change.settings()) {
            Ok(changed) => own.differs_from(&changed).or(changed.differs_from(&own)).is_some(),
            Err(_) => false,
        };
        changes.into_iter().filter(takes).collect()
    }

    /// Whether a part on top of a change makes a difference.
    pub fn differs(&self, change: &Change, part: &Part) -> bool {
        let (before, after) = (self.checked(change), self.checked(&change.then(part)));
        let differ = |a: &Checked, b: &Checked| a.differs_from(b).or(b.differs_from(a)).is_some();
        before.zip(after).is_some_and(|(before, after)| differ(&before, &after))
    }

    /// The run file with a change; `None` if it does not take it.
    pub fn checked(&self, change: &Change) -> Option<Checked> {
        self.base.with(&change.settings()).ok()
    }

    /// Whether so many full runs take at most a part of the time that is left.
    pub fn affords(&self, runs: usize, part: f64) -> bool {
        let Some(deadline) = self.deadline() else { return true };
        let left = deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.effort.threads.unwrap_or(cores).max(1);
        self.longest * runs as f64 / jobs as f64 <= part * left
    }

    /// Tells what comes next.
    pub fn say(&self, what: &str) {
        (self.listener)(Told::Stage(what));
    }

    pub fn seeds(&self) -> u32 {
        self.effort.seeds.max(2)
    }

    /// Whether the user or the budget ended the work.
    pub fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Trainings and seconds so far.
    pub fn spent(&self) -> (usize, f64) {
        (self.trainings.load(Ordering::Relaxed), self.begin.elapsed().as_secs_f64())
    }

    /// Full runs of changes, judged, in the order given; `None` where data or network do
    /// not take a change. Runs that were made before are read.
    pub fn full(
        &mut self,
        changes: &[&Change],
        seeds: u32,
    ) -> Result<Vec<Option<VariantReport>>, HealthError> {
        let variants: Vec<Variant> = changes.iter().map(|change| self.variant(change)).collect();
        let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
        let mut study = self.study(variants, seeds, self.out.join("full"));
        study.judge = Some(self.judge.clone());
        let report = self.run(study)?;
        let seconds = report.variants.iter().flat_map(|v| &v.runs).map(|run| run.seconds);
        self.longest = seconds.fold(self.longest, f64::max);
        Ok(names.iter().map(|name| report.variant(name).cloned()).collect())
    }

    /// Runs a study; variants that data or network do not take are left out, but for the
    /// first.
    fn run(&self, mut study: Study) -> Result<Report, HealthError> {
        loop {
            match study.run(&|news| self.hear(news)) {
                Err(StudyError::Run { variant, .. })
                    if study.variants.first().is_some_and(|first| first.name != variant) =>
                {
                    study.variants.retain(|other| other.name != variant);
                }
                report => return Ok(report?),
            }
        }
    }

    /// Short runs of changes, in the order given; `None` where data or network do not
    /// take a change.
    pub fn short(
        &mut self,
        changes: &[&Change],
    ) -> Result<Vec<Option<VariantReport>>, HealthError> {
        let (share, seeds) = *self.short.get_or_insert_with(|| {
            let share = (BRIEF / self.longest).clamp(SHORT, 1.0);
            (share, if share * self.longest > BRIEF { 1 } else { SCREENED })
        });
        let mut variants = Vec::new();
        for change in changes {
            let Variant { name, mut settings } = self.variant(change);
            let epochs = self.base.with(&settings)?.train.epochs;
            let short = (epochs as f64 * share).ceil() as u64;
            settings.retain(|(key, _)| key != "train.epochs");
            settings.push(("train.epochs".into(), short.max(1).to_string()));
            variants.push(Variant { name, settings });
        }
        let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
        let mut study = self.study(variants, seeds, self.out.join("short"));
        let own = self.base.with(&[])?;
        let seed = own.seed.wrapping_add(APART).to_string();
        let seeds = [("seed".into(), seed), ("data.seed".into(), own.data.seed.to_string())];
        study.base.sets.extend(seeds);
        let report = self.run(study)?;
        Ok(names.iter().map(|name| report.variant(name).cloned()).collect())
    }

    /// The full runs of the run file as it is and of a change, under the seeds that both
    /// were run with.
    pub fn beside(&mut self, change: &Change, seeds: u32) -> Result<Report, HealthError> {
        let variants = [&Change::default(), change].map(|change| self.variant(change));
        let mut study = self.study(variants.into(), seeds, self.out.join("full"));
        study.judge = Some(self.judge.clone());
        let mut report = self.run(study)?;
        if let Some(after) = report.variants.last_mut() {
            after.name = "after".into();
        }
        Ok(report)
    }

    /// A change with the name of its folder.
    fn variant(&mut self, change: &Change) -> Variant {
        let settings = change.settings();
        if settings.is_empty() {
            return Variant { name: BEFORE.into(), settings };
        }
        let known = self.changes.iter().position(|own| own.sets_the_same(change));
        let at = known.unwrap_or_else(|| {
            self.changes.push(change.clone());
            self.changes.len() - 1
        });
        Variant { name: format!("change-{}", at + 1), settings }
    }

    fn study(&self, variants: Vec<Variant>, seeds: u32, out: PathBuf) -> Study {
        Study {
            base: self.base.clone(),
            variants,
            reference: Some(0),
            repeats: Repeats::Seeds(seeds),
            out,
            jobs: None,
            threads: self.effort.threads,
            metric: None,
            judge: None,
            stop: self.stop.clone(),
            deadline: self.deadline(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.effort.budget.map(|budget| self.begin + budget.min(LONGEST))
    }

    fn hear(&self, news: News<'_>) {
        if matches!(news, News::Run { .. }) {
            self.trainings.fetch_add(1, Ordering::Relaxed);
        }
        if self.deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            self.stop.store(true, Ordering::Relaxed);
        }
        (self.listener)(Told::Runs(news));
    }
}

/// A century: more would overflow the clock.
const LONGEST: Duration = Duration::from_secs(3_200_000_000);
