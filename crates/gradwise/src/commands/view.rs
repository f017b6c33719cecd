//! `gradwise view`: the dashboard in a browser.

use crate::failure::Failure;
use crate::{interrupt, output};
use clap::Args;
use gradwise_dashboard::{Dashboard, DashboardError, Options};
use gradwise_train::run::place::RUNS;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Shows runs in a browser while they train: curves, the network's health layer by
/// layer, findings with their evidence, comparisons.
///
/// The page is on this machine only, and follows every run at and below the folders
/// that are named, also those that other programs write. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise view\n  gradwise view runs/run-1 runs/run-2\n  \
    gradwise view study --port 8080 --no-open\n  \
    gradwise view --host 0.0.0.0        from other machines, with the token that is printed")]
pub struct View {
    /// Run folders, or directories that hold them [default: runs].
    #[arg(value_name = "RUN_DIR")]
    runs: Vec<PathBuf>,
    /// The port [default: the first free one from 4270 on].
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Listens at this address or name, for other machines; who asks needs the token in
    /// the printed address.
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// Opens no browser.
    #[arg(long)]
    no_open: bool,
}

impl View {
    /// Shows runs until Ctrl-C.
    pub fn run(self) -> Result<(), Failure> {
        let roots = if self.runs.is_empty() { vec![RUNS.into()] } else { self.runs };
        roots.iter().try_for_each(|root| check(root))?;
        let (there, missing): (Vec<_>, Vec<_>) = roots.iter().cloned().partition(|r| r.exists());
        let dashboard = Dashboard::bind(Options { roots, host: self.host, port: self.port })?;
        if !missing.is_empty() {
            let (are, them) = if missing.len() > 1 { ("are", "them") } else { ("is", "it") };
            output::say(&format!(
                "{} {are} not there yet: waiting for {them}, and for runs in {them}",
                listed(&missing)
            ));
        }
        if !there.is_empty() && dashboard.is_waiting() {
            output::say(&format!("no runs in {} yet: waiting for them", listed(&there)));
        }
        output::print(&format!("{}\n", dashboard.url()))?;
        if !dashboard.is_local() {
            output::say("from other machines: the same with this machine's address");
        }
        output::say("Ctrl-C ends it");
        if !self.no_open {
            open(&dashboard);
        }
        Ok(dashboard.run(&interrupt::stop_flag())?)
    }
}

/// The dashboard of `train --view`, in a thread of its own until the process ends: of
/// the run's folder, or of all runs where it is not named yet.
pub fn beside(folder: Option<&Path>) -> Result<(), Failure> {
    let roots = vec![folder.unwrap_or(Path::new(RUNS)).into()];
    let dashboard = Dashboard::bind(Options { roots, ..Options::default() })?;
    output::say(&format!("dashboard: {}", dashboard.url()));
    open(&dashboard);
    let serve = move || {
        if let Err(error) = dashboard.run(&Arc::new(AtomicBool::new(false))) {
            output::say(&format!("warning: the dashboard ended: {error}"));
        }
    };
    let started = std::thread::Builder::new().name("dashboard".into()).spawn(serve);
    started.map(drop).map_err(|e| Failure::work(format!("the dashboard cannot start: {e}")))
}

/// Keeps the page of a training that ended, until Ctrl-C.
pub fn stay(stop: &AtomicBool) {
    if !stop.load(Ordering::Relaxed) {
        output::say("the page stays until Ctrl-C");
    }
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Paths for a message.
fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| output::quoted_path(path)).collect::<Vec<_>>().join(", ")
}

/// A path that is there is a folder; one that is not may still come.
fn check(root: &Path) -> Result<(), Failure> {
    if !root.exists() || root.is_dir() {
        return Ok(());
    }
    let root = root.display();
    Err(Failure::usage(format!("{root}: it is a file; a run folder is needed, such as runs/run-1")))
}

/// Opens the page in the user's browser, where one could be seen.
fn open(dashboard: &Dashboard) {
    if has_screen() && !opened(dashboard.url()) {
        output::say("no browser could be opened: open that address yourself");
    }
}

/// Whether a browser could be seen.
fn has_screen() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Asks the system to open an address in the user's browser.
fn opened(url: &str) -> bool {
    let (program, first): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(first).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

/// A host or port that cannot be used is the command line's fault.
impl From<DashboardError> for Failure {
    fn from(error: DashboardError) -> Self {
        match error {
            DashboardError::Start(_) | DashboardError::Token(_) => Failure::work(error.to_string()),
            _ => Failure::usage(error.to_string()),
        }
    }
}
