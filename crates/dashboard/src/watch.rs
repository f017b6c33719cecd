//! Follows the run folders: new ones, growing logs, summaries.
//!
//! One thread looks five times a second at the sizes of the logs and reads what was
//! added. Nothing is locked while a log is read or judged, so that the page is
//! answered meanwhile; the newest run is read first.

use crate::folders::discover::{self, Found};
use crate::folders::own_file;
use crate::store::entry::State;
use crate::store::{Entry, Source, Store};
use gradwise_health::judge;
use gradwise_health::setup::Setup;
use gradwise_train::folder::event::Event;
use gradwise_train::folder::reader::Reader;
use gradwise_train::folder::summary::{self, Summary};
use gradwise_train::folder::writer;
use gradwise_train::run::place::RUN_FILE;
use gradwise_train::runfile;
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Between two looks at the logs.
pub const PAUSE: Duration = Duration::from_millis(200);
/// Between two searches for new folders.
const SEARCH: Duration = Duration::from_secs(1);
/// How long a log may rest before it is asked whether its writer is still there.
const QUIET: Duration = Duration::from_secs(3);
/// The judge may take this share of the time at most.
const JUDGE_SHARE: u32 = 10;
/// A run file is not larger.
const RUN_FILE_LIMIT: u64 = 1 << 20;

/// Follows run folders into a store.
#[derive(Debug)]
pub struct Watcher {
    roots: Vec<PathBuf>,
    store: Arc<Store>,
    followed: BTreeMap<PathBuf, Followed>,
    searched: Option<Instant>,
}

/// A run that is followed.
#[derive(Debug)]
struct Followed {
    source: Arc<Source>,
    reader: Reader,
    /// Length and time of the log when it was last read.
    seen: Option<(u64, SystemTime)>,
    judged: Option<Instant>,
    judging: Duration,
    unjudged: bool,
    summarized: bool,
    state: State,
}

impl Watcher {
    /// Follows the runs at and below the directories, which need not exist yet.
    pub fn new(roots: Vec<PathBuf>, store: Arc<Store>) -> Watcher {
        Watcher { roots, store, followed: BTreeMap::new(), searched: None }
    }

    /// Looks once: searches if it is time, then reads what was added.
    pub fn look(&mut self) {
        if self.searched.is_none_or(|then| then.elapsed() >= SEARCH) {
            self.search();
            self.searched = Some(Instant::now());
        }
        let mut newest: Vec<&mut Followed> = self.followed.values_mut().collect();
        newest.sort_by_cached_key(|f| std::cmp::Reverse(log_of(&f.source.folder).map(|l| l.1)));
        for followed in newest {
            followed.look(&self.store);
        }
    }

    /// The runs there are; of several directories, under their names.
    fn found(&self) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for root in &self.roots {
            let prefix = root.file_name().filter(|_| self.roots.len() > 1);
            for mut found in discover::find(root) {
                let own = prefix.filter(|_| !root.canonicalize().is_ok_and(|r| r == found.folder));
                if let Some(prefix) = own {
                    found.name = format!("{}/{}", prefix.to_string_lossy(), found.name);
                }
                if !all.iter().any(|known| known.folder == found.folder) {
                    all.push(found);
                }
            }
        }
        all
    }

    /// Brings the runs up to date with the folders.
    fn search(&mut self) {
        let found = self.found();
        let known = self.followed.len();
        self.followed.retain(|folder, _| found.iter().any(|f| f.folder == *folder));
        let mut changed = self.followed.len() != known;
        for found in found {
            if !self.followed.contains_key(&found.folder) {
                self.followed.insert(found.folder.clone(), Followed::new(found));
                changed = true;
            }
        }
        if changed {
            let mut runs: Vec<_> = self.followed.values().map(|f| f.source.clone()).collect();
            runs.sort_by(|a, b| a.name.cmp(&b.name));
            self.store.list(runs);
        }
    }
}

impl Followed {
    fn new(found: Found) -> Followed {
        let reader = Reader::new(&found.folder);
        Followed {
            source: Arc::new(Source::new(found)),
            reader,
            seen: None,
            judged: None,
            judging: Duration::ZERO,
            unjudged: false,
            summarized: false,
            state: State::Waiting,
        }
    }

