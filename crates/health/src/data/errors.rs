//! How often answers are wrong: everywhere, where they are surest, and with what.

/// How often answers are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Errors {
    /// The share of wrong answers.
    pub all: f64,
    /// That among the surest rows, about a fifth.
    pub surest: f64,
    /// Among the wrong ones of these: the share whose class came second.
    pub second: f64,
}

impl Errors {
    /// Of each row's rank of its own class among the answers (0 is right), the surest rows
    /// first, of which `surest` count as such.
    pub(crate) fn of(ranks: &[usize], surest: usize) -> Errors {
        let share = |part: &[usize], is: fn(usize) -> bool, among: fn(usize) -> bool| {
            let of = part.iter().filter(|rank| among(**rank)).count();
            part.iter().filter(|rank| is(**rank)).count() as f64 / of.max(1) as f64
        };
        let top = ranks.get(..surest.min(ranks.len())).unwrap_or_default();
        Errors {
            all: share(ranks, |r| r > 0, |_| true),
            surest: share(top, |r| r > 0, |_| true),
            second: share(top, |r| r == 1, |r| r > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_rows_are_looked_at_apart() {
        let errors = Errors::of(&[0, 1, 2, 1, 0, 0, 3, 1, 0, 0], 4);
        assert_eq!(errors, Errors { all: 0.5, surest: 0.75, second: 2.0 / 3.0 });
        assert_eq!(Errors::of(&[], 3), Errors::default());
        assert_eq!(Errors::of(&[0, 0], 1), Errors::default());
    }
}
