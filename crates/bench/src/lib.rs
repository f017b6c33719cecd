//! Times training steps of the networks in `networks.toml`, on made-up data in memory.
//!
//! A [`Network`] is one row of that table; a [`Job`] is a network with its plan, its
//! state and its data, ready to make steps; a [`Figure`] is what [`measure`] found, and
//! [`Part`]s are where a step's time goes. `gradwise bench` shows a user the figures of his
//! machine; the comparison with other programs in `bench/` times the same jobs.
#![forbid(unsafe_code)]

mod job;
mod measure;
mod network;
mod parts;

pub use job::{Job, JobError, Setting};
pub use measure::{Figure, MeasureError, measure, precisions};
pub use network::{Network, TableError, networks};
pub use parts::Part;
