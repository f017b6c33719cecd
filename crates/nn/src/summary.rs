//! Shapes and parameter counts of a network before it is built, and the check that
//! no size is absurd.

use crate::error::BuildError;
use crate::features::Features;
use crate::network::NetworkSpec;

/// One line of a network's summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// `features`, `dense1`, …, `output`.
    pub name: String,
    /// What it is, such as `dense, maxout(2), dropout 0.5` or `rff(1024, 0.05)`.
    pub kind: String,
    /// Columns that it takes.
    pub inputs: usize,
    /// Columns that it gives.
    pub outputs: usize,
    /// Numbers that are learnt: weights, biases, slopes.
    pub learnt: usize,
    /// Numbers that are drawn once and stay.
    pub fixed: usize,
}

/// The most elements of one parameter: kernels index with 32 bits.
const MOST_ELEMENTS: usize = i32::MAX as usize;

impl NetworkSpec {
    /// One row for the feature map, if there is one, and for each layer.
    ///
    /// # Errors
    /// As [`NetworkSpec::check`].
    pub fn summary(&self) -> Result<Vec<SummaryRow>, BuildError> {
        let mut width = self.features.count(self.inputs)?;
        let mut rows = Vec::new();
        if self.features != Features::None {
            rows.push(self.feature_row(width)?);
        }
        for (name, spec) in self.named_layers() {
            spec.check(&name)?;
            let columns = spec.units.checked_mul(spec.activation.pieces());
            let weight = limited(&name, "weight", columns.and_then(|c| c.checked_mul(width)))?;
            let biases = if spec.bias.is_some() { columns.unwrap_or(0) } else { 0 };
            let slopes = spec.activation.slopes(spec.units).map_or(0, |(count, _)| count);
            let dropout = if spec.dropout > 0.0 {
                format!(", dropout {}", spec.dropout)
            } else {
                String::new()
            };
            rows.push(SummaryRow {
                name,
                kind: format!("dense, {}{dropout}", spec.activation),
                inputs: width,
                outputs: spec.units,
                learnt: weight.saturating_add(biases).saturating_add(slopes),
                fixed: 0,
            });
            width = spec.units;
        }
        Ok(rows)
    }

    fn feature_row(&self, count: usize) -> Result<SummaryRow, BuildError> {
        let fixed = match self.features {
            Features::Rff { .. } => {
                limited("features", "weight", count.checked_mul(self.inputs))? + count
            }
            _ => 0,
        };
        Ok(SummaryRow {
            name: "features".into(),
            kind: self.features.to_string(),
            inputs: self.inputs,
            outputs: count,
            learnt: 0,
            fixed,
        })
    }

    /// Checks every layer's settings and that the parameters fit the machine.
    ///
    /// # Errors
    /// A setting out of range, a parameter of more than 2³¹ numbers, or more
    /// parameters than the machine would give memory for (counting the gradient
    /// and two numbers of optimizer state with each).
    pub fn check(&self) -> Result<(), BuildError> {
        if self.inputs == 0 {
            let reason = "the input has 0 columns: the data needs at least one feature";
            return Err(BuildError::Layer { layer: "input".into(), reason: reason.into() });
        }
        let rows = self.summary()?;
        let total = rows
            .iter()
            .try_fold(0usize, |sum, row| sum.checked_add(row.learnt)?.checked_add(row.fixed));
        let needed = total.and_then(|n| n.checked_mul(4)).unwrap_or(usize::MAX);
        let granted = Vec::<f32>::new().try_reserve_exact(needed).is_ok();
        if !granted {
            return Err(BuildError::TooLarge {
                what: "the network".into(),
                elements: total.map_or("too many".into(), |n| n.to_string()),
                limit: "for which this machine has no memory".into(),
            });
        }
        Ok(())
    }
}

fn limited(layer: &str, part: &str, elements: Option<usize>) -> Result<usize, BuildError> {
    match elements {
        Some(n) if n <= MOST_ELEMENTS => Ok(n),
        _ => Err(BuildError::TooLarge {
            what: format!("{layer}.{part}"),
            elements: elements.map_or("too many".into(), |n| n.to_string()),
            limit: format!("more than {MOST_ELEMENTS}"),
        }),
    }
}
