//! Whether a short plan's runs are worth more than one thread: found by trying.
//!
//! A run of some tens of microseconds gains from a second thread or loses by it. It
//! depends on how soon the other core begins, how fast what one core has written reaches
//! the other, how long passes between two runs, and what else the machine does; none of
//! which can be known beforehand, and the last changes. What is computed is the same to
//! the bit either way.

use std::time::Duration;

/// Estimates in nanoseconds on one thread: below, one thread it is; from the second on all.
const DOUBTFUL: std::ops::Range<f64> = 30_000.0..200_000.0;

/// Runs of one kind in a row.
const TURN: usize = 12;
/// The first of them, which find threads and caches as the other kind has left them.
const SETTLING: usize = 4;
/// Turns of each kind.
const TURNS: usize = 2;
/// Runs of a trial.
const TRIAL: usize = 2 * TURNS * TURN;
/// Runs from the first trial to the second: it comes soon, because the system may not yet
/// have given the threads a core each at the first.
const FIRST_PERIOD: usize = 1 << 9;
/// While trials agree periods double, up to so many runs, of which a trial is next to
/// nothing. One that says otherwise was disturbed, or something has changed; so the next
/// comes soon again.
const LAST_PERIOD: usize = 1 << 14;
/// The part of the time alone within which shared runs must end: another core is not to
/// be taken for nothing.
const WORTH: f64 = 0.9;

/// Decides for each run of a plan whether threads share it.
#[derive(Debug)]
pub(crate) struct Sharing {
    doubtful: bool,
    shared: bool,
    /// Runs since the trial began.
    run: usize,
    /// Runs from its beginning to the next trial's.
    period: usize,
    /// Whether the trial said what the one before had.
    agrees: bool,
    /// Of runs alone and shared.
    times: [[Duration; TURNS * (TURN - SETTLING)]; 2],
}

impl Sharing {
    /// For a plan that takes one thread about `cost` nanoseconds.
    pub fn new(cost: f64, threads: usize) -> Self {
        Sharing {
            doubtful: threads > 1 && DOUBTFUL.contains(&cost),
            shared: threads > 1 && cost >= DOUBTFUL.end,
            run: 0,
            period: FIRST_PERIOD,
            agrees: false,
            times: Default::default(),
        }
    }

    /// What the last trial has found best, or the estimate.
    pub fn best(&self) -> bool {
        self.shared
    }

    /// Whether threads share the next run.
    pub fn next(&self) -> bool {
        if self.is_trial() { self.run / TURN % 2 == 1 } else { self.shared }
    }

    /// Whether [`Sharing::took`] wants to know how long the next run takes.
    pub fn is_trial(&self) -> bool {
        self.doubtful && self.run < TRIAL
    }

    /// A run took so long, which counts only if it was one of a trial.
    pub fn took(&mut self, time: Duration) {
        if self.is_trial() {
            let (turn, run) = (self.run / TURN, self.run % TURN);
            if let Some(run) = run.checked_sub(SETTLING) {
                self.times[turn % 2][turn / 2 * (TURN - SETTLING) + run] = time;
            }
            if self.run + 1 == TRIAL {
                let [alone, shared] = self.times.each_mut().map(|times| median(times));
                let best = shared < alone.mul_f64(WORTH);
                self.agrees = best == self.shared;
                self.shared = best;
            }
        }
        self.run += 1;
        if self.run == self.period {
            self.run = 0;
            self.period = match self.agrees {
                true => (2 * self.period).min(LAST_PERIOD),
                false => FIRST_PERIOD,
            };
        }
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs so often, alone or shared for so many microseconds; how often shared.
    fn run(sharing: &mut Sharing, runs: usize, times: [u64; 2]) -> usize {
        let one = |_: &usize| {
            let shared = sharing.next();
            sharing.took(Duration::from_micros(times[usize::from(shared)]));
            shared
        };
        (0..runs).filter(one).count()
    }

    #[test]
    fn what_is_short_or_long_is_not_tried() {
        for (cost, threads, shared) in [(1e4, 2, 0), (1e6, 2, 500), (1e6, 1, 0), (1e5, 1, 0)] {
            let mut sharing = Sharing::new(cost, threads);
            assert!(!sharing.is_trial());
            assert_eq!(run(&mut sharing, 500, [100, 50]), shared);
        }
    }

    #[test]
    fn the_faster_way_is_taken_and_tried_again_when_times_change() {
        let mut sharing = Sharing::new(1e5, 2);
        for (period, times, best) in [
            (FIRST_PERIOD, [100, 60], true),
            (FIRST_PERIOD, [100, 60], true),
            (2 * FIRST_PERIOD, [100, 60], true),
            (4 * FIRST_PERIOD, [100, 300], false),
            (FIRST_PERIOD, [100, 60], true),  // soon after a change
            (FIRST_PERIOD, [100, 95], false), // a twentieth is not worth a core
            (FIRST_PERIOD, [100, 95], false),
            (2 * FIRST_PERIOD, [100, 95], false),
        ] {
            assert_eq!(run(&mut sharing, TRIAL, times), TRIAL / 2);
            assert_eq!(sharing.best(), best);
            let rest = period - TRIAL;
            assert_eq!(run(&mut sharing, rest, times), if best { rest } else { 0 });
        }
        run(&mut sharing, 10 * LAST_PERIOD, [1, 1]);
        assert_eq!(sharing.period, LAST_PERIOD);
    }

    #[test]
    fn runs_that_were_disturbed_do_not_count() {
        let mut sharing = Sharing::new(1e5, 2);
        for run in 0..TRIAL {
            let time = if sharing.next() { 60 } else { 100 };
            let disturbed = run % TURN < SETTLING || run % 5 == 0;
            sharing.took(Duration::from_micros(if disturbed { 9000 } else { time }));
        }
        assert!(sharing.best());
    }
}
