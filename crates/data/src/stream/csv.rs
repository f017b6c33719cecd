//! Large text tables: read in pieces, which all cores parse.

use super::chunks::Chunks;
use super::convert::{Piece, Source};
use super::tally::Column;
use crate::error::DataError;
use crate::parallel;
use crate::source::bytes::{self, unpack_error};
use crate::source::csv::{Start, header_names, separator};
use crate::table::{Hints, Kind, number_or_missing};
use std::collections::VecDeque;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes of a piece.
const PIECE: usize = 4 << 20;

/// A text table on disk.
pub(crate) struct CsvFile {
    path: PathBuf,
    name: String,
    size: u64,
    piece: usize,
}

impl CsvFile {
    /// A file, gzipped or not, to be read in pieces of at most so many bytes.
    pub fn open(path: &Path, most: u64) -> Result<CsvFile, DataError> {
        let input = bytes::open(path)?;
        let size = if input.packed { 0 } else { input.size };
        let piece = PIECE.min(most.try_into().unwrap_or(PIECE)).max(1 << 12);
        Ok(CsvFile { path: path.into(), name: input.name, size, piece })
    }

    /// The start of the file, and all behind it in pieces.
    fn start(&self) -> Result<Opened, DataError> {
        let mut input = bytes::open(&self.path)?;
        let mut first = Vec::new();
        let read = input.bytes.by_ref().take(self.piece as u64).read_to_end(&mut first);
        read.map_err(|e| unpack_error(&self.name, e))?;
        let separator = separator(without_mark(&first));
        let mut chunks = Chunks::new(input.bytes, separator, self.piece, first);
        let first = chunks.next().map_err(|e| unpack_error(&self.name, e))?.unwrap_or_default();
        let text = without_mark(&first);
        let start = Start::of(&self.name, text, separator)?;
        let rows = text.get(start.bytes..).unwrap_or_default().to_vec();
        Ok((start, rows, chunks))
    }
}

/// The first record, the rows that were read with it, and the rest.
type Opened = (Start, Vec<u8>, Chunks<Box<dyn Read>>);

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(bytes::MARK).unwrap_or(text)
}

impl Source for CsvFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn columns(&self, _: &Hints) -> Result<Vec<(String, Kind, bool)>, DataError> {
        let (start, rows, _) = self.start()?;
        let names = header_names(&self.name, &start)?;
        let mut numeric = vec![true; names.len()];
        let mut look = |_: usize, cells: &mut dyn Iterator<Item = &str>| {
            for (numeric, cell) in numeric.iter_mut().zip(cells) {
                *numeric = *numeric && number_or_missing(cell).is_some();
            }
            Ok(())
        };
        let width = names.len();
        let table = Records { file: &self.name, separator: start.separator, width };
        table.each(&rows, &mut look)?;
        let kind = |numeric| if numeric { Kind::Number } else { Kind::Category };
        Ok(names.into_iter().zip(numeric).map(|(name, n)| (name, kind(n), false)).collect())
    }

    fn read(
        &self,
        columns: &[Column],
        take: &mut dyn FnMut(Piece) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let (start, rows, mut chunks) = self.start()?;
        let parser = Parser { file: &self.name, separator: start.separator, columns };
        let threads = parallel::threads();
        let (jobs, queue) = sync_channel::<(Vec<u8>, SyncSender<Parsed>)>(threads);
        let queue = Mutex::new(queue);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| parser.work(&queue));
            }
            // Dropped on every way out, which ends the threads.
            let jobs = jobs;
            let mut pending = VecDeque::new();
            let mut next = (!rows.is_empty()).then_some(rows);
            let mut done = 0;
            loop {
                if let Some(piece) = next.take() {
                    let (answer, parsed) = sync_channel(1);
                    if jobs.send((piece, answer)).is_err() {
                        return Err(self.lost());
                    }
                    pending.push_back(parsed);
                }
                next = chunks.next().map_err(|e| unpack_error(&self.name, e))?;
                while pending.len() > threads || next.is_none() {
                    let Some(parsed) = pending.pop_front() else { return Ok(()) };
                    let piece = self.received(&parsed, done)?;
                    done += piece.rows;
                    take(piece)?;
                }
            }
        })
    }
}

type Parsed = Result<Piece, DataError>;

