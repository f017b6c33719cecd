//! Jobs shared among threads, where results do not depend on who does what.

use std::convert::Infallible;
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
    let Ok(()) = try_for_each::<_, _, Infallible>(jobs, scratch, |job, scratch| {
        work(job, scratch);
        Ok(())
    });
}

/// The same for work that can fail.
///
/// # Errors
/// That of a job that failed; later jobs are then left undone.
pub(crate) fn try_for_each<J: Send, S, E: Send>(
    jobs: impl Iterator<Item = J> + Send,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(J, &mut S) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let (jobs, failed) = (Mutex::new(jobs), Mutex::new(None));
    let set = |error: Option<E>| match failed.lock() {
        Ok(mut failed) => {
            *failed = failed.take().or(error);
            failed.is_some()
        }
        Err(_) => true,
    };
    let next = || jobs.lock().ok().and_then(|mut jobs| jobs.next());
    let run = || {
        let mut scratch = scratch();
        while let Some(job) = next() {
            if set(work(job, &mut scratch).err()) {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads() {
            scope.spawn(run);
        }
        run();
    });
    failed.into_inner().ok().flatten().map_or(Ok(()), Err)
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

    #[test]
    fn a_job_that_fails_ends_the_work() {
        let work = |job, (): &mut ()| if job == 7 { Err(job) } else { Ok(()) };
        assert_eq!(try_for_each(0..1000, || (), work), Err(7));
    }
}
