//! Where the time of a step goes: each of the plan's steps by itself.

use crate::Job;
use gradwise_cpu::Stopped;
use serde::Serialize;
use std::time::{Duration, Instant};

/// One of a plan's steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What it computes, in words.
    pub what: String,
    /// Its fastest time, in microseconds, threads' meeting at its end included.
    pub microseconds: f64,
}

impl Job {
    /// The parts of a training step or forward pass in order, from runs for about so long.
    ///
    /// # Errors
    /// A loss that is not finite.
    pub fn parts(&mut self, time: Duration) -> Result<Vec<Part>, Stopped> {
        let (begin, mut fastest) = (Instant::now(), Vec::new());
        while fastest.is_empty() || begin.elapsed() < time {
            let mut times = Vec::new();
            self.profile(&mut times)?;
            fastest.resize(times.len(), u64::MAX);
            fastest.iter_mut().zip(times).for_each(|(best, time)| *best = time.min(*best));
        }
        let part = |(time, what): (&u64, String)| Part { what, microseconds: *time as f64 / 1e3 };
        Ok(fastest.iter().zip(self.describe()).map(part).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Job, Network, Setting};
    use gradwise_cpu::Precision;
    use std::time::Duration;

    #[test]
    fn every_part_of_a_step_is_named_and_timed() {
        let network = Network {
            name: "small".into(),
            widths: vec![40, 20, 5],
            batch: 16,
            activation: "relu".into(),
            optimizer: "sgd".into(),
        };
        let setting = Setting { threads: Some(1), precision: Precision::F32, forward: false };
        let mut job = Job::new(&network, &setting).unwrap();
        let parts = job.parts(Duration::from_millis(2)).unwrap();
        let products = parts.iter().filter(|part| part.what.contains("product")).count();
        assert_eq!(products, 5, "{parts:?}");
        assert!(parts.iter().all(|part| part.microseconds < 1e6));
    }
}
