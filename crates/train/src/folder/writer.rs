//! Writes `events.jsonl` beside the training, so that a step pays nearly nothing.
//!
//! A record is put into a list of fixed capacity; a full list, or half a
//! second, hands it to a thread that makes the lines and appends whole ones, many with each
//! write. A crash between two writes loses records, never halves of
//! one; a crash of the system within a write can tear the last line, which readers
//! tolerate. Lists travel back, so a step allocates nothing.

use super::atomic;
use super::error::FolderError;
use super::event::{Event, Histogram, Layer, Step};
use super::record::{Lines, Names, Record, line};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The name of the event log in a run folder.
pub const FILE: &str = "events.jsonl";
const CAPACITY: usize = 4096;
/// Measures that take as much memory as the record of a step.
const PER_STEP: usize = 8;
/// Bytes of lines that are written together at least: few writes, within the cache.
const CHUNK: usize = 1 << 18;
const LATEST: Duration = Duration::from_millis(500);

enum Message {
    Records(Vec<Record>),
    Event(Box<Event>),
    /// Answer with the length of the file once all before is written and on disk.
    Sync(SyncSender<u64>),
}

/// The writing end of an event log.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    records: Vec<Record>,
    names: Names,
    /// About how many records of the size of a step's are waiting.
    waiting: usize,
    handed_over: Instant,
    to: Option<SyncSender<Message>>,
    back: Receiver<Vec<Record>>,
    thread: Option<JoinHandle<Result<(), FolderError>>>,
}

impl Writer {
    /// Opens the log of a run folder, cut to its first `length` bytes. Until it is
    /// closed no other program can (where the file system has locks).
    ///
    /// # Errors
    /// What the system refused; a log that is shorter, or that another program writes.
    pub fn open(folder: &Path, length: u64) -> Result<Writer, FolderError> {
        let path = folder.join(FILE);
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(FolderError::io("open", &path))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(FolderError::content(&path, "another program is writing this run"));
        }
        let now = file.metadata().map_err(FolderError::io("read", &path))?.len();
        if now < length {
            let reason = format!("it has {now} bytes where the checkpoint knows of {length}");
            return Err(FolderError::content(&path, reason));
        }
        if now > length {
            file.set_len(length).map_err(FolderError::io("cut", &path))?;
        }
        let (to, messages) = sync_channel(8);
        let (give_back, back) = sync_channel(4);
        let mut sink =
            Sink { path: path.clone(), file, length, text: Vec::new(), lines: Lines::default() };
        let thread = std::thread::Builder::new()
            .name("events".into())
            .spawn(move || sink.run(&messages, &give_back))
            .map_err(FolderError::io("start a thread to write", &path))?;
        let (records, handed_over) = (Vec::with_capacity(CAPACITY), Instant::now());
        Ok(Writer {
            path,
            records,
            names: Names::default(),
            waiting: 0,
            handed_over,
            to: Some(to),
            back,
            thread: Some(thread),
        })
    }

    /// Records a step; `now` is the time of it, so that no clock is read twice.
    ///
    /// # Errors
    /// What the system refused, of this or an earlier record.
    pub fn step(&mut self, step: Step, now: Instant) -> Result<(), FolderError> {
        self.records.push(Record::Step(step));
        self.recorded(1, now)
    }

    /// Records the measures of a step.
    ///
    /// # Errors
    /// As [`Writer::step`].
    pub fn measures(
        &mut self,
        layers: &[Layer],
        histograms: &[Histogram],
        now: Instant,
    ) -> Result<(), FolderError> {
        self.names.record(layers, &mut self.records);
        self.records.extend(histograms.iter().cloned().map(Record::Histogram));
        self.recorded(layers.len() / PER_STEP + histograms.len() + 1, now)
    }

    fn recorded(&mut self, size: usize, now: Instant) -> Result<(), FolderError> {
        self.waiting += size;
        if self.waiting >= CAPACITY || now.duration_since(self.handed_over) > LATEST {
            self.handed_over = now;
            return self.hand_over();
        }
        Ok(())
    }

    /// Records something that happens once in a while.
    ///
    /// # Errors
    /// As [`Writer::step`].
    pub fn event(&mut self, event: Event) -> Result<(), FolderError> {
        self.hand_over()?;
        self.send(Message::Event(Box::new(event)))
    }

    /// Writes everything recorded so far to the disk; the length of the log.
    ///
    /// # Errors
    /// As [`Writer::step`].
    pub fn sync(&mut self) -> Result<u64, FolderError> {
        self.hand_over()?;
        let (answer, length) = sync_channel(1);
        self.send(Message::Sync(answer))?;
        length.recv().or_else(|_| self.failure())
    }

    /// Writes what is left and ends the thread.
    ///
    /// # Errors
    /// As [`Writer::step`].
    pub fn close(mut self) -> Result<(), FolderError> {
        self.sync()?;
        self.to = None;
        self.join()
    }

    fn hand_over(&mut self) -> Result<(), FolderError> {
        self.waiting = 0;
        if self.records.is_empty() {
            return Ok(());
        }
        let empty = self.back.try_recv().unwrap_or_else(|_| Vec::with_capacity(CAPACITY));
        let full = std::mem::replace(&mut self.records, empty);
        self.send(Message::Records(full))
    }

    fn send(&mut self, message: Message) -> Result<(), FolderError> {
        let sent = self.to.as_ref().is_some_and(|to| to.send(message).is_ok());
        if sent { Ok(()) } else { self.failure() }
    }

    /// The error that ended the thread.
    fn failure<T>(&mut self) -> Result<T, FolderError> {
        self.to = None;
        self.join()?;
        Err(FolderError::content(&self.path, "the event log is closed"))
    }

    fn join(&mut self) -> Result<(), FolderError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(FolderError::content(&self.path, "the thread that writes it died")),
            None => Ok(()),
        }
    }
}

