//! Remedies without which a score means nothing: rows that validate and were trained on,
//! that are of another kind, or that hold the answer.
//!
//! Such a remedy may well lower the score, and is right all the same. It is kept if what
//! it is for is gone in every run; what comes after is compared with that.

use super::change::{Change, Part};
use super::round::{Round, Start};
use super::{Tried, roots, scores};
use crate::doctor::HealthError;
use gradwise_train::folder::event::Finding;

/// Findings that make the score another than it seems.
const FINDINGS: [&str; 3] = ["split-leak", "split-shift", "suspicious-score"];

/// Whether a part of a change is for such a finding.
pub(super) fn is_due(part: &Part) -> bool {
    FINDINGS.contains(&part.finding.as_str())
}

impl Round<'_, '_> {
    /// Takes what makes the scores honest. What the rounds start on then; `None` where
    /// nothing of the kind is wrong, or helps.
    pub fn honest(&mut self, on: &Start) -> Result<Option<Start>, HealthError> {
        let due = on.findings.iter().filter(|f| FINDINGS.contains(&f.id.as_str()));
        let parts: Vec<Part> = due.flat_map(first).collect();
        let change = parts.iter().fold(Change::default(), |all, part| all.then(part));
        let possible = self.workshop.possible(vec![change]);
        let Some(change) = possible.first().filter(|change| !change.parts.is_empty()) else {
            return Ok(None);
        };
        self.workshop.say("full runs with rows that make the score an honest one");
        let seeds = self.workshop.seeds();
        let both = [&Change::default(), change];
        let reports = self.workshop.full(&both, seeds)?;
        let [Some(before), Some(after)] = &reports[..] else { return Ok(None) };
        let full = scores(after, self.score);
        let left = roots(after);
        let is_gone = |part: &Part| left.iter().all(|finding| finding.id != part.finding);
        let kept = full.len() == seeds as usize && parts.iter().all(is_gone);
        let tried = Tried { full: full.clone(), kept, honest: kept, ..Tried::of(change.clone()) };
        self.fixed.tried.push(tried);
        if !kept {
            return Ok(None);
        }
        self.fixed.before = scores(before, self.score);
        (self.fixed.kept, self.fixed.after) = (change.clone(), full);
        self.fixed.left = left.clone();
        Ok(Some(Start { change: change.clone(), findings: left }))
    }
}

/// The first remedy of a finding.
fn first(finding: &Finding) -> Option<Part> {
    finding.remedies.first().map(|remedy| Part::of(&finding.id, remedy))
}
