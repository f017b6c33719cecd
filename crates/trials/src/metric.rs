//! The number that variants are compared by.

use gradwise_train::folder::event::Measures;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// What tells best how well a model does, the first that is there.
const HEADLINES: [&str; 3] = ["accuracy", "rmse", "mae"];
/// Metrics of which less is better; of all others more is.
const LESS: [&str; 6] = ["loss", "rmse", "mae", "mse", "hamming_loss", "calibration_error"];

/// A metric and its good direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name in the run folder, such as `accuracy`.
    pub name: String,
    /// Whether more is better.
    pub more_is_better: bool,
}

impl Metric {
    /// The metric of that name.
    pub fn new(name: impl Into<String>) -> Metric {
        let name = name.into();
        let more_is_better = !LESS.contains(&name.as_str());
        Metric { name, more_is_better }
    }

    /// The metric that stands for a model's quality among some measures.
    pub fn headline(measures: &Measures) -> Option<Metric> {
        HEADLINES.into_iter().find(|name| measures.contains_key(*name)).map(Metric::new)
    }

    /// Its value among measures; NaN if it is not there.
    pub fn of(&self, measures: &Measures) -> f64 {
        measures.get(&self.name).map_or(f64::NAN, |n| n.0)
    }

    /// Whether `a` is better than `b`; NaN never is.
    pub fn better(&self, a: f64, b: f64) -> bool {
        if self.more_is_better { a > b } else { a < b }
    }

    /// The values that it can have, as far as its name tells.
    pub fn range(&self) -> RangeInclusive<f64> {
        match self.name.as_str() {
            "accuracy" | "auc" | "calibration_error" | "hamming_loss" => 0.0..=1.0,
            name if name.starts_with("macro_") => 0.0..=1.0,
            "rmse" | "mae" | "mse" => 0.0..=f64::INFINITY,
            "r2" => f64::NEG_INFINITY..=1.0,
            _ => f64::NEG_INFINITY..=f64::INFINITY,
        }
    }

    /// Between two values that the metric can take: a share of rows is a multiple of
    /// 1/rows; others are continuous, which is 0.
    pub fn resolution(&self, rows: usize) -> f64 {
        match self.name.as_str() {
            "accuracy" if rows > 0 => 1.0 / rows as f64,
            _ => 0.0,
        }
    }
}
