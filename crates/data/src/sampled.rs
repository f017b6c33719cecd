//! The split of very many rows, drawn in one pass.
//!
//! A list of all rows to shuffle would take gigabytes. Selection sampling (Knuth, The Art
//! of Computer Programming 2, 3.4.2, algorithm S) draws parts of exact sizes, stratified
//! by class, with a count for each class: a row goes to a part with the share of the rows
//! still to come that the part still needs. Any such split is as likely as by shuffling.

use crate::error::DataError;
use crate::members::Members;
use crate::order::{Purpose, stream};
use crate::split::{Drawing, Parts, part_sizes, shares};
use gradwise_graph::random::Philox;

/// The rows of each part.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sampled {
    pub train: Members,
    pub validation: Members,
    pub test: Members,
}

/// The most rows that are split by shuffling a list of them: 34 MB of row numbers.
pub(crate) const MOST_LISTED: usize = 1 << 23;

impl Sampled {
    /// As lists.
    pub fn listed(&self) -> Parts {
        let list = |members: &Members| members.iter().map(|row| row as u32).collect();
        let (train, validation) = (list(&self.train), list(&self.validation));
        Parts { train, validation, test: list(&self.test) }
    }

    /// From lists.
    pub fn of(rows: usize, parts: &Parts) -> Sampled {
        let [train, validation, test] =
            [&parts.train, &parts.validation, &parts.test].map(|list| Members::of(rows, list));
        Sampled { train, validation, test }
    }
}

impl Drawing {
    /// Draws the parts of `counts[class]` rows of each class; `class_of` tells each row's
    /// class, asked for in order.
    pub fn draw(
        &self,
        counts: &[usize],
        mut class_of: impl FnMut(usize) -> Result<usize, DataError>,
    ) -> Result<Sampled, DataError> {
        let rows: usize = counts.iter().sum();
        let mut dealers: Vec<Dealer> = match self.shuffle {
            true => self.dealers(counts),
            false => Vec::new(),
        };
        let sizes = self.sizes(rows);
        let random = stream(self.seed, Purpose::Split, u32::MAX);
        let mut parts: [Vec<u64>; 3] = [0; 3].map(|_| vec![0; rows.div_ceil(64)]);
        for row in 0..rows {
            let part = match self.shuffle {
                true => {
                    let class = class_of(row)?;
                    dealers.get_mut(class).and_then(|dealer| dealer.deal(row, &random))
                }
                false => self.in_order(row, &sizes),
            };
            if let Some(part) = part.and_then(|part| parts.get_mut(part)) {
                part[row / 64] |= 1 << (row % 64);
            }
        }
        let [train, validation, test] = parts.map(Members::counted);
        Ok(Sampled { train, validation, test })
    }

    fn sizes(&self, rows: usize) -> [usize; 3] {
        part_sizes(self.limit.unwrap_or(rows).min(rows), &self.split)
    }

    /// In file order: the first rows train, the last ones test.
    fn in_order(&self, row: usize, [train, validation, test]: &[usize; 3]) -> Option<usize> {
        if row >= train + validation + test {
            return None;
        }
        if row >= *train {
            return Some(if row < train + validation { VALIDATION } else { TEST });
        }
        let fold = self.fold.map(|fold| fold.holds(row * fold.count() / train.max(&1)));
        Some(if fold == Some(true) { VALIDATION } else { TRAIN })
    }

    /// What each class still has to give.
    fn dealers(&self, counts: &[usize]) -> Vec<Dealer> {
        let rows = counts.iter().sum();
        let limited = shares(counts, self.limit.unwrap_or(rows).min(rows));
        let [train, validation, test] = self.sizes(rows);
        let mut left = limited.clone();
        let mut take = |size: usize| {
            let taken = shares(&left, size);
            left.iter_mut().zip(&taken).for_each(|(left, taken)| *left -= taken);
            taken
        };
        let (test, validation) = (take(test), take(validation));
        let train = take(train);
        let classes = counts.iter().zip(train).zip(validation).zip(test);
        let dealer = |(((rows, train), validation), test): (((&usize, _), _), _)| {
            let mut needs = vec![(TEST, test), (VALIDATION, validation)];
            match self.fold {
                None => needs.push((TRAIN, train)),
                Some(fold) => needs.extend((0..fold.count()).map(|number| {
                    let part = if fold.holds(number) { VALIDATION } else { TRAIN };
                    (part, train / fold.count() + usize::from(number < train % fold.count()))
                })),
            }
            Dealer { rows: *rows, needs }
        };
        classes.map(dealer).collect()
    }
}

