//! Features of a table: numbers filled in where missing, categories one-hot.
//!
//! What a column becomes is decided on the source's rows (its kind, its categories,
//! whether values are missing), and means are taken of the training rows alone. The
//! categories are those of the whole source, so that a rare one that fell into the
//! validation rows has its column; its weights then simply stay untrained.

use super::{ABSENT, Cells, Column, position};
use crate::error::{DataError, did_you_mean, listed};
use crate::schema::{Encoder, Feature, LeftOut};
use crate::spec::Missing;
use crate::storage::Storage;
use crate::unseen::{self, Unseen};

/// A text column with more categories than this is left out unless it is named in
/// `data.categorical`.
const MOST_CATEGORIES: usize = 1000;
/// A text column of at least this many rows, most of them different, is taken for an
/// identifier and left out.
const JUDGED_ROWS: usize = 20;

/// Decides how every column becomes numbers. `forced` are columns that the user
/// named as categories; `train` the rows to take means of.
pub(crate) fn fit(
    file: &str,
    columns: &[Column],
    train: &[u32],
    forced: &[String],
    missing: Missing,
) -> Result<(Vec<Feature>, Vec<LeftOut>), DataError> {
    let (mut features, mut left_out) = (Vec::new(), Vec::new());
    for column in columns {
        match unused(column, forced) {
            Some(unused) => left_out.push(unused),
            None => {
                let encoder = encoder(file, column, train, missing)?;
                features.push(Feature { name: column.name.clone(), encoder });
            }
        }
    }
    if features.is_empty() {
        return Err(DataError::format(file, "it has no column to learn from beside the target"));
    }
    Ok((features, left_out))
}

/// Whether a column is left out, and why.
pub(crate) fn unused(column: &Column, forced: &[String]) -> Option<LeftOut> {
    let texts = match &column.cells {
        Cells::Numbers(_) => None,
        Cells::Texts { values, .. } => Some(values.len()),
    };
    let (rows, missing) = (column.rows(), column.missing());
    left_out(&column.name, Size { rows, missing, texts }, forced)
}

/// How large a column is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub rows: usize,
    pub missing: usize,
    /// Different texts, if it holds texts.
    pub texts: Option<usize>,
}

/// Whether a column of that size is left out, and why.
pub(crate) fn left_out(name: &str, size: Size, forced: &[String]) -> Option<LeftOut> {
    let forced = forced.iter().any(|forced| forced == name);
    unusable(size, forced).map(|reason| LeftOut { column: name.into(), reason })
}

/// Why a column cannot be learnt from, if it cannot.
fn unusable(Size { rows, missing, texts }: Size, forced: bool) -> Option<String> {
    if missing == rows {
        return Some("it has no values".into());
    }
    let count = texts.filter(|_| !forced)?;
    let identifier = rows >= JUDGED_ROWS && count * 2 > rows;
    let hint = "name it in data.categorical to use it";
    match () {
        () if identifier => {
            Some(format!("{count} different texts in {rows} rows look like names; {hint}"))
        }
        () if count > MOST_CATEGORIES => {
            Some(format!("{count} categories would make as many columns; {hint}"))
        }
        () => None,
    }
}

fn encoder(
    file: &str,
    column: &Column,
    train: &[u32],
    missing: Missing,
) -> Result<Encoder, DataError> {
    let any_missing = column.missing() > 0;
    if any_missing && missing == Missing::Error {
        refuse_missing(file, column)?;
    }
    let indicator = any_missing && missing == Missing::Indicator;
    Ok(match &column.cells {
        Cells::Numbers(numbers) => Encoder::Number { fill: mean(numbers, train), indicator },
        Cells::Texts { values, .. } => {
            Encoder::Category { values: values.clone(), missing: indicator }
        }
    })
}

