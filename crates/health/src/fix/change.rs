//! Changes of a run file: what remedies set, put together.

use crate::finding::as_toml;
use gradwise_train::folder::event::Remedy;
use serde::Serialize;

/// Keys that exclude each other: hidden layers have a long form and a short one.
const EXCLUDED: [(&str, &[&str]); 3] = [
    ("model.layers", &["model.width", "model.depth"]),
    ("model.width", &["model.layers"]),
    ("model.depth", &["model.layers"]),
];

/// Settings over a run file, each for a finding and with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it sets, in the order of the remedies.
    pub parts: Vec<Part>,
}

/// What one remedy sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The finding that it is for.
    pub finding: String,
    /// Dotted keys with values as `--set` takes them.
    pub set: Vec<(String, String)>,
    /// Why it helps.
    pub why: String,
}

impl Part {
    /// A remedy of a finding.
    pub fn of(finding: &str, remedy: &Remedy) -> Part {
        let set = remedy.set.iter().map(|(key, value)| (key.clone(), as_toml(value))).collect();
        Part { finding: finding.into(), set, why: remedy.why.clone() }
    }

    /// `train.lr = 0.1`.
    pub fn words(&self) -> String {
        let words = self.set.iter().map(|(key, value)| format!("{key} = {value}"));
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Change {
    /// This one and another on top; `None` if both set a key, to whatever value.
    pub fn and(&self, other: &Part) -> Option<Change> {
        let excludes = |own: &str, key: &str| {
            own == key || EXCLUDED.iter().any(|(one, all)| *one == own && all.contains(&key))
        };
        let taken = |(key, _): &(String, String)| {
            self.parts.iter().flat_map(|p| &p.set).any(|(own, _)| excludes(own, key))
        };
        (!other.set.iter().any(taken)).then(|| self.then(other))
    }

    /// This one, and another whose values win.
    pub fn then(&self, other: &Part) -> Change {
        let mut parts = self.parts.clone();
        for part in &mut parts {
            part.set.retain(|(key, _)| other.set.iter().all(|(new, _)| new != key));
        }
        parts.retain(|part| !part.set.is_empty());
        parts.push(other.clone());
        Change { parts }
    }

    /// All settings, with those unset that they exclude.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (key, value) in self.parts.iter().flat_map(|part| &part.set) {
            let excluded = EXCLUDED.iter().find(|(one, _)| one == key).map_or(&[][..], |e| e.1);
            for other in excluded {
                all.retain(|(own, _)| own != other);
                all.push(((*other).into(), "none".into()));
            }
            all.retain(|(own, _)| own != key);
            all.push((key.clone(), value.clone()));
        }
        all
    }

    /// Whether it comes to the same run file as another.
    pub fn sets_the_same(&self, other: &Change) -> bool {
        let sorted = |change: &Change| {
            let mut settings = change.settings();
            settings.sort_unstable();
            settings
        };
        sorted(self) == sorted(other)
    }

    /// This one without the part at a place.
    pub fn without(&self, at: usize) -> Change {
        let mut parts = self.parts.clone();
        if at < parts.len() {
            parts.remove(at);
        }
        Change { parts }
    }

    /// Whether it sets a key of that name, or one below it.
    pub fn touches(&self, name: &str) -> bool {
        self.parts.iter().flat_map(|p| &p.set).any(|(key, _)| key.starts_with(name))
    }

    /// `train.lr = 0.1, model.init = "he"`.
    pub fn words(&self) -> String {
        self.parts.iter().map(Part::words).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn part(finding: &str, set: &[(&str, &str)]) -> Part {
        let set = set.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Part { finding: finding.into(), set, why: "it helps".into() }
    }

    #[test]
    fn changes_of_one_key_exclude_each_other() {
        let lr = Change::default().then(&part("a", &[("train.lr", "0.1")]));
        assert_eq!(lr.and(&part("b", &[("train.lr", "0.2")])), None);
        let both = lr.and(&part("b", &[("model.init", "\"he\"")])).unwrap();
        assert_eq!(both.words(), "train.lr = 0.1, model.init = \"he\"");
        let later = both.then(&part("c", &[("train.lr", "0.3")]));
        assert_eq!(later.words(), "model.init = \"he\", train.lr = 0.3");
        assert!(later.touches("model.") && !later.touches("data."));
        let turned = Change { parts: later.parts.iter().rev().cloned().collect() };
        assert!(later.sets_the_same(&turned) && !later.sets_the_same(&lr));
        assert_eq!(later.without(0).words(), "train.lr = 0.3");
    }

    #[test]
    fn the_forms_of_hidden_layers_unset_each_other() {
        let long = Change::default().then(&part("a", &[("model.layers", "[]")]));
        let keys: Vec<String> = long.settings().into_iter().map(|(k, v)| k + "=" + &v).collect();
        assert_eq!(keys, ["model.width=none", "model.depth=none", "model.layers=[]"]);
        let short = part("b", &[("model.width", "64"), ("model.depth", "2")]);
        assert_eq!(long.and(&short), None);
        let keys: Vec<String> =
            long.then(&short).settings().into_iter().map(|(k, v)| k + "=" + &v).collect();
        assert_eq!(keys, ["model.width=64", "model.layers=none", "model.depth=2"]);
    }
}
