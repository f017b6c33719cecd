//! When to measure, to tell and to write a checkpoint, so that each costs little.

use std::time::{Duration, Instant};

/// The share of the time that writing checkpoints may cost.
const BUDGET: f64 = 0.02;
/// Between two pieces of news about the progress.
const NEWS: Duration = Duration::from_millis(100);
/// Steps to the second measurement at most: the first tells of the first weights only.
const SECOND: u64 = 20;

/// The clock of a training loop.
#[derive(Debug)]
pub(super) struct Pace {
    every: Option<u64>,
    /// Steps between measurements, where the run file names none.
    interval: u64,
    last_news: Instant,
    last_checkpoint: Instant,
    checkpoint_cost: Duration,
}

impl Pace {
    /// Starts; `every` is the number of steps between measurements, if it is set, and
    /// `interval` what keeps their cost in its budget.
    pub fn new(every: Option<u64>, interval: u64, now: Instant) -> Pace {
        Pace {
            every,
            interval,
            last_news: now,
            last_checkpoint: now,
            checkpoint_cost: Duration::ZERO,
        }
    }

    /// After how many steps to measure again; `step` was measured now.
    pub fn next_measured(&self, step: u64) -> u64 {
        let second = if step < SECOND { SECOND } else { self.interval };
        step + self.every.unwrap_or(second.min(self.interval))
    }

    /// Whether to tell of the progress; not again for a while then.
    pub fn progress_is_due(&mut self, now: Instant) -> bool {
        let due = now.duration_since(self.last_news) >= NEWS;
        if due {
            self.last_news = now;
        }
        due
    }

    /// Whether to write a checkpoint: each `seconds`, but not more often than its
    /// cost allows; after every step if 0.
    pub fn checkpoint_is_due(&self, seconds: f64, now: Instant) -> bool {
        let passed = now.duration_since(self.last_checkpoint).as_secs_f64();
        let affordable = self.checkpoint_cost.as_secs_f64() / BUDGET;
        seconds == 0.0 || passed >= seconds.max(affordable)
    }

    /// Takes note of a checkpoint.
    pub fn checkpoint_written(&mut self, begin: Instant, end: Instant) {
        self.checkpoint_cost = end.duration_since(begin);
        self.last_checkpoint = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_steps_follow_from_the_steps_alone() {
        let pace = |every, interval| Pace::new(every, interval, Instant::now());
        let steps = |pace: Pace| [1, 21, 90].map(|step| pace.next_measured(step) - step);
        assert_eq!(steps(pace(None, 70)), [20, 70, 70]);
        assert_eq!(steps(pace(None, 10)), [10; 3]);
        assert_eq!(steps(pace(Some(7), 70)), [7; 3]);
    }

    #[test]
    fn checkpoints_keep_their_budget() {
        let start = Instant::now();
        let mut pace = Pace::new(None, 1, start);
        let after = |s: f64| start + Duration::from_secs_f64(s);
        assert!(!pace.checkpoint_is_due(10.0, after(9.0)));
        assert!(pace.checkpoint_is_due(10.0, after(10.5)) && pace.checkpoint_is_due(0.0, start));
        pace.checkpoint_written(start, after(1.0));
        assert!(!pace.checkpoint_is_due(10.0, after(40.0)));
        assert!(pace.checkpoint_is_due(10.0, after(52.0)));
    }
}