const TRAIN: usize = 0;
const VALIDATION: usize = 1;
const TEST: usize = 2;

/// What the rows of a class that are still to come are needed for.
struct Dealer {
    rows: usize,
    /// Parts with the rows that they still need.
    needs: Vec<(usize, usize)>,
}

impl Dealer {
    /// The part of the next row, if it goes to one.
    fn deal(&mut self, row: usize, random: &Philox) -> Option<usize> {
        let mut drawn = random.below(row as u64, self.rows.max(1) as u64) as usize;
        self.rows = self.rows.saturating_sub(1);
        for (part, need) in &mut self.needs {
            if drawn < *need {
                *need -= 1;
                return Some(*part);
            }
            drawn -= *need;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fold, Split};
    use proptest::prelude::*;

    fn draw(drawing: &Drawing, classes: &[usize]) -> Sampled {
        let count = |class| classes.iter().filter(|c| **c == class).count();
        let counts: Vec<usize> = (0..4).map(count).collect();
        drawing.draw(&counts, |row| Ok(classes[row])).unwrap()
    }

    fn rows(members: &Members) -> Vec<usize> {
        (0..members.count()).map(|i| members.nth(i)).collect()
    }

    const DRAWING: Drawing = Drawing {
        split: Split { train: 0.8, validation: 0.1, test: 0.1 },
        fold: None,
        limit: None,
        shuffle: true,
        seed: 7,
    };

    #[test]
    fn every_class_gives_its_share() {
        let classes: Vec<usize> = (0..1000).map(|i| usize::from(i % 10 == 0)).collect();
        let parts = draw(&DRAWING, &classes);
        for (part, size) in [(&parts.train, 800), (&parts.validation, 100), (&parts.test, 100)] {
            let rare = rows(part).into_iter().filter(|row| classes[*row] == 1).count();
            assert_eq!((part.count(), rare), (size, size / 10));
        }
        assert_ne!(parts, draw(&Drawing { seed: 8, ..DRAWING }, &classes));
        // Neither the first nor the last rows are preferred.
        let half = rows(&parts.test).into_iter().filter(|row| *row < 500).count();
        assert!((30..=70).contains(&half), "{half}");
    }

    #[test]
    fn file_order_is_kept_on_demand() {
        let parts = draw(&Drawing { shuffle: false, limit: Some(10), ..DRAWING }, &[0; 20]);
        assert_eq!(rows(&parts.train), (0..8).collect::<Vec<_>>());
        assert_eq!((rows(&parts.validation), rows(&parts.test)), (vec![8], vec![9]));
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_and_folds_whole(
            classes in prop::collection::vec(0usize..4, 0..200), of in 2u32..5, seed: u64,
        ) {
            let split = Split { train: 0.75, validation: 0.0, test: 0.25 };
            let fold = |number| Some(Fold::new(number, of).unwrap());
            let parts: Vec<Sampled> = (1..=of)
                .map(|k| draw(&Drawing { split, fold: fold(k), seed, ..DRAWING }, &classes))
                .collect();
            let mut validated: Vec<usize> = rows(&parts[0].test);
            for part in &parts {
                prop_assert_eq!(&part.test, &parts[0].test);
                validated.extend(rows(&part.validation));
                let all = [&part.train, &part.validation, &part.test].map(rows).concat();
                let mut all: Vec<usize> = all;
                all.sort_unstable();
                prop_assert_eq!(all, (0..classes.len()).collect::<Vec<_>>());
            }
            validated.sort_unstable();
            prop_assert_eq!(validated, (0..classes.len()).collect::<Vec<_>>());
        }
    }
}