impl CsvFile {
    fn received(&self, parsed: &Receiver<Parsed>, rows: usize) -> Parsed {
        let parsed = parsed.recv().map_err(|_| self.lost())?;
        parsed.map_err(|error| error.behind(rows))
    }

    fn lost(&self) -> DataError {
        DataError::format(&self.name, "the threads that read it died: a mistake of the program")
    }
}

/// What the threads of a pass share.
struct Parser<'a> {
    file: &'a str,
    separator: u8,
    columns: &'a [Column],
}

impl Parser<'_> {
    /// Parses pieces until there are no more.
    fn work(&self, queue: &Mutex<Receiver<(Vec<u8>, SyncSender<Parsed>)>>) {
        let next = || queue.lock().ok().and_then(|queue| queue.recv().ok());
        while let Some((text, answer)) = next() {
            // Where nobody waits for it any more, the pass has ended.
            let _ = answer.send(self.parse(&text));
        }
    }

    fn parse(&self, text: &[u8]) -> Parsed {
        let mut piece = Piece::new(self.columns);
        let (file, separator, width) = (self.file, self.separator, self.columns.len());
        let records = Records { file, separator, width };
        records.each(text, &mut |row, cells| {
            for (i, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                if let (Some(place), Some(tally)) = (column.cell, piece.tallies.get_mut(i)) {
                    let x = tally.add(column, row, cell);
                    piece.push(place, x);
                }
            }
            piece.rows += 1;
            Ok(())
        })?;
        piece.bytes = text.len() as u64;
        Ok(piece)
    }
}

/// The records of a piece of text.
struct Records<'a> {
    file: &'a str,
    separator: u8,
    /// Cells of a record.
    width: usize,
}

type Visit<'v> = &'v mut dyn FnMut(usize, &mut dyn Iterator<Item = &str>) -> Result<(), DataError>;

impl Records<'_> {
    /// Visits all, with the number of each and its cells without spaces around them.
    fn each(&self, bytes: &[u8], visit: Visit<'_>) -> Result<(), DataError> {
        match std::str::from_utf8(bytes) {
            Ok(text) if is_plain(bytes) => self.each_line(text, visit),
            _ => self.each_quoted(bytes, visit),
        }
    }

    /// Without quotes a record is a line, and cells stand between separators.
    fn each_line(&self, text: &str, visit: Visit<'_>) -> Result<(), DataError> {
        let separator = char::from(self.separator);
        let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        for (row, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let count = 1 + memchr::memchr_iter(self.separator, line.as_bytes()).count();
            if count != self.width {
                return Err(self.uneven(row, count));
            }
            visit(row, &mut line.split(separator).map(str::trim_ascii))?;
        }
        Ok(())
    }

    fn each_quoted(&self, bytes: &[u8], visit: Visit<'_>) -> Result<(), DataError> {
        let mut settings = csv::ReaderBuilder::new();
        let settings = settings.delimiter(self.separator).has_headers(false).flexible(true);
        let (mut reader, mut record) = (settings.from_reader(bytes), csv::ByteRecord::new());
        let mut row = 0;
        let wrap = |error: csv::Error, row| DataError::row(self.file, row, error.to_string());
        while reader.read_byte_record(&mut record).map_err(|e| wrap(e, row))? {
            if record.len() != self.width {
                return Err(self.uneven(row, record.len()));
            }
            let mut cells = Vec::with_capacity(self.width);
            for (i, cell) in record.iter().enumerate() {
                let text = std::str::from_utf8(cell.trim_ascii()).map_err(|_| {
                    let reason =
                        format!("cell {} is not UTF-8 text; save the file as UTF-8", i + 1);
                    DataError::row(self.file, row, reason)
                })?;
                cells.push(text);
            }
            visit(row, &mut cells.into_iter())?;
            row += 1;
        }
        Ok(())
    }

    fn uneven(&self, row: usize, count: usize) -> DataError {
        let reason = format!("it has {count} cells, where the first row has {}", self.width);
        DataError::row(self.file, row, reason)
    }
}

/// Whether a piece has neither quotes nor lines that end in a carriage return alone.
fn is_plain(bytes: &[u8]) -> bool {
    memchr::memchr(b'"', bytes).is_none()
        && memchr::memchr_iter(b'\r', bytes)
            .all(|at| matches!(bytes.get(at + 1), Some(b'\n') | None))
}
