//! Pictures for people: compute graphs, curves and live progress.
//!
//! Graphs and plots are drawn from plain values; [`run`] and [`layers`] find those in
//! a run folder, [`report`] puts all of them on one page. Nothing here knows how a run
//! was made. Pictures are made once, as a [`paint::Scene`], and written as SVG (light
//! and dark) or PNG from the same marks, so the two cannot differ.
#![forbid(unsafe_code)]

pub mod findings;
pub mod graph;
pub mod layers;
pub mod noise;
pub mod page;
pub mod paint;
pub mod plot;
pub mod report;
pub mod run;
pub mod terminal;
