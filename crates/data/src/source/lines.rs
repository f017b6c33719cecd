//! Which line of a text table a row stands in, as an editor counts.
//!
//! Quoted cells may have line ends in them, and empty lines are no rows, so the line is
//! not the row plus one. It is looked for only where an error names a row: the table is
//! read once more up to there.

use super::bytes;
use super::csv::{START, Start, separator};
use crate::error::{DataError, Place};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The same error with the line instead of the row, if it is about a text table.
pub(crate) fn placed(mut error: DataError) -> DataError {
    if let Some((file, place)) = error.file_and_place()
        && let Place::Row(row) = *place
        && let Some(line) = line_of(Path::new(file), row)
    {
        *place = Place::Line(line);
    }
    error
}

/// The line of row `row`, both counted from 1; `None` if there is none.
fn line_of(path: &Path, row: usize) -> Option<usize> {
    if !super::is_text_table(path) {
        return None;
    }
    let mut start = Vec::new();
    bytes::open(path).ok()?.bytes.take(START).read_to_end(&mut start).ok()?;
    let text = start.strip_prefix(bytes::MARK).unwrap_or(&start);
    let separator = separator(text);
    let header = Start::of("", text, separator).ok()?.is_header;
    let place = place_of(path, separator, row + usize::from(header))?;
    let mut from = BufReader::new(bytes::open(path).ok()?.bytes.take(place));
    let mut lines = 1;
    loop {
        let part = from.fill_buf().ok()?;
        if part.is_empty() {
            return Some(lines + empty_lines(path, place)?);
        }
        lines += memchr::memchr_iter(b'\n', part).count();
        let count = part.len();
        from.consume(count);
    }
}

/// The byte behind the record before record `record`, counted from 1.
fn place_of(path: &Path, separator: u8, record: usize) -> Option<u64> {
    let mut settings = csv::ReaderBuilder::new();
    let settings = settings.delimiter(separator).has_headers(false).flexible(true);
    let mut reader = settings.from_reader(bytes::open(path).ok()?.bytes);
    let mut cells = csv::ByteRecord::new();
    for _ in 1..record {
        if !reader.read_byte_record(&mut cells).ok()? {
            return None;
        }
    }
    Some(reader.position().byte())
}

/// Line ends between a place and the record that follows it.
fn empty_lines(path: &Path, place: u64) -> Option<usize> {
    let mut from = BufReader::new(bytes::open(path).ok()?.bytes);
    std::io::copy(&mut from.by_ref().take(place), &mut std::io::sink()).ok()?;
    let ends = from.bytes().map_while(Result::ok).take_while(|byte| matches!(byte, b'\n' | b'\r'));
    Some(ends.filter(|byte| *byte == b'\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, row: usize) -> Option<usize> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        line_of(&path, row)
    }

    #[test]
    fn a_row_stands_in_the_line_that_an_editor_shows() {
        assert_eq!(line("a,b\n1,2\n3,4\n", 2), Some(3));
        assert_eq!(line("\u{feff}a,b\r\n1,2\r\n3,4\r\n", 2), Some(3));
        assert_eq!(line("1,2\n3,4\n", 2), Some(2));
        assert_eq!(line("a,b\n\"x\ny\",2\n\n\n3,4\n", 2), Some(6));
        assert_eq!(line("a\tb\n\n1\t2\n", 1), Some(3));
        assert_eq!(line("a,b\n1,2\n", 7), None);
    }
}
