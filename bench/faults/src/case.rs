//! A case: a run file, and what is wrong with it.
//!
//! Cases are data: the files in `cases/`, read into the program when it is built. Each
//! names a base (`bases.toml`) and what it changes of it.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use toml::{Table, Value};

const BASES: &str = include_str!("../cases/bases.toml");
/// The files with cases, with the group that they are reported as.
const FILES: [(&str, &str); 18] = [
    ("healthy", include_str!("../cases/healthy.toml")),
    ("list of faults", include_str!("../cases/listed.toml")),
    ("own healthy", include_str!("../cases/own-healthy.toml")),
    ("own sick", include_str!("../cases/own-sick.toml")),
    ("second healthy", include_str!("../cases/second-healthy.toml")),
    ("second sick", include_str!("../cases/second-sick.toml")),
    ("third healthy", include_str!("../cases/third-healthy.toml")),
    ("third sick", include_str!("../cases/third-sick.toml")),
    ("fourth healthy", include_str!("../cases/fourth-healthy.toml")),
    ("fourth sick", include_str!("../cases/fourth-sick.toml")),
    ("fifth healthy", include_str!("../cases/fifth-healthy.toml")),
    ("fifth sick", include_str!("../cases/fifth-sick.toml")),
    ("sixth healthy", include_str!("../cases/sixth-healthy.toml")),
    ("sixth sick", include_str!("../cases/sixth-sick.toml")),
    ("seventh healthy", include_str!("../cases/seventh-healthy.toml")),
    ("seventh sick", include_str!("../cases/seventh-sick.toml")),
    ("eighth healthy", include_str!("../cases/eighth-healthy.toml")),
    ("eighth sick", include_str!("../cases/eighth-sick.toml")),
];

/// A training with a known fault, or a healthy one.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What it is reported with.
    pub group: &'static str,
    /// The run file without seed.
    pub settings: Table,
    /// Findings any of which is right as the root; none for a healthy run.
    pub roots: Vec<String>,
    /// A remark that a healthy run must get.
    pub remark: Option<String>,
    /// Whether it is sick only where it does not train well: about half of the seeds.
    pub by_curve: bool,
    /// Whether only its curves are seen, as of a run that another program wrote.
    pub curves_only: bool,
    /// Whether it was kept back while rules were tuned.
    pub held_out: bool,
    /// The run file without the fault: the base on the case's data.
    pub twin: Table,
}

/// Settings of `[data]` that say what is learnt; the others may be the fault.
const SUBJECT: [&str; 6] = ["source", "target", "task", "limit", "split", "validation"];

#[derive(Deserialize)]
struct File {
    case: Vec<Written>,
}

/// A case as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    base: String,
    /// Settings over those of the base.
    #[serde(default)]
    set: Table,
    /// Settings of the base that it does not have.
    #[serde(default)]
    unset: Vec<String>,
    #[serde(default)]
    roots: Vec<String>,
    remark: Option<String>,
    #[serde(default)]
    by_curve: bool,
    #[serde(default)]
    curves_only: bool,
    /// Kept back or not; where nothing is written, the name's hash decides, so that
    /// nobody chooses: a third of our own cases is.
    held: Option<bool>,
    /// What the healthy twin has besides, where the data are the fault.
    #[serde(default)]
    twin: Table,
}

/// All cases, the healthy ones first.
///
/// # Errors
/// A case file that is no TOML, or a base that does not exist.
pub fn all() -> Result<Vec<Case>, Box<dyn Error>> {
    let bases: BTreeMap<String, Table> = toml::from_str(BASES)?;
    let mut cases = Vec::new();
    for (group, text) in FILES {
        let file: File = toml::from_str(text).map_err(|e| format!("cases of {group}: {e}"))?;
        for written in file.case {
            let base = bases.get(&written.base);
            let base = base.ok_or_else(|| format!("{}: no base {}", written.name, written.base))?;
            cases.push(Case::new(written, base.clone(), group));
        }
    }
    Ok(cases)
}

