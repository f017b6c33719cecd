//! Plots of trainings and of trained models, all in one style.
//!
//! Each plot is a plain struct of numbers with a `draw` method that makes a
//! [`crate::paint::Scene`]; numbers that are not finite leave gaps.

mod bands;
mod chart;
mod confusion;
mod curves;
mod field;
mod gallery;
mod panels;
mod ranking;
mod reduce;
mod reliability;
mod ridges;
mod roc;
mod scatter;
mod ticks;
mod told;

pub use bands::{Bands, Variant};
pub use chart::{Axis, Chart, Layer, Scale};
pub use confusion::Confusion;
pub use curves::{Curves, EpochPoint, StepPoint};
pub use field::Field;
pub use gallery::Gallery;
pub use panels::Panels;
pub use ranking::{Ranking, RankingRow};
pub(crate) use reduce::{smooth, thin};
pub use reliability::{Bin, Reliability};
pub use ridges::{Ridge, Ridges};
pub use roc::RocPlot;
pub use scatter::{Fit, Scatter};
