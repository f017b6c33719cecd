//! The folder of converted tables: kept between runs, reused while the source is unchanged.
//!
//! An entry is a folder named by a hash of the source's path, size, time of change and
//! first bytes, and of the settings that its conversion depends on. It is written beside
//! and renamed when it is whole, so that a crash leaves no half of one. Making an entry
//! removes the older ones of the same source, what crashes left, and entries that nobody
//! used for a month; the folder may be removed whenever no training reads from it.

use super::table::{StoredColumn, StoredTable};
use crate::error::DataError;
use gradwise_graph::random::fnv1a;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Changes when entries are written differently.
const VERSION: u32 = 1;
/// Bytes of the source that are looked at to tell whether it is the same.
const HEAD: u64 = 1 << 16;
/// How long an entry is kept that nobody uses.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);
/// How the names of entries begin that are not whole yet.
const UNFINISHED: &str = ".writing-";

const TABLE: &str = "table.json";
const FEATURES: &str = "features.f32";
const ANSWERS: &str = "answers.f32";

/// Where converted tables are kept.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// What an entry is made of; equal for equal entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    version: u32,
    path: PathBuf,
    size: u64,
    /// Seconds and nanoseconds since 1970.
    changed: (u64, u32),
    head: u64,
    /// The settings that the conversion depends on, in words.
    settings: String,
}

/// What an entry's table is.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    origin: Origin,
    columns: Vec<StoredColumn>,
    rows: usize,
}

impl Origin {
    /// Of a file as it is now.
    pub fn of(path: &Path, settings: String) -> Result<Origin, DataError> {
        let name = path.display().to_string();
        let wrap = |e| DataError::io(&name, e);
        let file = File::open(path).map_err(wrap)?;
        let about = file.metadata().map_err(wrap)?;
        let changed = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let changed = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).map_err(wrap)?;
        Ok(Origin {
            version: VERSION,
            path: fs::canonicalize(path).map_err(wrap)?,
            size: about.len(),
            changed: (changed.as_secs(), changed.subsec_nanos()),
            head: fnv1a(&head),
            settings,
        })
    }

    fn name(&self) -> String {
        format!("{:016x}", fnv1a(format!("{self:?}").as_bytes()))
    }
}

impl Store {
    /// The store in a folder, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Store {
        Store { folder }
    }

    /// The table that was made of `origin`, or else the one that `convert` writes.
    /// Whoever comes while another process converts the same source waits for it.
    pub fn table(
        &self,
        origin: &Origin,
        convert: impl FnOnce(&mut Writer) -> Result<Vec<StoredColumn>, DataError>,
    ) -> Result<StoredTable, DataError> {
        let path = self.folder.join(origin.name());
        if let Some(table) = open(&path, origin) {
            return Ok(table);
        }
        let wrap = |e| self.refused(&self.folder, origin, e);
        fs::create_dir_all(&self.folder).map_err(wrap)?;
        let lock = File::create(path.with_extension("lock")).map_err(wrap)?;
        lock.lock().map_err(wrap)?;
        if let Some(table) = open(&path, origin) {
            return Ok(table);
        }
        self.clear(origin);
        let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&self.folder);
        let unfinished = unfinished.map_err(wrap)?;
        let mut writer = Writer::new(unfinished.path(), wrap)?;
        let columns = convert(&mut writer);
        let written = columns.and_then(|columns| writer.finish(origin, columns));
        written.map_err(|error| self.explained(error, unfinished.path(), origin))?;
        let _ = fs::remove_dir_all(&path);
        fs::rename(unfinished.keep(), &path).map_err(wrap)?;
        open(&path, origin).ok_or_else(|| {
            DataError::format(&path.display().to_string(), "it was changed while it was written")
        })
    }

    /// An error of writing into the entry, with what to do.
    fn explained(&self, error: DataError, unfinished: &Path, origin: &Origin) -> DataError {
        match error {
            DataError::Io { file, source } if Path::new(&file).starts_with(unfinished) => {
                self.refused(&self.folder, origin, source)
            }
            error => error,
        }
    }

    fn refused(&self, path: &Path, origin: &Origin, source: io::Error) -> DataError {
        let (path, from) = (path.display().to_string(), origin.path.display());
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let reason = format!(
                    "the disk is full: {from} does not fit data.memory and was being converted \
                     there; make room (four bytes for each cell), or name a folder on another disk in \
                     data.cache"
                );
                DataError::format(&path, reason)
            }
            _ => {
                let reason = format!(
                    "{source}: {from} does not fit data.memory and is converted there; name a \
                     folder that can be written in data.cache"
                );
                DataError::format(&path, reason)
            }
        }
    }

    /// Removes what is of no more use. What cannot be removed is in nobody's way.
    fn clear(&self, origin: &Origin) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let stale = match entry.file_name().to_str() {
                Some(name) if name.starts_with(UNFINISHED) => !is_being_written(&path),
                _ => header(&path).is_some_and(|header| {
                    let unused = fs::metadata(path.join(TABLE)).and_then(|about| about.modified());
                    let unused = unused.ok().and_then(|used| used.elapsed().ok());
                    header.origin.is_outdated_by(origin) || unused.is_some_and(|time| time > UNUSED)
                }),
            };
            if stale {
                let _ = fs::remove_dir_all(&path);
                let _ = fs::remove_file(path.with_extension("lock"));
            }
        }
    }
}

