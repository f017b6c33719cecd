//! Large Parquet tables: read some rows of all columns at a time.

use super::convert::{Piece, Source};
use super::table::Cell;
use super::tally::Column;
use crate::error::DataError;
use crate::source::parquet::{Cells, Outcome, guarded, open, read_cells};
use crate::table::{Hints, Kind, is_missing};
use parquet::basic::Type;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;
use std::path::Path;

/// Cells of a piece.
const CELLS: usize = 1 << 19;

/// A Parquet table on disk.
pub(crate) struct ParquetFile {
    name: String,
    size: u64,
    reader: SerializedFileReader<File>,
}

/// Cells of a table, by its own count.
pub(crate) fn cells(path: &Path) -> Result<u64, DataError> {
    let name = path.display().to_string();
    guarded(&name, || {
        let reader = open(&name, path)?;
        let about = reader.metadata().file_metadata();
        let rows = u64::try_from(about.num_rows()).unwrap_or(0);
        Ok(rows.saturating_mul(about.schema_descr().num_columns() as u64))
    })
}

impl ParquetFile {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<ParquetFile, DataError> {
        let name = path.display().to_string();
        let reader = guarded(&name, || open(&name, path))?;
        let size = std::fs::metadata(path).map_or(0, |about| about.len());
        Ok(ParquetFile { name, size, reader })
    }

    fn read_group(
        &self,
        group: usize,
        columns: &[Column],
        take: Take<'_>,
    ) -> Result<(), DataError> {
        let wrong = |e| DataError::format(&self.name, format!("row group {group}: {e}"));
        let row_group = self.reader.get_row_group(group).map_err(wrong)?;
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let wanted = columns.iter().enumerate().filter(|(_, column)| column.cell.is_some());
        let readers = wanted.map(|(i, _)| Ok((i, row_group.get_column_reader(i)?)));
        let mut readers = readers.collect::<Outcome<Vec<_>>>().map_err(wrong)?;
        let most = (CELLS / columns.len().max(1)).max(1);
        let bytes = row_group.metadata().compressed_size().max(0) as u64;
        let rows = row_group.metadata().num_rows().max(1) as u64;
        loop {
            let (mut piece, mut count) = (Piece::new(columns), None);
            for (i, reader) in &mut readers {
                let Some(column) = columns.get(*i) else { continue };
                let mut cells = Cells::Numbers(Vec::new());
                let described = schema.column(*i);
                let read = read_cells(reader, &described, most, &mut cells);
                let read = read.map_err(|e| wrong_column(&self.name, &column.name, &e))?;
                if *count.get_or_insert(read) != read {
                    let reason = format!("column {:?} has fewer rows than others", column.name);
                    return Err(DataError::format(&self.name, reason));
                }
                piece.rows = read;
                add(&mut piece, columns, *i, &cells);
            }
            if piece.rows == 0 {
                return Ok(());
            }
            piece.bytes = bytes * piece.rows as u64 / rows;
            take(piece)?;
        }
    }
}

type Take<'t> = &'t mut dyn FnMut(Piece) -> Result<(), DataError>;

fn wrong_column(file: &str, column: &str, error: &parquet::errors::ParquetError) -> DataError {
    DataError::format(file, format!("column {column:?}: {error}"))
}

/// Puts the cells of a column into the rows of a piece.
fn add(piece: &mut Piece, columns: &[Column], index: usize, cells: &Cells) {
    let Some(column) = columns.get(index) else { return };
    let Some(cell) = column.cell else { return };
    let same = |c: &&Column| match cell {
        Cell::Feature(_) => matches!(c.cell, Some(Cell::Feature(_))),
        Cell::Answer(_) => matches!(c.cell, Some(Cell::Answer(_))),
    };
    let width = columns.iter().filter(same).count();
    let rows = piece.rows;
    let (to, at) = match cell {
        Cell::Feature(at) => (&mut piece.features, at),
        Cell::Answer(at) => (&mut piece.answers, at),
    };
    to.resize(rows * width, f32::NAN);
    let Some(tally) = piece.tallies.get_mut(index) else { return };
    let to = to.iter_mut().skip(at).step_by(width);
    match cells {
        Cells::Numbers(numbers) => {
            for (row, (to, x)) in to.zip(numbers).enumerate() {
                *to = if x.is_nan() { tally.absent(row) } else { tally.number(column, row, *x) };
            }
        }
        Cells::Texts(texts) => {
            for (row, (to, text)) in to.zip(texts).enumerate() {
                *to =
                    if is_missing(text) { tally.absent(row) } else { tally.add(column, row, text) };
            }
        }
    }
}

impl Source for ParquetFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// Texts stay texts, even if they look like numbers, unless numbers are asked for.
    fn columns(&self, hints: &Hints) -> Result<Vec<(String, Kind, bool)>, DataError> {
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let column = |column: &std::sync::Arc<parquet::schema::types::ColumnDescriptor>| {
            let name = column.path().string();
            let numeric = column.physical_type() != Type::BYTE_ARRAY;
            let kind = if numeric { Kind::Number } else { Kind::Category };
            (name.clone(), hints.kind(&name).unwrap_or(kind), numeric)
        };
        Ok(schema.columns().iter().map(column).collect())
    }

    fn read(&self, columns: &[Column], take: Take<'_>) -> Result<(), DataError> {
        guarded(&self.name, || {
            (0..self.reader.num_row_groups())
                .try_for_each(|group| self.read_group(group, columns, take))
        })
    }
}
