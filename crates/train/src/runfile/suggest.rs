//! The nearest known name to a misspelt one.

/// The candidate that most likely was meant, if one is near enough.
///
/// Near enough is a Jaro–Winkler similarity of 0.8, at which `btach` finds `batch`
/// and `colour` finds nothing among optimizers.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|c| (strsim::jaro_winkler(word, c), c));
    scored.filter(|(score, _)| *score >= 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspellings_find_their_word_and_others_nothing() {
        let words = ["batch", "epochs", "optimizer", "lr"];
        assert_eq!(nearest("btach", words), Some("batch"));
        assert_eq!(nearest("optimiser", words), Some("optimizer"));
        assert_eq!(nearest("colour", words), None);
    }
}
