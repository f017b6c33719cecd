//! One block of memory for all intermediate values: each has an address while it
//! is alive, and values that never live together share addresses.

use crate::exec::step::{ARENA, Slot};

/// How many f32 a cache line holds: every buffer starts at one.
const LINE: usize = 16;

/// The row stride for `cols` columns: whole cache lines for wide rows, and never
/// a multiple of 1 KiB, because rows that far apart compete for the same few
/// places in the first-level cache.
pub fn stride(cols: usize) -> usize {
    if cols < 4 * LINE {
        return cols.max(1);
    }
    let lines = cols.div_ceil(LINE);
    LINE * (lines + usize::from(lines.is_multiple_of(16)))
}

/// A buffer that has an address from step `first` to step `last`.
#[derive(Clone, Copy, Debug)]
struct Wish {
    len: usize,
    first: usize,
    last: usize,
}

/// Collects wishes, then gives out addresses.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    wishes: Vec<Wish>,
}

impl Arena {
    /// Wishes for `len` numbers alive from step `first` to step `last`; the result
    /// stands for the buffer until [`Arena::assign`].
    pub fn wish(&mut self, len: usize, first: usize, last: usize) -> usize {
        self.wishes.push(Wish { len: len.next_multiple_of(LINE), first, last });
        self.wishes.len() - 1
    }

    /// Makes steps `a` and `b`, `a` before `b`, one moment: what is alive in one of them
    /// is alive in both.
    pub fn at_once(&mut self, a: usize, b: usize) {
        for wish in &mut self.wishes {
            wish.first = if (a..=b).contains(&wish.first) { a } else { wish.first };
            wish.last = if (a..=b).contains(&wish.last) { b } else { wish.last };
        }
    }

    /// The offset of each buffer and the arena's length: the largest buffers first,
    /// each at the lowest address that is free while it lives.
    pub fn assign(&self) -> (Vec<usize>, usize) {
        let mut order: Vec<usize> = (0..self.wishes.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(self.wishes[i].len));
        let mut offsets = vec![0; self.wishes.len()];
        let mut placed: Vec<usize> = Vec::new();
        for &index in &order {
            offsets[index] = self.lowest(index, &placed, &offsets);
            placed.push(index);
        }
        let end = |&i: &usize| offsets[i] + self.wishes[i].len;
        let len = placed.iter().map(end).max().unwrap_or(0);
        (offsets, len)
    }

    fn lowest(&self, index: usize, placed: &[usize], offsets: &[usize]) -> usize {
        let wish = self.wishes[index];
        let together =
            |&&i: &&usize| self.wishes[i].first <= wish.last && wish.first <= self.wishes[i].last;
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(together)
            .map(|&i| (offsets[i], offsets[i] + self.wishes[i].len))
            .collect();
        taken.sort_unstable();
        let mut at = 0;
        for (start, end) in taken {
            if at + wish.len <= start {
                break;
            }
            at = at.max(end);
        }
        at
    }
}

/// A slot of the arena whose offset is still a buffer's number.
pub(crate) fn wished(buffer: usize, stride: usize) -> Slot {
    Slot { base: ARENA, offset: buffer, stride }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buffers_that_do_not_live_together_share() {
        let mut arena = Arena::default();
        arena.wish(100, 0, 1);
        arena.wish(100, 2, 3);
        assert_eq!(arena.assign(), (vec![0, 0], 112));
    }

    #[test]
    fn buffers_of_steps_at_once_do_not_share() {
        let mut arena = Arena::default();
        arena.wish(100, 0, 1);
        arena.wish(100, 2, 3);
        arena.at_once(1, 2);
        assert_eq!(arena.assign(), (vec![0, 112], 224));
    }

    #[test]
    fn strides_hold_the_columns_and_avoid_kibibytes() {
        for cols in 0..5000 {
            assert!(stride(cols) >= cols);
            assert!(cols < 64 || !stride(cols).is_multiple_of(256));
        }
    }

    proptest! {
        #[test]
        fn buffers_that_live_together_do_not_overlap(
            wishes in prop::collection::vec((0usize..200, 0usize..20, 0usize..20), 0..40)
        ) {
            let mut arena = Arena::default();
            for (len, a, b) in &wishes {
                arena.wish(*len, *a.min(b), *a.max(b));
            }
            let (offsets, len) = arena.assign();
            for i in 0..wishes.len() {
                let a = arena.wishes[i];
                prop_assert!(offsets[i] + a.len <= len);
                for j in 0..i {
                    let b = arena.wishes[j];
                    let together = a.first <= b.last && b.first <= a.last;
                    let apart = offsets[i] + a.len <= offsets[j] || offsets[j] + b.len <= offsets[i];
                    prop_assert!(!together || apart);
                }
            }
        }
    }
}