impl Case {
    fn new(written: Written, base: Table, group: &'static str) -> Case {
        let twin = twin(&written, base.clone());
        let mut settings = base;
        let layers = written.set.get("model").is_some_and(|model| model.get("layers").is_some());
        // The short and the long form of hidden layers exclude each other.
        let short = ["model.width", "model.depth"].into_iter().filter(|_| layers);
        for key in written.unset.iter().map(String::as_str).chain(short) {
            let (section, key) = key.split_once('.').unwrap_or(("", key));
            if let Some(Value::Table(section)) = settings.get_mut(section) {
                section.remove(key);
            }
        }
        put(&mut settings, written.set);
        let by_hash = group.starts_with("own") && hash(&written.name).is_multiple_of(3);
        let kept_back = by_hash
            || ["third", "fourth", "fifth", "sixth", "seventh", "eighth"]
                .iter()
                .any(|set| group.starts_with(set));
        Case {
            held_out: written.held.unwrap_or(kept_back),
            name: written.name,
            group,
            settings,
            roots: written.roots,
            remark: written.remark,
            by_curve: written.by_curve,
            curves_only: written.curves_only,
            twin,
        }
    }

    /// The run file under a seed, `DATA` being the folder of made files.
    ///
    /// # Errors
    /// Never, for what was read from TOML.
    pub fn text(&self, seed: u64, data: &str) -> Result<String, toml::ser::Error> {
        self.written(&self.settings, seed, data)
    }

    /// The run file of the healthy twin; `None` for a healthy case and where it would be
    /// the same.
    ///
    /// # Errors
    /// Never, for what was read from TOML.
    pub fn twin_text(&self, seed: u64, data: &str) -> Result<Option<String>, toml::ser::Error> {
        let is_one = !self.roots.is_empty() && self.twin != self.settings;
        is_one.then(|| self.written(&self.twin, seed, data)).transpose()
    }

    fn written(&self, settings: &Table, seed: u64, data: &str) -> Result<String, toml::ser::Error> {
        let settings = toml::to_string(settings)?.replace("DATA", data);
        Ok(format!("# {}\nseed = {seed}\n{settings}", self.name))
    }

    /// The name as that of a file.
    pub fn slug(&self) -> String {
        self.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
    }
}

/// The base with what the case learns, but none of the rest.
fn twin(written: &Written, mut base: Table) -> Table {
    if let Some(Value::Table(data)) = written.set.get("data") {
        let subject = data.iter().filter(|(key, _)| SUBJECT.contains(&key.as_str()));
        let subject: Table = subject.map(|(key, value)| (key.clone(), value.clone())).collect();
        put(&mut base, Table::from_iter([("data".to_string(), Value::Table(subject))]));
    }
    put(&mut base, written.twin.clone());
    base
}

/// Puts settings over others, section by section.
fn put(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) if key != "split" => put(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// FNV-1a, which is the same in every version and on every machine.
fn hash(name: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn cases_are_complete_and_differ() {
        let cases = all().unwrap();
        let names: BTreeSet<String> = cases.iter().map(Case::slug).collect();
        assert_eq!(names.len(), cases.len(), "two cases have one name");
        let (well, sick): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|c| c.roots.is_empty());
        assert!(well.len() >= sick.len(), "{} healthy, {} sick", well.len(), sick.len());
        for id in cases.iter().flat_map(|c| c.roots.iter().chain(&c.remark)) {
            assert!(gradwise_health::rules::find(id).is_some(), "no rule {id}");
        }
    }

    #[test]
    fn every_case_is_a_run_file() {
        for case in all().unwrap() {
            let text = case.text(0, "data").unwrap();
            let read = gradwise_train::runfile::parse(&text, "case.toml".as_ref(), &[]);
            assert!(read.is_ok(), "{}: {}\n{text}", case.name, read.unwrap_err());
            if let Some(text) = case.twin_text(0, "data").unwrap() {
                let read = gradwise_train::runfile::parse(&text, "twin.toml".as_ref(), &[]);
                assert!(read.is_ok(), "{}: {}\n{text}", case.name, read.unwrap_err());
            }
        }
    }
}
