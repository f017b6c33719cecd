//! Which rows of a large source are in a set: a bit for each row.
//!
//! A list of row numbers would take four bytes for each row, a tenth of a table with ten
//! columns. Counts for every 512 rows find the n-th member without a walk.

/// Rows that are in a set, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Members {
    bits: Vec<u64>,
    /// Members before each block of [`WORDS`] words.
    before: Vec<u32>,
    count: usize,
}

/// Words that have a count together.
const WORDS: usize = 8;
/// Rows of a word.
const ROWS: usize = 64;

impl Members {
    /// Those of an ascending list.
    pub fn of(rows: usize, list: &[u32]) -> Members {
        let mut bits = vec![0u64; rows.div_ceil(ROWS)];
        list.iter().for_each(|row| bits[*row as usize / ROWS] |= 1 << (*row as usize % ROWS));
        Members::counted(bits)
    }

    /// Those whose bits are set.
    pub fn counted(bits: Vec<u64>) -> Members {
        let (mut before, mut count) = (Vec::with_capacity(bits.len() / WORDS + 1), 0);
        for block in bits.chunks(WORDS) {
            before.push(count);
            count += block.iter().map(|word| word.count_ones()).sum::<u32>();
        }
        Members { bits, before, count: count as usize }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(i, word)| {
            let rest = |word: &u64| Some(word & (word - 1)).filter(|rest| *rest != 0);
            let words = std::iter::successors(Some(*word).filter(|word| *word != 0), rest);
            words.map(move |word| i * ROWS + word.trailing_zeros() as usize)
        })
    }

    /// How many are below `row`.
    pub fn below(&self, row: usize) -> usize {
        if row >= self.bits.len() * ROWS {
            return self.count;
        }
        let (word, block) = (row / ROWS, row / ROWS / WORDS);
        let whole: u32 = self.bits[block * WORDS..word].iter().map(|w| w.count_ones()).sum();
        let part = self.bits[word] & ((1 << (row % ROWS)) - 1);
        (self.before[block] + whole + part.count_ones()) as usize
    }

    /// The member with so many before it, which must be fewer than there are.
    pub fn nth(&self, index: usize) -> usize {
        let block = self.before.partition_point(|before| *before as usize <= index) - 1;
        let mut left = index as u32 - self.before[block];
        for (i, word) in self.bits.iter().enumerate().skip(block * WORDS) {
            if left < word.count_ones() {
                let mut word = *word;
                (0..left).for_each(|_| word &= word - 1);
                return i * ROWS + word.trailing_zeros() as usize;
            }
            left -= word.count_ones();
        }
        self.bits.len() * ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn members_are_found_by_number_and_counted(
            picked in prop::collection::vec(any::<bool>(), 0..2000),
        ) {
            let list: Vec<u32> =
                (0..picked.len() as u32).filter(|row| picked[*row as usize]).collect();
            let members = Members::of(picked.len(), &list);
            prop_assert_eq!(members.count(), list.len());
            let all: Vec<u32> = members.iter().map(|row| row as u32).collect();
            prop_assert_eq!(&all, &list);
            for (i, row) in list.iter().enumerate() {
                prop_assert_eq!(members.nth(i), *row as usize);
                prop_assert_eq!(members.below(*row as usize), i);
            }
            prop_assert_eq!(members.below(picked.len() + 7), list.len());
        }
    }
}
