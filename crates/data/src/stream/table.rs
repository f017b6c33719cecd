//! A table on disk: what its columns are and where its cells lie.
//!
//! Every cell is four bytes: a number as f32, a text as the code that it has among the
//! texts of its column, NaN where it is missing. Features stand in one file, row after
//! row, and answers in another, so that a split by class reads little.

use super::decode::{Decode, cell};
use super::file::FileRows;
use crate::error::{DataError, did_you_mean, listed};
use crate::schema::Schema;
use crate::storage::Storage;
use crate::table::facts::{Facts, Values};
use crate::table::target::Codec;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows that are read at once where all are.
const BLOCK: usize = 1 << 14;

/// A table on disk.
#[derive(Clone, Debug)]
pub(crate) struct StoredTable {
    /// What messages call it: the source that it was made of.
    pub file: String,
    pub columns: Vec<StoredColumn>,
    pub rows: usize,
    /// The file of features.
    pub features: Arc<File>,
    /// The file of answers.
    pub answers: Arc<File>,
    /// Where other files can be made.
    pub folder: Arc<Path>,
}

/// A column of a table on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredColumn {
    pub facts: Facts,
    pub cell: Cell,
    /// The texts in the order of their codes.
    pub codes: Vec<String>,
}

/// Where a cell lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cell {
    /// The so-many-th of a row of features.
    Feature(usize),
    /// The so-many-th of a row of answers.
    Answer(usize),
}

impl StoredColumn {
    pub fn find<'c>(
        file: &str,
        columns: &'c [StoredColumn],
        name: &str,
    ) -> Result<&'c StoredColumn, DataError> {
        columns.iter().find(|c| c.facts.name == name).ok_or_else(|| {
            let names: Vec<&str> = columns.iter().map(|c| c.facts.name.as_str()).collect();
            let near = did_you_mean(name, &names);
            let reason = format!("it has no column {name:?}{near}; it has {}", listed(&names));
            DataError::format(file, reason)
        })
    }

    /// The texts in the order of their codes.
    pub fn texts(&self, file: &str) -> Result<&[String], DataError> {
        let name = &self.facts.name;
        match self.facts.values {
            Values::Texts(_) => Ok(&self.codes),
            Values::TooMany => {
                let reason = format!("column {name:?} has too many different texts for categories");
                Err(DataError::format(file, reason))
            }
            Values::Numbers { .. } => {
                let reason = format!("column {name:?} holds numbers; name it in data.categorical");
                Err(DataError::format(file, reason))
            }
        }
    }

    pub fn refuse_missing(&self, file: &str) -> Result<(), DataError> {
        let Some(row) = self.facts.first_missing else { return Ok(()) };
        let reason = "the value is missing, and data.missing = \"error\" forbids that";
        Err(DataError::cell(file, row, &self.facts.name, reason))
    }
}

impl StoredTable {
    /// Whether the files have all rows.
    pub fn is_whole(&self) -> bool {
        let size = |file: &File| file.metadata().map_or(0, |about| about.len());
        let bytes = |cells: usize| 4 * cells as u64 * self.rows as u64;
        size(&self.features) == bytes(self.cells(|cell| matches!(cell, Cell::Feature(_))))
            && size(&self.answers) == bytes(self.cells(|cell| matches!(cell, Cell::Answer(_))))
    }

    fn cells(&self, of: fn(Cell) -> bool) -> usize {
        self.columns.iter().filter(|column| of(column.cell)).count()
    }

    fn rows_of(&self, file: &Arc<File>, cells: usize, decode: Decode) -> FileRows {
        let (name, file) = (self.file.clone(), file.clone());
        let (rows, width) = (self.rows, 4 * cells);
        FileRows {
            name,
            file,
            offset: 0,
            width,
            rows,
            window: 0,
            decode,
            scratch: self.folder.clone(),
        }
    }

    /// The rows as features, of which training holds `window` bytes in memory to draw
    /// from.
    pub fn storage(&self, schema: &Schema, window: usize) -> Result<Storage, DataError> {
        let (decode, unseen) =
            Decode::table(&self.file, &self.columns, &schema.features, schema.missing)?;
        let cells = self.cells(|cell| matches!(cell, Cell::Feature(_)));
        let rows = FileRows { window, ..self.rows_of(&self.features, cells, decode) };
        Ok(Storage::file(rows, schema.columns).with_unseen(unseen))
    }

