//! A study: variants × seeds or folds, trained side by side.
//!
//! Each of the runs that go at the same time has its share of the cores; results never
//! depend on that. A study that is stopped, or dies, goes on where it was if it is run
//! again into the same folder: runs that ended are read, runs that were stopped go on
//! from their checkpoint.

use crate::base::Base;
use crate::error::StudyError;
use crate::judging::Judge;
use crate::report::{self, Report};
use crate::runs::{self, Planned, State};
use crate::sharing::Shared;
use crate::stats::Sampling;
use crate::vary::{self, Settings, Variant};
use gradwise_data::Fold;
use gradwise_train::folder::error::FolderError;
use gradwise_train::run::place::RUNS;
use gradwise_train::run::{News as RunNews, Options, TrainError, train};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct Study {
    /// The run file.
    pub base: Base,
    /// What is compared.
    pub variants: Vec<Variant>,
    /// The place of the variant that the others are compared with; `None`: the best.
    pub reference: Option<usize>,
    /// How often each variant is run.
    pub repeats: Repeats,
    /// The folder of the study: `VARIANT/seed-N/` are run folders.
    pub out: PathBuf,
    /// How many runs go at the same time; `None`: one for each core.
    pub jobs: Option<usize>,
    /// Threads that compute; `None`: one for each core.
    pub threads: Option<usize>,
    /// What is compared by; `None`: accuracy, or the RMSE of a regression.
    pub metric: Option<String>,
    /// Says what is wrong with a run that ended; `None`: runs are not judged.
    pub judge: Option<Judge>,
    /// Set to true to end every run after its current step.
    pub stop: Arc<AtomicBool>,
    /// No run starts after this time.
    pub deadline: Option<Instant>,
}

/// How often each variant is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Over so many seeds, from the run file's on. The data are split the same way each
    /// time.
    Seeds(u32),
    /// Over the folds of a cross-validation, each with a seed of its own.
    Folds(u32),
}

/// What a study tells while it goes.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// It starts, or goes on.
    Start {
        /// All runs.
        runs: usize,
        /// Those that ended before.
        ended: usize,
        /// How many go at the same time.
        jobs: usize,
        /// Threads of each.
        threads: usize,
    },
    /// The share of all steps that is done.
    Progress(f64),
    /// A run ended.
    Run {
        /// Its variant.
        variant: &'a str,
        /// Its seed or fold, such as `seed 3`.
        repeat: &'a str,
        /// How it came out.
        run: &'a report::Run,
        /// Runs that ended.
        ended: usize,
        /// All runs.
        runs: usize,
    },
}

/// Who is told; called from the threads that train.
pub type Observer<'a> = &'a (dyn Fn(News<'_>) + Sync);

impl Repeats {
    /// How many there are.
    pub fn count(self) -> u32 {
        match self {
            Repeats::Seeds(count) | Repeats::Folds(count) => count,
        }
    }

    /// How values over them hang together.
    pub fn sampling(self) -> Sampling {
        match self {
            Repeats::Seeds(_) => Sampling::Seeds,
            Repeats::Folds(count) => Sampling::Folds(count),
        }
    }

    /// What one of them sets. The seed of the data stays, so that they are split the
    /// same way each time.
    pub(crate) fn settings(self, repeat: u32, seed: u64, data_seed: u64) -> Settings {
        let own = |key: &str, value: String| (key.to_string(), value);
        let mut settings = vec![
            own("seed", seed.saturating_add(repeat.into()).to_string()),
            own("data.seed", data_seed.to_string()),
        ];
        if let Repeats::Folds(of) = self {
            settings.push(own("data.fold", format!("{}/{of}", repeat + 1)));
        }
        settings
    }

    /// The name of its run folders.
    pub(crate) fn folder(self, repeat: u32, seed: u64) -> String {
        self.words(repeat, seed).replace(' ', "-")
    }

    /// What one of them is called: `seed 3`, `fold 1`.
    pub(crate) fn words(self, repeat: u32, seed: u64) -> String {
        match self {
            Repeats::Seeds(_) => format!("seed {}", seed.saturating_add(repeat.into())),
            Repeats::Folds(_) => format!("fold {}", repeat + 1),
        }
    }

    fn check(self) -> Result<(), StudyError> {
        match self {
            Repeats::Seeds(0) => Err(StudyError::Usage("at least one seed is needed".into())),
            Repeats::Folds(of) => match Fold::new(1, of) {
                Ok(_) => Ok(()),
                Err(_) => Err(StudyError::Usage("at least two folds are needed".into())),
            },
            Repeats::Seeds(_) => Ok(()),
        }
    }
}

/// The first of `runs/KIND-NAME-1`, `-2`, … that is not there.
pub fn free_folder(kind: &str, name: &str) -> PathBuf {
    let path = |n: u32| Path::new(RUNS).join(format!("{kind}-{name}-{n}"));
    (1..=u32::MAX).map(path).find(|path| !path.exists()).unwrap_or_else(|| path(0))
}

impl Study {
    /// Every combination of some axes over seeds, with the run file itself as the
    /// reference if it is among them.
    ///
    /// # Errors
    /// A key or a value that is wrong.
    pub fn of_axes(base: Base, axes: &[vary::Axis], out: PathBuf) -> Result<Study, StudyError> {
        let variants = vary::combinations(axes)?;
        vary::check(&base, &variants)?;
        let own = base.with(&[])?;
        let mut reference = None;
        for (index, variant) in variants.iter().enumerate() {
            let checked = base.with(&variant.settings)?;
            let same = own.differs_from(&checked).or(checked.differs_from(&own)).is_none();
            reference = reference.or(same.then_some(index));
        }
        Ok(Study {
            base,
            variants,
            reference,
            repeats: Repeats::Seeds(3),
            out,
            jobs: None,
            threads: None,
            metric: None,
            judge: None,
            stop: Arc::default(),
            deadline: None,
        })
    }

    /// Runs what did not run yet, compares, and writes `compare.json`.
    ///
    /// # Errors
    /// Whatever is wrong with run file, data, machine or folder. A training that
    /// diverges is a result, not an error.
    pub fn run(&self, observer: Observer<'_>) -> Result<Report, StudyError> {
        let begin = Instant::now();
        self.repeats.check()?;
        let runs = runs::plan(&self.base, &self.variants, self.repeats, &self.out)?;
        let states = runs.iter().map(Planned::state).collect::<Result<Vec<_>, _>>()?;
        let open = runs.iter().zip(states).filter(|(_, s)| !matches!(s, State::Ended(_)));
        let open: Vec<_> = open.collect();
        std::fs::create_dir_all(&self.out).map_err(|source| {
            let path = self.out.clone();
            StudyError::Folder(FolderError::Io { doing: "make the folder", path, source })
        })?;
        self.train(&runs, &open, observer)?;
        if let Some(judge) = &self.judge {
            // What an earlier attempt trained and did not come to judge.
            runs.iter().try_for_each(|run| judge.catch_up(run))?;
        }
        let mut report = report::make(self, &runs)?;
        report.seconds = begin.elapsed().as_secs_f64();
        report.write()?;
        Ok(report)
    }

    fn train(
        &self,
        runs: &[Planned],
        open: &[(&Planned, State)],
        observer: Observer<'_>,
    ) -> Result<(), StudyError> {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = self.threads.unwrap_or(all);
        let jobs = self.jobs.unwrap_or(cores).clamp(1, open.len().max(1));
        let threads = (cores / jobs).max(1);
        let ended = runs.len() - open.len();
        observer(News::Start { runs: runs.len(), ended, jobs, threads });
        let crew = Crew {
            study: self,
            open,
            runs: runs.len(),
            data: Shared::new(open.iter().map(|(run, _)| &run.checked.data)),
            threads,
            next: AtomicUsize::new(0),
            ended: AtomicUsize::new(ended),
            shares: Mutex::new(vec![0.0; open.len()]),
            failure: Mutex::new(None),
            observer,
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(|| crew.work())).collect();
            let results: Vec<_> = workers.into_iter().map(|w| w.join()).collect();
            match results.iter().all(Result::is_ok) {
                true => Ok(()),
                false => Err(StudyError::Thread),
            }
        })?;
        match crew.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// The threads that run a study's runs, each taking the next that is open.
struct Crew<'s> {
    study: &'s Study,
    open: &'s [(&'s Planned, State)],
    /// All runs, with those that ended before.
    runs: usize,
    data: Shared,
    threads: usize,
    next: AtomicUsize,
    ended: AtomicUsize,
    /// What is done of each open run.
    shares: Mutex<Vec<f64>>,
    /// The first error.
    failure: Mutex<Option<StudyError>>,
    observer: Observer<'s>,
}

