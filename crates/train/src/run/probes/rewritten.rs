//! A list that is written over again and again.

use std::ops::Deref;

/// A list whose elements stay when it is cleared, to be written over: names and counts
/// that are the same from one measured step to the next keep their memory.
#[derive(Clone, Debug, Default)]
pub struct Rewritten<T> {
    all: Vec<T>,
    len: usize,
}

impl<T: Default> Rewritten<T> {
    /// Makes the list longer by an element, which has what it had before.
    pub(super) fn next(&mut self) -> &mut T {
        let at = self.len;
        self.len += 1;
        if self.all.len() < self.len {
            self.all.push(T::default());
        }
        &mut self.all[at]
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}

impl<T> Deref for Rewritten<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.all.get(..self.len).unwrap_or_default()
    }
}

/// Makes one text of another, in its memory.
pub(super) fn write_over(text: &mut String, with: &str) {
    if text != with {
        text.clear();
        text.push_str(with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_memory() {
        let mut list = Rewritten::<String>::default();
        for word in ["long enough", "short", "long enough"] {
            list.clear();
            write_over(list.next(), word);
            assert_eq!((&*list, list[0].capacity()), (&[word.to_string()][..], 11));
        }
    }
}
