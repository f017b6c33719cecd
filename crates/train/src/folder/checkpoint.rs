//! Checkpoints: all that a run needs to go on to the same bits.
//!
//! `checkpoints/step-N.safetensors` holds the parameters, what the optimizer
//! remembers, the best weights so far (`best/NAME`) and, in its metadata, the
//! position. A file is there whole or not at all; the last two are kept, so that
//! one is there whatever happens while the next is written.

use super::error::FolderError;
use super::number::Number;
use super::tensors::Tensors;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The folder in a run folder.
pub const FOLDER: &str = "checkpoints";
const KEPT: usize = 2;
const POSITION: &str = "position";

/// Where a run stands, besides the numbers in arrays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Steps done.
    pub step: u64,
    /// Epochs done.
    pub epoch: u64,
    /// Batches done of the next epoch.
    pub batch: u64,
    /// The length of the event log.
    pub events: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// The sums of the epoch that is under way.
    pub sums: Sums,
    /// The best epoch so far.
    pub best: Best,
    /// Epochs since the best.
    pub waited: u64,
    /// The plateau schedule's memory.
    pub plateau: Plateau,
    /// The next step that layers are measured in.
    pub next_probe: u64,
    /// Means over the last epoch's steps.
    pub train: super::event::Measures,
    /// Measures on the validation rows after the last epoch.
    pub validation: super::event::Measures,
}

/// The sums of an epoch that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Rows.
    pub rows: u64,
    /// Of the rows' data losses.
    pub loss: Number,
    /// The last penalty.
    pub penalty: Number,
    /// Rows whose class was right.
    pub right: u64,
    /// Of squared errors.
    pub square: Number,
    /// Of absolute errors.
    pub absolute: Number,
}

/// The best epoch so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, counted from 1; 0 before the first.
    pub epoch: u64,
    /// Its loss.
    pub loss: Number,
    /// Its accuracy, negative infinity where there is none.
    pub accuracy: Number,
}

/// The plateau schedule's memory.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    /// The best loss so far.
    pub best: Number,
    /// Epochs since.
    pub waited: u64,
    /// What the learning rate is multiplied by.
    pub factor: f64,
}

impl Default for Position {
    fn default() -> Self {
        Position {
            step: 0,
            epoch: 0,
            batch: 0,
            events: 0,
            seconds: 0.0,
            sums: Sums::default(),
            best: Best { epoch: 0, loss: f64::INFINITY.into(), accuracy: f64::NEG_INFINITY.into() },
            waited: 0,
            plateau: Plateau { best: f64::INFINITY.into(), waited: 0, factor: 1.0 },
            next_probe: 1,
            train: Default::default(),
            validation: Default::default(),
        }
    }
}

/// Writes a checkpoint into a run folder and removes all but the last two.
///
/// # Errors
/// What the system refused; older checkpoints are then still there.
pub fn write(folder: &Path, position: &Position, mut arrays: Tensors) -> Result<(), FolderError> {
    let folder = folder.join(FOLDER);
    let path = folder.join(format!("step-{:012}.safetensors", position.step));
    let text =
        serde_json::to_string(position).map_err(|e| FolderError::content(&path, e.to_string()))?;
    arrays.metadata.insert(POSITION.into(), text);
    arrays.write(&path)?;
    let mut all = list(&folder)?;
    all.truncate(all.len().saturating_sub(KEPT));
    for old in all {
        std::fs::remove_file(&old).map_err(FolderError::io("remove", &old))?;
    }
    Ok(())
}

/// A checkpoint that was read.
#[derive(Debug, Default)]
pub struct Checkpoint {
    /// Where the run stood.
    pub position: Position,
    /// The numbers in arrays.
    pub tensors: Tensors,
    /// Why a newer one could not be read, if there is one.
    pub damaged: Option<FolderError>,
}

/// The newest checkpoint of a run folder; `None` if there is none yet. One that
/// cannot be read is passed over if an older one can.
///
/// # Errors
/// Checkpoints are there, but none can be read.
pub fn read_newest(folder: &Path) -> Result<Option<Checkpoint>, FolderError> {
    let mut damaged = None;
    for path in list(&folder.join(FOLDER))?.into_iter().rev() {
        match read(&path) {
            Ok((position, tensors)) => return Ok(Some(Checkpoint { position, tensors, damaged })),
            Err(error) => damaged = damaged.or(Some(error)),
        }
    }
    damaged.map_or(Ok(None), |error| match error {
        FolderError::Content { path, reason } => {
            let remedy = "remove it, and the run starts from its beginning";
            Err(FolderError::Content { path, reason: format!("{reason}; {remedy}") })
        }
        error => Err(error),
    })
}

fn read(path: &Path) -> Result<(Position, Tensors), FolderError> {
    let arrays = Tensors::read(path)?;
    let text = arrays.metadata.get(POSITION).map_or("", String::as_str);
    let position = serde_json::from_str(text)
        .map_err(|e| FolderError::content(path, format!("it is not a checkpoint: {e}")))?;
    Ok((position, arrays))
}

/// The checkpoints in a folder, oldest first.
fn list(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(FolderError::io("read", folder)(e)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(FolderError::io("read", folder))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with("step-") && name.ends_with(".safetensors") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_can_be_read_is_taken_and_two_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_newest(folder.path()).unwrap().is_none());
        std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
        for step in [9, 10, 11] {
            let position = Position { step, seconds: 0.1 + 0.2, ..Position::default() };
            write(folder.path(), &position, Tensors::default()).unwrap();
        }
        let kept = list(&folder.path().join(FOLDER)).unwrap();
        assert_eq!(kept.len(), 2);
        let Checkpoint { position, damaged, .. } = read_newest(folder.path()).unwrap().unwrap();
        assert_eq!((position.step, position.seconds), (11, 0.1 + 0.2));
        assert_eq!(position.best, Position::default().best);
        assert!(damaged.is_none());
        std::fs::write(&kept[1], b"torn").unwrap();
        let older = read_newest(folder.path()).unwrap().unwrap();
        assert_eq!(older.position.step, 10);
        assert!(older.damaged.unwrap().to_string().contains("step-000000000011.safetensors"));
        std::fs::write(&kept[0], b"torn").unwrap();
        let text = read_newest(folder.path()).unwrap_err().to_string();
        assert!(text.contains("step-000000000011.safetensors"), "{text}");
    }
}
