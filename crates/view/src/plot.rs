//! Plots of trainings and of trained models, all in one style.
//!
//! Each plot is a plain struct of numbers with a `draw` method that makes a
//! [`crate::paint::Scene`]; numbers that are not finite leave gaps.

mod chart;
mod confusion;
mod curves;
mod reduce;
mod reliability;
mod scatter;
mod ticks;

pub use chart::{Axis, Chart, Layer, Scale};
pub use confusion::Confusion;
pub use curves::{Curves, EpochPoint, StepPoint};
pub use reliability::{Bin, Reliability};
pub use scatter::Scatter;