impl Origin {
    /// Whether the other is of the same file, which has changed since.
    fn is_outdated_by(&self, other: &Origin) -> bool {
        let same = (self.size, self.changed, self.head) == (other.size, other.changed, other.head);
        self.path == other.path && !same || self.version != other.version
    }
}

/// Whoever writes an entry holds a lock on its file of features.
fn is_being_written(path: &Path) -> bool {
    let file = File::open(path.join(FEATURES));
    file.is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

fn header(path: &Path) -> Option<Header> {
    let bytes = fs::read(path.join(TABLE)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A whole entry of that origin, if it is there.
fn open(path: &Path, origin: &Origin) -> Option<StoredTable> {
    let Header { origin: own, columns, rows } = header(path)?;
    if own != *origin {
        return None;
    }
    let file = |name: &str| File::open(path.join(name)).ok().map(Arc::new);
    let table = StoredTable {
        file: origin.path.display().to_string(),
        columns,
        rows,
        features: file(FEATURES)?,
        answers: file(ANSWERS)?,
        folder: path.parent().unwrap_or(path).into(),
    };
    // Says that it was used; where that is not possible it is made again some day.
    let used = File::options().append(true).open(path.join(TABLE));
    let _ = used.and_then(|file| file.set_modified(SystemTime::now()));
    table.is_whole().then_some(table)
}

/// An entry that is being written.
pub(crate) struct Writer {
    folder: PathBuf,
    features: BufWriter<File>,
    answers: BufWriter<File>,
    bytes: Vec<u8>,
    rows: usize,
}

impl Writer {
    fn new(folder: &Path, wrap: impl Fn(io::Error) -> DataError) -> Result<Writer, DataError> {
        let create = |name: &str| File::create(folder.join(name)).map_err(&wrap);
        let features = create(FEATURES)?;
        features.lock().map_err(&wrap)?;
        Ok(Writer {
            folder: folder.into(),
            features: BufWriter::with_capacity(1 << 20, features),
            answers: BufWriter::with_capacity(1 << 16, create(ANSWERS)?),
            bytes: Vec::new(),
            rows: 0,
        })
    }

    /// Starts again from nothing.
    pub fn restart(&mut self) -> Result<(), DataError> {
        let wrap = |e| DataError::io(&self.folder.display().to_string(), e);
        for file in [&mut self.features, &mut self.answers] {
            file.flush().map_err(wrap)?;
            file.get_ref().set_len(0).map_err(wrap)?;
            io::Seek::rewind(file.get_mut()).map_err(wrap)?;
        }
        self.rows = 0;
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds rows of cells.
    pub fn write(
        &mut self,
        rows: usize,
        features: &[f32],
        answers: &[f32],
    ) -> Result<(), DataError> {
        let wrap = |e| DataError::io(&self.folder.display().to_string(), e);
        for (file, cells) in [(&mut self.features, features), (&mut self.answers, answers)] {
            self.bytes.clear();
            self.bytes.extend(cells.iter().flat_map(|x| x.to_le_bytes()));
            file.write_all(&self.bytes).map_err(wrap)?;
        }
        self.rows += rows;
        Ok(())
    }

    fn finish(mut self, origin: &Origin, columns: Vec<StoredColumn>) -> Result<(), DataError> {
        let wrap = |e| DataError::io(&self.folder.display().to_string(), e);
        let header = Header { origin: origin.clone(), columns, rows: self.rows };
        let header = serde_json::to_vec(&header).map_err(io::Error::other).map_err(wrap)?;
        for file in [&mut self.features, &mut self.answers] {
            file.flush().map_err(wrap)?;
            file.get_ref().sync_all().map_err(wrap)?;
        }
        fs::write(self.folder.join(TABLE), header).map_err(wrap)
    }
}
