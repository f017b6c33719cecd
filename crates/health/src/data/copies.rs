//! Rows that are copies of other rows, within the training rows and across the
//! split. Rows are compared by 64-bit hashes of their features before any
//! pre-processing.

use gradwise_data::{Data, DataError, Set};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most rows that are hashed.
const ROWS: usize = 200_000;
/// Rows hashed at once.
const BLOCK: usize = 256;

/// Shares of rows that are copies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Copies {
    /// Of the training rows: with a twin (features and answer) before them.
    pub within: f64,
    /// Of the training rows: with a twin of the same features but another answer.
    pub conflicting: f64,
    /// Of the training rows: with a twin among a part as large as the rest, which is
    /// what validation rows would have by chance.
    pub expected: f64,
    /// Of the validation or test rows (the worse): with a twin in training.
    pub leaked: f64,
    /// How many rows that share is of.
    pub of: usize,
    /// Whether the features take so few values that copies must come up by chance.
    pub coarse: bool,
}

impl Copies {
    pub(super) fn of(data: &Data) -> Result<Copies, DataError> {
        let train = hashes(&data.train.raw())?;
        let mut seen: HashMap<u64, (u32, u64)> = HashMap::new();
        let (mut within, mut conflicting) = (0usize, 0usize);
        for (features, answer) in &train {
            let (count, first) =
                *seen.entry(*features).and_modify(|(count, _)| *count += 1).or_insert((1, *answer));
            within += usize::from(count > 1 && first == *answer);
            conflicting += usize::from(count > 1 && first != *answer);
        }
        let twins = train.iter().filter(|(f, _)| seen.get(f).is_some_and(|(n, _)| *n > 1)).count();
        let share = |n: usize, all: usize| n as f64 / all.max(1) as f64;
        let leaked = |set: &Option<Set>| {
            let rows = set.as_ref().map(|s| hashes(&s.raw())).transpose()?.unwrap_or_default();
            let found = rows.iter().filter(|(f, _)| seen.contains_key(f)).count();
            Ok::<_, DataError>((share(found, rows.len()), rows.len()))
        };
        let (validation, test) = (leaked(&data.validation)?, leaked(&data.test)?);
        let worse = if validation.0 >= test.0 { validation } else { test };
        Ok(Copies {
            within: share(within, train.len()),
            conflicting: share(conflicting, train.len()),
            expected: share(twins, train.len()),
            leaked: worse.0,
            of: worse.1,
            coarse: is_coarse(&data.train.raw(), train.len())?,
        })
    }
}

/// The hashes of features and answer of each row.
fn hashes(set: &Set) -> Result<Vec<(u64, u64)>, DataError> {
    let (columns, outputs) = (set.columns(), set.target_columns());
    let (mut x, mut y) = (vec![0f32; BLOCK * columns], vec![0f32; BLOCK * outputs]);
    let rows: Vec<u32> = (0..set.rows().min(ROWS) as u32).collect();
    let mut all = Vec::with_capacity(rows.len());
    for block in rows.chunks(BLOCK) {
        set.gather(block, &mut x, columns)?;
        if set.has_targets() {
            set.targets(block, &mut y)?;
        }
        for row in 0..block.len() {
            let features = x.get(row * columns..(row + 1) * columns).unwrap_or_default();
            let answer = y.get(row * outputs..(row + 1) * outputs).unwrap_or_default();
            all.push((hash(features), hash(answer)));
        }
    }
    Ok(all)
}

fn hash(values: &[f32]) -> u64 {
    let mut hasher = DefaultHasher::new();
    values.iter().for_each(|x| x.to_bits().hash(&mut hasher));
    hasher.finish()
}

/// Whether all combinations of the features' values are fewer than ten times the
/// rows. A column of which most values are its only ones is measured, and repeats by no
/// chance.
fn is_coarse(set: &Set, rows: usize) -> Result<bool, DataError> {
    let sample = super::Sample::evenly(set, 2000)?;
    let mut values: Vec<HashSet<u32>> = vec![HashSet::new(); sample.columns];
    for row in sample.features() {
        for (values, x) in values.iter_mut().zip(row) {
            values.insert(x.to_bits());
        }
    }
    let measured = |values: &HashSet<u32>| 2 * values.len() > sample.rows;
    let combinations: f64 = values.iter().map(|v| (v.len().max(1) as f64).ln()).sum();
    Ok(!values.iter().any(measured) && combinations < (10.0 * rows as f64).ln())
}
