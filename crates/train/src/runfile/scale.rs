//! The units that the targets of a regression are compared in.
//!
//! A price in dollars is 10⁵ times what fresh weights give: the loss would start at
//! 10¹⁰ and no usual learning rate would fit. In units of its spread over the training
//! rows, around its mean there, every target looks alike to the optimizer. It is the
//! loss alone that sees these units: outputs, metrics and predictions are in the
//! target's own.

use gradwise_data::{DataError, Set};

/// Rows that are read at once.
const BLOCK: usize = 4096;

/// Mean and spread of each target over the training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetScale {
    /// The mean of each target.
    pub mean: Vec<f32>,
    /// The standard deviation of each target, over N; 1 for a constant one.
    pub deviation: Vec<f32>,
}

impl TargetScale {
    /// That of a set, or the units themselves if it has no rows.
    ///
    /// # Errors
    /// Targets on disk that cannot be read.
    pub fn of(set: &Set) -> Result<TargetScale, DataError> {
        let mean = means(set, |_, y| y)?;
        let square = means(set, |target, y| (y - mean[target]).powi(2))?;
        let deviation = square.iter().map(|s| if *s > 0.0 { s.sqrt() as f32 } else { 1.0 });
        Ok(TargetScale {
            mean: mean.iter().map(|m| *m as f32).collect(),
            deviation: deviation.collect(),
        })
    }

    /// What stands for the scale of `targets` targets until a model's is read.
    pub fn unknown(targets: usize) -> TargetScale {
        TargetScale { mean: vec![0.0; targets], deviation: vec![1.0; targets] }
    }
}

/// The mean over the rows of `of(target, value)`, for each target.
fn means(set: &Set, of: impl Fn(usize, f64) -> f64) -> Result<Vec<f64>, DataError> {
    let columns = set.target_columns();
    let (mut sums, mut values) = (vec![0.0; columns], vec![0.0; BLOCK * columns]);
    let mut block = Vec::with_capacity(BLOCK);
    for start in (0..set.rows()).step_by(BLOCK) {
        block.clear();
        block.extend((start..(start + BLOCK).min(set.rows())).map(|row| row as u32));
        let values = &mut values[..block.len() * columns];
        set.targets(&block, values)?;
        for (i, value) in values.iter().enumerate() {
            sums[i % columns] += of(i % columns, f64::from(*value));
        }
    }
    Ok(sums.iter().map(|sum| sum / set.rows().max(1) as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_data::{DataSpec, Split, Task, open};

    #[test]
    fn mean_and_deviation_are_those_of_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "x,price,same\n1,100,7\n2,300,7\n3,200,7\n4,400,7\n").unwrap();
        let spec = DataSpec {
            target: vec!["price".into(), "same".into()],
            task: Some(Task::Regression),
            split: Split::new(Some(1.0), None, None).unwrap(),
            ..DataSpec::new(path.display().to_string())
        };
        let scale = TargetScale::of(&open(&spec).unwrap().train).unwrap();
        assert_eq!(scale.mean, [250.0, 7.0]);
        assert_eq!(scale.deviation, [12500f64.sqrt() as f32, 1.0]);
    }
}
