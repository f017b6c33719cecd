//! Where a run is written: a new folder, or one to go on with.

use super::error::TrainError;
use crate::folder::error::FolderError;
use crate::folder::writer::{self, Writer};
use crate::folder::{atomic, checkpoint};
use crate::runfile::Checked;
use std::path::{Path, PathBuf};

/// The name of the run file in a run folder.
pub const RUN_FILE: &str = "run.toml";
/// Where runs go that are not told where.
pub const RUNS: &str = "runs";

/// A folder that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    new: bool,
}

/// Chooses the folder: the one to go on with, the one that was named if no run is
/// in it, or `runs/NAME-N` with the first free number.
///
/// # Errors
/// A run is in the folder that was named, or none in the one to go on with.
pub fn choose(
    checked: &Checked,
    out: Option<&Path>,
    resume: Option<&Path>,
) -> Result<Place, TrainError> {
    if let Some(path) = resume {
        if !path.join(RUN_FILE).exists() {
            let reason = format!("it is no run folder: there is no {RUN_FILE} in it");
            return Err(FolderError::content(path, reason).into());
        }
        return Ok(Place { path: path.into(), new: false });
    }
    if let Some(path) = out {
        if is_taken(path) {
            return Err(TrainError::FolderTaken(path.into()));
        }
        return Ok(Place { path: path.into(), new: true });
    }
    let stem = checked.path.file_stem().and_then(|s| s.to_str()).unwrap_or("run");
    let free = |n: u32| {
        let path = Path::new(RUNS).join(format!("{stem}-{n}"));
        (!path.exists()).then_some(path)
    };
    let path = (1..=u32::MAX).find_map(free).unwrap_or_else(|| RUNS.into());
    Ok(Place { path, new: true })
}

/// Whether a run is in a folder. One that was killed before it wrote its run file
/// leaves an event log with nothing in it, and that is no run.
fn is_taken(path: &Path) -> bool {
    let logged = path.join(writer::FILE).metadata().is_ok_and(|log| log.len() > 0);
    logged || path.join(RUN_FILE).exists()
}

impl Place {
    /// Makes the folder, opens its event log cut to `events` bytes, and writes its run
    /// file; what a crash left is cleared.
    ///
    /// # Errors
    /// What the system refused; a run that another program is writing.
    pub fn make(self, run_file: &str, events: u64) -> Result<(PathBuf, Writer), TrainError> {
        let checkpoints = self.path.join(checkpoint::FOLDER);
        std::fs::create_dir_all(&checkpoints)
            .map_err(FolderError::io("make the folder", &checkpoints))?;
        let writer = Writer::open(&self.path, events)?;
        atomic::clear(&self.path);
        atomic::clear(&checkpoints);
        atomic::write(&self.path.join(RUN_FILE), run_file.as_bytes())?;
        Ok((self.path, writer))
    }
}
