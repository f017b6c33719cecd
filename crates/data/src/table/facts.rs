//! What must be known of a column as a whole, whether its cells are in memory or on disk.
//!
//! Whether a column is used, which classes there are and which task they make is decided
//! from these facts alone, so that data in memory and data on disk are treated alike.

use super::{ABSENT, Cells, Column};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The most different values of a column that are told apart.
pub(crate) const MOST_VALUES: usize = 100_000;

/// What is known of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub name: String,
    pub rows: usize,
    /// Cells without a value.
    pub missing: usize,
    /// The first of them.
    pub first_missing: Option<usize>,
    pub values: Values,
}

/// The different values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Values {
    Numbers {
        /// Ascending; `None` if they are too many, or nobody asks.
        distinct: Option<Vec<f32>>,
        /// Whether all are whole numbers.
        whole: bool,
    },
    /// In the order of the one-hot columns.
    Texts(Vec<String>),
    /// More texts than are kept.
    TooMany,
}

impl Facts {
    /// Of a column in memory.
    pub fn of(column: &Column) -> Facts {
        let first_missing = match &column.cells {
            Cells::Numbers(numbers) => numbers.iter().position(|x| x.is_nan()),
            Cells::Texts { codes, .. } => codes.iter().position(|code| *code == ABSENT),
        };
        let values = match &column.cells {
            Cells::Numbers(numbers) => {
                let mut distinct = Distinct::default();
                numbers.iter().for_each(|x| distinct.add(*x));
                distinct.into_values()
            }
            Cells::Texts { values, .. } => Values::Texts(values.clone()),
        };
        let (name, rows, missing) = (column.name.clone(), column.rows(), column.missing());
        Facts { name, rows, missing, first_missing, values }
    }

    /// The categories that its values make, by name; `None` if they are too many.
    pub fn categories(&self) -> Option<Vec<String>> {
        match &self.values {
            Values::Numbers { distinct, .. } => {
                distinct.as_ref().map(|numbers| numbers.iter().map(f32::to_string).collect())
            }
            Values::Texts(values) => Some(values.clone()),
            Values::TooMany => None,
        }
    }
}

/// The different numbers of a column, while they are looked at one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distinct {
    seen: HashSet<u32>,
    /// The number looked at last: many columns repeat it.
    last: Option<u32>,
    broken: bool,
    overflowed: bool,
}

impl Distinct {
    /// Takes in a number; NaN stands for missing.
    pub fn add(&mut self, x: f32) {
        if x.is_nan() {
            return;
        }
        // 0 and -0 are the same value.
        let bits = (x + 0.0).to_bits();
        if self.last == Some(bits) {
            return;
        }
        self.last = Some(bits);
        self.broken |= x.fract() != 0.0;
        if !self.overflowed {
            self.seen.insert(bits);
            self.overflowed = self.seen.len() > MOST_VALUES;
        }
    }

    /// Takes in what another one saw.
    pub fn merge(&mut self, other: Distinct) {
        self.broken |= other.broken;
        self.overflowed |= other.overflowed;
        if !self.overflowed {
            self.seen.extend(other.seen);
            self.overflowed = self.seen.len() > MOST_VALUES;
        }
    }

    pub fn into_values(self) -> Values {
        let mut distinct: Vec<f32> = self.seen.into_iter().map(f32::from_bits).collect();
        distinct.sort_by(f32::total_cmp);
        let distinct = (!self.overflowed).then_some(distinct);
        Values::Numbers { distinct, whole: !self.broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_up_to_a_bound() {
        let column =
            |numbers: Vec<f32>| Column { name: "c".into(), cells: Cells::Numbers(numbers) };
        let facts = Facts::of(&column(vec![3.0, f32::NAN, -0.0, 3.0, 0.0]));
        assert_eq!((facts.missing, facts.first_missing), (1, Some(1)));
        assert_eq!(facts.categories().unwrap(), ["0", "3"]);
        let facts = Facts::of(&column((0..=MOST_VALUES).map(|i| i as f32 + 0.5).collect()));
        assert_eq!(facts.values, Values::Numbers { distinct: None, whole: false });
    }
}
