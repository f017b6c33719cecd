//! Is a network training correctly? Measures → findings → remedies.
//!
//! [`theory`] predicts from a network's description how signals go through its
//! depth; [`data`] says what the data say by themselves; [`survey`] looks at a
//! network unit by unit. Together with the records of a run folder they make a
//! [`run::Run`], which the rules judge.
#![forbid(unsafe_code)]

pub mod check;
pub mod curve;
pub mod data;
pub mod docs;
pub mod doctor;
mod finding;
pub mod fix;
pub mod judge;
mod known;
pub mod measures;
pub mod rules;
pub mod run;
pub mod setup;
pub mod survey;
pub mod theory;
pub mod trial;
pub mod watch;

pub use finding::{Verdict, as_toml};
pub use judge::{Judgement, judge};
pub use run::Run;
pub use watch::Watch;
