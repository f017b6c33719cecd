//! The runs of a study: which there are, and how far each is.

use crate::base::Base;
use crate::error::StudyError;
use crate::study::Repeats;
use crate::vary::{Settings, Variant};
use gradwise_train::folder::event::Reason;
use gradwise_train::folder::summary::{self, Summary};
use gradwise_train::run::place::RUN_FILE;
use gradwise_train::runfile::{self, Checked};
use std::path::{Path, PathBuf};

/// One variant in one seed or fold.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// The place of the variant.
    pub variant: usize,
    /// The place of the seed or fold, from 0.
    pub repeat: u32,
    /// Its run folder.
    pub folder: PathBuf,
    /// Its run file.
    pub checked: Checked,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// It did not start.
    Missing,
    /// It was stopped, and can go on.
    Stopped,
    /// It ended by itself.
    Ended(Box<Summary>),
}

/// All runs, seed after seed, so that pairs are complete early.
pub(crate) fn plan(
    base: &Base,
    variants: &[Variant],
    repeats: Repeats,
    out: &Path,
) -> Result<Vec<Planned>, StudyError> {
    let (seed, data_seed) = {
        let checked = base.with(&[])?;
        (checked.seed, checked.data.seed)
    };
    let mut runs = Vec::new();
    for repeat in 0..repeats.count() {
        for (variant, Variant { name, settings }) in variants.iter().enumerate() {
            let own = repeats.settings(repeat, seed, data_seed);
            let all: Settings = settings.iter().cloned().chain(own).collect();
            let folder = out.join(name).join(repeats.folder(repeat, seed));
            let mut checked = base.with(&all)?;
            // A run that is to be compared goes to its end, whatever is found on the way.
            checked.health.stop_on = None;
            runs.push(Planned { variant, repeat, folder, checked });
        }
    }
    Ok(runs)
}

impl Planned {
    /// How far the run is, by its folder.
    ///
    /// # Errors
    /// A folder that cannot be read, or is that of a run with other settings.
    pub fn state(&self) -> Result<State, StudyError> {
        let run_file = self.folder.join(RUN_FILE);
        if !run_file.exists() {
            return Ok(State::Missing);
        }
        let stored = runfile::load(&run_file, &[])?;
        if let Some((key, wanted, stored)) = self.checked.differs_from(&stored) {
            let folder = self.folder.clone();
            return Err(StudyError::OtherRun { folder, key, wanted, stored });
        }
        if !self.folder.join(summary::FILE).exists() {
            return Ok(State::Stopped);
        }
        let summary = Summary::read(&self.folder)?;
        Ok(match summary.reason {
            Reason::Interrupted => State::Stopped,
            _ => State::Ended(Box::new(summary)),
        })
    }
}
