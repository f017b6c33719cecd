//! How good predictions are: the metrics of classification and regression.
//!
//! Each follows the definition of scikit-learn and is tested against numbers that
//! scikit-learn computed. Predictions are rows of a row-major `[n, columns]` array.

pub mod answers;
pub mod calibration;
pub mod confusion;
pub mod ranking;
pub mod regression;
pub mod report;
pub mod roc;

pub use answers::Answers;
pub use calibration::Calibration;
pub use confusion::{ClassScores, Confusion};
pub use ranking::area_under_roc;
pub use regression::RegressionScores;
pub use report::{Outputs, Report};
pub use roc::{Decision, Roc};
