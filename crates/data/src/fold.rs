//! Folds of a cross-validation: every row is a validation row once.
//!
//! The test rows are taken away first, as a split without folds would take them; the
//! other rows are cut into K folds. Fold k validates and the others train, so K
//! readings with the same seed go through all rows (as scikit-learn's
//! `StratifiedKFold` does).

use crate::error::DataError;
use crate::order::{Purpose, shuffle, stream};
use crate::split::{Groups, Parts};
use std::fmt;
use std::str::FromStr;

/// One of the folds of a cross-validation, written `2/5`: the second of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    number: u32,
    of: u32,
}

impl Fold {
    /// Fold `number`, counted from 1, of `of`.
    ///
    /// # Errors
    /// Fewer than two folds, or a number that is none of theirs.
    pub fn new(number: u32, of: u32) -> Result<Fold, DataError> {
        if of >= 2 && (1..=of).contains(&number) {
            return Ok(Fold { number, of });
        }
        let reason = format!("{number}/{of} is no fold; write 1/5 for the first of five");
        Err(DataError::setting("fold", reason))
    }

    /// How many folds there are.
    pub(crate) fn count(self) -> usize {
        self.of as usize
    }

    /// Whether the rows of fold `number`, counted from 0, validate.
    pub(crate) fn holds(self, number: usize) -> bool {
        number + 1 == self.number as usize
    }

    /// Cuts the training rows of `parts`: those of this fold become the validation rows.
    ///
    /// Shuffled, each class is dealt out over the folds, whose sizes differ by one at
    /// most; else a fold is a stretch of the file.
    pub(crate) fn cut(
        self,
        parts: Parts,
        classes: Option<&[f32]>,
        shuffled: bool,
        seed: u64,
    ) -> Parts {
        let rows = parts.train.len();
        let mut order = parts.train;
        let fold_of: Box<dyn Fn(usize) -> usize> = match shuffled {
            true => {
                order = dealt(order, classes, seed);
                Box::new(|place| place % self.of as usize)
            }
            false => Box::new(move |place| place * self.of as usize / rows.max(1)),
        };
        let own = |place: usize| self.holds(fold_of(place));
        let pick = |mine: bool| {
            let picked = order.iter().enumerate().filter(|(place, _)| own(*place) == mine);
            let mut rows: Vec<u32> = picked.map(|(_, row)| *row).collect();
            rows.sort_unstable();
            rows
        };
        Parts { train: pick(false), validation: pick(true), test: parts.test }
    }
}

/// The rows class after class, each class in random order.
fn dealt(rows: Vec<u32>, classes: Option<&[f32]>, seed: u64) -> Vec<u32> {
    let mut groups = Groups::of(rows, classes).into_rows();
    for (class, group) in groups.iter_mut().enumerate() {
        shuffle(group, &stream(seed, Purpose::Fold, class as u32));
    }
    groups.concat()
}

impl FromStr for Fold {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Fold, DataError> {
        let read = |word: &str| word.trim().parse().ok();
        let pair = text.split_once('/').and_then(|(k, of)| Some((read(k)?, read(of)?)));
        let (number, of) = pair.ok_or_else(|| {
            let reason = format!("{text:?} is no fold; write \"1/5\" for the first of five");
            DataError::setting("fold", reason)
        })?;
        Fold::new(number, of)
    }
}

impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folds(rows: u32, classes: Option<&[f32]>, of: u32, shuffled: bool) -> Vec<Parts> {
        let parts = || Parts { train: (0..rows).collect(), ..Parts::default() };
        let fold = |number| Fold::new(number, of).unwrap();
        (1..=of).map(|k| fold(k).cut(parts(), classes, shuffled, 7)).collect()
    }

    #[test]
    fn every_class_is_dealt_out_evenly() {
        let classes: Vec<f32> = (0..50).map(|i| f32::from(u8::from(i % 5 == 0))).collect();
        for parts in folds(50, Some(&classes), 5, true) {
            assert_eq!((parts.train.len(), parts.validation.len()), (40, 10));
            let rare = parts.validation.iter().filter(|r| **r % 5 == 0).count();
            assert_eq!(rare, 2);
        }
    }

    #[test]
    fn in_file_order_a_fold_is_a_stretch() {
        let folds = folds(7, None, 3, false);
        let stretches: Vec<_> = folds.into_iter().map(|p| p.validation).collect();
        assert_eq!(stretches, [vec![0, 1, 2], vec![3, 4], vec![5, 6]]);
    }

    #[test]
    fn a_fold_is_read_and_shown() {
        assert_eq!("2/5".parse::<Fold>().unwrap().to_string(), "2/5");
        for wrong in ["0/5", "6/5", "1/1", "1", "a/b", "-1/5", "1/99999999999"] {
            let text = wrong.parse::<Fold>().unwrap_err().to_string();
            assert!(text.starts_with("data.fold: ") && text.contains("1/5"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_row_validates_once(
            classes in prop::collection::vec(0u8..4, 0..120), of in 2u32..9, shuffled: bool,
        ) {
            let classes: Vec<f32> = classes.into_iter().map(f32::from).collect();
            let rows = classes.len() as u32;
            let folds = folds(rows, Some(&classes), of, shuffled);
            let mut all: Vec<u32> = folds.iter().flat_map(|p| p.validation.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..rows).collect::<Vec<_>>());
            for parts in &folds {
                prop_assert_eq!(parts.train.len() + parts.validation.len(), classes.len());
                prop_assert!(parts.validation.len().abs_diff(rows as usize / of as usize) <= 1);
            }
        }
    }
}
