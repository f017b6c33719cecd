//! Options that several commands have.

use crate::conversion;
use crate::failure::Failure;
use crate::output;
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

/// More threads than any machine has cores; far more cannot be started.
const MOST_THREADS: usize = 1024;

/// A number of threads.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=MOST_THREADS).contains(&number) => Ok(number),
        _ => Err(format!("a whole number from 1 to {MOST_THREADS} is needed")),
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
    if let Some(what) = mistaken(path) {
        return Err(Failure::usage(what));
    }
    let mut checked = runfile::load(&file, sets)?;
    checked.data.watcher = conversion::watcher();
    Ok(checked)
}

/// How the names of files with data end.
const DATA: [&str; 9] = ["csv", "tsv", "gz", "xz", "tar", "parquet", "npy", "npz", "jsonl"];

/// What is wrong with a path that can be no run file: it is not there, or holds data.
fn mistaken(path: &Path) -> Option<String> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let shown = path.display();
    if !path.exists() && ending != "toml" {
        return Some(format!(
            "{shown}: there is neither a run file nor a run folder of that name\n  help: `gradwise \
             new DATA -o run.toml` writes a run file"
        ));
    }
    DATA.contains(&ending).then(|| {
        let quoted = crate::output::quoted_path(path);
        format!(
            "{shown}: this is no run file but data\n  help: `gradwise new {quoted} -o run.toml` \
             writes a run file for them"
        )
    })
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

/// Says which categories of the rows read last the training data did not have.
pub fn say_unseen(trained: &Trained) {
    for unseen in trained.unseen() {
        output::say(&format!("warning: {unseen}"));
    }
}
