//! Jobs shared among threads, where results do not depend on who does what.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// How many threads the machine runs at once.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` on every job; each thread takes the next one until none is left. A
/// thread makes its `scratch` once.
pub(crate) fn for_each<J: Send, S>(
    jobs: impl Iterator<Item = J> + Send,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(J, &mut S) + Sync,
) {
    let jobs = Mutex::new(jobs);
    let next = || jobs.lock().ok().and_then(|mut jobs| jobs.next());
    let run = || {
        let mut scratch = scratch();
        while let Some(job) = next() {
            work(job, &mut scratch);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads() {
            scope.spawn(run);
        }
        run();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once() {
        let mut places = vec![0; 1000];
        for_each(places.iter_mut(), || (), |place, ()| *place += 1);
        assert_eq!(places, vec![1; 1000]);
    }
}
