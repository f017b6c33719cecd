//! Data for training: sources, splits, pre-processing, batches.
//!
//! ```
//! use gradwise_data::{DataSpec, open, order};
//!
//! let mut spec = DataSpec::new("digits");
//! spec.preprocess = vec!["scale(16)".parse().unwrap()];
//! let data = open(&spec)?;
//! let (rows, columns) = (data.train.rows(), data.train.columns());
//! let epoch = order(rows as u32, 0, 0);
//! let mut batch = vec![0.0; 32 * columns];
//! let mut labels = vec![0.0; 32];
//! data.train.gather(&epoch[..32], &mut batch, columns)?;
//! data.train.targets(&epoch[..32], &mut labels)?;
//! assert_eq!((columns, data.schema.classes.len()), (64, 10));
//! # Ok::<(), gradwise_data::DataError>(())
//! ```
//!
//! Numbers of tables are kept as f32, the precision of training: whole numbers are
//! exact up to 16,777,216. Images are kept as the bytes they were read as, and
//! become numbers when a batch is gathered.
#![forbid(unsafe_code)]

mod affine;
mod call;
mod describe;
#[cfg(feature = "download")]
mod download;
mod eigen;
mod error;
mod fold;
mod known;
mod members;
mod memory;
mod open;
mod order;
mod parallel;
mod pipeline;
mod preprocess;
mod sampled;
mod schema;
mod set;
mod source;
mod spec;
mod split;
mod statistics;
mod storage;
mod stream;
mod table;
mod task;
mod unseen;
mod visit;
mod watch;
mod whiten;
pub mod write;

pub use affine::Affine;
pub use describe::{ColumnDescription, ColumnKind, Description, Range, describe};
#[cfg(feature = "download")]
pub use download::{Progress, download, download_from};
pub use error::{DataError, Place};
pub use fold::Fold;
pub use known::{KNOWN, Known, Remote, data_folder, known, locate};
pub use memory::Memory;
pub use open::{Data, open, open_for};
pub use order::order;
pub use pipeline::{Pipeline, Stage, Tensor};
pub use preprocess::Preprocess;
pub use schema::{Encoder, Feature, Image, LeftOut, Schema};
pub use set::{Set, balanced_weights};
pub use source::{EMBEDDED, SYNTHETIC};
pub use spec::{DataSpec, Missing, Split};
pub use table::label::Label;
pub use task::Task;
pub use unseen::Unseen;
pub use visit::Visit;
pub use watch::{Conversion, Watcher};
pub use whiten::Linear;
