//! What is varied: keys with values, and every combination of them.

use crate::base::Base;
use crate::error::StudyError;
use gradwise_train::runfile::RunFileError;
use gradwise_train::runfile::error::{Place, Source};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

/// Dotted keys with values, as `--set` takes them.
pub type Settings = Vec<(String, String)>;

/// The keys that a study sets itself.
const OWN: [&str; 3] = ["seed", "data.seed", "data.fold"];
/// The most characters of a variant's name.
const LONGEST: usize = 80;

/// A key with the values that it takes in turn, written `KEY=A,B,C`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dotted key.
    pub key: String,
    /// Its values, as `--set` takes them.
    pub values: Vec<String>,
}

/// One of the things that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// What it is called, and its folder: `lr=0.1,activation=relu`.
    pub name: String,
    /// What it puts over the run file.
    pub settings: Settings,
}

impl FromStr for Axis {
    type Err = String;

    /// Cuts `KEY=A,B,C` at the commas that are outside of parentheses, brackets, braces
    /// and quotes.
    fn from_str(text: &str) -> Result<Axis, String> {
        const FORM: &str = "KEY=A,B,C is needed, such as train.lr=0.1,0.01";
        let (key, values) = text.split_once('=').ok_or(FORM)?;
        let values = cut(values);
        if values.iter().any(String::is_empty) {
            return Err(format!("a value of {:?} is empty; {FORM}", key.trim()));
        }
        let distinct: HashSet<&String> = values.iter().collect();
        if distinct.len() < values.len() {
            return Err(format!("a value of {:?} is there twice", key.trim()));
        }
        Ok(Axis { key: key.trim().into(), values })
    }
}

/// The pieces between commas that are outside of brackets and quotes, trimmed.
fn cut(text: &str) -> Vec<String> {
    let (mut pieces, mut piece, mut depth, mut quote) = (Vec::new(), String::new(), 0, None);
    for c in text.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth -= 1,
            (',', None) if depth <= 0 => {
                pieces.push(std::mem::take(&mut piece).trim().to_string());
                continue;
            }
            _ => {}
        }
        piece.push(c);
    }
    pieces.push(piece.trim().to_string());
    pieces
}

