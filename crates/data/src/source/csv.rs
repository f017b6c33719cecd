//! CSV and TSV files: a header, then rows of equally many cells.
//!
//! The separator (comma, semicolon, tab or bar) is the one that the first line has
//! most of; a first row of numbers only means that there is no header. Cells are
//! kept in one buffer until every column's kind is known.

use super::bytes::{self, unpack_error};
use super::{Content, Reading};
use crate::error::DataError;
use crate::stream::Chunks;
use crate::table::{self, Column, Hints, Kind};
use std::io::Read;
use std::path::Path;

/// Bytes that hold the first line.
pub(crate) const START: u64 = 1 << 16;

/// Reads a file, gzipped or not.
pub(crate) fn read_file(path: &Path, reading: &Reading) -> Result<Content, DataError> {
    let mut input = bytes::open(path)?;
    let Some(most) = reading.most else {
        return read(&input.name, input.bytes, &reading.hints);
    };
    let mut start = Vec::new();
    let wrap = |e| unpack_error(&input.name, e);
    input.bytes.by_ref().take(most).read_to_end(&mut start).map_err(wrap)?;
    let separator = separator(&start);
    let mut records = Chunks::new(input.bytes, separator, start.len(), start);
    let records = records.next().map_err(wrap)?.unwrap_or_default();
    read(&input.name, records.as_slice(), &reading.hints)
}

/// Reads a table from bytes.
pub(crate) fn read(file: &str, mut from: impl Read, hints: &Hints) -> Result<Content, DataError> {
    // One call to `read` may give a few bytes only, so the first line is asked for in full.
    let mut start = Vec::new();
    from.by_ref().take(START).read_to_end(&mut start).map_err(|e| unpack_error(file, e))?;
    let text = start.strip_prefix(bytes::MARK).unwrap_or(&start);
    let mut records = csv::ReaderBuilder::new();
    let records = records.delimiter(separator(text)).has_headers(false).buffer_capacity(1 << 16);
    let mut records = records.from_reader(text.chain(from));
    let table = Grid::read(file, &mut records, hints)?;
    let columns = table.columns(file, hints)?;
    Ok(Content { file: file.into(), columns, array: None, target: Vec::new() })
}

/// The first record of a table, and where rows begin.
pub(crate) struct Start {
    pub separator: u8,
    /// The cells of the first record.
    pub cells: Vec<String>,
    /// Whether they name the columns: not all are numbers.
    pub is_header: bool,
    /// Where the first row starts.
    pub bytes: usize,
}

impl Start {
    /// Of the first bytes of a table, which hold its first record.
    pub fn of(file: &str, text: &[u8], separator: u8) -> Result<Start, DataError> {
        let mut records = csv::ReaderBuilder::new();
        let mut records = records.delimiter(separator).has_headers(false).from_reader(text);
        let mut record = csv::ByteRecord::new();
        if !next(file, &mut records, &mut record, 0)? {
            return Err(empty(file));
        }
        let (cells, is_header) = header(file, &record)?;
        let bytes = if is_header { records.position().byte() as usize } else { 0 };
        Ok(Start { separator, cells, is_header, bytes })
    }
}

/// The columns' names.
pub(crate) fn header_names(file: &str, start: &Start) -> Result<Vec<String>, DataError> {
    names(file, &start.cells, start.is_header)
}

fn empty(file: &str) -> DataError {
    DataError::format(file, "it is empty; a header and rows would be right")
}

/// The cells of the first record, and whether they name the columns.
fn header(file: &str, record: &csv::ByteRecord) -> Result<(Vec<String>, bool), DataError> {
    let cell = |(i, cell): (usize, _)| utf8(file, cell, 0, &(i + 1).to_string()).map(String::from);
    let cells: Vec<String> = record.iter().enumerate().map(cell).collect::<Result<_, _>>()?;
    let is_header = cells.iter().any(|cell| cell.parse::<f32>().is_err());
    Ok((cells, is_header))
}

