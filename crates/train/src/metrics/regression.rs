//! How far numbers are from their targets.

use serde::{Deserialize, Serialize};

/// The scores of a regression, over all rows and targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegressionScores {
    /// √ of the mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
    /// 1 − Σ(y − f)² / Σ(y − ȳ)², the mean of it over targets; of a target that is
    /// constant 1 if it is met exactly, else 0.
    pub r2: f64,
}

impl RegressionScores {
    /// Compares predictions with targets, both row-major `[n, columns]`.
    pub fn measure(predictions: &[f32], targets: &[f32], columns: usize) -> RegressionScores {
        let pairs = || predictions.iter().zip(targets).map(|(f, y)| (f64::from(*f), f64::from(*y)));
        let count = predictions.len().min(targets.len()).max(1) as f64;
        let square = pairs().map(|(f, y)| (y - f).powi(2)).sum::<f64>() / count;
        let mae = pairs().map(|(f, y)| (y - f).abs()).sum::<f64>() / count;
        let explained = |column: usize| {
            let column: Vec<_> = pairs().skip(column).step_by(columns.max(1)).collect();
            explained(&column)
        };
        let r2 = (0..columns).map(explained).sum::<f64>() / columns.max(1) as f64;
        RegressionScores { rmse: square.sqrt(), mae, r2 }
    }
}

fn explained(column: &[(f64, f64)]) -> f64 {
    let mean = column.iter().map(|(_, y)| y).sum::<f64>() / column.len().max(1) as f64;
    let total: f64 = column.iter().map(|(_, y)| (y - mean).powi(2)).sum();
    let left: f64 = column.iter().map(|(f, y)| (y - f).powi(2)).sum();
    match (total == 0.0, left == 0.0) {
        (true, exact) => f64::from(exact),
        (false, _) => 1.0 - left / total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `root_mean_squared_error`, `mean_absolute_error`, `r2_score` of scikit-learn.
    #[test]
    fn scores_are_those_of_scikit_learn() {
        let scores = RegressionScores::measure(&[2.5, 0.0, 2.0, 8.0], &[3.0, -0.5, 2.0, 7.0], 1);
        assert!((scores.rmse - 0.612_372_435_695_8).abs() < 1e-12);
        assert_eq!(scores.mae, 0.5);
        assert!((scores.r2 - 0.948_608_137_044_97).abs() < 1e-12, "{}", scores.r2);
        let two = RegressionScores::measure(
            &[0.0, 2.0, -1.0, 2.0, 8.0, -5.0],
            &[0.5, 1.0, -1.0, 1.0, 7.0, -6.0],
            2,
        );
        assert!((two.r2 - 0.936_800_526_662_3).abs() < 1e-9, "{}", two.r2);
        assert_eq!(RegressionScores::measure(&[1.0, 1.0], &[1.0, 1.0], 1).r2, 1.0);
        assert_eq!(RegressionScores::measure(&[1.0, 2.0], &[1.0, 1.0], 1).r2, 0.0);
    }
}
