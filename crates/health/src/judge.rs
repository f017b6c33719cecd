//! From a run to its findings: every rule is asked, then causes are put before what
//! follows from them.

use crate::finding::Verdict;
use crate::rules::{self, Group, Rule};
use crate::run::Run;
use gradwise_train::folder::event::{Finding, Severity};
use serde::Serialize;

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The worst of it.
    pub verdict: Verdict,
    /// Everything that was found: root causes first, the worst of them first, then
    /// what follows from them.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// The findings that follow from no other.
    pub fn roots(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.caused_by.is_none())
    }
}

/// Judges a run.
pub fn judge(run: &Run) -> Judgement {
    let mut found: Vec<(&'static Rule, Finding)> = Vec::new();
    for rule in &rules::ALL {
        if let Some(finding) = (rule.judge)(run) {
            found.push((rule, Finding { id: rule.id.into(), ..finding }));
        }
    }
    let causes: Vec<Option<&'static str>> =
        (0..found.len()).map(|effect| cause(&found, effect)).collect();
    let mut findings: Vec<Finding> = found
        .into_iter()
        .zip(causes)
        .map(|((_, finding), cause)| Finding { caused_by: cause.map(Into::into), ..finding })
        .collect();
    drop_asides(&mut findings);
    findings.sort_by_key(|f| (f.caused_by.is_some(), std::cmp::Reverse(f.severity)));
    Judgement { verdict: Verdict::of(&findings), findings }
}

/// A finding with its rule.
type Found = (&'static Rule, Finding);

/// The first rule that explains the finding at `effect`.
fn cause(found: &[Found], effect: usize) -> Option<&'static str> {
    let of = found.get(effect)?;
    let explains = |(at, other): (usize, &Found)| {
        let backwards = at > effect && can_explain(of, other);
        (at != effect && can_explain(other, of) && !backwards).then_some(other.0.id)
    };
    found.iter().enumerate().find_map(explains)
}

/// Whether one finding can be the cause of another. What was so before the first step
/// follows from no step, and a remark causes nothing.
fn can_explain((cause, by): &Found, (rule, finding): &Found) -> bool {
    let before = finding.step != Some(0) || cause.group.is_settled() || by.step == Some(0);
    cause.explains.contains(&rule.id) && before && by.severity > Severity::Info
}

/// Warnings about the way, which are beside the point where the training is broken by
/// something that does not follow from them.
const ASIDES: [&str; 2] = ["one-sided-input", "initial-loss-off"];

fn drop_asides(findings: &mut Vec<Finding>) {
    let broken = findings.iter().any(|f| f.severity == Severity::Error);
    let causes: Vec<String> = findings.iter().filter_map(|f| f.caused_by.clone()).collect();
    let aside = |f: &Finding| {
        ASIDES.contains(&f.id.as_str()) && f.caused_by.is_none() && !causes.contains(&f.id)
    };
    findings.retain(|f| !broken || f.severity == Severity::Error || !aside(f));
}

/// The group of a finding, if its rule is known.
pub fn group(finding: &Finding) -> Option<Group> {
    rules::find(&finding.id).map(|rule| rule.group)
}
