//! Tables: named columns of numbers or texts, before they become features.

pub(crate) mod encode;
pub(crate) mod facts;
pub(crate) mod label;
pub(crate) mod target;

use crate::error::{DataError, Place, listed};
use std::collections::HashMap;

/// One column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub name: String,
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cells {
    /// Finite numbers, in the precision of training; NaN stands for missing.
    Numbers(Vec<f32>),
    /// Which of `values` each cell is; [`ABSENT`] stands for missing.
    Texts { codes: Vec<u32>, values: Vec<String> },
}

/// The code of a missing text.
pub(crate) const ABSENT: u32 = u32::MAX;

/// Whether a cell says that there is no value.
pub(crate) fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "?" | "NA" | "N/A" | "n/a" | "nan" | "NaN" | "NAN" | "null" | "NULL")
}

/// What a column is to be read as, if that is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Category,
}

/// What is known beforehand of the columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Of columns by name; `None` lets the cells decide.
    pub kinds: HashMap<String, Option<Kind>>,
    /// Of the columns that are not named.
    pub others: Option<Kind>,
}

impl Hints {
    pub fn kind(&self, column: &str) -> Option<Kind> {
        self.kinds.get(column).copied().unwrap_or(self.others)
    }

    /// Adds what is known of a column.
    pub fn add(&mut self, column: &str, kind: Option<Kind>) {
        self.kinds.insert(column.into(), kind);
    }
}

/// Reads a cell of a column of numbers: NaN where it says that there is no value.
pub(crate) fn number_or_missing(cell: &str) -> Option<f32> {
    if is_missing(cell) { Some(f32::NAN) } else { number(cell) }
}

/// Reads the number in a cell; its range is that of f32. Short decimals, of which most
/// tables consist, take a short way.
fn number(cell: &str) -> Option<f32> {
    short_decimal(cell.as_bytes()).or_else(|| cell.parse().ok())
}

/// Powers of ten that f32 has exactly.
const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/// The number in a cell of a sign, digits and a point whose digits make a whole number
/// below 2²⁴: that number and the power of ten are exact, so that one division rounds
/// correctly (Clinger 1990).
fn short_decimal(cell: &[u8]) -> Option<f32> {
    let (negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut whole, mut point, mut count) = (0u32, None, 0);
    for byte in digits {
        match byte {
            b'0'..=b'9' if whole < 1 << 20 => {
                whole = 10 * whole + u32::from(byte - b'0');
                count += 1;
            }
            b'.' if point.is_none() => point = Some(count),
            _ => return None,
        }
    }
    if count == 0 || whole >= 1 << 24 {
        return None;
    }
    let x = whole as f32 / POWERS.get(count - point.unwrap_or(count))?;
    Some(if negative { -x } else { x })
}

/// A text column is taken for a damaged numeric one from this share of numbers on.
const MOSTLY: f64 = 0.9;
/// Columns shorter than this are never taken for damaged ones.
const JUDGED_ROWS: usize = 20;

impl Column {
    /// A column of cells as written. It holds numbers if every cell that is not
    /// missing does.
    pub fn from_texts<'a>(
        file: &str,
        name: &str,
        kind: Option<Kind>,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Self, DataError> {
        let numbers = match kind {
            Some(Kind::Category) => None,
            _ => cells.clone().map(number_or_missing).collect(),
        };
        Column::from_parsed(file, name, kind, numbers, cells)
    }

    /// The same, with the numbers already read where all cells are numbers.
    pub fn from_parsed<'a>(
        file: &str,
        name: &str,
        kind: Option<Kind>,
        numbers: Option<Vec<f32>>,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Self, DataError> {
        let Some(numbers) = numbers else {
            if let (Some(damage), true) = (damage(cells.clone()), kind != Some(Kind::Category)) {
                not_damaged(file, name, kind, damage)?;
            }
            return Ok(Column { name: name.into(), cells: texts(cells) });
        };
        let wrong = |(cell, x): (&str, &f32)| !x.is_finite() && !is_missing(cell);
        let all_finite = numbers.iter().all(|x| x.is_finite());
        match (!all_finite).then(|| cells.zip(&numbers).map(wrong).position(|wrong| wrong)) {
            Some(Some(row)) => Err(not_finite(file, row, name, numbers[row])),
            _ => Ok(Column { name: name.into(), cells: Cells::Numbers(numbers) }),
        }
    }