/// A writer that is dropped has written what it was given.
impl Drop for Writer {
    fn drop(&mut self) {
        if self.to.is_some() {
            // There is no one left to tell of an error.
            let _ = self.hand_over();
            self.to = None;
            let _ = self.join();
        }
    }
}

/// The file end, in its own thread.
struct Sink {
    path: PathBuf,
    file: File,
    length: u64,
    text: Vec<u8>,
    lines: Lines,
}

impl Sink {
    fn run(
        &mut self,
        messages: &Receiver<Message>,
        give_back: &SyncSender<Vec<Record>>,
    ) -> Result<(), FolderError> {
        for message in messages {
            match message {
                Message::Records(mut records) => {
                    for record in records.drain(..) {
                        self.add(|lines, text| lines.append(record, text))?;
                        if self.text.len() >= CHUNK {
                            self.append()?;
                        }
                    }
                    self.append()?;
                    // A full way back only means that a new list is made.
                    let _ = give_back.try_send(records);
                }
                Message::Event(event) => {
                    self.add(|_, text| line(&event, text))?;
                    self.append()?;
                }
                Message::Sync(answer) => {
                    if atomic::is_lasting(&self.path) {
                        self.file.sync_data().map_err(FolderError::io("write", &self.path))?;
                    }
                    let _ = answer.send(self.length);
                }
            }
        }
        Ok(())
    }

    /// Makes lines.
    fn add(
        &mut self,
        make: impl FnOnce(&mut Lines, &mut Vec<u8>) -> serde_json::Result<()>,
    ) -> Result<(), FolderError> {
        let made = make(&mut self.lines, &mut self.text);
        made.map_err(|e| FolderError::content(&self.path, e.to_string()))
    }

    /// Appends whole lines with one write. If only a part fits on the disk, the
    /// file is cut back to whole lines.
    fn append(&mut self) -> Result<(), FolderError> {
        if let Err(error) = self.file.write_all(&self.text) {
            let _ = self.file.set_len(self.length);
            return Err(FolderError::io("write", &self.path)(error));
        }
        self.length += self.text.len() as u64;
        self.text.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader;
    use super::*;

    fn step(step: u64) -> Step {
        Step { step, ..Step::default() }
    }

    #[test]
    fn records_come_back_in_order_and_the_log_is_cut_on_resume() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(folder.path(), 0).unwrap();
        (1..=5000).for_each(|i| writer.step(step(i), Instant::now()).unwrap());
        let length = writer.sync().unwrap();
        writer.event(Event::End(Default::default())).unwrap();
        writer.step(step(5001), Instant::now()).unwrap();
        writer.close().unwrap();
        let events = reader::read(folder.path()).unwrap();
        assert_eq!(events.len(), 5002);
        assert!(matches!(events[5000], Event::End(_)));

        let mut writer = Writer::open(folder.path(), length).unwrap();
        writer.step(step(9), Instant::now()).unwrap();
        drop(writer);
        let events = reader::read(folder.path()).unwrap();
        assert_eq!(events.len(), 5001);
        assert_eq!(events[5000], Event::Step(step(9)));
    }

    #[test]
    fn a_log_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let first = Writer::open(folder.path(), 0).unwrap();
        let text = Writer::open(folder.path(), 0).unwrap_err().to_string();
        assert!(text.contains("another program is writing"), "{text}");
        first.close().unwrap();
        Writer::open(folder.path(), 0).unwrap();
    }

    #[test]
    fn a_log_shorter_than_the_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Writer::open(folder.path(), 10).is_err());
    }

    /// `/dev/full` refuses every write, as a full disk does.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join(FILE);
        std::os::unix::fs::symlink("/dev/full", &log).unwrap();
        let mut writer = Writer::open(folder.path(), 0).unwrap();
        writer.step(step(1), Instant::now()).unwrap();
        let text = writer.sync().unwrap_err().to_string();
        assert!(text.contains("events.jsonl: cannot write") && text.contains("--resume"), "{text}");
    }
}
