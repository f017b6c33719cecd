//! All runs that are shown, as far as they are read.
//!
//! The watcher writes, the server reads. Every change takes the next number of one
//! count, so that a page that says which number it has seen is sent only what is new.

pub mod entry;
pub mod opinion;

use crate::folders::discover::Found;
pub use entry::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A run that is shown.
#[derive(Debug)]
pub struct Source {
    /// What the page calls it by: made from its path, and never turned back into one.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its real path.
    pub folder: PathBuf,
    entry: RwLock<Entry>,
}

impl Source {
    /// A run of which nothing was read yet.
    pub fn new(found: Found) -> Source {
        let mut hasher = DefaultHasher::new();
        found.folder.hash(&mut hasher);
        let id = format!("{:016x}", hasher.finish());
        Source { id, name: found.name, folder: found.folder, entry: RwLock::default() }
    }

    /// What is known of it.
    pub fn read(&self) -> RwLockReadGuard<'_, Entry> {
        // An entry is made of whole records; a reader that died has left it whole.
        self.entry.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to be changed.
    pub fn write(&self) -> RwLockWriteGuard<'_, Entry> {
        self.entry.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All runs.
#[derive(Debug, Default)]
pub struct Store {
    runs: RwLock<Vec<Arc<Source>>>,
    /// The last change of any run.
    version: AtomicU64,
    /// The last change of which runs there are.
    listed: AtomicU64,
}

impl Store {
    /// All runs, in the order of their names.
    pub fn all(&self) -> Vec<Arc<Source>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The run that the page calls so.
    pub fn find(&self, id: &str) -> Option<Arc<Source>> {
        self.all().into_iter().find(|run| run.id == id)
    }

    /// The runs that the page calls so, as a list with commas; unknown ones are left out.
    pub fn find_all(&self, ids: &str) -> Vec<Arc<Source>> {
        let all = self.all();
        let find = |id: &str| all.iter().find(|run| run.id == id).cloned();
        ids.split(',').filter_map(find).collect()
    }

    /// Replaces the runs that there are.
    pub fn list(&self, runs: Vec<Arc<Source>>) {
        *self.runs.write().unwrap_or_else(PoisonError::into_inner) = runs;
        self.listed.store(self.next(), Ordering::Release);
    }

    /// The number of the last change.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The number of the last change of which runs there are.
    pub fn listed(&self) -> u64 {
        self.listed.load(Ordering::Acquire)
    }

    /// The number of a new change.
    pub fn next(&self) -> u64 {
        self.version.fetch_add(1, Ordering::AcqRel) + 1
    }
}
