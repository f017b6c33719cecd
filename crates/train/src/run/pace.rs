//! When to measure, to tell and to write a checkpoint, so that each costs little.

use std::time::{Duration, Instant};

/// The share of the time that measuring layers, and writing checkpoints, may cost.
const BUDGET: f64 = 0.02;
/// Between two pieces of news about the progress.
const NEWS: Duration = Duration::from_millis(100);
/// Steps to the second measurement: the first, cold one tells little about cost.
const SECOND: u64 = 20;
/// The fewest and the most steps between measurements.
const INTERVALS: (u64, u64) = (10, 5000);

/// The clock of a training loop.
#[derive(Debug)]
pub(super) struct Pace {
    every: Option<u64>,
    last_step: Instant,
    last_news: Instant,
    last_checkpoint: Instant,
    checkpoint_cost: Duration,
    /// Running means of seconds of a step without and with measuring.
    plain: Option<f64>,
    probed: Option<f64>,
    probes: u64,
}

impl Pace {
    /// Starts; `every` is the number of steps between measurements, if it is set.
    pub fn new(every: Option<u64>, now: Instant) -> Pace {
        Pace {
            every,
            last_step: now,
            last_news: now,
            last_checkpoint: now,
            checkpoint_cost: Duration::ZERO,
            plain: None,
            probed: None,
            probes: 0,
        }
    }

    /// Takes note of a step that ended now; after how many steps to measure again.
    pub fn stepped(&mut self, probing: bool, now: Instant) -> u64 {
        // What measuring costs is paid after the step too: records are made.
        let end = if probing { Instant::now() } else { now };
        let seconds = end.duration_since(self.last_step).as_secs_f64();
        self.last_step = end;
        if !probing {
            blend(&mut self.plain, seconds);
            return 1;
        }
        self.probes += 1;
        if self.probes > 1 {
            blend(&mut self.probed, seconds);
        }
        self.every.unwrap_or_else(|| self.interval())
    }

    fn interval(&self) -> u64 {
        let (Some(plain), Some(probed)) = (self.plain, self.probed) else { return SECOND };
        let steps = (probed - plain).max(0.0) / (BUDGET * plain.max(1e-9));
        (steps.ceil() as u64).clamp(INTERVALS.0, INTERVALS.1)
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
        (self.last_checkpoint, self.last_step) = (end, end);
    }
}

/// A running mean in which the last ten or so count.
fn blend(mean: &mut Option<f64>, x: f64) {
    *mean = Some(mean.map_or(x, |m| m + (x - m) * 0.1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measuring_keeps_its_budget() {
        let start = Instant::now();
        let mut pace = Pace::new(None, start);
        pace.plain = Some(1.0);
        assert_eq!(pace.stepped(true, start), SECOND);
        pace.probed = Some(1.5);
        assert_eq!(pace.interval(), 25);
        pace.probed = Some(0.9);
        assert_eq!(pace.interval(), INTERVALS.0);
        pace.probed = Some(1e9);
        assert_eq!(pace.interval(), INTERVALS.1);
        assert_eq!(Pace::new(Some(7), start).stepped(true, start), 7);
    }

    #[test]
    fn checkpoints_keep_their_budget() {
        let start = Instant::now();
        let mut pace = Pace::new(None, start);
        let after = |s: f64| start + Duration::from_secs_f64(s);
        assert!(!pace.checkpoint_is_due(10.0, after(9.0)));
        assert!(pace.checkpoint_is_due(10.0, after(10.5)) && pace.checkpoint_is_due(0.0, start));
        pace.checkpoint_written(start, after(1.0));
        assert!(!pace.checkpoint_is_due(10.0, after(40.0)));
        assert!(pace.checkpoint_is_due(10.0, after(52.0)));
    }
}
