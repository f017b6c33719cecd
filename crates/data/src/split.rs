//! Which row goes to training, validation and test: seeded, stratified by class.
//!
//! Each class gives its share to each part; what rounding leaves over goes to the
//! classes with the largest remainders, so that the parts have their exact sizes
//! too (as scikit-learn's `StratifiedShuffleSplit` does). Rows of a part keep their
//! order in the file.

use crate::Fold;
use crate::error::DataError;
use crate::order::{Purpose, shuffle, stream};
use crate::spec::{DataSpec, Split};

/// The rows of each part, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parts {
    pub train: Vec<u32>,
    pub validation: Vec<u32>,
    pub test: Vec<u32>,
}

/// How rows are to be split.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawing {
    pub split: Split,
    pub fold: Option<Fold>,
    pub limit: Option<usize>,
    pub shuffle: bool,
    pub seed: u64,
}

impl Drawing {
    /// As the settings say, where the source may have official parts or files of their
    /// own.
    pub fn new(spec: &DataSpec, own_validation: bool, own_test: bool) -> Result<Self, DataError> {
        let mut split = spec.split;
        if own_test {
            split.train += std::mem::take(&mut split.test);
        }
        if own_validation || spec.fold.is_some() {
            split.train += std::mem::take(&mut split.validation);
        }
        if own_validation && spec.fold.is_some() {
            let reason = "there are validation rows of their own; leave them out, or the folds";
            return Err(DataError::setting("fold", reason));
        }
        let DataSpec { fold, limit, shuffle, seed, .. } = *spec;
        Ok(Drawing { split, fold, limit, shuffle, seed })
    }

    /// The parts of `rows` rows, by shuffling lists of them.
    pub fn listed(&self, rows: usize, classes: Option<&[f32]>) -> Parts {
        let groups = Groups::new(rows, classes);
        let groups = groups.limited(self.limit.unwrap_or(rows), self.shuffle, self.seed);
        let parts = match self.shuffle {
            true => groups.split(&self.split, self.seed),
            false => groups.split_in_order(&self.split),
        };
        match self.fold {
            Some(fold) => fold.cut(parts, classes, self.shuffle, self.seed),
            None => parts,
        }
    }

    /// That there are rows to train on, and to validate on in a fold.
    pub fn check(&self, file: &str, train: usize, validation: usize) -> Result<(), DataError> {
        if let (Some(fold), 0) = (self.fold, validation) {
            let reason = format!("fold {fold} has no row: there are fewer rows than folds");
            return Err(DataError::setting("fold", reason));
        }
        match train {
            0 => Err(DataError::format(file, "no row is left to train on")),
            _ => Ok(()),
        }
    }
}

/// Rows grouped by class; one group if there are no classes.
pub(crate) struct Groups(Vec<Vec<u32>>);

impl Groups {
    /// Groups the rows `0..rows` by their class, if they have classes.
    pub fn new(rows: usize, classes: Option<&[f32]>) -> Self {
        Groups::of((0..rows as u32).collect(), classes)
    }

    /// Groups some rows by their class; `classes` are those of all rows.
    pub fn of(rows: Vec<u32>, classes: Option<&[f32]>) -> Self {
        let Some(classes) = classes else { return Groups(vec![rows]) };
        let count = classes.iter().fold(0, |most, class| most.max(*class as usize + 1));
        let mut groups = vec![Vec::new(); count];
        for row in rows {
            groups[classes[row as usize] as usize].push(row);
        }
        Groups(groups)
    }

    /// The rows of each group.
    pub fn into_rows(self) -> Vec<Vec<u32>> {
        self.0
    }

