//! Run file → graph → loop; schedules, checkpoints, metrics, the run folder.
#![forbid(unsafe_code)]

pub mod folder;
pub mod runfile;
