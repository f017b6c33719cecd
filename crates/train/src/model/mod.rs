//! A trained model at work: how good it is on data, and what it says about new rows.

pub mod evaluation;
mod onnx;
pub mod predictions;
pub mod trained;

pub use evaluation::{Evaluation, Mistake, Part, Picture};
pub use predictions::{Format, Predictions, Writer};
pub use trained::Trained;
