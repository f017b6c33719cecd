//! Apache Parquet tables: flat columns of numbers, booleans and texts.
//!
//! A null is a missing value, and so is NaN, as pandas writes it. Codecs: none, snappy
//! and gzip; zstd and brotli would each bring a C library or minutes of building.

use super::{Content, Reading};
use crate::error::DataError;
use crate::table::{Column, Hints, Kind};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows that are read at a time.
const BLOCK: usize = 8192;

/// Reads a file. The library panics on some damaged files instead of saying so; what
/// the checks below do not foresee is caught and becomes an error like any other.
pub(crate) fn read_file(path: &Path, reading: &Reading) -> Result<Content, DataError> {
    let file = path.display().to_string();
    guarded(&file, || read(&file, path, reading))
}

/// What `work` on a file gives, or an error where it panics.
pub(crate) fn guarded<T>(
    file: &str,
    work: impl FnOnce() -> Result<T, DataError>,
) -> Result<T, DataError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(DataError::format(file, "it is a damaged Parquet file; copy or download it again"))
    })
}

/// Opens a file whose columns are flat and lie where they say.
pub(crate) fn open(file: &str, path: &Path) -> Result<SerializedFileReader<File>, DataError> {
    let wrong = |reason: String| DataError::format(file, reason);
    let opened = File::open(path).map_err(|e| DataError::io(file, e))?;
    let size = opened.metadata().map_err(|e| DataError::io(file, e))?.len();
    let reader = SerializedFileReader::new(opened)
        .map_err(|e| wrong(format!("it is no Parquet file that can be read: {e}")))?;
    check_places(reader.metadata(), size).map_err(wrong)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    match schema.columns().iter().find(|column| column.max_rep_level() > 0) {
        None => Ok(reader),
        Some(lists) => {
            let name = lists.path().string();
            Err(wrong(format!("column {name:?} holds lists, where one value a row is needed")))
        }
    }
}

fn read(file: &str, path: &Path, reading: &Reading) -> Result<Content, DataError> {
    let wrong = |reason: String| DataError::format(file, reason);
    let reader = open(file, path)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let width = 4 * schema.num_columns().max(1) as u64;
    let most = reading.most.map_or(usize::MAX, |most| (most / width).max(1) as usize);
    let mut columns = Vec::new();
    for (i, description) in schema.columns().iter().enumerate() {
        let name = description.path().string();
        let cells = read_column(&reader, i, description, most)
            .map_err(|e| wrong(format!("column {name:?}: {e}")))?;
        columns.push(cells.column(file, &name, &reading.hints)?);
    }
    check_rows(file, &columns)?;
    Ok(Content { file: file.into(), columns, array: None, target: Vec::new() })
}

/// That all columns lie inside the file.
fn check_places(metadata: &ParquetMetaData, size: u64) -> Result<(), String> {
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let place =
            [start, column.data_page_offset(), column.compressed_size(), column.num_values()];
        let end = start.checked_add(column.compressed_size());
        if place.iter().any(|n| *n < 0) || end.is_none_or(|end| end as u64 > size) {
            let name = column.column_path().string();
            return Err(format!("column {name:?} does not lie in its {size} bytes; it is damaged"));
        }
    }
    Ok(())
}

fn check_rows(file: &str, columns: &[Column]) -> Result<(), DataError> {
    let rows = columns.first().map_or(0, Column::rows);
    if rows == 0 {
        return Err(DataError::format(file, "it has no rows"));
    }
    match columns.iter().find(|c| c.rows() != rows) {
        None => Ok(()),
        Some(column) => {
            let reason = format!("column {:?} has {} rows of {rows}", column.name, column.rows());
            Err(DataError::format(file, reason))
        }
    }
}

/// The cells of a column as read.
pub(crate) enum Cells {
    Numbers(Vec<f32>),
    Texts(Vec<String>),
}

impl Cells {
    fn numbers(&mut self) -> &mut Vec<f32> {
        if !matches!(self, Cells::Numbers(_)) {
            *self = Cells::Numbers(Vec::new());
        }
        let Cells::Numbers(numbers) = self else { unreachable!("set above") };
        numbers
    }

    fn texts(&mut self) -> &mut Vec<String> {
        if !matches!(self, Cells::Texts(_)) {
            *self = Cells::Texts(Vec::new());
        }
        let Cells::Texts(texts) = self else { unreachable!("set above") };
        texts
    }

    fn column(self, file: &str, name: &str, hints: &Hints) -> Result<Column, DataError> {
        let kind = hints.kind(name);
        match self {
            Cells::Numbers(numbers) => {
                let column = Column::from_numbers(file, name, numbers, true)?;
                Ok(if kind == Some(Kind::Category) { column.into_category() } else { column })
            }
            // Texts stay texts, even if they look like numbers, unless numbers are asked for.
            Cells::Texts(texts) => {
                let kind = Some(kind.unwrap_or(Kind::Category));
                Column::from_texts(file, name, kind, texts.iter().map(String::as_str))
            }
        }
    }
}

pub(crate) type Outcome<T> = parquet::errors::Result<T>;

