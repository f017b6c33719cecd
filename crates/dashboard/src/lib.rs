//! The dashboard: a local web page that shows run folders while they grow.
//!
//! [`folders`] finds runs and reads nothing else; [`watch`] follows them into the
//! [`store`]; [`answers`] are what the page asks for; the server hands them out to
//! those who may ask. The page is plain HTML, style and script, part of the program.
#![forbid(unsafe_code)]

mod address;
pub mod answers;
mod error;
pub mod folders;
pub mod series;
mod server;
pub mod store;
pub mod watch;

pub use address::Options;
pub use error::DashboardError;

use server::{Gate, Shared};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Store;
use watch::Watcher;

/// A dashboard that listens, but answers nobody yet.
#[derive(Debug)]
pub struct Dashboard {
    listener: TcpListener,
    roots: Vec<PathBuf>,
    gate: Gate,
    url: String,
}

impl Dashboard {
    /// Takes the port.
    ///
    /// # Errors
    /// A host that is none of this machine's, a port that is taken.
    pub fn bind(options: Options) -> Result<Dashboard, DashboardError> {
        let listener = address::listen(&options)?;
        let local = listener.local_addr().map_err(DashboardError::Start)?;
        let gate = Gate::new(&options, local)?;
        let url = gate.url();
        Ok(Dashboard { listener, roots: options.roots, gate, url })
    }

    /// Where the page is; with the token, if one is needed.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether only this machine may look.
    pub fn is_local(&self) -> bool {
        self.gate.is_local()
    }

    /// Whether there is no run to show yet.
    pub fn is_waiting(&self) -> bool {
        self.roots.iter().all(|root| folders::discover::find(root).is_empty())
    }

    /// Follows the runs and answers the page until `stop` is set.
    ///
    /// # Errors
    /// The system has no thread or timer left.
    pub fn run(self, stop: &Arc<AtomicBool>) -> Result<(), DashboardError> {
        let store = Arc::new(Store::default());
        let shared = Arc::new(Shared::new(store.clone(), self.gate)?);
        let mut watcher = Watcher::new(self.roots, store);
        let stopped = stop.clone();
        let follow = move || {
            while !stopped.load(Ordering::Relaxed) {
                watcher.look();
                std::thread::sleep(watch::PAUSE);
            }
        };
        let spawned = std::thread::Builder::new().name("watcher".into()).spawn(follow);
        spawned.map_err(DashboardError::Start)?;
        self.listener.set_nonblocking(true).map_err(DashboardError::Start)?;
        serve(self.listener, shared, stop).map_err(DashboardError::Start)
    }
}

/// Answers until `stop` is set. One thread is enough: the answers are short.
fn serve(listener: TcpListener, shared: Arc<Shared>, stop: &AtomicBool) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let answering = tokio::spawn(axum::serve(listener, server::routes(shared)).into_future());
        while !stop.load(Ordering::Relaxed) && !answering.is_finished() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    })
}
