//! Run file → graph → loop; schedules, checkpoints, metrics, the run folder.
//!
//! [`runfile::load`] reads and checks a run file; [`run::train`] trains as it says
//! and writes a run folder, which [`folder`] describes and reads, with [`measures`] of
//! every layer; [`model`] evaluates and predicts with what was trained.
#![forbid(unsafe_code)]

pub mod folder;
pub mod measures;
pub mod metrics;
pub mod model;
pub mod run;
pub mod runfile;
