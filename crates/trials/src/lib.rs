//! Runs variants of a run file over seeds or folds, and says which differences hold.
//!
//! A [`Study`] is a run file, the settings to vary ([`vary`]) and how often each
//! variant is run. [`Study::run`] trains side by side on the cores there are, each run
//! in a run folder of its own, and can be stopped and gone on with. Its [`Report`] has
//! means, spreads and paired tests ([`stats`], [`verdict`]): a difference that the
//! seeds do not carry is called no difference.
#![forbid(unsafe_code)]

mod base;
pub mod curves;
mod error;
mod judging;
mod metric;
mod report;
mod runs;
mod sharing;
pub mod stats;
mod study;
pub mod vary;
pub mod verdict;

pub use base::Base;
pub use error::StudyError;
pub use judging::{Judge, Judged};
pub use metric::Metric;
pub use report::{FILE, FindingCount, Report, Run, VariantReport};
pub use study::{News, Repeats, Study, free_folder};
pub use vary::{Axis, Settings, Variant};
