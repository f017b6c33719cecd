//! From a run folder, or a run file that is trained for a short while, to what is
//! known of the run.
//!
//! The records alone say much; more is known where the run folder has a run file whose
//! data can be read: the data by themselves, and the network at its first and last
//! weights, unit by unit. Of a folder that another program wrote, what is there is
//! used.

use crate::data::Facts;
use crate::judge::judge;
use crate::known::Memory;
use crate::run::Run;
use crate::setup::Setup;
use crate::survey::{Survey, SurveyError, Weights};
use gradwise_cpu::{CpuError, Device};
use gradwise_data::{Data, DataError, Task};
use gradwise_nn::Init;
use gradwise_train::folder::event::{Event, Reason};
use gradwise_train::folder::{checkpoint, error::FolderError, model::Model, reader, writer};
use gradwise_train::run::place::RUN_FILE;
use gradwise_train::run::{Options, TrainError};
use gradwise_train::runfile::{self, Checked, Resolved, RunFileError};
use gradwise_trials::{Judge, StudyError};
use std::path::{Path, PathBuf};

/// A run that cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// Its folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its run file is wrong.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// Its data are.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Its network cannot be built or run.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// It cannot be trained.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Its remedies cannot be tried.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// There is no record of a training.
    #[error(
        "{} is no run folder: it holds no events.jsonl, the record of a training\n  help: give \
         the folder that `gradwise train` wrote, or a run file, which is then trained briefly",
        _0.display()
    )]
    NoRecord(PathBuf),
    /// The processor refused.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// A folder for a trial cannot be made.
    #[error("a temporary folder cannot be made: {0}")]
    Temporary(std::io::Error),
}

/// What is said of a folder that another program wrote.
const NO_RUN_FILE: &str = "settings, data and first weights: the folder has no run.toml";

/// How a run file is tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Where the run folder goes and stays; `None`: it is temporary.
    pub out: Option<PathBuf>,
    /// Seconds of training, at most.
    pub seconds: f64,
    /// How many threads compute; `None`: one for each core.
    pub threads: Option<usize>,
}

impl Default for Trial {
    fn default() -> Self {
        Trial { out: None, seconds: 20.0, threads: None }
    }
}

/// Looks at a run folder: one that is finished, under way, or of another program.
///
/// # Errors
/// A folder without readable records. What else cannot be had is named in
/// [`Run::unknown`].
pub fn examine(folder: &Path, threads: Option<usize>) -> Result<Run, HealthError> {
    Examiner::new(threads).look(folder)
}

/// Looks at many run folders; data that several have in common are read once.
#[derive(Debug, Default)]
pub struct Examiner {
    threads: Option<usize>,
    memory: Memory,
}

impl Examiner {
    /// With so many threads; `None`: one for each core.
    pub fn new(threads: Option<usize>) -> Examiner {
        Examiner { threads, memory: Memory::default() }
    }

    /// Looks at a run folder, as [`examine`] does.
    ///
    /// # Errors
    /// A folder without readable records.
    pub fn look(&self, folder: &Path) -> Result<Run, HealthError> {
        self.with(folder, runfile::load(&folder.join(RUN_FILE), &[]))
    }

    /// Looks at the run folder of a run file.
    ///
    /// # Errors
    /// A folder without readable records.
    pub fn examine(&self, folder: &Path, checked: &Checked) -> Result<Run, HealthError> {
        self.with(folder, Ok(checked.clone()))
    }

    /// Judges the runs of a study by all rules.
    pub fn into_judge(self) -> Judge {
        Judge::new(move |folder, checked| {
            let judgement = judge(&self.examine(folder, checked).ok()?);
            Some((judgement.verdict.to_string(), judgement.findings))
        })
    }

    /// What the data of a run file ask for, and whether rows validate.
    pub(crate) fn task(&self, checked: &Checked) -> Result<(Task, bool), HealthError> {
        let (known, resolved) = self.memory.of(checked)?;
        Ok((resolved.task, known.data.validation.is_some()))
    }

    fn with(
        &self,
        folder: &Path,
        checked: Result<Checked, RunFileError>,
    ) -> Result<Run, HealthError> {
        if folder.is_dir() && !folder.join(writer::FILE).exists() {
            return Err(HealthError::NoRecord(folder.into()));
        }
        let mut run = Run::default();
        run.take(reader::read(folder)?);
        let device = Device::new(self.threads)?;
        match checked {
            Ok(checked) => add_known(&mut run, &checked, folder, (&device, &self.memory)),
            Err(_) if !folder.join(RUN_FILE).exists() => run.unknown.push(NO_RUN_FILE.into()),
            Err(error) => run.unknown.push(format!("the run file: {}", error.message)),
        }
        run.brief = run.end.is_none();
        run.prepare();
        Ok(run)
    }
}

