//! Options that several commands have.

use crate::conversion;
use crate::failure::Failure;
use gradwise_train::folder::model;
use gradwise_train::model::Trained;
use gradwise_train::runfile::{self, Checked};
use std::path::{Path, PathBuf};

/// A key and its value, as `--set` takes them.
pub type Pair = (String, String);

/// Splits `KEY=VALUE`.
pub fn pair(text: &str) -> Result<Pair, String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE is needed, such as train.lr=0.01")?;
    Ok((key.trim().into(), value.trim().into()))
}

/// A number of threads.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number of at least 1 is needed".into()),
        Ok(number) => Ok(number),
    }
}

/// The run file behind a path, which may be a run folder.
pub fn run_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(gradwise_train::run::place::RUN_FILE) } else { path.into() }
}

/// Reads and checks the run file behind a path.
pub fn load(path: &Path, sets: &[Pair]) -> Result<Checked, Failure> {
    let file = run_file(path);
    if path.is_dir() && !file.exists() {
        let what = format!("{}: it is no run folder: there is no run.toml in it", path.display());
        return Err(Failure::usage(what));
    }
    let mut checked = runfile::load(&file, sets)?;
    checked.data.watcher = conversion::watcher();
    Ok(checked)
}

/// Reads the trained model in a run folder.
pub fn trained(folder: &Path, threads: Option<usize>) -> Result<Trained, Failure> {
    let file = folder.join(model::FILE);
    if file.exists() {
        let mut trained = Trained::read(folder, threads)?;
        trained.checked.data.watcher = conversion::watcher();
        return Ok(trained);
    }
    let (folder, name) = (folder.display(), model::FILE);
    Err(Failure::usage(format!(
        "{folder}: there is no trained model: no {name} in it; `gradwise train` writes run folders"
    )))
}