    /// A column of numbers. NaN stands for missing if `nan_is_missing`, and is an
    /// error if not.
    pub fn from_numbers(
        file: &str,
        name: &str,
        numbers: Vec<f32>,
        nan_is_missing: bool,
    ) -> Result<Self, DataError> {
        let wrong = |x: &f32| x.is_infinite() || x.is_nan() && !nan_is_missing;
        match numbers.iter().position(wrong) {
            Some(row) => Err(not_finite(file, row, name, numbers[row])),
            None => Ok(Column { name: name.into(), cells: Cells::Numbers(numbers) }),
        }
    }

    pub fn rows(&self) -> usize {
        match &self.cells {
            Cells::Numbers(numbers) => numbers.len(),
            Cells::Texts { codes, .. } => codes.len(),
        }
    }

    pub fn missing(&self) -> usize {
        match &self.cells {
            Cells::Numbers(numbers) => numbers.iter().filter(|x| x.is_nan()).count(),
            Cells::Texts { codes, .. } => codes.iter().filter(|c| **c == ABSENT).count(),
        }
    }

    /// The same column with its numbers as categories, named as they are written.
    pub fn into_category(self) -> Self {
        let Cells::Numbers(numbers) = &self.cells else { return self };
        let mut distinct: Vec<f32> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
        distinct.sort_by(f32::total_cmp);
        distinct.dedup();
        let code = |x: &f32| {
            distinct.binary_search_by(|d| d.total_cmp(x)).map_or(ABSENT, |code| code as u32)
        };
        let codes = numbers.iter().map(code).collect();
        let values = distinct.iter().map(f32::to_string).collect();
        Column { name: self.name, cells: Cells::Texts { codes, values } }
    }
}

pub(crate) fn not_finite(file: &str, row: usize, name: &str, x: f32) -> DataError {
    let reason = match x.is_nan() {
        true => "NaN is not a number that can be learnt from; correct it or remove the row",
        false => {
            "is infinite, or beyond the range of 32-bit floats (3.4e38); correct it, or leave the \
             cell empty if it is not known"
        }
    };
    let (file, column) = (file.into(), name.into());
    DataError::NotFinite { file, place: Place::Row(row + 1), column, reason }
}

/// A cell that is no number, in a column where others are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Damage<'a> {
    /// The first such cell.
    pub row: usize,
    pub cell: &'a str,
    /// Cells of the column that are numbers, of those that are not missing.
    pub numbers: usize,
    pub present: usize,
}

/// Refuses a column that was to hold numbers, or nearly all of whose cells do.
pub(crate) fn not_damaged(
    file: &str,
    name: &str,
    kind: Option<Kind>,
    Damage { row, cell, numbers, present }: Damage<'_>,
) -> Result<(), DataError> {
    let mostly = present >= JUDGED_ROWS && numbers as f64 >= MOSTLY * present as f64;
    if kind != Some(Kind::Number) && !mostly {
        return Ok(());
    }
    let why = match kind {
        Some(_) => "as the column should be".into(),
        None => format!(
            "as {numbers} of the {present} others are; correct it, leave it empty if it is \
             missing, or name the column in data.categorical"
        ),
    };
    Err(DataError::cell(file, row, name, format!("{cell:?} is not a number, {why}")))
}

/// The first cell that is no number, if there is one.
fn damage<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Option<Damage<'a>> {
    let present = || cells.clone().enumerate().filter(|(_, cell)| !is_missing(cell));
    let (row, cell) = present().find(|(_, cell)| number(cell).is_none())?;
    let numbers = present().filter(|(_, cell)| number(cell).is_some()).count();
    Some(Damage { row, cell, numbers, present: present().count() })
}

