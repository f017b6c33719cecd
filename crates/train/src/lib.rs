//! Run file → graph → loop; schedules, checkpoints, metrics, the run folder.
//!
//! [`runfile::load`] reads and checks a run file; [`run::train`] trains as it says
//! and writes a run folder, which [`folder`] describes and reads.
#![forbid(unsafe_code)]

pub mod folder;
pub mod metrics;
pub mod run;
pub mod runfile;
