//! Whether probabilities mean what they say: the expected calibration error.
//!
//! Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, with
//! their 15 bins of equal width.

use serde::{Deserialize, Serialize};

/// The number of bins.
pub const BINS: usize = 15;

/// One bin of confidences: a point of the reliability diagram.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The rows in it.
    pub rows: u64,
    /// Their mean confidence: the probability given to the predicted class.
    pub confidence: f64,
    /// The share of them that are right.
    pub accuracy: f64,
}

/// How far confidence and accuracy are apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The mean over rows of |accuracy − confidence| of their bin.
    pub error: f64,
    /// The bins, from confidence 0 to 1.
    pub bins: Vec<Bin>,
}

impl Calibration {
    /// From each row's confidence and whether it is right.
    pub fn measure(rows: impl IntoIterator<Item = (f64, bool)>) -> Calibration {
        let mut bins = vec![Bin::default(); BINS];
        let mut total = 0u64;
        for (confidence, right) in rows {
            let at = ((confidence * BINS as f64).ceil() - 1.0).clamp(0.0, BINS as f64 - 1.0);
            let Some(bin) = bins.get_mut(at as usize) else { continue };
            total += 1;
            bin.rows += 1;
            bin.confidence += confidence;
            bin.accuracy += f64::from(right);
        }
        for bin in bins.iter_mut().filter(|bin| bin.rows > 0) {
            bin.confidence /= bin.rows as f64;
            bin.accuracy /= bin.rows as f64;
        }
        let gap = |bin: &Bin| bin.rows as f64 * (bin.accuracy - bin.confidence).abs();
        let error = bins.iter().map(gap).sum::<f64>() / total.max(1) as f64;
        Calibration { error, bins }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_mean_gap() {
        let rows = [(0.9, true), (0.9, false), (0.55, true), (1.0, true), (0.0, false)];
        let calibration = Calibration::measure(rows);
        // Bins: (0.866, 0.933] gap 0.4 twice; (0.533, 0.6] gap 0.45; 1.0 and 0.0 gap 0.
        assert!((calibration.error - (2.0 * 0.4 + 0.45) / 5.0).abs() < 1e-12);
        assert_eq!(calibration.bins[13].rows, 2);
        assert_eq!((calibration.bins[0].rows, calibration.bins[14].rows), (1, 1));
        assert_eq!(Calibration::measure([]).error, 0.0);
    }
}
