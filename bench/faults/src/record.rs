//! What the judge made of a case, and the file that all of it is kept in.

use crate::case::Case;
use crate::mend::Mended;
use gradwise_health::{Judgement, Verdict};
use gradwise_train::folder::event::{Finding, Severity};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// One case under one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The case.
    pub case: String,
    /// What it is reported with.
    pub group: String,
    /// The seed.
    pub seed: u64,
    /// Whether it was kept back while rules were tuned.
    pub held_out: bool,
    /// Whether something is wrong with it.
    pub sick: bool,
    /// Findings any of which is right.
    pub accepted: Vec<String>,
    /// What the judge said after training.
    pub verdict: Verdict,
    /// What `check` said before it.
    pub before: Verdict,
    /// The roots of that.
    pub before_roots: Vec<String>,
    /// Findings that follow from no other and are more than remarks.
    pub roots: Vec<String>,
    /// All others.
    pub others: Vec<String>,
    /// Whether a remark that was asked for is there; `None` where none was.
    pub remarked: Option<bool>,
    /// The score on training rows between constant answer and neighbours.
    pub reach: Option<f64>,
    /// Cost and time.
    pub cost: Cost,
    /// How `doctor --fix` did, where it was asked to.
    #[serde(default)]
    pub mended: Option<Mended>,
}

/// What training and judging took.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Steps of the run.
    pub steps: u64,
    /// Steps that it was to have.
    #[serde(default)]
    pub planned: u64,
    /// Whether a loss was not finite, or ten times as large as the first at the end.
    #[serde(default)]
    pub diverged: bool,
    /// The step of the first alarm of `check`, `train` and `doctor` one after another: 0
    /// before training, the last if it took the whole run; `None` without one.
    pub alarm: Option<u64>,
    /// The step of the first alarm of `train` by itself, which has not looked at the
    /// data; `None` if it ended without one.
    #[serde(default)]
    pub live: Option<u64>,
    /// What that was.
    #[serde(default)]
    pub live_id: Option<String>,
    /// Seconds of training.
    pub training: f64,
    /// Of these, by which measured steps exceeded others.
    pub measuring: f64,
    /// Seconds of judging what was trained, with a look at data and network.
    pub judging: f64,
}

impl Record {
    /// What the judge made of a case before and after training.
    pub fn new(case: &Case, seed: u64, before: &Judgement, after: &Judgement) -> Record {
        let (roots, others) = roots_and_others(after);
        let remarked = |id: &String| after.findings.iter().any(|f| f.id == *id);
        Record {
            case: case.name.clone(),
            group: case.group.into(),
            seed,
            held_out: case.held_out,
            sick: !case.roots.is_empty(),
            accepted: case.roots.clone(),
            verdict: after.verdict,
            before: before.verdict,
            before_roots: roots_and_others(before).0,
            roots,
            others,
            remarked: case.remark.as_ref().map(remarked),
            reach: None,
            cost: Cost::default(),
            mended: None,
        }
    }

    /// Whether before, while or after training something was said to be wrong.
    pub fn alarmed(&self) -> bool {
        let unwell = |verdict| verdict != Verdict::Healthy;
        unwell(self.verdict) || unwell(self.before) || self.cost.live.is_some()
    }

    /// Whether it is sick and its loss ended in no number, or far above where it began.
    pub fn is_diverging(&self) -> bool {
        self.sick && self.cost.diverged
    }

    /// Whether a right root is among the roots.
    pub fn is_right(&self) -> bool {
        self.roots.iter().any(|id| self.accepted.contains(id))
    }

    /// Roots that are not right.
    pub fn spurious(&self) -> usize {
        self.roots.iter().filter(|id| !self.accepted.contains(id)).count()
    }

    /// The first alarm while it trained.
    fn live(&self) -> String {
        match (&self.cost.live_id, self.cost.live) {
            (Some(id), Some(step)) => format!("{id} at {step} of {}", self.cost.steps),
            _ => String::new(),
        }
    }

    /// The line of the log.
    pub fn line(&self) -> String {
        let mark = match (self.sick, self.alarmed()) {
            (false, false) if self.remarked == Some(false) => "NO REMARK",
            (false, false) => "ok",
            (false, true) => "FALSE ALARM",
            (true, _) if self.verdict == Verdict::Healthy => "MISSED",
            (true, _) if !self.is_right() => "WRONG ROOT",
            (true, _) if self.spurious() > 0 => "spurious",
            (true, _) => "ok",
        };
        let reach = self.reach.map_or("-".into(), |r| format!("{r:.2}"));
        let mended = self.mended.as_ref().map_or(String::new(), |m| format!("\n{}", m.line()));
        format!(
            "{:28} {:2} {:8} {:>5} {:5.1}+{:3.1}s {:12} {} | {} | before: {} | live: {}{mended}",
            self.case,
            self.seed,
            self.verdict.to_string(),
            reach,
            self.cost.training,
            self.cost.judging,
            mark,
            self.roots.join(" "),
            self.others.join(" "),
            self.before_roots.join(" "),
            self.live(),
        )
    }
}

/// Roots that are alarms, and all other findings.
fn roots_and_others(judged: &Judgement) -> (Vec<String>, Vec<String>) {
    let is_root = |f: &&Finding| f.severity > Severity::Info && f.caused_by.is_none();
    let (roots, others): (Vec<&Finding>, Vec<&Finding>) = judged.findings.iter().partition(is_root);
    let ids = |of: Vec<&Finding>| of.into_iter().map(|f| f.id.clone()).collect();
    (ids(roots), ids(others))
}

/// Records, each a line of a file.
#[derive(Debug)]
pub struct Records {
    known: Mutex<(Vec<Record>, File)>,
}

impl Records {
    /// Those of a file, or none of it with `anew`; new ones are appended.
    ///
    /// # Errors
    /// A file that cannot be read or written. Lines of another version are passed over.
    pub fn open(path: &Path, anew: bool) -> io::Result<Records> {
        let text = match anew {
            true => String::new(),
            false => std::fs::read_to_string(path).unwrap_or_default(),
        };
        let known = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(!anew).truncate(anew);
        Ok(Records { known: Mutex::new((known, options.open(path)?)) })
    }

    /// Whether a case is there.
    pub fn has(&self, case: &str, seed: u64) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.0.iter().any(|r| r.case == case && r.seed == seed)
    }

    /// Adds one; gives its line of the log.
    pub fn add(&self, record: Record) -> io::Result<String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(known.1, "{}", serde_json::to_string(&record)?)?;
        let line = record.line();
        known.0.push(record);
        Ok(line)
    }

    /// All of them.
    pub fn into_inner(self) -> Vec<Record> {
        self.known.into_inner().unwrap_or_else(PoisonError::into_inner).0
    }
}
