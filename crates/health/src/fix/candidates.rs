//! Which changes are worth a try: every remedy by itself, and remedies of independent
//! causes together.
//!
//! A run with two faults may get better only when both are mended, and a remedy for one
//! cause may suit the network less than another for the same cause; but all
//! combinations would be many. Together are tried: the first remedies of all causes,
//! those of each two, and each further remedy with the first ones of the other causes.

use super::change::{Change, Part};

/// The most changes of one round.
const MOST: usize = 16;

/// The remedies of one root cause, the likeliest first.
pub type Remedies = Vec<Part>;

/// The changes to try on top of `kept`, the simplest first; those in `tried` are left
/// out.
pub fn candidates(causes: &[Remedies], kept: &Change, tried: &[Change]) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    let mut add = |change: Change| {
        let known = |other: &Change| other.sets_the_same(&change);
        if !known(kept) && !tried.iter().any(known) && !all.iter().any(known) {
            all.push(change);
        }
    };
    for part in causes.iter().flatten() {
        add(kept.then(part));
    }
    for parts in together(causes) {
        // What was kept before may be replaced; parts may not contradict each other.
        if parts.iter().try_fold(Change::default(), |own, part| own.and(part)).is_some() {
            add(parts.iter().fold(kept.clone(), |own, part| own.then(part)));
        }
    }
    all.truncate(MOST);
    all
}

/// Remedies that are tried together.
fn together(causes: &[Remedies]) -> Vec<Vec<&Part>> {
    let firsts: Vec<&Part> = causes.iter().filter_map(|remedies| remedies.first()).collect();
    if firsts.len() < 2 {
        return Vec::new();
    }
    let mut all = vec![firsts.clone()];
    for (at, remedies) in causes.iter().filter(|remedies| !remedies.is_empty()).enumerate() {
        for later in remedies.iter().skip(1) {
            let mut parts = firsts.clone();
            parts[at] = later;
            all.push(parts);
        }
    }
    for (at, one) in firsts.iter().enumerate() {
        all.extend(firsts.iter().skip(at + 1).map(|other| vec![*one, *other]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::part;
    use super::*;

    fn words(changes: &[Change]) -> Vec<String> {
        changes.iter().map(Change::words).collect()
    }

    #[test]
    fn every_remedy_alone_and_independent_ones_together() {
        let rate = vec![part("rate", &[("lr", "1")]), part("rate", &[("lr", "2")])];
        let init = vec![part("init", &[("init", "he")])];
        let found = candidates(&[rate.clone(), init.clone()], &Change::default(), &[]);
        let expected = ["lr = 1", "lr = 2", "init = he", "lr = 1, init = he", "lr = 2, init = he"];
        assert_eq!(words(&found), expected);
        let alone = candidates(&[rate], &Change::default(), &found[..1]);
        assert_eq!(words(&alone), ["lr = 2"]);
        let again = candidates(std::slice::from_ref(&init), &found[2], &[]);
        assert!(again.is_empty(), "what is kept is no change");
    }

    #[test]
    fn remedies_of_one_key_are_never_together_and_their_number_is_bounded() {
        let same = [vec![part("a", &[("lr", "1")])], vec![part("b", &[("lr", "2")])]];
        assert_eq!(words(&candidates(&same, &Change::default(), &[])), ["lr = 1", "lr = 2"]);
        let many: Vec<Remedies> =
            (0..20).map(|i| vec![part("a", &[(&format!("k{i}"), "1")])]).collect();
        assert_eq!(candidates(&many, &Change::default(), &[]).len(), MOST);
        assert!(candidates(&[], &Change::default(), &[]).is_empty());
    }
}
