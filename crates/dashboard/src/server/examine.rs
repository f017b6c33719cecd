//! The full look at a run, as `gradwise doctor` has it: data and weights are read, and
//! the network is run. It takes its time, so the user asks for it, and one run is
//! looked at after another.

use super::Shared;
use crate::store::Source;
use crate::store::entry::State;
use crate::store::opinion::Full;
use gradwise_health::doctor::examine;
use gradwise_health::judge;
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

/// Starts to look at a run, unless it is being looked at.
pub fn start(shared: Arc<Shared>, source: Arc<Source>) {
    if matches!(source.read().opinion.full, Full::Underway) {
        return;
    }
    put(&shared, &source, Full::Underway);
    let (kept, run) = (shared.clone(), source.clone());
    let work = move || {
        let looking = shared.examining.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = look(&source);
        drop(looking);
        put(&shared, &source, looked);
    };
    if let Err(error) = std::thread::Builder::new().name("examine".into()).spawn(work) {
        put(&kept, &run, Full::Failed(error.to_string()));
    }
}

fn look(source: &Source) -> Full {
    // A training that is under way keeps all cores but one.
    let running = source.read().state(SystemTime::now()) == State::Running;
    match examine(&source.folder, running.then_some(1)) {
        Ok(run) => Full::Done {
            step: run.steps.last().map_or(0, |step| step.step),
            findings: judge(&run).findings,
            unknown: run.unknown,
        },
        Err(error) => Full::Failed(error.to_string()),
    }
}

fn put(shared: &Shared, source: &Source, full: Full) {
    let mut entry = source.write();
    entry.opinion.full = full;
    entry.version = shared.store.next();
}
