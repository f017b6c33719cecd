//! Threads that share the tiles of one job at a time.
//!
//! The caller always works itself and hands tiles to whoever comes: it takes them
//! from the front, the workers from the back, so that each mostly keeps to the
//! part of the data that is in its own cache. A worker that was put off its core
//! by another process therefore delays nothing but the tile in its hands. Which
//! thread computes a tile never changes the result.
//!
//! A worker waits spinning for some tens of microseconds, because the next job of
//! a step follows at once, and then sleeps: pure spinning collapses on a machine
//! that is shared.

use crate::denormals::FlushDenormals;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// How long a worker looks for the next job before it sleeps.
const SPIN: Duration = Duration::from_micros(60);

/// Bits of a tile number: a job has fewer than 2²⁰ tiles.
const BITS: u32 = 20;
const MASK: u64 = (1 << BITS) - 1;

/// The most tiles that one job may have.
pub(crate) const MOST_TILES: usize = MASK as usize;

/// A job: called with (thread, tile).
type Job<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Threads that wait for jobs.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    workers: Vec<(Thread, Option<JoinHandle<()>>)>,
}

struct Shared {
    /// (generation, first tile not taken, one past the last tile not taken).
    range: AtomicU64,
    /// The job of that generation; written only between jobs.
    job: UnsafeCell<Option<*const Job<'static>>>,
    /// The generation of the last job handed out.
    published: AtomicU64,
    done: AtomicUsize,
    sleeping: Vec<AtomicBool>,
    ends: AtomicBool,
}

// SAFETY: `job` is written only by the one caller between jobs, and read only after
// `published` says so; a worker follows it only with a tile
// of that job in its hands, see `Shared::work`.
unsafe impl Sync for Shared {}
// SAFETY: the pointer in `job` is only followed while its owner waits in `Pool::run`.
unsafe impl Send for Shared {}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({} workers)", self.sleeping.len())
    }
}

fn pack(generation: u64, front: u64, back: u64) -> u64 {
    generation << (2 * BITS) | back << BITS | front
}

fn unpack(range: u64) -> (u64, u64, u64) {
    (range >> (2 * BITS), range & MASK, range >> BITS & MASK)
}

impl Shared {
    /// A tile of the job of `generation`, from the front or the back. A tile that
    /// was taken keeps its job alive, because the job's caller waits for it.
    fn take(&self, generation: u64, from_front: bool) -> Option<usize> {
        let mut range = self.range.load(Acquire);
        loop {
            let (current, front, back) = unpack(range);
            if current != generation || front >= back {
                return None;
            }
            let (tile, next) = match from_front {
                true => (front, pack(generation, front + 1, back)),
                false => (back - 1, pack(generation, front, back - 1)),
            };
            match self.range.compare_exchange_weak(range, next, AcqRel, Acquire) {
                Ok(_) => return Some(tile as usize),
                Err(now) => range = now,
            }
        }
    }

    fn work(&self, thread: usize) {
        // Jobs come from plans alone, which flush in their own thread too.
        let _flush = FlushDenormals::new();
        let mut seen = 0;
        while let Some(generation) = self.next_job(thread, seen) {
            seen = generation;
            while let Some(tile) = self.take(generation, false) {
                // SAFETY: a tile of this generation is in our hands, so its caller
                // is waiting in `Pool::run`: the job pointer is that generation's
                // and alive until `done` is raised.
                let job = unsafe { *self.job.get() };
                if let Some(job) = job {
                    // SAFETY: as above.
                    unsafe { (*job)(thread, tile) };
                }
                self.done.fetch_add(1, Release);
            }
        }
    }

    /// Waits for a job newer than `seen`; `None` when the pool ends.
    fn next_job(&self, thread: usize, seen: u64) -> Option<u64> {
        let start = Instant::now();
        loop {
            for _ in 0..64 {
                let published = self.published.load(Acquire);
                if self.ends.load(Relaxed) {
                    return None;
                }
                if published != seen {
                    return Some(published);
                }
                std::hint::spin_loop();
            }
            if start.elapsed() > SPIN {
                self.sleep(thread, seen);
            }
        }
    }

    fn sleep(&self, thread: usize, seen: u64) {
        let sleeping = &self.sleeping[thread - 1];
        sleeping.store(true, SeqCst);
        while self.published.load(SeqCst) == seen && !self.ends.load(SeqCst) {
            std::thread::park();
        }
        sleeping.store(false, SeqCst);
    }
}

