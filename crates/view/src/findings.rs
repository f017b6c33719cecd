//! Findings in words, the same in terminal and report: how a run stands, where a
//! finding is, its numbers, what to change.

use crate::terminal::significant;
use gradwise_health::{Judgement, Verdict, as_toml};
use gradwise_train::folder::event::{Finding, Remedy, Severity};
use serde_json::Value;

/// The verdict and how much is wrong: `broken: 1 error, 2 warnings`.
pub fn headline(judgement: &Judgement) -> String {
    format!("{}: {}", judgement.verdict, how_much(judgement))
}

/// How much is wrong: root causes, each as bad as the worst that follows from it.
pub fn how_much(judgement: &Judgement) -> String {
    let worst: Vec<Severity> = judgement.roots().map(|root| worst(judgement, root)).collect();
    let count = |severity| worst.iter().filter(|worst| **worst == severity).count() as u64;
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warn));
    let (errors, warned) = (several(errors, "error"), several(warnings, "warning"));
    match judgement.verdict {
        Verdict::Healthy => "nothing is wrong".to_string(),
        Verdict::Suspect => warned,
        Verdict::Broken if warnings == 0 => errors,
        Verdict::Broken => format!("{errors}, {warned}"),
    }
}

/// The worst severity of a finding and of all that follow from it.
fn worst(judgement: &Judgement, finding: &Finding) -> Severity {
    let (mut of, mut worst) = (vec![finding.id.as_str()], finding.severity);
    // Findings are as many as rules, and each has one cause, so this ends.
    while let Some(cause) = of.pop() {
        let follows = |f: &&Finding| f.caused_by.as_deref() == Some(cause) && f.id != cause;
        for follows in judgement.findings.iter().filter(follows) {
            worst = worst.max(follows.severity);
            of.push(&follows.id);
        }
    }
    worst
}

/// A count of things: `1 error`, `2 errors`.
pub fn several(count: impl Into<u64>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// A severity in a word.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
        Severity::Info => "info",
    }
}

/// Where and since when, to stand behind a name; empty where neither is known.
pub fn place(finding: &Finding) -> String {
    match (&finding.layer, finding.step) {
        (Some(layer), Some(0)) => format!(" in {layer}, from the start"),
        (Some(layer), Some(step)) => format!(" in {layer}, by step {step}"),
        (Some(layer), None) => format!(" in {layer}"),
        (None, Some(step)) if step > 0 => format!(", by step {step}"),
        _ => String::new(),
    }
}

/// The numbers that a finding rests on, with their names.
pub fn numbers(finding: &Finding) -> String {
    let shown = |value: &Value| match value.as_f64() {
        Some(x) if !value.is_u64() => significant(x),
        _ => value.to_string(),
    };
    let pair = |(name, value): (&String, &Value)| format!("{name} {}", shown(value));
    finding.evidence.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// A remedy as lines of a run file, with dotted keys; a key that is to go is none.
pub fn change(remedy: &Remedy) -> String {
    let pair = |(key, value): (&String, &Value)| format!("{key} = {}", as_toml(value));
    remedy.set.iter().map(pair).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_that_an_error_follows_from_counts_as_an_error() {
        let finding = |id: &str, severity, cause: Option<&str>| Finding {
            id: id.into(),
            severity,
            caused_by: cause.map(Into::into),
            ..Finding::default()
        };
        let findings = vec![
            finding("too-few-epochs", Severity::Warn, None),
            finding("noisy-gradient", Severity::Warn, None),
            finding("stuck-layer", Severity::Warn, Some("too-few-epochs")),
            finding("not-learning", Severity::Error, Some("stuck-layer")),
        ];
        let judgement = Judgement { verdict: Verdict::of(&findings), findings };
        assert_eq!(headline(&judgement), "broken: 1 error, 1 warning");
    }
}
