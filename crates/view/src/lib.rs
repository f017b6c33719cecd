//! Pictures for people: compute graphs, curves and live progress.
//!
//! Everything here draws plain values that it is handed; nothing knows how a run
//! was made. Pictures are made once, as a [`paint::Scene`], and written as SVG
//! (light and dark) or PNG from the same marks, so the two cannot differ.
#![forbid(unsafe_code)]

pub mod graph;
pub mod paint;
pub mod plot;
pub mod terminal;
