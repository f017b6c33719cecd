//! The run file: TOML, as written → checked → runs.
//!
//! Every key is one entry of a registry ([`keys`]); parsing, `--set`, the help and
//! the filled-in `run.toml` come from it. A [`spec::Spec`] is what was written,
//! with places for messages.

pub mod error;
pub mod key;
pub mod keys;
pub mod spec;
pub mod suggest;
pub mod value;
