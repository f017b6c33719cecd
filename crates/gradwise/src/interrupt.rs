//! Ctrl-C: the first ends the training after its step, the second at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A flag that the first Ctrl-C (or a request to terminate) sets. The second ends
/// the process with status 130, as shells expect.
pub fn stop_flag() -> Arc<AtomicBool> {
    FLAG.get_or_init(registered).clone()
}

/// Whether the flag is set; without one Ctrl-C ends the process by itself.
pub fn requested() -> bool {
    FLAG.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

fn registered() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // In this order: the flag that arms the second is set by the first.
        let armed = signal_hook::flag::register_conditional_shutdown(signal, 130, stop.clone());
        let set = armed.and_then(|_| signal_hook::flag::register(signal, stop.clone()));
        if set.is_err() {
            crate::output::say("warning: Ctrl-C will end the training at once");
        }
    }
    stop
}