fn refuse_missing(file: &str, column: &Column) -> Result<(), DataError> {
    let row = match &column.cells {
        Cells::Numbers(numbers) => numbers.iter().position(|x| x.is_nan()),
        Cells::Texts { codes, .. } => codes.iter().position(|c| *c == ABSENT),
    };
    let Some(row) = row else { return Ok(()) };
    let reason = "the value is missing, and data.missing = \"error\" forbids that";
    Err(DataError::cell(file, row, &column.name, reason))
}

fn mean(numbers: &[f32], rows: &[u32]) -> f32 {
    let present = rows.iter().filter_map(|r| numbers.get(*r as usize)).filter(|x| !x.is_nan());
    let (sum, count) = present.fold((0.0, 0u64), |(s, n), x| (s + f64::from(*x), n + 1));
    if count == 0 { 0.0 } else { (sum / count as f64) as f32 }
}

/// The columns of another table, or of the same one, as features.
pub(crate) fn encode(
    file: &str,
    columns: &[Column],
    features: &[Feature],
    missing: Missing,
) -> Result<Storage, DataError> {
    let rows = columns.first().map_or(0, Column::rows);
    let width: usize = features.iter().map(|f| f.encoder.columns()).sum();
    let mut values = vec![0.0; rows * width];
    let (mut place, mut unseen) = (0, Vec::new());
    for feature in features {
        let column = &columns[position(file, columns, &feature.name)?];
        if missing == Missing::Error {
            refuse_missing(file, column)?;
        }
        let to = Target { values: &mut values, place, width };
        unseen.extend(write((file, missing), column, feature, to)?);
        place += feature.encoder.columns();
    }
    Ok(Storage::floats(values, width).with_unseen(unseen))
}

/// Where a feature's numbers go: `place` in every row of `width`.
struct Target<'a> {
    values: &'a mut [f32],
    place: usize,
    width: usize,
}

/// Writes a column's numbers; which of its categories are not known.
fn write(
    (file, missing): (&str, Missing),
    column: &Column,
    feature: &Feature,
    to: Target,
) -> Result<Option<Unseen>, DataError> {
    let lines = to.values.chunks_exact_mut(to.width.max(1));
    match (&feature.encoder, &column.cells) {
        (Encoder::Number { fill, indicator }, Cells::Numbers(numbers)) => {
            for (line, x) in lines.zip(numbers) {
                line[to.place] = if x.is_nan() { *fill } else { *x };
                if *indicator {
                    line[to.place + 1] = f32::from(u8::from(x.is_nan()));
                }
            }
            Ok(None)
        }
        (Encoder::Category { values, missing: indicator }, Cells::Texts { codes, values: own }) => {
            let absent = indicator.then_some(values.len() as u32);
            let (places, unseen) = places(file, column, (own, codes), (values, absent), missing)?;
            for (line, code) in lines.zip(codes) {
                if let Some(category) = places.get(*code as usize).copied().unwrap_or(absent) {
                    line[to.place + category as usize] = 1.0;
                }
            }
            Ok(unseen)
        }
        (Encoder::Number { .. }, Cells::Texts { .. }) => {
            Err(DataError::cell(file, 0, &column.name, "the column should hold numbers"))
        }
        (Encoder::Category { .. }, Cells::Numbers(_)) => {
            write((file, missing), &column.clone().into_category(), feature, to)
        }
    }
}

/// For each of a column's own values its place among the known ones, which is that of a
/// missing value for the others. Where missing values are forbidden, these are, too.
fn places(
    file: &str,
    column: &Column,
    (own, codes): (&[String], &[u32]),
    (values, absent): (&[String], Option<u32>),
    missing: Missing,
) -> Result<(Vec<Option<u32>>, Option<Unseen>), DataError> {
    let (places, unseen) = unseen::places((file, &column.name), own, values, absent);
    match &unseen {
        Some(Unseen { values: others, .. }) if missing == Missing::Error => {
            let first = codes.iter().position(|c| own.get(*c as usize) == others.first());
            Err(DataError::cell(file, first.unwrap_or(0), &column.name, forbidden(others, values)))
        }
        _ => Ok((places, unseen)),
    }
}

