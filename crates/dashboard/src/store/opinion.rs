//! What is wrong with a run, from whoever looked: the judge on the records alone
//! (always), the trainer (in the records and in the summary), and the judge with data
//! and weights (when the user asks for it, since that takes its time).

use gradwise_health::Run;
use gradwise_train::folder::event::Finding;

/// What is wrong with a run.
#[derive(Clone, Debug, Default)]
pub struct Opinion {
    /// By the records alone.
    pub quick: Vec<Finding>,
    /// By the summary that the trainer wrote at the end.
    pub summary: Option<Vec<Finding>>,
    /// With data and weights.
    pub full: Full,
}

/// Whether a run was examined in full.
#[derive(Clone, Debug, Default)]
pub enum Full {
    /// Nobody asked.
    #[default]
    No,
    /// It is being done.
    Underway,
    /// It was done.
    Done {
        /// What was found.
        findings: Vec<Finding>,
        /// What could not be looked at, and why.
        unknown: Vec<String>,
        /// The last step at that time: later records make it out of date.
        step: u64,
    },
    /// It could not be done.
    Failed(String),
}

impl Opinion {
    /// Everything that was found, each id once: root causes first, the worst of them
    /// first.
    pub fn findings<'a>(&'a self, run: &'a Run) -> Vec<&'a Finding> {
        let last = run.steps.last().map_or(0, |step| step.step);
        if let Full::Done { findings, step, .. } = &self.full
            && *step == last
        {
            return findings.iter().collect();
        }
        // While a run goes on the trainer's findings are records, then they are in its
        // summary, without those that have passed.
        let trainer = self.summary.as_ref().unwrap_or(&run.recorded);
        let mut all: Vec<&Finding> = Vec::new();
        for finding in self.quick.iter().chain(trainer.iter().rev()) {
            let known = |f: &&Finding| f.id == finding.id && f.layer == finding.layer;
            if !all.iter().any(known) {
                all.push(finding);
            }
        }
        all.sort_by_key(|f| (f.caused_by.is_some(), std::cmp::Reverse(f.severity)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Severity;

    fn finding(id: &str, severity: Severity) -> Finding {
        Finding { id: id.into(), severity, ..Finding::default() }
    }

    #[test]
    fn opinions_are_put_together_and_a_full_one_counts_alone() {
        let mut opinion =
            Opinion { quick: vec![finding("a", Severity::Warn)], ..Opinion::default() };
        let recorded = vec![finding("a", Severity::Warn), finding("b", Severity::Error)];
        let run = Run { recorded, ..Run::default() };
        let ids = |opinion: &Opinion| -> Vec<String> {
            opinion.findings(&run).iter().map(|f| f.id.clone()).collect()
        };
        assert_eq!(ids(&opinion), ["b", "a"]);
        opinion.summary = Some(vec![]);
        assert_eq!(ids(&opinion), ["a"]);
        let findings = vec![finding("c", Severity::Info)];
        opinion.full = Full::Done { findings, unknown: vec![], step: 0 };
        assert_eq!(ids(&opinion), ["c"]);
        opinion.full = Full::Done { findings: vec![], unknown: vec![], step: 9 };
        assert_eq!(ids(&opinion), ["a"]);
    }
}