    fn rows(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Keeps `limit` rows: a stratified sample, or the first ones.
    pub fn limited(self, limit: usize, shuffled: bool, seed: u64) -> Self {
        if limit >= self.rows() {
            return self;
        }
        if !shuffled {
            let mut rows: Vec<u32> = self.0.iter().flatten().copied().collect();
            rows.sort_unstable();
            let bound = rows.get(limit).copied().unwrap_or(u32::MAX);
            let keep = |group: Vec<u32>| group.into_iter().filter(|r| *r < bound).collect();
            return Groups(self.0.into_iter().map(keep).collect());
        }
        let sizes: Vec<usize> = self.0.iter().map(Vec::len).collect();
        let counts = shares(&sizes, limit);
        let mut groups = self.drawn(seed, Purpose::Limit).0;
        for (group, count) in groups.iter_mut().zip(counts) {
            group.truncate(count);
            group.sort_unstable();
        }
        Groups(groups)
    }

    /// Every group in random order.
    fn drawn(mut self, seed: u64, purpose: Purpose) -> Self {
        for (class, group) in self.0.iter_mut().enumerate() {
            shuffle(group, &stream(seed, purpose, class as u32));
        }
        self
    }

    /// Splits at random, each class by itself.
    pub fn split(self, split: &Split, seed: u64) -> Parts {
        let [_, validation, test] = part_sizes(self.rows(), split);
        let train = part_sizes(self.rows(), split)[0];
        let mut groups = self.drawn(seed, Purpose::Split).0;
        let mut take = |size: usize| {
            let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
            let counts = shares(&sizes, size);
            let mut part = Vec::with_capacity(size);
            for (group, count) in groups.iter_mut().zip(counts) {
                part.extend(group.drain(group.len() - count..));
            }
            part.sort_unstable();
            part
        };
        let (test, validation) = (take(test), take(validation));
        Parts { train: take(train), validation, test }
    }

    /// Splits in file order: the first rows train, the last ones test.
    pub fn split_in_order(self, split: &Split) -> Parts {
        let [train, validation, test] = part_sizes(self.rows(), split);
        let mut rows: Vec<u32> = self.0.into_iter().flatten().collect();
        rows.sort_unstable();
        let mut rows = rows.into_iter();
        let mut take = |count: usize| rows.by_ref().take(count).collect::<Vec<u32>>();
        Parts { train: take(train), validation: take(validation), test: take(test) }
    }
}

/// Rows of training, validation and test. Training keeps at least one row.
pub(crate) fn part_sizes(rows: usize, split: &Split) -> [usize; 3] {
    let size = |share: f64| ((rows as f64 * share).round() as usize).min(rows);
    let test = size(split.test).min(rows.saturating_sub(1));
    let validation = size(split.validation).min((rows - test).saturating_sub(1));
    let rest = rows - test - validation;
    let all = split.train + split.validation + split.test > 1.0 - 1e-9;
    let train = if all { rest } else { size(split.train).clamp(rest.min(1), rest) };
    [train, validation, test]
}

/// `total` divided over groups in proportion to their sizes: whole numbers that sum
/// to `total`, by largest remainder; a group never gives more than it has.
pub(crate) fn shares(sizes: &[usize], total: usize) -> Vec<usize> {
    let rows: usize = sizes.iter().sum();
    if rows == 0 {
        return vec![0; sizes.len()];
    }
    let exact = |size: usize| size as u128 * total as u128;
    let mut counts: Vec<usize> =
        sizes.iter().map(|size| (exact(*size) / rows as u128) as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(exact(sizes[*i]) % rows as u128));
    let mut left = total.min(rows) - counts.iter().sum::<usize>().min(total);
    for i in order {
        if left > 0 && counts[i] < sizes[i] {
            counts[i] += 1;
            left -= 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(rows: &[u32], classes: &[f32], class: f32) -> usize {
        rows.iter().filter(|r| classes[**r as usize] == class).count()
    }

    #[test]
    fn every_class_gives_its_share() {
        let classes: Vec<f32> = (0..1000).map(|i| f32::from(u8::from(i % 10 == 0))).collect();
        let parts = Groups::new(1000, Some(&classes)).split(&Split::default(), 3);
        assert_eq!((parts.train.len(), parts.validation.len(), parts.test.len()), (800, 100, 100));
        assert_eq!(count(&parts.train, &classes, 1.0), 80);
        assert_eq!(count(&parts.validation, &classes, 1.0), 10);
        assert_eq!(count(&parts.test, &classes, 1.0), 10);
        let other = Groups::new(1000, Some(&classes)).split(&Split::default(), 4);
        assert_ne!(parts, other);
    }

    #[test]
    fn file_order_is_kept_on_demand() {
        let split = Split { train: 0.5, validation: 0.2, test: 0.2 };
        let parts = Groups::new(10, None).split_in_order(&split);
        assert_eq!(parts.train, [0, 1, 2, 3, 4]);
        assert_eq!((parts.validation, parts.test), (vec![5, 6], vec![7, 8]));
    }

    #[test]
    fn a_limit_is_stratified_or_takes_the_first() {
        let classes: Vec<f32> = (0..100).map(|i| f32::from(u8::from(i < 50))).collect();
        let groups = || Groups::new(100, Some(&classes));
        let all = Split { train: 1.0, validation: 0.0, test: 0.0 };
        let drawn = groups().limited(10, true, 1).split(&all, 1).train;
        assert_eq!((drawn.len(), count(&drawn, &classes, 1.0)), (10, 5));
        let first = groups().limited(10, false, 1).split_in_order(&all).train;
        assert_eq!(first, (0..10).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_and_whole(
            classes in prop::collection::vec(0u8..4, 0..200),
            cut in 0.0..1.0f64,
            seed: u64,
        ) {
            let classes: Vec<f32> = classes.into_iter().map(f32::from).collect();
            let split = Split { train: cut.max(0.1), validation: (1.0 - cut.max(0.1)) / 2.0, test: (1.0 - cut.max(0.1)) / 2.0 };
            let parts = Groups::new(classes.len(), Some(&classes)).split(&split, seed);
            let mut all = [parts.train, parts.validation, parts.test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..classes.len() as u32).collect::<Vec<_>>());
        }

        #[test]
        fn shares_sum_to_the_total(sizes in prop::collection::vec(0usize..50, 0..8), part in 0.0..=1.0f64) {
            let rows: usize = sizes.iter().sum();
            let total = (rows as f64 * part) as usize;
            let counts = shares(&sizes, total);
            prop_assert_eq!(counts.iter().sum::<usize>(), total);
            prop_assert!(counts.iter().zip(&sizes).all(|(c, s)| c <= s));
        }
    }
}
