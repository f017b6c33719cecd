//! NumPy's `.npy` arrays and `.npz` archives of them.
//!
//! A file is a magic number, a version, a header (a Python dictionary that names type,
//! order and shape) and the numbers. Source: NumPy Enhancement Proposal 1 and the
//! documentation of `numpy.lib.format`. Own reader, because the library for it drags in
//! a parser generator for that one dictionary.

mod archive;
mod array;

use super::bytes;
use super::{Array, Content, Parts, Reading};
use crate::error::DataError;
use crate::table::Column;
use array::NpyArray;
use std::path::Path;

/// Reads a `.npy` file: two sizes are a table whose columns are x0, x1, …; more are
/// images without labels.
pub(crate) fn read_file(path: &Path, reading: &Reading) -> Result<Content, DataError> {
    let input = bytes::open(path)?;
    let size = (!input.packed).then_some(input.size);
    let array = NpyArray::read(&input.name, input.bytes, size)?;
    let file = input.name;
    match array.shape.len() {
        0..=2 => {
            let columns = array.columns(&file, "x", &reading.hints)?;
            Ok(Content { file, columns, array: None, target: Vec::new() })
        }
        _ => {
            let array = Some(features(&file, array)?);
            Ok(Content { file, columns: Vec::new(), array, target: Vec::new() })
        }
    }
}

/// Reads a `.npz` archive with arrays such as `x` and `y`.
pub(crate) fn read_archive(path: &Path, reading: &Reading) -> Result<Parts, DataError> {
    archive::read(path, reading)
}

/// An array of rows as features.
fn features(file: &str, array: NpyArray) -> Result<Array, DataError> {
    let image = array.image();
    let columns = array.shape.iter().skip(1).product();
    Ok(Array { storage: array.storage(file, columns)?, image })
}

/// Features with their targets.
fn pair(
    file: &str,
    x: NpyArray,
    y: Option<NpyArray>,
    reading: &Reading,
) -> Result<Content, DataError> {
    let rows = x.shape.first().copied().unwrap_or(0);
    let columns: Vec<Column> = match y {
        Some(y) => y.columns(file, "y", &reading.hints)?,
        None => Vec::new(),
    };
    if let Some(column) = columns.iter().find(|c| c.rows() != rows) {
        let reason = format!("{rows} rows of features have {} targets", column.rows());
        return Err(DataError::format(file, reason));
    }
    let target = columns.iter().map(|c| c.name.clone()).collect();
    let array = Some(features(file, x)?);
    Ok(Content { file: file.into(), columns, array, target })
}
