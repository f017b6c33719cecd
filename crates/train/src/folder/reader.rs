//! Reads `events.jsonl`, while it is being written too.
//!
//! A last line without its end is still being written, or was torn by a crash: it
//! is not there yet. A line in the middle that is no record is an error that names
//! it.

use super::error::FolderError;
use super::event::{Event, Start};
use super::writer::FILE;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Follows a growing event log.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    /// Where the next line begins.
    offset: u64,
    /// The lines read.
    line: usize,
    /// What must still stand in the log if it is the one that was read.
    marks: Marks,
    /// A line that is no record, to be reported by the next call.
    bad: Option<FolderError>,
}

/// Lines that were read and their places: the last one, and the last one with a
/// time in it. A log that was cut and written again has the same bytes there only if
/// it took the same seconds to the last digit.
#[derive(Debug, Default)]
struct Marks {
    last: Option<(u64, Vec<u8>)>,
    timed: Option<(u64, Vec<u8>)>,
}

/// All records of a run folder.
///
/// # Errors
/// A file that cannot be read, a line that is no record.
pub fn read(folder: &Path) -> Result<Vec<Event>, FolderError> {
    let mut events = Vec::new();
    each(folder, |event| events.push(event))?;
    Ok(events)
}

/// The records of a run folder one by one: those of a long run may not fit into memory.
///
/// # Errors
/// A file that cannot be read, a line that is no record.
pub fn each(folder: &Path, mut take: impl FnMut(Event)) -> Result<(), FolderError> {
    let mut reader = Reader::new(folder);
    let file = File::open(&reader.path).map_err(FolderError::io("read", &reader.path))?;
    let (mut lines, mut line) = (BufReader::new(file), Vec::new());
    loop {
        line.clear();
        let read = lines.read_until(b'\n', &mut line);
        read.map_err(FolderError::io("read", &reader.path))?;
        if line.last() != Some(&b'\n') {
            return Ok(());
        }
        reader.parse(&line)?.into_iter().for_each(&mut take);
    }
}

/// What was known when a run started; `None` if its log does not begin with that.
///
/// # Errors
/// A file that cannot be read, a first line that is no record.
pub fn start(folder: &Path) -> Result<Option<Start>, FolderError> {
    let mut reader = Reader::new(folder);
    let file = File::open(&reader.path).map_err(FolderError::io("read", &reader.path))?;
    let mut line = Vec::new();
    let read = BufReader::new(file).read_until(b'\n', &mut line);
    read.map_err(FolderError::io("read", &reader.path))?;
    match reader.parse(&line)? {
        Some(Event::Start(start)) if line.ends_with(b"\n") => Ok(Some(start)),
        _ => Ok(None),
    }
}

impl Reader {
    /// Starts at the beginning of a run folder's log.
    pub fn new(folder: &Path) -> Reader {
        let (path, marks) = (folder.join(FILE), Marks::default());
        Reader { path, offset: 0, line: 0, marks, bad: None }
    }

    /// The records added since the last call. A log that is not the one read so far
    /// (its run was resumed from an earlier checkpoint, so that it was cut and
    /// written anew) is read from its start again; its first record says so.
    ///
    /// # Errors
    /// A file that cannot be read. A line that is no record: the records before it
    /// come first, the next call returns the error, and the one after that goes on
    /// behind the line.
    pub fn read_on(&mut self) -> Result<Vec<Event>, FolderError> {
        if let Some(bad) = self.bad.take() {
            return Err(bad);
        }
        let file = File::open(&self.path).map_err(FolderError::io("read", &self.path))?;
        let mut lines = BufReader::new(file);
        self.find_place(&mut lines).map_err(FolderError::io("read", &self.path))?;
        let (mut events, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            let count = read.map_err(FolderError::io("read", &self.path))?;
            if line.last() != Some(&b'\n') {
                return Ok(events);
            }
            let parsed = self.parse(&line);
            self.passed(&mut line, count as u64, parsed.as_ref().ok());
            match parsed {
                Ok(event) => events.extend(event),
                Err(bad) if events.is_empty() => return Err(bad),
                Err(bad) => {
                    self.bad = Some(bad);
                    return Ok(events);
                }
            }
        }
    }

    /// Goes to where the last call ended; to the start if the log is another one.
    fn find_place(&mut self, log: &mut (impl Read + Seek)) -> std::io::Result<()> {
        if !self.marks.stand_in(log)? {
            (self.offset, self.line, self.marks) = (0, 0, Marks::default());
        }
        log.seek(SeekFrom::Start(self.offset)).map(drop)
    }

    /// Takes note of a line of so many bytes.
    fn passed(&mut self, line: &mut Vec<u8>, count: u64, event: Option<&Option<Event>>) {
        let timed = matches!(event, Some(Some(Event::Start(_) | Event::Step(_) | Event::Epoch(_))));
        if timed {
            self.marks.timed = Some((self.offset, line.clone()));
        }
        self.marks.last = Some((self.offset, std::mem::take(line)));
        self.offset += count;
    }

    fn parse(&mut self, line: &[u8]) -> Result<Option<Event>, FolderError> {
        self.line += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let read = serde_json::from_slice(line).or_else(|e| {
            // Other programs write their NaNs as Python does.
            serde_json::from_slice(&spelled(line)).map_err(|_| e)
        });
        read.map(Some).map_err(|e| {
            let reason = format!("line {} is not a record of a run: {e}", self.line);
            FolderError::content(&self.path, reason)
        })
    }
}

