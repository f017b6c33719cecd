//! What the judge made of a case, and of all of them.

use crate::case::Case;
use gradwise_health::{Judgement, Verdict};
use serde::Serialize;

/// One case under one seed.
#[derive(Clone, Debug, Serialize)]
pub struct Result {
    /// The case.
    pub case: String,
    /// The seed.
    pub seed: u64,
    /// Whether it was kept back while rules were tuned.
    pub held_out: bool,
    /// Whether something is wrong with it.
    pub sick: bool,
    /// What the judge said.
    pub verdict: Verdict,
    /// Findings that follow from no other and are more than remarks.
    pub roots: Vec<String>,
    /// All others.
    pub others: Vec<String>,
    /// Whether a right root is among the roots.
    pub right: bool,
    /// Roots that are not right.
    pub spurious: usize,
    /// The score on training rows between constant answer and neighbours.
    pub reach: Option<f64>,
    /// Seconds of training and looking.
    pub seconds: f64,
}

impl Result {
    /// What the judge made of a case.
    pub fn new(
        case: &Case,
        seed: u64,
        judged: &Judgement,
        reach: Option<f64>,
        seconds: f64,
    ) -> Self {
        use gradwise_train::folder::event::Severity;
        let counts = |f: &&gradwise_train::folder::event::Finding| f.severity > Severity::Info;
        let is_root = |f: &&gradwise_train::folder::event::Finding| f.caused_by.is_none();
        let alarms = || judged.findings.iter().filter(counts);
        let roots: Vec<String> = alarms().filter(is_root).map(|f| f.id.clone()).collect();
        let others = judged.findings.iter().filter(|f| !(counts(f) && is_root(f)));
        let right = |id: &String| case.roots.contains(&id.as_str());
        let well = case.by_curve && reach.is_some_and(|reach| reach >= 0.9);
        let sick = !case.roots.is_empty() && !well;
        Result {
            case: case.name.clone(),
            seed,
            held_out: case.held_out,
            sick,
            verdict: judged.verdict,
            right: roots.iter().any(right),
            spurious: roots.iter().filter(|id| !right(id)).count(),
            others: others.map(|f| f.id.clone()).collect(),
            roots,
            reach,
            seconds,
        }
    }

    /// The line of the table.
    pub fn line(&self) -> String {
        let mark = match (self.sick, self.verdict == Verdict::Healthy) {
            (false, true) => "ok",
            (false, false) => "FALSE ALARM",
            (true, true) => "MISSED",
            (true, false) if !self.right => "WRONG ROOT",
            (true, false) if self.spurious > 0 => "spurious",
            (true, false) => "ok",
        };
        let reach = self.reach.map_or("-".into(), |r| format!("{r:.2}"));
        format!(
            "{:24} {:2} {:8} {:>5} {:5.1}s {:12} {} | {}",
            self.case,
            self.seed,
            self.verdict.to_string(),
            reach,
            self.seconds,
            mark,
            self.roots.join(" "),
            self.others.join(" ")
        )
    }
}

/// The figures over some results.
pub fn summary(results: &[&Result]) -> String {
    let (sick, well): (Vec<&&Result>, Vec<&&Result>) = results.iter().partition(|r| r.sick);
    let share =
        |n: usize, of: usize| format!("{n}/{of} ({:.1} %)", 100.0 * n as f64 / of.max(1) as f64);
    let found = sick.iter().filter(|r| r.verdict != Verdict::Healthy).count();
    let alarms = well.iter().filter(|r| r.verdict != Verdict::Healthy).count();
    let right = sick.iter().filter(|r| r.right).count();
    let spurious: usize = sick.iter().map(|r| r.spurious).sum();
    let named: usize = sick.iter().map(|r| r.roots.len()).sum();
    format!(
        "sick found {}, false alarms {}, root right {}, precision of roots {}",
        share(found, sick.len()),
        share(alarms, well.len()),
        share(right, sick.len()),
        share(named - spurious, named)
    )
}