impl Pool {
    /// A pool of `threads`, the caller's among them.
    pub fn new(threads: usize) -> Self {
        let count = threads.max(1) - 1;
        let shared = Arc::new(Shared {
            range: AtomicU64::new(0),
            job: UnsafeCell::new(None),
            published: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            sleeping: (0..count).map(|_| AtomicBool::new(false)).collect(),
            ends: AtomicBool::new(false),
        });
        // Numbers stay without gaps: a system that refuses a thread gets none after it.
        let workers = (1..=count).map_while(|thread| start(&shared, thread)).collect();
        Pool { shared, workers }
    }

    /// How many threads work on a job, the caller's among them.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Runs `job` for each of `tiles` and returns when all are done. Only one
    /// caller at a time: `&mut` says so.
    pub fn run(&mut self, tiles: usize, job: &Job<'_>) {
        if self.workers.is_empty() || tiles < 2 {
            (0..tiles).for_each(|tile| job(0, tile));
            return;
        }
        let generation = self.publish(tiles, job);
        let mut own = 0;
        while let Some(tile) = self.shared.take(generation, true) {
            job(0, tile);
            own += 1;
        }
        self.wait(tiles - own);
    }

    fn publish(&mut self, tiles: usize, job: &Job<'_>) -> u64 {
        debug_assert!(tiles <= MOST_TILES);
        let shared = &self.shared;
        // Generations count in what the range word has left: 24 bits. A worker
        // cannot sleep through all of them: it is woken at every job.
        let generation = (shared.published.load(Relaxed) + 1) & ((1 << (64 - 2 * BITS)) - 1);
        shared.done.store(0, Relaxed);
        // SAFETY: no tile of an earlier job is in anybody's hands, so nobody reads
        // `job`; the lifetime is extended only until `wait` has returned.
        unsafe {
            let forever = std::mem::transmute::<*const Job<'_>, *const Job<'static>>(job);
            *shared.job.get() = Some(forever);
        }
        shared.range.store(pack(generation, 0, tiles as u64), Release);
        shared.published.store(generation, SeqCst);
        for ((thread, _), sleeping) in self.workers.iter().zip(&shared.sleeping) {
            if sleeping.load(SeqCst) {
                thread.unpark();
            }
        }
        generation
    }

    /// Waits until the workers have done `tiles`.
    fn wait(&self, tiles: usize) {
        let mut turns = 0u32;
        while self.shared.done.load(Acquire) < tiles {
            turns += 1;
            if turns.is_multiple_of(1 << 12) {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }
}

fn start(shared: &Arc<Shared>, thread: usize) -> Option<(Thread, Option<JoinHandle<()>>)> {
    let shared = shared.clone();
    let builder = std::thread::Builder::new().name(format!("gradwise-{thread}"));
    let handle = builder.spawn(move || shared.work(thread)).ok()?;
    Some((handle.thread().clone(), Some(handle)))
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.ends.store(true, SeqCst);
        for (thread, handle) in &mut self.workers {
            thread.unpark();
            if let Some(handle) = handle.take() {
                // A worker that panicked has said so already.
                let _ = handle.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_is_done_once_whatever_the_threads() {
        for threads in [1, 2, 3, 8] {
            let mut pool = Pool::new(threads);
            assert_eq!(pool.threads(), threads);
            for tiles in [0, 1, 2, 7, 100] {
                let counts: Vec<AtomicUsize> = (0..tiles).map(|_| AtomicUsize::new(0)).collect();
                pool.run(tiles, &|_, tile| {
                    counts[tile].fetch_add(1, Relaxed);
                });
                assert!(counts.iter().all(|c| c.load(Relaxed) == 1));
            }
        }
    }

    #[test]
    fn many_short_jobs_follow_each_other() {
        let mut pool = Pool::new(4);
        let sum = AtomicUsize::new(0);
        for round in 0..20_000 {
            if round % 5_000 == 0 {
                std::thread::sleep(SPIN * 3);
            }
            pool.run(5, &|_, tile| {
                sum.fetch_add(tile, Relaxed);
            });
        }
        assert_eq!(sum.load(Relaxed), 20_000 * 10);
    }
}