impl Crew<'_> {
    fn work(&self) {
        while !self.is_over() {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((run, state)) = self.open.get(index) else { return };
            if let Err(error) = self.run(index, run, state) {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
            }
        }
    }

    /// Whether no more runs are to start.
    fn is_over(&self) -> bool {
        let failed = self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let late = self.study.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        failed || late || self.study.stop.load(Ordering::Relaxed)
    }

    fn run(&self, index: usize, run: &Planned, state: &State) -> Result<(), StudyError> {
        let variant = self.study.variants.get(run.variant).map_or("", |v| v.name.as_str());
        let named = |error: TrainError| StudyError::Run { variant: variant.into(), error };
        let data = self.data.take(&run.checked.data).map_err(|e| named(e.into()))?;
        if data.validation.is_none() {
            let what = "variants are compared on validation rows, and there are none\n  help: \
                        give data.split a validation share, or take --folds 5";
            return Err(StudyError::Usage(what.into()));
        }
        let mut observer = |news: RunNews<'_>| {
            if let RunNews::Progress(at) = news {
                self.progress(index, at.step as f64 / at.steps.max(1) as f64);
            }
        };
        let going_on = matches!(state, State::Stopped).then(|| run.folder.clone());
        let options = Options {
            out: Some(run.folder.clone()).filter(|_| going_on.is_none()),
            resume: going_on,
            threads: Some(self.threads),
            data: Some(data),
            stop: self.study.stop.clone(),
            observer: Some(&mut observer),
            ..Options::default()
        };
        match train(run.checked.clone(), options) {
            // That it diverged is in its summary.
            Ok(_) | Err(TrainError::Nonfinite { .. }) => {}
            Err(error) => return Err(named(error)),
        }
        self.progress(index, 1.0);
        self.tell(run, variant)
    }

    fn progress(&self, index: usize, share: f64) {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = shares.get_mut(index) {
            *own = share;
        }
        let before = (self.runs - self.open.len()) as f64;
        let done = before + shares.iter().sum::<f64>();
        (self.observer)(News::Progress(done / self.runs.max(1) as f64));
    }

    fn tell(&self, run: &Planned, variant: &str) -> Result<(), StudyError> {
        if let Some(judge) = &self.study.judge {
            judge.hear(run)?;
        }
        let result = report::Run::read(self.study, run)?;
        // Better now than after hours.
        report::metric(self.study, std::iter::once(&result))?;
        if result.has_ended() {
            let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
            let repeat = result.repeat.as_str();
            let news = News::Run { variant, repeat, run: &result, ended, runs: self.runs };
            (self.observer)(news);
        }
        Ok(())
    }
}