/// The separator that the first line has most of.
pub(crate) fn separator(start: &[u8]) -> u8 {
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |byte: u8| line.iter().filter(|b| **b == byte).count();
    let candidates = [b'|', b';', b'\t', b','];
    candidates.into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

/// The cells of a file, with the header apart.
struct Grid {
    names: Vec<String>,
    /// Row after row, without separators.
    text: String,
    /// Where each row starts in `text`.
    starts: Vec<usize>,
    /// Where each cell ends, from the start of its row.
    ends: Vec<u32>,
    /// The numbers of each column, as long as it has only numbers. They are read in
    /// passing, since a second walk down a wide table misses the cache at every cell.
    numbers: Vec<Option<Vec<f32>>>,
}

impl Grid {
    fn read<R: Read>(
        file: &str,
        records: &mut csv::Reader<R>,
        hints: &Hints,
    ) -> Result<Self, DataError> {
        let mut record = csv::ByteRecord::new();
        if !next(file, records, &mut record, 0)? {
            return Err(empty(file));
        }
        let (cells, is_header) = header(file, &record)?;
        let mut grid = Grid::new(names(file, &cells, is_header)?, hints);
        if !is_header {
            grid.push(file, &record)?;
        }
        while next(file, records, &mut record, grid.starts.len())? {
            grid.push(file, &record)?;
        }
        match grid.starts.is_empty() {
            true => Err(DataError::format(file, "it has a header but no rows")),
            false => Ok(grid),
        }
    }

    fn new(names: Vec<String>, hints: &Hints) -> Self {
        let may_be_numbers = |name: &String| hints.kind(name) != Some(Kind::Category);
        let numbers = names.iter().map(|name| may_be_numbers(name).then(Vec::new)).collect();
        Grid { names, text: String::new(), starts: Vec::new(), ends: Vec::new(), numbers }
    }

    fn push(&mut self, file: &str, record: &csv::ByteRecord) -> Result<(), DataError> {
        let (row, start) = (self.starts.len(), self.text.len());
        self.starts.push(start);
        for ((name, cell), numbers) in self.names.iter().zip(record).zip(&mut self.numbers) {
            let cell = utf8(file, cell, row, name)?;
            self.text.push_str(cell);
            let end = u32::try_from(self.text.len() - start)
                .map_err(|_| DataError::row(file, row, "it is longer than 4 GB"))?;
            self.ends.push(end);
            if let Some(column) = numbers {
                match table::number_or_missing(cell) {
                    Some(number) => column.push(number),
                    None => *numbers = None,
                }
            }
        }
        Ok(())
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        let width = self.names.len();
        self.starts.iter().enumerate().map(move |(row, start)| {
            let ends = &self.ends[row * width..];
            let from = column.checked_sub(1).map_or(0, |left| ends[left] as usize);
            &self.text[start + from..start + ends[column] as usize]
        })
    }

    fn columns(mut self, file: &str, hints: &Hints) -> Result<Vec<Column>, DataError> {
        let numbers = std::mem::take(&mut self.numbers);
        let column = |(i, numbers): (usize, _)| {
            let name = &self.names[i];
            Column::from_parsed(file, name, hints.kind(name), numbers, self.cells(i))
        };
        numbers.into_iter().enumerate().map(column).collect()
    }
}

/// The columns' names: the header's, or `column1` … where there is none.
fn names(file: &str, header: &[String], is_header: bool) -> Result<Vec<String>, DataError> {
    let name = |(i, cell): (usize, &String)| match is_header && !cell.is_empty() {
        true => cell.clone(),
        false => format!("column{}", i + 1),
    };
    let names: Vec<String> = header.iter().enumerate().map(name).collect();
    let mut seen = std::collections::HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(DataError::format(file, format!("two columns are named {name:?}"))),
        None => Ok(names),
    }
}

/// The text of a cell, without spaces around it.
fn utf8<'a>(file: &str, cell: &'a [u8], row: usize, column: &str) -> Result<&'a str, DataError> {
    std::str::from_utf8(cell.trim_ascii()).map_err(|_| {
        let reason = "is not UTF-8 text; save the file as UTF-8";
        DataError::cell(file, row, column, reason)
    })
}

fn next<R: Read>(
    file: &str,
    records: &mut csv::Reader<R>,
    record: &mut csv::ByteRecord,
    row: usize,
) -> Result<bool, DataError> {
    records.read_byte_record(record).map_err(|error| match error.into_kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let reason = format!("it has {len} cells, where the first row has {expected_len}");
            DataError::row(file, row, reason)
        }
        csv::ErrorKind::Io(error) => unpack_error(file, error),
        other => DataError::row(file, row, format!("{other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Cells;
    use proptest::prelude::*;

    fn table(text: &[u8]) -> Result<Vec<Column>, String> {
        read("f", text, &Hints::default()).map(|c| c.columns).map_err(|e| e.to_string())
    }

    #[test]
    fn header_and_separator_are_found() {
        for text in ["a,b\n1,2\n", "a;b\n1;2", "a\tb\r\n1\t2\r\n", "\u{feff}a,b\n 1 ,2"] {
            let columns = table(text.as_bytes()).unwrap();
            assert_eq!(columns[0].name, "a", "{text:?}");
            assert_eq!(columns[1].cells, Cells::Numbers(vec![2.0]));
        }
        let columns = table(b"1,2\n3,4\n").unwrap();
        assert_eq!((columns[1].name.as_str(), columns[1].rows()), ("column2", 2));
    }

    #[test]
    fn they_are_found_whatever_a_file_gives_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["name;size\n1;2\n", "\u{feff}name,size\n1,2\n", "name\tsize\r\n1\t2"] {
            let path = folder.path().join("a.csv");
            std::fs::write(&path, text).unwrap();
            let columns = read_file(&path, &Reading::default()).unwrap().columns;
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(names, ["name", "size"], "{text:?}");
        }
    }

    #[test]
    fn quoted_cells_are_undone() {
        let columns = table(b"a,b\n\"x, \"\"y\"\"\",1\n").unwrap();
        let Cells::Texts { values, .. } = &columns[0].cells else { panic!("texts expected") };
        assert_eq!(values[0], "x, \"y\"");
    }

    #[test]
    fn bad_files_are_refused_with_the_place() {
        let error = |text: &[u8]| table(text).unwrap_err();
        assert!(error(b"").contains("empty"));
        assert!(error(b"a,b\n").contains("no rows"));
        assert!(error(b"a,b\n1,2\n3\n").starts_with("f, row 2: it has 1 cells"));
        assert!(error(b"a,b\n1,\xff\n").starts_with("f, row 1, column \"b\": is not UTF-8"));
        assert!(error(b"a,a\n1,2\n").contains("two columns"));
        assert!(error(b"a,b\n1,inf\n").starts_with("f, row 1, column \"b\""));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_table_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = table(&bytes);
        }

        #[test]
        fn any_text_ends_in_a_table_or_an_error(text in "[ab1,\"\n;.\\-e]{0,80}") {
            let _ = table(text.as_bytes());
        }
    }
}
