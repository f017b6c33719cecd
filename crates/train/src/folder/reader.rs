//! Reads `events.jsonl`, while it is being written too.
//!
//! A last line without its end is still being written, or was torn by a crash: it
//! is not there yet. A line in the middle that is no record is an error that names
//! it.

use super::error::FolderError;
use super::event::Event;
use super::writer::FILE;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Follows a growing event log.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    offset: u64,
    line: usize,
}

/// All records of a run folder.
///
/// # Errors
/// A file that cannot be read, a line that is no record.
pub fn read(folder: &Path) -> Result<Vec<Event>, FolderError> {
    Reader::new(folder).read_on()
}

impl Reader {
    /// Starts at the beginning of a run folder's log.
    pub fn new(folder: &Path) -> Reader {
        Reader { path: folder.join(FILE), offset: 0, line: 0 }
    }

    /// The records added since the last call. A log that became shorter (its run
    /// was resumed from an earlier checkpoint) is read from its start again.
    ///
    /// # Errors
    /// A file that cannot be read, a line that is no record.
    pub fn read_on(&mut self) -> Result<Vec<Event>, FolderError> {
        let file = File::open(&self.path).map_err(FolderError::io("read", &self.path))?;
        let length = file.metadata().map_err(FolderError::io("read", &self.path))?.len();
        if length < self.offset {
            (self.offset, self.line) = (0, 0);
        }
        let mut lines = BufReader::new(file);
        let start = SeekFrom::Start(self.offset);
        lines.seek(start).map_err(FolderError::io("read", &self.path))?;
        let (mut events, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            let count = read.map_err(FolderError::io("read", &self.path))?;
            if line.last() != Some(&b'\n') {
                return Ok(events);
            }
            self.offset += count as u64;
            self.line += 1;
            events.extend(self.parse(&line)?);
        }
    }

    fn parse(&self, line: &[u8]) -> Result<Option<Event>, FolderError> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        serde_json::from_slice(line).map(Some).map_err(|e| {
            let reason = format!("line {} is not a record of a run: {e}", self.line);
            FolderError::content(&self.path, reason)
        })
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
}