/// Trains a run file for a short while and looks at that.
///
/// # Errors
/// Whatever is wrong with run file, data or machine. Numbers that are not finite are
/// no error here: they are diagnosed.
pub fn try_out(checked: &Checked, trial: Trial) -> Result<Run, HealthError> {
    let place = tempfile::tempdir().map_err(HealthError::Temporary)?;
    let folder = trial.out.unwrap_or_else(|| place.path().join("run"));
    let mut brief = checked.clone();
    let own = brief.train.max_seconds.unwrap_or(f64::INFINITY);
    brief.train.max_seconds = Some(own.min(trial.seconds));
    let options =
        Options { out: Some(folder.clone()), threads: trial.threads, ..Options::default() };
    match gradwise_train::run::train(brief, options) {
        Ok(_) | Err(TrainError::Nonfinite { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let mut run = examine(&folder, trial.threads)?;
    let ended = run.end.as_ref().map(|end| end.reason);
    run.brief = ended == Some(Reason::OutOfTime) && own > trial.seconds;
    Ok(run)
}

/// What the records of a run folder and its run file say by themselves: quick, as
/// neither data nor weights are looked at.
pub fn recorded(folder: &Path, events: Vec<Event>) -> Run {
    let mut run = Run::default();
    run.take(events);
    if let Ok(checked) = runfile::load(&folder.join(RUN_FILE), &[]) {
        run.setup = run.start.as_ref().and_then(|start| Setup::of_folder(&checked, start));
    }
    run.prepare();
    run
}

/// Looks at a run file before any training.
///
/// # Errors
/// Whatever is wrong with data or network.
pub fn foresee(checked: &Checked, threads: Option<usize>) -> Result<Run, HealthError> {
    let device = Device::new(threads)?;
    let data = gradwise_data::open(&checked.data)?;
    let resolved = checked.resolve(&data)?;
    let mut run = Run {
        setup: Some(Setup::new(checked, &resolved, data.train.rows())),
        data: Some(Facts::of(&data, &resolved)?),
        ..Run::default()
    };
    if is_drawn(&resolved) {
        run.initial = Some(Survey::of(&device, &resolved, checked.seed, &data, None)?);
    }
    Ok(run)
}

/// Adds what follows from run file, data and weights.
fn add_known(
    run: &mut Run,
    checked: &Checked,
    folder: &Path,
    (device, memory): (&Device, &Memory),
) {
    let (known, resolved) = match memory.of(checked) {
        Ok(known) => known,
        Err(error) => {
            run.unknown.push(format!("the data: {error}"));
            run.setup = run.start.as_ref().and_then(|s| Setup::of_folder(checked, s));
            return;
        }
    };
    let data = &known.data;
    run.setup = Some(Setup::new(checked, &resolved, data.train.rows()));
    run.data = Some(known.facts.clone());
    if is_drawn(&resolved) {
        run.initial = look(run, device, &resolved, (checked.seed, data), None);
    }
    if let Some(weights) = last_weights(folder) {
        run.trained = look(run, device, &resolved, (checked.seed, data), Some(&weights));
    }
}

fn look(
    run: &mut Run,
    device: &Device,
    resolved: &Resolved,
    (seed, data): (u64, &Data),
    weights: Option<&Weights>,
) -> Option<Survey> {
    match Survey::of(device, resolved, seed, data, weights) {
        Ok(survey) => Some(survey),
        Err(error) => {
            run.unknown.push(format!("the network: {error}"));
            None
        }
    }
}

/// Whether first weights are drawn from the seed alone; LSUV's depend on the data.
fn is_drawn(resolved: &Resolved) -> bool {
    resolved.network.named_layers().all(|(_, spec)| spec.init != Init::Lsuv)
}

/// The weights at the end of the training, or else those of the model, which may be
/// of the best epoch.
fn last_weights(folder: &Path) -> Option<Weights> {
    let newest = checkpoint::read_newest(folder).ok().flatten();
    let arrays = match newest {
        Some(newest) => newest.tensors.arrays,
        None => Model::read(folder).ok()?.parameters,
    };
    Some(arrays.into_iter().map(|a| (a.name.clone(), a.floats().to_vec())).collect())
}
