//! Passes over a table on disk that decide which rows go where, and what stands for
//! missing numbers.

use super::file::FileRows;
use super::table::{Answers, StoredTable};
use crate::error::DataError;
use crate::members::Members;
use crate::sampled::{MOST_LISTED, Sampled};
use crate::split::Drawing;
use crate::table::target::Codec;

/// Answers that are read at once.
const ANSWERS: usize = 1 << 14;
/// Rows of cells that are read at once.
const ROWS: usize = 1024;

/// Which rows go where.
pub(super) fn split(
    drawing: &Drawing,
    table: &StoredTable,
    codec: &Codec,
    answers: &Answers,
) -> Result<Sampled, DataError> {
    let (rows, classes) = (table.rows, codec.classes.len());
    let mut all = Vec::new();
    if rows <= MOST_LISTED {
        if classes > 0 {
            answers.for_each_block(|block| all.extend_from_slice(block))?;
        }
        let classes = (classes > 0).then_some(all.as_slice());
        return Ok(Sampled::of(rows, &drawing.listed(rows, classes)));
    }
    let mut counts = vec![0; classes.max(1)];
    if classes == 0 {
        counts[0] = rows;
        return drawing.draw(&counts, |_| Ok(0));
    }
    answers.for_each_block(|block| {
        for class in block {
            if let Some(count) = counts.get_mut(*class as usize) {
                *count += 1;
            }
        }
    })?;
    let mut block = Vec::new();
    drawing.draw(&counts, |row| {
        let place = row % ANSWERS;
        if place == 0 {
            let places: Vec<usize> = (row..(row + ANSWERS).min(rows)).collect();
            block.resize(places.len(), 0.0);
            answers.gather(&places, &mut block)?;
        }
        Ok(block.get(place).map_or(0, |class| *class as usize))
    })
}

/// The mean of each cell over the rows that have it.
pub(super) fn means(cells: &FileRows, rows: &Members) -> Result<Vec<f32>, DataError> {
    let columns = cells.width / 4;
    let (mut sums, mut counts) = (vec![0f64; columns], vec![0u64; columns]);
    let (mut places, mut values) = (Vec::with_capacity(ROWS), vec![0.0; ROWS * columns]);
    let mut all = rows.iter();
    loop {
        places.clear();
        places.extend(all.by_ref().take(ROWS));
        if places.is_empty() {
            break;
        }
        let values = &mut values[..places.len() * columns];
        cells.gather(&places, None, columns, (&mut *values, columns))?;
        for row in values.chunks_exact(columns) {
            for ((sum, count), x) in sums.iter_mut().zip(&mut counts).zip(row) {
                if !x.is_nan() {
                    *sum += f64::from(*x);
                    *count += 1;
                }
            }
        }
    }
    let mean = |(sum, count): (&f64, &u64)| match count {
        0 => 0.0,
        count => (sum / *count as f64) as f32,
    };
    Ok(sums.iter().zip(&counts).map(mean).collect())
}