/// Why categories that are not known are refused.
pub(crate) fn forbidden(others: &[String], known: &[String]) -> String {
    let other = others.first().map_or("", String::as_str);
    let near = did_you_mean(other, known);
    format!(
        "{other:?} is a category that the training data did not have, and data.missing = \
         \"error\" forbids that; known are {}{near}",
        listed(known)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: &[&str]) -> Column {
        Column::from_texts("f", name, None, cells.iter().copied()).unwrap()
    }

    fn rows(storage: &Storage) -> Vec<Vec<f32>> {
        let mut row = vec![0.0; storage.columns()];
        let mut copy = |r: usize| {
            storage.copy_rows([r].into_iter(), None, &mut row, storage.columns()).unwrap();
            row.clone()
        };
        (0..storage.rows()).map(&mut copy).collect()
    }

    #[test]
    fn numbers_are_filled_and_categories_spread() {
        let table = [column("n", &["1", "", "3", "8"]), column("c", &["b", "a", "?", "a"])];
        let (features, _) = fit("f", &table, &[0, 1, 2], &[], Missing::Indicator).unwrap();
        let storage = encode("f", &table, &features, Missing::Indicator).unwrap();
        assert_eq!(
            rows(&storage),
            [
                [1.0, 0.0, 0.0, 1.0, 0.0],
                [2.0, 1.0, 1.0, 0.0, 0.0],
                [3.0, 0.0, 0.0, 0.0, 1.0],
                [8.0, 0.0, 1.0, 0.0, 0.0],
            ]
        );
        let (features, _) = fit("f", &table, &[0, 1, 2], &[], Missing::Mean).unwrap();
        let storage = encode("f", &table, &features, Missing::Mean).unwrap();
        assert_eq!(rows(&storage)[2], [3.0, 0.0, 0.0]);
        let error = fit("f", &table, &[0], &[], Missing::Error).unwrap_err().to_string();
        assert!(error.contains("row 2, column \"n\""), "{error}");
    }

    #[test]
    fn unknown_categories_count_as_missing_and_are_named() {
        let (features, _) =
            fit("f", &[column("c", &["red", "green"])], &[0], &[], Missing::Indicator).unwrap();
        let other = [column("c", &["red", "gren"])];
        let storage = encode("g", &other, &features, Missing::Indicator).unwrap();
        assert_eq!(rows(&storage), [[0.0, 1.0], [0.0, 0.0]]);
        assert_eq!(storage.unseen()[0].values, ["gren"]);
        let gaps = [column("c", &["red", "green", ""])];
        let (with_gap, _) = fit("f", &gaps, &[0], &[], Missing::Indicator).unwrap();
        let storage = encode("g", &other, &with_gap, Missing::Indicator).unwrap();
        assert_eq!(rows(&storage), [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        let error = encode("g", &other, &features, Missing::Error).unwrap_err().to_string();
        assert!(error.starts_with("g, row 2, column \"c\": \"gren\""), "{error}");
        assert!(error.contains("known are green, red; did you mean \"green\"?"), "{error}");
    }

    #[test]
    fn missing_columns_are_named() {
        let (features, _) =
            fit("f", &[column("age", &["1"])], &[0], &[], Missing::Indicator).unwrap();
        let other = [column("agee", &["1"])];
        let error = encode("g", &other, &features, Missing::Indicator).unwrap_err().to_string();
        assert!(error.contains("no column \"age\"; did you mean \"agee\"?"), "{error}");
    }

    #[test]
    fn identifiers_are_left_out_unless_named() {
        let names: Vec<String> = (0..30).map(|i| format!("name {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = [column("id", &names), column("x", &["1"; 30])];
        let (features, left_out) = fit("f", &table, &[0], &[], Missing::Indicator).unwrap();
        assert_eq!((features.len(), left_out[0].column.as_str()), (1, "id"));
        let forced = ["id".to_string()];
        assert_eq!(fit("f", &table, &[0], &forced, Missing::Indicator).unwrap().0.len(), 2);
    }
}
