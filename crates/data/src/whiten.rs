//! PCA and ZCA whitening: the stages that mix columns.

use crate::error::DataError;
use crate::set::Set;
use serde::{Deserialize, Serialize};

/// matrix · (x − center).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// What is subtracted, per incoming column.
    pub center: Vec<f32>,
    /// One row of weights per outgoing column, row after row.
    pub matrix: Vec<f32>,
}

impl Linear {
    /// How many columns come out.
    pub fn outputs(&self) -> usize {
        self.matrix.len().checked_div(self.center.len()).unwrap_or(0)
    }

    pub(crate) fn apply(&self, _sets: &mut [&mut Set]) {}
}

pub(crate) fn pca(_set: &Set, _k: usize) -> Result<Linear, DataError> {
    Err(DataError::setting("preprocess", "pca is not there yet"))
}

pub(crate) fn zca(_set: &Set, _eps: f64) -> Result<Linear, DataError> {
    Err(DataError::setting("preprocess", "zca is not there yet"))
}
