//! The server: who may ask, what may be asked.
//!
//! Runs are asked for by ids that are looked up in a list, and files by names that are
//! looked up in a run's folder: no path of a request is ever turned into a path of the
//! system.

mod assets;
mod examine;
mod gate;
mod routes;
mod token;

pub use gate::Gate;
pub use routes::routes;

use crate::error::DashboardError;
use crate::store::Store;
use std::sync::{Arc, Mutex};

/// What all answers are made from.
#[derive(Debug)]
pub struct Shared {
    /// The runs.
    pub store: Arc<Store>,
    /// Who may ask.
    pub gate: Gate,
    /// The server's own number.
    pub session: String,
    /// Held by the run that is being examined: one at a time.
    examining: Mutex<()>,
}

impl Shared {
    /// Of a store that is shown to those that the gate lets in.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(store: Arc<Store>, gate: Gate) -> Result<Shared, DashboardError> {
        Ok(Shared { store, gate, session: token::draw()?, examining: Mutex::new(()) })
    }
}
