//! The lecture's experiments: each a short file over the library, that anyone can
//! run and believe.
//!
//! An experiment computes its numbers over several seeds, draws them, and says
//! which of the lecture's claims they bear out and by how much. Each file under
//! `experiments/` is also a lesson in using the library; what they share is the
//! training loop ([`training`]), the data ([`samples`]) and the form of the result
//! ([`Report`]).
#![forbid(unsafe_code)]

pub mod charts;
pub mod experiment;
pub mod experiments;
pub mod folder;
pub mod page;
pub mod report;
pub mod samples;
pub mod training;

pub use experiment::{Experiment, LabError, Setup};
pub use experiments::{EXPERIMENTS, find};
pub use report::{Claim, Figure, Report, Spread, Table};
