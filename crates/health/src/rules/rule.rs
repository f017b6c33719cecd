//! What a rule is.

use crate::run::Run;
use gradwise_train::folder::event::Finding;
use std::fmt;

/// One thing that can be wrong with a training.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, which is that of its findings.
    pub id: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// What a finding says, in a line.
    pub title: &'static str,
    /// What it looks at, and when it speaks.
    pub looks_at: &'static str,
    /// What harm it does.
    pub harm: &'static str,
    /// Its numbers, with where they come from.
    pub thresholds: &'static [Threshold],
    /// The findings that follow from it.
    pub explains: &'static [&'static str],
    /// What helps.
    pub remedy: &'static str,
    /// Looks at a run. The finding's id is filled in by the caller.
    pub judge: fn(&Run) -> Option<Finding>,
}

/// A number that a rule decides by.
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    /// What is compared with it.
    pub of: &'static str,
    /// The number.
    pub value: f64,
    /// Where it comes from.
    pub source: &'static str,
}

/// Where a rule belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The data, before any training.
    Data,
    /// The network, loss and first weights.
    Setup,
    /// Signals on their way up.
    Forward,
    /// Gradients on their way down.
    Backward,
    /// Steps of the optimizer.
    Steps,
    /// What came out.
    Outcome,
}

impl Group {
    /// Whether it is settled before the first step.
    pub fn is_settled(self) -> bool {
        matches!(self, Group::Data | Group::Setup)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Group::Data => "data",
            Group::Setup => "setup",
            Group::Forward => "forward",
            Group::Backward => "backward",
            Group::Steps => "steps",
            Group::Outcome => "outcome",
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}

/// What rules are written with.
pub(super) mod prelude {
    pub(in crate::rules) use super::super::remedies;
    pub(in crate::rules) use super::{Group, Rule, Threshold};
    pub(in crate::rules) use crate::finding::{evidence, finding, one_digit, set, set_all, short};
    pub(in crate::rules) use crate::run::Run;
    pub(in crate::rules) use gradwise_train::folder::event::{Finding, Remedy, Severity};
    pub(in crate::rules) use serde_json::json;
}

/// What follows where the network learns nothing or badly.
pub(super) const OUTCOMES: &[&str] = &[
    "not-learning",
    "constant-prediction",
    "underfitting",
    "too-few-epochs",
    "stuck-layer",
    "collapsed-activations",
];
