//! Ctrl-C: the first ends the training after its step, the next one at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long after the first signal others are taken for the same one: whoever stops a
/// program and then its process group, as `timeout` does, sends two for one.
const SAME: Duration = Duration::from_millis(500);

/// The exit status of a program that Ctrl-C ended, as shells have it.
const STATUS: i32 = 130;

/// A flag that the first Ctrl-C (or a request to terminate) sets. One that comes later
/// ends the process with status 130, as shells expect.
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
    match Signals::new([SIGINT, SIGTERM]) {
        Ok(signals) => {
            let stop = stop.clone();
            std::thread::spawn(move || listen(signals, &stop));
        }
        Err(_) => crate::output::say("warning: Ctrl-C will end the training at once"),
    }
    stop
}

fn listen(mut signals: Signals, stop: &AtomicBool) {
    let mut first: Option<Instant> = None;
    for _ in signals.forever() {
        stop.store(true, Ordering::Relaxed);
        if first.get_or_insert_with(Instant::now).elapsed() > SAME {
            process::exit(STATUS);
        }
    }
}