/// Texts as codes, the values sorted.
fn texts<'a>(cells: impl Iterator<Item = &'a str>) -> Cells {
    let mut found: HashMap<&str, u32> = HashMap::new();
    let mut values: Vec<&str> = Vec::new();
    let mut codes = Vec::new();
    for cell in cells {
        if is_missing(cell) {
            codes.push(ABSENT);
            continue;
        }
        let code = *found.entry(cell).or_insert_with(|| {
            values.push(cell);
            values.len() as u32 - 1
        });
        codes.push(code);
    }
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|i| values[*i]);
    let mut rank = vec![0; values.len()];
    order.iter().enumerate().for_each(|(new, old)| rank[*old] = new as u32);
    codes.iter_mut().filter(|c| **c != ABSENT).for_each(|c| *c = rank[*c as usize]);
    Cells::Texts { codes, values: order.iter().map(|i| values[*i].to_string()).collect() }
}

/// Finds a column by name.
pub(crate) fn position(file: &str, columns: &[Column], name: &str) -> Result<usize, DataError> {
    columns.iter().position(|c| c.name == name).ok_or_else(|| {
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        let near = crate::error::did_you_mean(name, &names);
        let reason = format!("it has no column {name:?}{near}; it has {}", listed(&names));
        DataError::format(file, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(cells: &[&str], kind: Option<Kind>) -> Result<Cells, String> {
        let column = Column::from_texts("f", "c", kind, cells.iter().copied());
        column.map(|c| c.cells).map_err(|e| e.to_string())
    }

    #[test]
    fn numbers_and_texts_are_told_apart() {
        assert_eq!(read(&["1", "-2.5e1"], None), Ok(Cells::Numbers(vec![1.0, -25.0])));
        let Ok(Cells::Texts { codes, values }) = read(&["b", "?", "a", "1"], None) else {
            panic!("texts expected")
        };
        assert_eq!((codes, values.join(" ")), (vec![2, ABSENT, 1, 0], "1 a b".into()));
        assert!(matches!(read(&["1", "2"], Some(Kind::Category)), Ok(Cells::Texts { .. })));
    }

    #[test]
    fn short_numbers_are_exact() {
        for cell in ["0", "007", "9999999", "16777216", "1.5", "-3", "+4", "1e3", "5.", ".5", "-0"]
        {
            let parsed = cell.parse::<f32>().unwrap();
            assert_eq!(number(cell).map(f32::to_bits), Some(parsed.to_bits()), "{cell}");
        }
        for cell in ["", "1x", ".", "-", "1.2.3", "--1"] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn decimals_are_rounded_as_the_library_does(cell in "-?[0-9]{1,4}(\\.[0-9]{0,8})?") {
            prop_assert_eq!(number(&cell), cell.parse().ok());
        }
    }

    #[test]
    fn missing_cells_are_no_numbers() {
        let Ok(Cells::Numbers(numbers)) = read(&["1", "", "NA", "nan"], None) else {
            panic!("numbers expected")
        };
        assert_eq!(numbers.iter().filter(|x| x.is_nan()).count(), 3);
    }

    #[test]
    fn infinite_cells_are_named() {
        for cell in ["inf", "-Infinity", "1e39", "-nan"] {
            let error = read(&["1", cell], None).unwrap_err();
            assert!(error.starts_with("f, row 2, column \"c\""), "{cell}: {error}");
        }
    }

    #[test]
    fn one_wrong_cell_does_not_make_a_column_categorical() {
        let mut cells = vec!["1"; 30];
        cells[16] = "l";
        let error = read(&cells, None).unwrap_err();
        assert!(error.starts_with("f, row 17, column \"c\": \"l\" is not a number"), "{error}");
        assert!(read(&["x", "1"], Some(Kind::Number)).unwrap_err().contains("row 1"));
    }

    #[test]
    fn numbers_become_categories() {
        let column = Column { name: "c".into(), cells: Cells::Numbers(vec![3.0, 1.5, f32::NAN]) };
        let Cells::Texts { codes, values } = column.into_category().cells else {
            panic!("texts expected")
        };
        assert_eq!((codes, values.join(" ")), (vec![1, 0, ABSENT], "1.5 3".into()));
    }
}
