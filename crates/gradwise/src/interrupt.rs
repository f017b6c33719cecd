//! Ctrl-C: the first ends the training after its step, the second at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A flag that the first Ctrl-C (or a request to terminate) sets. The second ends
/// the process with status 130, as shells expect.
pub fn stop_flag() -> Arc<AtomicBool> {
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
