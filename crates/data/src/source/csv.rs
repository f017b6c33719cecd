//! CSV and TSV files: a header, then rows of equally many cells.
//!
//! The separator (comma, semicolon, tab or bar) is the one that the first line has
//! most of; a first row of numbers only means that there is no header. Cells are
//! kept in one buffer until every column's kind is known.

use super::Content;
use super::bytes::{self, unpack_error};
use crate::error::DataError;
use crate::table::{Column, Hints};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Reads a file, gzipped or not.
pub(crate) fn read_file(path: &Path, hints: &Hints) -> Result<Content, DataError> {
    let input = bytes::open(path)?;
    read(&input.name, input.bytes, hints)
}

/// Reads a table from bytes.
pub(crate) fn read(file: &str, bytes: impl Read, hints: &Hints) -> Result<Content, DataError> {
    let mut reader = BufReader::with_capacity(1 << 16, bytes);
    let start = reader.fill_buf().map_err(|e| unpack_error(file, e))?;
    let mark: &[u8] = b"\xef\xbb\xbf";
    let skip = if start.starts_with(mark) { mark.len() } else { 0 };
    let separator = separator(&start[skip..]);
    reader.consume(skip);
    let mut records = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(reader);
    let table = Grid::read(file, &mut records)?;
    let columns = table.columns(file, hints)?;
    Ok(Content { file: file.into(), columns, array: None, target: Vec::new() })
}

fn separator(start: &[u8]) -> u8 {
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |byte: u8| line.iter().filter(|b| **b == byte).count();
    let candidates = [b'|', b';', b'\t', b','];
    candidates.into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

/// The cells of a file, row after row, with the header apart.
struct Grid {
    names: Vec<String>,
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
}

impl Grid {
    fn read<R: Read>(file: &str, records: &mut csv::Reader<R>) -> Result<Self, DataError> {
        let mut record = csv::ByteRecord::new();
        let mut grid = Grid { names: Vec::new(), text: String::new(), ends: Vec::new() };
        if !next(file, records, &mut record, 0)? {
            return Err(DataError::format(file, "it is empty; a header and rows would be right"));
        }
        let mut header = Vec::new();
        for (i, cell) in record.iter().enumerate() {
            header.push(utf8(file, cell, 0, &format!("{}", i + 1))?.to_string());
        }
        let is_header = header.iter().any(|cell| cell.parse::<f32>().is_err());
        grid.names = names(file, &header, is_header)?;
        if !is_header {
            grid.push(file, &record, 0)?;
        }
        let mut row = usize::from(!is_header);
        while next(file, records, &mut record, row)? {
            grid.push(file, &record, row)?;
            row += 1;
        }
        if row == 0 {
            return Err(DataError::format(file, "it has a header but no rows"));
        }
        Ok(grid)
    }

    fn push(&mut self, file: &str, record: &csv::ByteRecord, row: usize) -> Result<(), DataError> {
        for (name, cell) in self.names.iter().zip(record) {
            self.text.push_str(utf8(file, cell, row, name)?);
            self.ends.push(self.text.len());
        }
        Ok(())
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        let cell = move |end: usize| {
            let start = if end == 0 { 0 } else { self.ends[end - 1] };
            &self.text[start..self.ends[end]]
        };
        (column..self.ends.len()).step_by(self.names.len()).map(cell)
    }

    fn columns(&self, file: &str, hints: &Hints) -> Result<Vec<Column>, DataError> {
        let column = |(i, name): (usize, &String)| {
            Column::from_texts(file, name, hints.kind(name), self.cells(i))
        };
        self.names.iter().enumerate().map(column).collect()
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

fn utf8<'a>(file: &str, cell: &'a [u8], row: usize, column: &str) -> Result<&'a str, DataError> {
    std::str::from_utf8(cell).map_err(|_| {
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
