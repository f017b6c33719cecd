//! How the bytes of a row in a file become features.

use super::table::{Cell, StoredColumn};
use crate::affine::Affine;
use crate::error::DataError;
use crate::schema::{Encoder, Feature};
use crate::spec::Missing;
use crate::table::encode::forbidden;
use crate::table::facts::Values;
use crate::unseen::{self, Unseen};

/// What the bytes of a row are.
#[derive(Clone, Debug)]
pub(crate) enum Decode {
    /// Little-endian f32, the features themselves.
    Floats,
    /// Cells of a table, which encoders make features of.
    Table(Vec<Step>),
}

/// A part of encoding a row: cells from `from` on become features from `to` on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Numbers that are never missing.
    Copy { from: usize, to: usize, count: usize },
    /// A number, or what stands for it.
    Number { from: usize, to: usize, fill: f32, indicator: bool },
    /// One of several texts: 1 in the place of its code, `None` for none of them.
    Category {
        from: usize,
        to: usize,
        places: Vec<Option<u32>>,
        missing: Option<u32>,
        width: usize,
    },
}

impl Decode {
    /// Writes a row's features through `affine` to `to`.
    pub fn row(&self, bytes: &[u8], affine: Option<&Affine>, to: &mut [f32]) {
        match self {
            Decode::Floats => copy(bytes, to),
            Decode::Table(steps) => steps.iter().for_each(|step| step.run(bytes, to)),
        }
        if let Some(affine) = affine {
            affine.apply_in_place(to);
        }
    }

    /// The encoding of a stored table's columns by `features`, and what is not known to it.
    pub fn table(
        file: &str,
        columns: &[StoredColumn],
        features: &[Feature],
        missing: Missing,
    ) -> Result<(Decode, Vec<Unseen>), DataError> {
        let (mut steps, mut to): (Vec<Step>, usize) = (Vec::new(), 0);
        let mut all_unseen = Vec::new();
        for Feature { name, encoder } in features {
            let column = StoredColumn::find(file, columns, name)?;
            if missing == Missing::Error {
                column.refuse_missing(file)?;
            }
            let (step, unseen) = step((file, missing), column, encoder, to)?;
            all_unseen.extend(unseen);
            to += encoder.columns();
            match (steps.last_mut(), &step) {
                (Some(Step::Copy { from, count, .. }), Step::Copy { from: next, .. })
                    if *from + *count == *next =>
                {
                    *count += 1;
                }
                _ => steps.push(step),
            }
        }
        Ok((Decode::Table(steps), all_unseen))
    }
}

fn step(
    (file, forbidding): (&str, Missing),
    column: &StoredColumn,
    encoder: &Encoder,
    to: usize,
) -> Result<(Step, Option<Unseen>), DataError> {
    let from = match column.cell {
        Cell::Feature(from) => from,
        Cell::Answer(_) => {
            let reason =
                format!("column {:?} is its target; it cannot be a feature", column.facts.name);
            return Err(DataError::format(file, reason));
        }
    };
    let step = match encoder {
        Encoder::Number { fill, indicator } => {
            if !matches!(column.facts.values, Values::Numbers { .. }) {
                let name = &column.facts.name;
                return Err(DataError::cell(file, 0, name, "the column should hold numbers"));
            }
            match (column.facts.missing, indicator) {
                (0, false) => Step::Copy { from, to, count: 1 },
                _ => Step::Number { from, to, fill: *fill, indicator: *indicator },
            }
        }
        Encoder::Category { values, missing } => {
            let missing = missing.then_some(values.len() as u32);
            let (places, unseen) = places(file, column, values, missing, forbidding)?;
            let width = encoder.columns();
            return Ok((Step::Category { from, to, places, missing, width }, unseen));
        }
    };
    Ok((step, None))
}

/// For each code of a column the place of its value among the known ones, which is that of a
/// missing value for the others.
fn places(
    file: &str,
    column: &StoredColumn,
    values: &[String],
    absent: Option<u32>,
    missing: Missing,
) -> Result<(Vec<Option<u32>>, Option<Unseen>), DataError> {
    let name = &column.facts.name;
    let (places, unseen) = unseen::places((file, name), column.texts(file)?, values, absent);
    match &unseen {
        Some(Unseen { values: others, .. }) if missing == Missing::Error => {
            let reason = format!("column {name:?}: {}", forbidden(others, values));
            Err(DataError::format(file, reason))
        }
        _ => Ok((places, unseen)),
    }
}

impl Step {
    fn run(&self, row: &[u8], to: &mut [f32]) {
        match self {
            Step::Copy { from, to: first, count } => {
                copy(&row[4 * from..][..4 * count], &mut to[*first..]);
            }
            Step::Number { from, to: place, fill, indicator } => {
                let x = cell(row, *from);
                to[*place] = if x.is_nan() { *fill } else { x };
                if *indicator {
                    to[*place + 1] = f32::from(u8::from(x.is_nan()));
                }
            }
            Step::Category { from, to: place, places, missing, width } => {
                let own = &mut to[*place..][..*width];
                own.fill(0.0);
                let code = cell(row, *from);
                let category = match code.is_nan() {
                    true => *missing,
                    false => places.get(code as usize).copied().flatten(),
                };
                if let Some(category) = category {
                    own[category as usize] = 1.0;
                }
            }
        }
    }
}

/// A cell of a row.
pub(crate) fn cell(row: &[u8], place: usize) -> f32 {
    row.get(4 * place..).and_then(|b| b.first_chunk()).map_or(f32::NAN, |b| f32::from_le_bytes(*b))
}

fn copy(from: &[u8], to: &mut [f32]) {
    let (numbers, _) = from.as_chunks();
    to.iter_mut().zip(numbers).for_each(|(to, bytes)| *to = f32::from_le_bytes(*bytes));
}
