//! How the columns of a table on disk become features.

use super::passes::means;
use super::table::{Cell, StoredColumn, StoredTable};
use crate::error::DataError;
use crate::members::Members;
use crate::schema::{Encoder, Feature, LeftOut, Schema};
use crate::spec::{DataSpec, Missing};
use crate::table::encode::{Size, left_out};
use crate::table::facts::{Facts, MOST_VALUES, Values};
use crate::table::target::Codec;

/// The schema; means are taken of the training rows alone.
pub(super) fn schema(
    spec: &DataSpec,
    table: &StoredTable,
    codec: Codec,
    train: &Members,
) -> Result<Schema, DataError> {
    let (mut used, mut left_out) = (Vec::new(), Vec::new());
    for column in &table.columns {
        match (column.cell, unused(&column.facts, &spec.categorical)) {
            (Cell::Answer(_), _) => {}
            (Cell::Feature(_), Some(unused)) => left_out.push(unused),
            (Cell::Feature(place), None) => used.push((place, column)),
        }
    }
    if used.is_empty() {
        let reason = "it has no column to learn from beside the target";
        return Err(DataError::format(&table.file, reason));
    }
    let means = means(&table.cells_of_features(), train)?;
    let feature = |(place, column): (usize, &StoredColumn)| {
        let mean = means.get(place).copied().unwrap_or(0.0);
        let encoder = encoder(&table.file, column, mean, spec.missing)?;
        Ok(Feature { name: column.facts.name.clone(), encoder })
    };
    let features = used.into_iter().map(feature).collect::<Result<Vec<_>, DataError>>()?;
    let columns = features.iter().map(|feature| feature.encoder.columns()).sum();
    let Codec { task, names: targets, classes } = codec;
    let missing = spec.missing;
    Ok(Schema { features, columns, image: None, task, targets, classes, missing, left_out })
}

fn encoder(
    file: &str,
    column: &StoredColumn,
    mean: f32,
    missing: Missing,
) -> Result<Encoder, DataError> {
    if missing == Missing::Error {
        column.refuse_missing(file)?;
    }
    let indicator = column.facts.missing > 0 && missing == Missing::Indicator;
    if let Values::Numbers { .. } = column.facts.values {
        return Ok(Encoder::Number { fill: mean, indicator });
    }
    // An error where there are too many.
    column.texts(file)?;
    let values = column.facts.categories().unwrap_or_default();
    Ok(Encoder::Category { values, missing: indicator })
}

/// Whether a column is left out, and why.
fn unused(facts: &Facts, forced: &[String]) -> Option<LeftOut> {
    let texts = match &facts.values {
        Values::Numbers { .. } => None,
        Values::Texts(values) => Some(values.len()),
        Values::TooMany => Some(MOST_VALUES + 1),
    };
    left_out(&facts.name, Size { rows: facts.rows, missing: facts.missing, texts }, forced)
}
