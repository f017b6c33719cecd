//! Whether a table fits into memory: estimated from its start, before it is read.

use super::convert::Source;
use super::csv::CsvFile;
use crate::error::DataError;
use crate::memory::Memory;
use crate::source::bytes::{self, unpack_error};
use crate::source::is_text_table;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes that tell how many cells the rest has.
const LOOK: u64 = 1 << 20;
/// What text unpacks to, as a multiple of its gzipped size.
const UNPACKED: u64 = 5;
/// Bytes that a cell of a text table takes while it is read beside its text: where it
/// ends, its number (in a list that grows), its place among the features.
const TEXT_CELL: u64 = 14;
/// Bytes that a cell of a Parquet table takes while it is read.
#[cfg(feature = "parquet")]
const PARQUET_CELL: u64 = 10;

/// The kinds of tables that can be streamed.
enum Format {
    Text,
    Parquet,
}

fn format(path: &Path) -> Option<Format> {
    if is_text_table(path) {
        return Some(Format::Text);
    }
    match path.extension()?.to_str()?.to_lowercase().as_str() {
        "parquet" | "pq" if cfg!(feature = "parquet") => Some(Format::Parquet),
        _ => None,
    }
}

/// The file that a name stands for, if it is a table that can be streamed.
pub(super) fn table(base: Option<&Path>, name: &str) -> Option<PathBuf> {
    let path = base.map_or_else(|| PathBuf::from(name), |base| base.join(name));
    (format(&path).is_some() && path.is_file()).then_some(path)
}

/// The table in a file.
pub(super) fn source(path: &Path, memory: Memory) -> Result<Box<dyn Source>, DataError> {
    match format(path) {
        #[cfg(feature = "parquet")]
        Some(Format::Parquet) => Ok(Box::new(super::parquet::ParquetFile::open(path)?)),
        _ => Ok(Box::new(CsvFile::open(path, memory.bytes / 64)?)),
    }
}

/// About how many bytes it takes to read a table into memory; exact enough to compare
/// with `memory`.
pub(super) fn needed(path: &Path, memory: Memory) -> Result<u64, DataError> {
    match format(path) {
        #[cfg(feature = "parquet")]
        Some(Format::Parquet) => Ok(super::parquet::cells(path)?.saturating_mul(PARQUET_CELL)),
        _ => text(path, memory),
    }
}

fn text(path: &Path, memory: Memory) -> Result<u64, DataError> {
    let mut input = bytes::open(path)?;
    let size = if input.packed { input.size.saturating_mul(UNPACKED) } else { input.size };
    // A cell has a separator and mostly a digit.
    let most = size.saturating_add(size / 2 * TEXT_CELL);
    if most <= memory.bytes {
        return Ok(most);
    }
    let mut start = Vec::new();
    let read = input.bytes.by_ref().take(LOOK).read_to_end(&mut start);
    read.map_err(|e| unpack_error(&input.name, e))?;
    let separator = crate::source::csv::separator(&start);
    let ends = start.iter().filter(|byte| **byte == separator || **byte == b'\n').count();
    let cells = size as f64 * ends as f64 / start.len().max(1) as f64;
    Ok(size.saturating_add((cells * TEXT_CELL as f64) as u64))
}