fn read_column(
    reader: &SerializedFileReader<File>,
    index: usize,
    description: &ColumnDescriptor,
    most: usize,
) -> Outcome<Cells> {
    let (mut cells, mut left) = (Cells::Numbers(Vec::new()), most);
    for group in 0..reader.num_row_groups() {
        let mut part = reader.get_row_group(group)?.get_column_reader(index)?;
        loop {
            let read = read_cells(&mut part, description, BLOCK.min(left), &mut cells)?;
            left -= read;
            if read == 0 || left == 0 {
                break;
            }
        }
        if left == 0 {
            break;
        }
    }
    Ok(cells)
}

/// Appends at most `most` cells of a column to `cells`, which are then all numbers or all
/// texts as the column is; how many.
pub(crate) fn read_cells(
    reader: &mut ColumnReader,
    description: &ColumnDescriptor,
    most: usize,
    cells: &mut Cells,
) -> Outcome<usize> {
    let scale = 10f64.powi(-description.type_scale().max(0));
    let nullable = description.max_def_level();
    if let ColumnReader::ByteArrayColumnReader(reader) = reader {
        let to = cells.texts();
        return Sink { to, missing: String::new(), nullable }.read(reader, most, text);
    }
    let mut numbers = Sink { to: cells.numbers(), missing: f32::NAN, nullable };
    match reader {
        ColumnReader::BoolColumnReader(r) => numbers.read(r, most, |x| f32::from(u8::from(*x))),
        ColumnReader::Int32ColumnReader(r) => {
            numbers.read(r, most, |x| (f64::from(*x) * scale) as f32)
        }
        ColumnReader::Int64ColumnReader(r) => numbers.read(r, most, |x| (*x as f64 * scale) as f32),
        ColumnReader::FloatColumnReader(r) => numbers.read(r, most, |x| *x),
        ColumnReader::DoubleColumnReader(r) => numbers.read(r, most, |x| *x as f32),
        _ => {
            let reason = "its type is neither a number, a boolean nor a text";
            Err(parquet::errors::ParquetError::General(reason.into()))
        }
    }
}

fn text(bytes: &ByteArray) -> String {
    String::from_utf8_lossy(bytes.data()).trim().to_string()
}

/// Where values go, and what stands for a null.
struct Sink<'a, T> {
    to: &'a mut Vec<T>,
    missing: T,
    /// The definition level of a value that is there.
    nullable: i16,
}

impl<T: Clone> Sink<'_, T> {
    fn read<D: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<D>,
        most: usize,
        convert: impl Fn(&D::T) -> T,
    ) -> Outcome<usize> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (records, ..) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
        let mut present = values.iter();
        if self.nullable == 0 {
            self.to.extend(present.map(&convert));
            return Ok(records);
        }
        for level in &levels {
            let value = if *level == self.nullable { present.next() } else { None };
            self.to.push(value.map_or_else(|| self.missing.clone(), &convert));
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;
    use parquet::data_type::{ByteArrayType, DoubleType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use proptest::prelude::*;
    use std::sync::Arc;

    const SCHEMA: &str = "message table {
        required int64 id;
        optional double x;
        optional binary colour (UTF8);
    }";

    /// Three rows: (1, 0.5, red), (2, null, null), (3, 2.5, blue).
    fn write(path: &Path) {
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let file = File::create(path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[1, 2, 3], None, None).unwrap();
        column.close().unwrap();
        let levels = Some(&[1, 0, 1][..]);
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[0.5, 2.5], levels, None).unwrap();
        column.close().unwrap();
        let texts = ["red", "blue"].map(ByteArray::from);
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&texts, levels, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        write(&path);
        (folder, path)
    }

    #[test]
    fn nulls_are_missing_values() {
        let (_folder, path) = file();
        let columns = read_file(&path, &Reading::default()).unwrap().columns;
        assert_eq!(columns[0].cells, table::Cells::Numbers(vec![1.0, 2.0, 3.0]));
        let table::Cells::Numbers(x) = &columns[1].cells else { panic!("numbers expected") };
        assert!(x[1].is_nan() && (x[0], x[2]) == (0.5, 2.5));
        let table::Cells::Texts { codes, values } = &columns[2].cells else { panic!() };
        assert_eq!(
            (codes.as_slice(), values.join(" ")),
            (&[1, table::ABSENT, 0][..], "blue red".into())
        );
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        for content in [&b""[..], b"PAR1", b"a,b\n1,2\n", b"PAR1\xff\xff\xff\x7fPAR1"] {
            std::fs::write(&path, content).unwrap();
            let error = read_file(&path, &Reading::default()).unwrap_err().to_string();
            assert!(error.contains("no Parquet file"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn damaged_files_end_in_a_table_or_an_error(place: prop::sample::Index, byte: u8, cut: bool) {
            let (_folder, path) = file();
            let mut content = std::fs::read(&path).unwrap();
            let place = place.index(content.len());
            if cut { content.drain(place..place + 1); } else { content[place] = byte; }
            std::fs::write(&path, content).unwrap();
            let _ = read_file(&path, &Reading::default());
        }
    }
}
