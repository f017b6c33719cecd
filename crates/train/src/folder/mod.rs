//! The run folder: all that passes between a training and those who look at it.
//!
//! The format is versioned and documented in `docs/run-folder.md`; other programs
//! may write it too.

pub mod atomic;
pub mod checkpoint;
pub mod error;
pub mod event;
pub mod model;
pub mod number;
pub mod reader;
mod record;
pub mod summary;
pub mod tensors;
pub mod writer;
