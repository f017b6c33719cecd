//! What a pass over a table counts of each column, piece by piece.

use super::table::{Cell, StoredColumn};
use crate::error::DataError;
use crate::table::facts::{Distinct, Facts, MOST_VALUES, Values};
use crate::table::{self, Damage, Kind, is_missing, number_or_missing};
use std::collections::HashMap;

/// A column as it is read in a pass.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub name: String,
    /// Where its cells go; `None` if it is not read.
    pub cell: Option<Cell>,
    /// What its cells are taken for.
    pub kind: Kind,
    /// What was known beforehand.
    pub hint: Option<Kind>,
    /// Whether the source has numbers here, whatever they are taken for.
    pub numeric: bool,
}

/// The counts of a column over some rows.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    missing: usize,
    first_missing: Option<usize>,
    /// Cells that are neither missing nor numbers, and the first of them.
    wrong: usize,
    first_wrong: Option<(usize, String)>,
    first_infinite: Option<(usize, f32)>,
    distinct: Distinct,
    texts: Texts,
}

/// The different texts of a column, each with its code.
#[derive(Debug, Default)]
struct Texts {
    codes: HashMap<String, u32>,
    values: Vec<String>,
    overflowed: bool,
}

impl Texts {
    fn code(&mut self, text: &str) -> f32 {
        if let Some(code) = self.codes.get(text) {
            return *code as f32;
        }
        if self.overflowed || self.values.len() == MOST_VALUES {
            (self.overflowed, self.values, self.codes) = (true, Vec::new(), HashMap::new());
            return f32::NAN;
        }
        let code = self.values.len() as u32;
        self.values.push(text.into());
        self.codes.insert(text.into(), code);
        code as f32
    }
}

impl Tally {
    /// Takes in a cell of row `row`, counted from the start of the piece; what to store.
    pub fn add(&mut self, column: &Column, row: usize, cell: &str) -> f32 {
        match (column.kind, number_or_missing(cell)) {
            (_, Some(x)) if x.is_nan() && is_missing(cell) => self.absent(row),
            (Kind::Number, Some(x)) => self.number(column, row, x),
            (kind, number) => {
                if number.is_none() {
                    self.wrong += 1;
                    self.first_wrong.get_or_insert_with(|| (row, cell.into()));
                }
                if kind == Kind::Number { f32::NAN } else { self.texts.code(cell) }
            }
        }
    }

    /// Takes in a number.
    pub fn number(&mut self, column: &Column, row: usize, x: f32) -> f32 {
        if !x.is_finite() {
            self.first_infinite.get_or_insert((row, x));
        }
        match (column.kind, column.cell) {
            (Kind::Category, _) => return self.texts.code(&(x + 0.0).to_string()),
            (Kind::Number, Some(Cell::Answer(_))) => self.distinct.add(x),
            (Kind::Number, _) => {}
        }
        x
    }

    /// Takes in a cell without a value.
    pub fn absent(&mut self, row: usize) -> f32 {
        self.missing += 1;
        self.first_missing.get_or_insert(row);
        f32::NAN
    }

    /// Takes in the counts of the next piece, whose first row is `start`; for a column of
    /// texts the code of each of the piece's codes, NaN where there are too many.
    pub fn merge(&mut self, piece: Tally, start: usize) -> Vec<f32> {
        self.missing += piece.missing;
        let place = |row: usize| row + start;
        self.first_missing = self.first_missing.or(piece.first_missing.map(place));
        self.wrong += piece.wrong;
        let wrong = piece.first_wrong.map(|(row, text)| (place(row), text));
        self.first_wrong = self.first_wrong.take().or(wrong);
        self.first_infinite =
            self.first_infinite.or(piece.first_infinite.map(|(row, x)| (place(row), x)));
        self.distinct.merge(piece.distinct);
        if piece.texts.overflowed {
            self.texts.overflowed = true;
        }
        piece.texts.values.iter().map(|text| self.texts.code(text)).collect()
    }

    /// What the column is after a pass over `rows` rows, if it was read as what it is;
    /// `None` if it has to be read as a category.
    pub fn finish(
        self,
        file: &str,
        column: &Column,
        rows: usize,
    ) -> Result<Option<StoredColumn>, DataError> {
        let Some(cell) = column.cell else { return Ok(None) };
        let present = rows - self.missing;
        if let (Some((row, text)), true) = (&self.first_wrong, column.hint != Some(Kind::Category))
        {
            let damage = Damage { row: *row, cell: text, numbers: present - self.wrong, present };
            table::not_damaged(file, &column.name, column.hint, damage)?;
            if column.kind == Kind::Number {
                return Ok(None);
            }
        }
        let name = column.name.clone();
        let (values, codes) = match column.kind {
            Kind::Number => {
                if let Some((row, x)) = self.first_infinite {
                    return Err(table::not_finite(file, row, &name, x));
                }
                (self.distinct.into_values(), Vec::new())
            }
            Kind::Category if self.texts.overflowed => (Values::TooMany, Vec::new()),
            Kind::Category => {
                let mut values = self.texts.values.clone();
                let number = |text: &String| text.parse().unwrap_or(f32::NAN);
                match column.numeric {
                    true => values.sort_by(|a, b| number(a).total_cmp(&number(b))),
                    false => values.sort_unstable(),
                }
                (Values::Texts(values), self.texts.values)
            }
        };
        let (missing, first_missing) = (self.missing, self.first_missing);
        let facts = Facts { name, rows, missing, first_missing, values };
        Ok(Some(StoredColumn { facts, cell, codes }))
    }
}