/// Every combination of the axes' values, the first axis changing slowest; without
/// axes the run file alone.
///
/// # Errors
/// A key that is varied twice, or that the study sets itself.
pub fn combinations(axes: &[Axis]) -> Result<Vec<Variant>, StudyError> {
    let mut keys = HashSet::new();
    for Axis { key, .. } in axes {
        if OWN.contains(&key.as_str()) {
            let what = format!("--vary {key}: a study sets it itself; use --seeds or --folds");
            return Err(StudyError::Usage(what));
        }
        if !keys.insert(key) {
            return Err(StudyError::Usage(format!("--vary {key}: the key is varied twice")));
        }
    }
    let mut all: Vec<Settings> = vec![Vec::new()];
    for Axis { key, values } in axes {
        let longer = |settings: &Settings| {
            let one = |value: &String| [&settings[..], &[(key.clone(), value.clone())]].concat();
            values.iter().map(one).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    Ok(named(all))
}

/// Gives each settings a name of its own that can be a folder's.
pub fn named(all: Vec<Settings>) -> Vec<Variant> {
    let mut taken = HashSet::new();
    let mut variants = Vec::new();
    for settings in all {
        let name = name(&settings);
        let others = (2..).map(|n| format!("{name}-{n}"));
        // On file systems that take upper and lower case for the same, too.
        let free = |name: &String| taken.insert(name.to_lowercase());
        let name = std::iter::once(name.clone()).chain(others).find(free);
        variants.push(Variant { name: name.unwrap_or_default(), settings });
    }
    variants
}

/// `lr=0.1,activation=relu`: short keys, and only characters that may stand in the
/// name of a file.
fn name(settings: &Settings) -> String {
    let part = |(key, value): &(String, String)| {
        let short = key.rsplit('.').next().unwrap_or(key);
        format!("{short}={value}")
    };
    let parts: Vec<String> = settings.iter().map(part).collect();
    let quiet = |c: &char| !matches!(c, '"' | '\'' | '[' | ']' | '{' | '}' | ' ');
    let plain = |c: char| match c {
        c if c.is_alphanumeric() || "=.,()-_+%".contains(c) => c,
        _ => '_',
    };
    let name: String = parts.join(",").chars().filter(quiet).map(plain).take(LONGEST).collect();
    let name = name.trim_end_matches('.').to_string();
    if name.is_empty() { "base".into() } else { name }
}

/// Checks that every variant can run.
///
/// # Errors
/// The first mistake: an unknown key with the nearest known one, a value that is
/// wrong.
pub fn check(base: &Base, variants: &[Variant]) -> Result<(), StudyError> {
    for variant in variants {
        base.with(&variant.settings).map_err(|error| match error {
            StudyError::RunFile(error) => StudyError::RunFile(of_vary(error)),
            other => other,
        })?;
    }
    Ok(())
}

/// The error with the option that the user wrote.
fn of_vary(mut error: RunFileError) -> RunFileError {
    error.place = error.place.map(|place| match place.source.name.as_str() {
        "--set" => {
            let source = Source { name: "--vary".into(), text: place.source.text.clone() };
            Place { source: Arc::new(source), ..place }
        }
        _ => place,
    });
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> Axis {
        text.parse().unwrap()
    }

    #[test]
    fn values_are_cut_outside_of_brackets_and_quotes() {
        let calls = axis("train.schedule=step(5, 0.5), cosine,warmup(3) cosine");
        assert_eq!(calls.values, ["step(5, 0.5)", "cosine", "warmup(3) cosine"]);
        let arrays = axis("data.preprocess=[\"scale(16)\", \"standardize\"],none");
        assert_eq!(arrays.values, ["[\"scale(16)\", \"standardize\"]", "none"]);
        let tables = axis("data.split={ train = 0.5, validation = 0.5 },{ validation = 0.1 }");
        assert_eq!(tables.values.len(), 2);
        assert_eq!(axis("data.source='a,b.csv',\"c(d.csv\"").values.len(), 2);
        assert_eq!(axis("train.lr=0.1").values, ["0.1"]);
        for wrong in ["train.lr", "train.lr=", "train.lr=0.1,,2", "train.lr=1,1"] {
            assert!(wrong.parse::<Axis>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_combination_has_a_name_that_can_be_a_folder() {
        let axes = [axis("model.activation=relu,leaky-relu(0.1)"), axis("train.lr=0.1,0.2")];
        let variants = combinations(&axes).unwrap();
        let names: Vec<&str> = variants.iter().map(|v| v.name.as_str()).collect();
        let expected = [
            "activation=relu,lr=0.1",
            "activation=relu,lr=0.2",
            "activation=leaky-relu(0.1),lr=0.1",
            "activation=leaky-relu(0.1),lr=0.2",
        ];
        assert_eq!(names, expected);
        let paths = combinations(&[axis("data.source=../a b.csv,../a_b.csv,../ab.csv")]).unwrap();
        let names: Vec<&str> = paths.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["source=.._ab.csv", "source=.._a_b.csv", "source=.._ab.csv-2"]);
        assert_eq!(combinations(&[]).unwrap()[0].name, "base");
    }

    #[test]
    fn keys_of_the_study_itself_are_refused() {
        for axes in [vec![axis("seed=1,2")], vec![axis("train.lr=1"), axis("train.lr=2")]] {
            assert!(combinations(&axes).is_err());
        }
    }

    #[test]
    fn mistakes_name_the_option_and_the_nearest_key() {
        let text = "[data]\nsource = \"iris\"\n".to_string();
        let base = Base { path: "run.toml".into(), text, sets: Vec::new() };
        let told = |axis_text: &str| {
            let variants = combinations(&[axis(axis_text)]).unwrap();
            check(&base, &variants).unwrap_err().to_string()
        };
        let key = told("train.epohcs=3,4");
        assert!(key.starts_with("--vary: unknown key") && key.contains("`train.epochs`"), "{key}");
        assert!(told("model.activation=relu,rleu").contains("relu"));
    }
}
