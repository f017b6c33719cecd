//! What is known of one run: its records so far, and what they mean.

use super::opinion::Opinion;
use gradwise_health::setup::Setup;
use gradwise_health::{Run, Verdict};
use gradwise_train::folder::event::{Event, Finding, Histogram};
use std::time::{Duration, SystemTime};

/// How long a log may rest before its run counts as stopped: the writer appends each
/// half second, but a step of a large network takes longer.
const REST: Duration = Duration::from_secs(60);
/// Problems that are told, at most.
const PROBLEMS: usize = 20;

/// What is known of one run.
#[derive(Debug, Default)]
pub struct Entry {
    /// The number of the last change.
    pub version: u64,
    /// Its records, as the judge wants them.
    pub run: Run,
    /// Its histograms, in the order in which they came.
    pub histograms: Vec<Histogram>,
    /// What is wrong with it.
    pub opinion: Opinion,
    /// When its log was last written.
    pub written: Option<SystemTime>,
    /// Whether the program that wrote it is known to be gone.
    pub abandoned: bool,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing was recorded yet.
    Waiting,
    /// Its log grows.
    Running,
    /// It came to its end.
    Ended,
    /// Its log has no end and does not grow.
    Stopped,
}

impl Entry {
    /// Takes in records. A log that starts again (its run was resumed) replaces what
    /// was known.
    pub fn take(&mut self, events: Vec<Event>) {
        let again = events.iter().rposition(|event| matches!(event, Event::Start(_)));
        let mut events = events;
        if let Some(at) = again {
            events.drain(..at);
            self.forget();
        }
        for event in &events {
            if let Event::Histogram(histogram) = event {
                self.histograms.push(histogram.clone());
            }
        }
        self.run.take(events);
        self.run.brief = self.run.end.is_none();
        self.run.prepare();
    }

    /// Forgets all records.
    pub fn forget(&mut self) {
        let version = self.version;
        *self = Entry { version, written: self.written, ..Entry::default() };
    }

    /// Takes in what the run file says, for the judge.
    pub fn set_up(&mut self, setup: Option<Setup>) {
        self.run.setup = setup;
        self.run.prepare();
    }

    /// Notes something that could not be read.
    pub fn complain(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Where the run stands at a time.
    pub fn state(&self, now: SystemTime) -> State {
        let resting = self.written.and_then(|then| now.duration_since(then).ok());
        match &self.run.end {
            Some(_) => State::Ended,
            None if self.abandoned || resting.is_some_and(|time| time > REST) => State::Stopped,
            None if self.run.steps.is_empty() && self.run.epochs.is_empty() => State::Waiting,
            None => State::Running,
        }
    }

    /// The last step that is known of.
    pub fn last_step(&self) -> u64 {
        let step = self.run.steps.last().map_or(0, |step| step.step);
        step.max(self.run.epochs.last().map_or(0, |epoch| epoch.step))
    }

    /// What is wrong, root causes first.
    pub fn findings(&self) -> Vec<&Finding> {
        self.opinion.findings(&self.run)
    }

    /// The verdict; none before anything was trained.
    pub fn verdict(&self) -> Option<Verdict> {
        let findings: Vec<Finding> = self.findings().into_iter().cloned().collect();
        let judged = self.run.has_trained() || !findings.is_empty();
        judged.then(|| Verdict::of(&findings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::{End, Start, Step};

    fn step(step: u64) -> Event {
        Event::Step(Step { step, loss: 1.0.into(), data_loss: 1.0.into(), ..Step::default() })
    }

    #[test]
    fn a_log_that_starts_again_replaces_what_was_known() {
        let mut entry = Entry::default();
        entry.take(vec![Event::Start(Start::default()), step(1), step(2)]);
        entry.take(vec![step(3)]);
        assert_eq!((entry.run.steps.len(), entry.last_step()), (3, 3));
        entry.take(vec![Event::Start(Start::default()), step(1)]);
        assert_eq!((entry.run.steps.len(), entry.last_step()), (1, 1));
    }

    #[test]
    fn a_run_that_rests_without_an_end_was_stopped() {
        let now = SystemTime::now();
        let mut entry = Entry { written: Some(now), ..Entry::default() };
        assert_eq!(entry.state(now), State::Waiting);
        entry.take(vec![step(1)]);
        assert_eq!(entry.state(now), State::Running);
        assert_eq!(entry.state(now + 2 * REST), State::Stopped);
        entry.abandoned = true;
        assert_eq!(entry.state(now), State::Stopped);
        entry.take(vec![Event::End(End::default())]);
        assert_eq!(entry.state(now + 2 * REST), State::Ended);
    }
}
