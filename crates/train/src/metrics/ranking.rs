//! The area under the ROC curve: how well scores order rows.

/// The probability that a random positive row has a higher score than a random
/// negative one, ties counting half: the Mann–Whitney statistic. `None` if there
/// are no rows of one kind, or a score is NaN.
pub fn area_under_roc(rows: impl IntoIterator<Item = (f32, bool)>) -> Option<f64> {
    let mut rows: Vec<(f32, bool)> = rows.into_iter().collect();
    if rows.iter().any(|(score, _)| score.is_nan()) {
        return None;
    }
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let positives = rows.iter().filter(|(_, positive)| *positive).count() as f64;
    let negatives = rows.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let (mut wins, mut below) = (0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.0 == b.0) {
        let up = tied.iter().filter(|(_, positive)| *positive).count() as f64;
        let down = tied.len() as f64 - up;
        wins += up * (below + down / 2.0);
        below += down;
    }
    Some(wins / (positives * negatives))
}

/// The area of each class against the rest; `None` for classes that have no rows, or
/// all.
pub fn one_against_rest(scores: &[f32], columns: usize, labels: &[usize]) -> Vec<Option<f64>> {
    let area = |class: usize| {
        let rows = scores.chunks_exact(columns.max(1)).zip(labels);
        area_under_roc(rows.filter_map(|(row, label)| Some((*row.get(class)?, *label == class))))
    };
    (0..columns).map(area).collect()
}

/// The mean of the areas that there are.
pub fn macro_area(areas: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = areas.iter().copied().flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `roc_auc_score` of scikit-learn 1.9.
    #[test]
    fn areas_are_those_of_scikit_learn() {
        let truth = [false, false, true, true];
        let area = |scores: [f32; 4]| area_under_roc(scores.into_iter().zip(truth));
        assert_eq!(area([0.1, 0.4, 0.35, 0.8]), Some(0.75));
        assert_eq!(area([0.5, 0.5, 0.5, 0.8]), Some(0.75));
        assert_eq!(area([0.5; 4]), Some(0.5));
        assert_eq!(area([0.5, f32::NAN, 0.5, 0.5]), None);
        assert_eq!(area_under_roc([(0.5, true)]), None);
        assert_eq!(area_under_roc([]), None);
    }

    #[test]
    fn zeros_of_either_sign_tie() {
        assert_eq!(area_under_roc([(0.0, false), (-0.0, true)]), Some(0.5));
    }

    /// `roc_auc_score(y, p, multi_class="ovr")`.
    #[test]
    fn several_classes_are_averaged() {
        let scores = [0.7, 0.2, 0.1, 0.2, 0.5, 0.3, 0.3, 0.3, 0.4, 0.4, 0.5, 0.1, 0.1, 0.3, 0.6];
        let areas = one_against_rest(&scores, 3, &[0, 1, 2, 0, 1]);
        let area = macro_area(&areas).unwrap();
        assert!((area - 0.805_555_555_556).abs() < 1e-9, "{area}");
        assert_eq!(macro_area(&[None, Some(0.5)]), Some(0.5));
        assert_eq!(macro_area(&[None]), None);
    }
}
