//! The run file: TOML, as written → checked → runs.
//!
//! Every key is one entry of a registry ([`keys`]); parsing, `--set`, the help and
//! the filled-in `run.toml` come from it. A [`spec::Spec`] is what was written,
//! with places for messages; a [`Checked`] is what can run; [`Resolved`] adds what
//! only the data tell.

pub mod check;
pub mod checked;
mod elsewhere;
pub mod error;
pub mod key;
pub mod keys;
mod layers;
mod paths;
pub mod render;
pub mod resolve;
mod same;
pub mod scale;
pub mod spec;
pub mod suggest;
pub mod value;

pub use checked::Checked;
pub use error::RunFileError;
pub use resolve::Resolved;
pub use scale::TargetScale;

use spec::Spec;
use std::path::Path;

/// Reads and checks a run file, with `--set KEY=VALUE` pairs put over it.
///
/// # Errors
/// A file that cannot be read, or the mistakes in it, each with its place and what would
/// be right: all that is wrong with its keys, or else with what they mean together, the
/// first of each section. All are the user's to mend: exit status 2.
pub fn load(path: &Path, sets: &[(String, String)]) -> Result<Checked, RunFileError> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        let error =
            RunFileError::new(None, format!("{}: cannot read the run file: {e}", path.display()));
        match e.kind() {
            std::io::ErrorKind::NotFound => error.help("`gradwise new DATA` writes one"),
            _ => error,
        }
    })?;
    parse(&text, path, sets)
}

/// As [`load`], from a text; relative paths in it are relative to `path`.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, path: &Path, sets: &[(String, String)]) -> Result<Checked, RunFileError> {
    let mut spec = Spec::parse(&path.display().to_string(), text)?;
    let wrong = sets.iter().filter_map(|(name, value)| spec.set(name, value).err());
    RunFileError::all(wrong.collect())?;
    check::check(spec, path)
}
