//! Ranges of the features as the network sees them.

use super::Sample;
use gradwise_data::{Encoder, Schema};

/// Ranges of the features.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Their names.
    pub names: Vec<String>,
    /// The mean of each.
    pub mean: Vec<f64>,
    /// The standard deviation of each.
    pub deviation: Vec<f64>,
    /// The largest size of each.
    pub largest: Vec<f64>,
    /// Which are zeros and ones that encoding made of a category or a gap.
    pub encoded: Vec<bool>,
    /// The share of values that are NaN or infinite.
    pub nonfinite: f64,
    /// The root mean square of all values.
    pub rms: f64,
}

impl Features {
    pub(super) fn of(sample: &Sample, schema: &Schema) -> Features {
        let columns = sample.columns;
        let (mut sum, mut square, mut largest) =
            (vec![0.0; columns], vec![0.0; columns], vec![0.0f64; columns]);
        let mut lost = 0usize;
        for row in sample.features() {
            for (column, x) in row.iter().map(|x| f64::from(*x)).enumerate() {
                if !x.is_finite() {
                    lost += 1;
                    continue;
                }
                sum[column] += x;
                square[column] += x * x;
                largest[column] = largest[column].max(x.abs());
            }
        }
        let rows = sample.rows.max(1) as f64;
        let mean: Vec<f64> = sum.iter().map(|s| s / rows).collect();
        let deviation = deviations(sample, &mean);
        let count = rows * columns.max(1) as f64;
        Features {
            names: names(schema, columns),
            encoded: encoded(schema, columns),
            nonfinite: lost as f64 / count,
            rms: (square.iter().sum::<f64>() / count).sqrt(),
            mean,
            deviation,
            largest,
        }
    }

    /// The name of a feature.
    pub fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("a feature", String::as_str)
    }

    /// The feature with the largest root mean square, and that number.
    pub fn loudest(&self) -> Option<(usize, f64)> {
        let sizes = self.mean.iter().zip(&self.deviation).map(|(m, d)| m.hypot(*d));
        sizes.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// In a second pass, so that a large mean costs no digits.
fn deviations(sample: &Sample, mean: &[f64]) -> Vec<f64> {
    let mut squares = vec![0.0; mean.len()];
    for row in sample.features() {
        for ((square, mean), x) in squares.iter_mut().zip(mean).zip(row) {
            let distance = f64::from(*x) - mean;
            if distance.is_finite() {
                *square += distance * distance;
            }
        }
    }
    squares.iter().map(|s| (s / sample.rows.max(1) as f64).sqrt()).collect()
}

/// A pipeline such as PCA makes columns of its own.
fn names(schema: &Schema, columns: usize) -> Vec<String> {
    let names = schema.feature_names();
    match names.len() == columns {
        true => names,
        false => (1..=columns).map(|i| format!("component {i}")).collect(),
    }
}

fn encoded(schema: &Schema, columns: usize) -> Vec<bool> {
    let made = |encoder: &Encoder| match encoder {
        Encoder::Number { indicator: false, .. } => vec![false],
        Encoder::Number { indicator: true, .. } => vec![false, true],
        Encoder::Category { .. } => vec![true; encoder.columns()],
    };
    let all: Vec<bool> = schema.features.iter().flat_map(|f| made(&f.encoder)).collect();
    if all.len() == columns { all } else { vec![false; columns] }
}