/// What Python's `json`, JavaScript and others write that is no JSON, and how it is spelled here.
const BARE: [(&[u8], &[u8]); 3] =
    [(b"NaN", b"\"nan\""), (b"-Infinity", b"\"-inf\""), (b"Infinity", b"\"inf\"")];

/// A line with its bare NaNs and infinities in the spelling of the format; texts stay.
fn spelled(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 16);
    let (mut rest, mut quoted) = (line, false);
    while let [first, after @ ..] = rest {
        let bare = BARE.iter().find(|(bare, _)| !quoted && rest.starts_with(bare));
        match (bare, first, after) {
            (Some((bare, spelled)), ..) => {
                out.extend_from_slice(spelled);
                rest = &rest[bare.len()..];
                continue;
            }
            (_, b'\\', [escaped, behind @ ..]) if quoted => {
                out.extend_from_slice(&[*first, *escaped]);
                rest = behind;
                continue;
            }
            (_, b'"', _) => quoted = !quoted,
            _ => {}
        }
        out.push(*first);
        rest = after;
    }
    out
}

impl Marks {
    /// Whether the marked lines are where they were.
    fn stand_in(&self, log: &mut (impl Read + Seek)) -> std::io::Result<bool> {
        for (place, line) in self.last.iter().chain(&self.timed) {
            log.seek(SeekFrom::Start(*place))?;
            let mut found = Vec::with_capacity(line.len());
            log.by_ref().take(line.len() as u64).read_to_end(&mut found)?;
            if found != *line {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const LINE: &str =
        "{\"kind\":\"layer\",\"step\":1,\"layer\":\"a\",\"measure\":\"b\",\"value\":1}\n";

    #[test]
    fn a_torn_last_line_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = File::create(folder.path().join(FILE)).unwrap();
        file.write_all(LINE.as_bytes()).unwrap();
        file.write_all(&LINE.as_bytes()[..20]).unwrap();
        let mut reader = Reader::new(folder.path());
        assert_eq!(reader.read_on().unwrap().len(), 1);
        file.write_all(&LINE.as_bytes()[20..]).unwrap();
        assert_eq!(reader.read_on().unwrap().len(), 1);
        file.set_len(LINE.len() as u64).unwrap();
        assert_eq!(reader.read_on().unwrap().len(), 1);
    }

    #[test]
    fn a_line_that_is_no_record_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), format!("{LINE}nonsense\n{LINE}")).unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        assert!(text.contains("events.jsonl: line 2 is not a record"), "{text}");
    }

    #[test]
    fn bare_nans_of_other_programs_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let step = |loss| format!("{{\"kind\":\"step\",\"step\":1,\"loss\":{loss}}}\n");
        let layer = "{\"kind\":\"layer\",\"layer\":\"a\\\"NaN\",\"measure\":\"b\",\"value\":NaN}\n";
        let lines = ["NaN", "Infinity", "-Infinity", "-1.5"].map(step).concat() + layer;
        std::fs::write(folder.path().join(FILE), lines).unwrap();
        let events = read(folder.path()).unwrap();
        let losses = events.iter().filter_map(|event| match event {
            Event::Step(step) => Some(step.loss.0),
            _ => None,
        });
        let losses: Vec<f64> = losses.collect();
        assert!(losses[0].is_nan() && losses[1..] == [f64::INFINITY, f64::NEG_INFINITY, -1.5]);
        let Some(Event::Layer(layer)) = events.last() else { panic!() };
        assert!(layer.layer == "a\"NaN" && layer.value.0.is_nan());
    }

    #[test]
    fn a_bad_line_costs_none_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("{LINE}{LINE}nonsense\n{LINE}");
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let mut reader = Reader::new(folder.path());
        assert_eq!(reader.read_on().unwrap().len(), 2);
        let text = reader.read_on().unwrap_err().to_string();
        assert!(text.contains("line 3 is not a record"), "{text}");
        assert_eq!(reader.read_on().unwrap().len(), 1);
        assert!(reader.read_on().unwrap().is_empty());
    }

    #[test]
    fn a_log_that_was_cut_and_grew_past_its_old_length_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join(FILE);
        let step = |seconds| format!("{{\"kind\":\"step\",\"seconds\":{seconds}}}\n");
        std::fs::write(&log, [&step(1.5), LINE, LINE].concat()).unwrap();
        let mut reader = Reader::new(folder.path());
        assert_eq!(reader.read_on().unwrap().len(), 3);
        std::fs::write(&log, [&step(1.5), LINE, LINE, &step(2.5)].concat()).unwrap();
        assert_eq!(reader.read_on().unwrap().len(), 1);
        // All lines have the same lengths; only a time differs.
        std::fs::write(&log, [&step(1.5), LINE, LINE, &step(3.5), LINE].concat()).unwrap();
        assert_eq!(reader.read_on().unwrap().len(), 5);
        // The marked line is the same; the one with a time before it is not.
        std::fs::write(&log, [&step(1.5), LINE, LINE, &step(4.5), LINE, LINE].concat()).unwrap();
        assert_eq!(reader.read_on().unwrap().len(), 6);
    }
}
