//! What is to be learnt: which kind of answer a row has.

use crate::error::did_you_mean;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kind of answer that a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of two classes; the target is 0 or 1.
    Binary,
    /// One of several classes; the target is its index.
    Classification,
    /// Any subset of several labels; each target is 0 or 1.
    Multilabel,
    /// One or more numbers.
    Regression,
}

const NAMES: [(&str, Task); 4] = [
    ("binary", Task::Binary),
    ("classification", Task::Classification),
    ("multilabel", Task::Multilabel),
    ("regression", Task::Regression),
];

impl Task {
    /// Whether a row belongs to exactly one class, so that rows can be counted by
    /// class and splits stratified.
    pub fn has_classes(self) -> bool {
        matches!(self, Task::Binary | Task::Classification)
    }
}

impl FromStr for Task {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = NAMES.map(|(name, _)| name);
        let found = NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, task)| *task).ok_or_else(|| {
            format!("{text:?} is none of {}{}", names.join(", "), did_you_mean(text, &names))
        })
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, task)| task == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for (name, task) in NAMES {
            assert_eq!((name.parse(), task.to_string().as_str()), (Ok(task), name));
        }
        let error = "regresion".parse::<Task>().unwrap_err();
        assert!(error.contains("did you mean \"regression\""), "{error}");
    }
}