    /// The cells of all columns that are features.
    pub fn cells_of_features(&self) -> FileRows {
        let cells = self.cells(|cell| matches!(cell, Cell::Feature(_)));
        self.rows_of(&self.features, cells, Decode::Floats)
    }

    /// The answers as `codec` encodes them.
    pub fn targets(&self, codec: &Codec) -> Result<Answers, DataError> {
        let lookups = codec.names.iter().map(|name| {
            let column = StoredColumn::find(&self.file, &self.columns, name)?;
            let Cell::Answer(place) = column.cell else {
                let reason = format!("column {name:?} was not stored as an answer");
                return Err(DataError::format(&self.file, reason));
            };
            codec.check(&self.file, &column.facts)?;
            Ok((place, Lookup::of(&self.file, column, codec)?))
        });
        let lookups = lookups.collect::<Result<Vec<_>, DataError>>()?;
        let cells = self.cells(|cell| matches!(cell, Cell::Answer(_)));
        Ok(Answers { rows: self.rows_of(&self.answers, cells, Decode::Floats), lookups })
    }
}

/// The answers of a table on disk.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    rows: FileRows,
    /// For each number of an answer its cell, and what the cell stands for.
    lookups: Vec<(usize, Lookup)>,
}

/// What the cell of an answer stands for.
#[derive(Clone, Debug)]
enum Lookup {
    /// Itself.
    Number,
    /// The class of each code.
    Code(Vec<f32>),
    /// The class of each number, ascending.
    Class(Vec<(f32, f32)>),
}

impl Lookup {
    fn of(file: &str, column: &StoredColumn, codec: &Codec) -> Result<Lookup, DataError> {
        if !codec.task.has_classes() {
            return Ok(Lookup::Number);
        }
        let class = |value: &String| codec.class(file, &column.facts.name, value);
        match &column.facts.values {
            Values::Numbers { distinct, .. } => {
                let numbers = distinct.iter().flatten();
                let pair = |x: &f32| Ok((*x, class(&x.to_string())?));
                Ok(Lookup::Class(numbers.map(pair).collect::<Result<_, DataError>>()?))
            }
            _ => Ok(Lookup::Code(column.texts(file)?.iter().map(class).collect::<Result<_, _>>()?)),
        }
    }

    fn answer(&self, x: f32) -> f32 {
        match self {
            Lookup::Number => x,
            Lookup::Code(classes) => classes.get(x as usize).copied().unwrap_or(f32::NAN),
            Lookup::Class(classes) => {
                let found = classes.binary_search_by(|(number, _)| number.total_cmp(&(x + 0.0)));
                found.ok().and_then(|i| classes.get(i)).map_or(f32::NAN, |(_, class)| *class)
            }
        }
    }
}

impl Answers {
    /// Numbers of an answer.
    pub fn columns(&self) -> usize {
        self.lookups.len()
    }

    /// Writes the answers of rows, `places` in the file, to `to`.
    pub fn gather(&self, places: &[usize], to: &mut [f32]) -> Result<(), DataError> {
        let mut to = to.iter_mut();
        self.rows.each_span(places, |bytes, inside| {
            for place in inside {
                let row = &bytes[place * self.rows.width..];
                for ((at, lookup), to) in self.lookups.iter().zip(&mut to) {
                    *to = lookup.answer(cell(row, *at));
                }
            }
        })
    }

    /// Calls `visit` with the answers of all rows, block after block.
    pub fn for_each_block(&self, mut visit: impl FnMut(&[f32])) -> Result<(), DataError> {
        let mut places = Vec::with_capacity(BLOCK);
        let mut values = vec![0.0; BLOCK * self.columns()];
        for start in (0..self.rows.rows).step_by(BLOCK) {
            places.clear();
            places.extend(start..(start + BLOCK).min(self.rows.rows));
            let values = &mut values[..places.len() * self.columns()];
            self.gather(&places, values)?;
            visit(values);
        }
        Ok(())
    }
}