    /// Reads what was added, and judges anew when it is time.
    fn look(&mut self, store: &Store) {
        let log = log_of(&self.source.folder);
        if let Some(log) = log
            && self.seen != Some(log)
        {
            if self.seen.is_some_and(|(length, _)| log.0 < length) {
                self.start_over();
            }
            self.seen = Some(log);
            self.read(log.1, store);
        }
        let due = self.judged.is_none_or(|then| then.elapsed() >= self.judging * JUDGE_SHARE);
        if self.unjudged && due {
            self.judge(store);
        }
        if !self.summarized && self.source.read().run.end.is_some() {
            self.take_summary(store);
        }
        // A run that stops says nothing: its writer is gone, or the time passes.
        let quiet = log.and_then(|(_, written)| written.elapsed().ok()).is_some_and(|t| t > QUIET);
        if quiet && matches!(self.state, State::Waiting | State::Running) {
            let own = self.source.read().run.start.as_ref().is_some_and(|s| is_ours(&s.program));
            self.source.write().abandoned = own && is_unlocked(&self.source.folder);
        }
        let state = self.source.read().state(SystemTime::now());
        if state != self.state {
            self.state = state;
            self.source.write().version = store.next();
        }
    }

    fn start_over(&mut self) {
        self.reader = Reader::new(&self.source.folder);
        self.source.write().forget();
        self.summarized = false;
    }

    fn read(&mut self, written: SystemTime, store: &Store) {
        // After a line that is no record the reader goes on behind it.
        loop {
            let news = self.reader.read_on();
            let mut entry = self.source.write();
            (entry.written, entry.abandoned) = (Some(written), false);
            match news {
                Ok(events) if events.is_empty() => break,
                Ok(events) => {
                    let started = events.iter().any(|e| matches!(e, Event::Start(_)));
                    entry.take(events);
                    if started {
                        let setup = setup(&self.source.folder, &mut entry);
                        entry.set_up(setup);
                        self.summarized = false;
                    }
                }
                Err(error) => {
                    let folder = self.source.folder.display().to_string();
                    let full = entry.problems.len();
                    entry.complain(error.to_string().replace(&folder, &self.source.name));
                    if entry.problems.len() == full {
                        break;
                    }
                }
            }
        }
        self.source.write().version = store.next();
        self.unjudged = true;
    }

    fn judge(&mut self, store: &Store) {
        let start = Instant::now();
        let judgement = judge(&self.source.read().run);
        let mut entry = self.source.write();
        entry.opinion.quick = judgement.findings;
        entry.version = store.next();
        self.judging = start.elapsed();
        self.judged = Some(Instant::now());
        self.unjudged = false;
    }

    /// Takes the trainer's last word, which is written just after the last record.
    fn take_summary(&mut self, store: &Store) {
        let folder = &self.source.folder;
        if !own_file::is_there(folder, summary::FILE) {
            return;
        }
        self.summarized = true;
        let mut entry = self.source.write();
        match Summary::read(folder) {
            Ok(summary) => {
                entry.opinion.summary = summary.verdict.is_some().then_some(summary.findings);
            }
            Err(error) => {
                let folder = folder.display().to_string();
                entry.complain(error.to_string().replace(&folder, &self.source.name));
            }
        }
        entry.version = store.next();
    }
}

/// Length and time of a run's log.
fn log_of(folder: &Path) -> Option<(u64, SystemTime)> {
    let file: Metadata = folder.join(writer::FILE).symlink_metadata().ok()?;
    let real = file.is_file() && own_file::is_there(folder, writer::FILE);
    real.then_some((file.len(), file.modified().ok()?))
}

/// Whether a program holds a lock on the logs it writes: this one does.
fn is_ours(program: &str) -> bool {
    program.starts_with("gradwise ")
}

/// Whether nobody holds the lock on a log, so that its writer is gone, killed perhaps.
/// Where the file system has no locks it is not known.
fn is_unlocked(folder: &Path) -> bool {
    File::open(folder.join(writer::FILE)).is_ok_and(|log| log.try_lock_shared().is_ok())
}

/// What the run file says, with the sizes of the start.
fn setup(folder: &Path, entry: &mut Entry) -> Option<Setup> {
    let text = own_file::read(folder, RUN_FILE, RUN_FILE_LIMIT)?;
    let text = String::from_utf8(text).ok()?;
    match runfile::parse(&text, &folder.join(RUN_FILE), &[]) {
        Ok(checked) => Setup::of_folder(&checked, entry.run.start.as_ref()?),
        Err(error) => {
            entry.complain(format!("run.toml: {}", error.message));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_whose_writer_is_gone_has_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_unlocked(folder.path()));
        let log = File::create(folder.path().join(writer::FILE)).unwrap();
        log.lock().unwrap();
        assert!(!is_unlocked(folder.path()));
        drop(log);
        assert!(is_unlocked(folder.path()));
        assert!(is_ours("gradwise 0.1.0") && !is_ours("torch"));
    }
}
