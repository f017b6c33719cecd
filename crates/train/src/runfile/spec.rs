//! A run file as written: known keys with values of the right kind, with places.
//!
//! What the values mean together is checked later, in [`super::check`].

use super::elsewhere;
use super::error::{Place, RunFileError, Source};
use super::key::{Fallback, Key, Kind};
use super::keys::{self, SECTIONS};
use super::layers;
use super::suggest::nearest;
use super::value::{Item, Value, Word, parse_document, parse_value};
use gradwise_nn::call::plain;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys that were given, by dotted name.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    given: BTreeMap<&'static str, Item>,
    /// Names of the keys that `--set` gave.
    set: Vec<&'static str>,
}

impl Spec {
    /// Reads a run file's text. `name` is its path, for messages.
    ///
    /// # Errors
    /// What is not TOML; or else every unknown section and key, and every value of the
    /// wrong kind.
    pub fn parse(name: &str, text: &str) -> Result<Spec, RunFileError> {
        let source = Arc::new(Source { name: name.into(), text: text.into() });
        let mut spec = Spec::default();
        let mut mistakes = Vec::new();
        for (word, item) in parse_document(&source)? {
            match item.value {
                Value::Table(pairs) if SECTIONS.contains(&word.text.as_str()) => {
                    for (key, item) in pairs {
                        mistakes.extend(spec.give(&word.text, &key, item).err());
                    }
                }
                _ if SECTIONS.contains(&word.text.as_str()) => {
                    let message = format!("`{}` is a section, not a key", word.text);
                    let help = format!("write [{}] on a line of its own above its keys", word.text);
                    mistakes.push(RunFileError::new(Some(word.place), message).help(help));
                }
                Value::Table(_) => mistakes.push(unknown_section(&word)),
                _ => mistakes.extend(spec.give("", &word, item).err()),
            }
        }
        RunFileError::all(mistakes)?;
        Ok(spec)
    }

    fn give(&mut self, section: &str, word: &Word, item: Item) -> Result<(), RunFileError> {
        let dotted = match section {
            "" => word.text.clone(),
            section => format!("{section}.{}", word.text),
        };
        let key = keys::find(&dotted).ok_or_else(|| unknown(&dotted, Some(&word.place)))?;
        check_value(key, &item)?;
        self.given.insert(key.name, item);
        Ok(())
    }

    /// Sets a key from the command line: `value` is TOML, or a bare string; `none`
    /// takes back a key that has no default.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong kind.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), RunFileError> {
        let text = format!("{name}={value}");
        let place = |span| Place {
            source: Arc::new(Source { name: "--set".into(), text: text.clone() }),
            span,
        };
        let key = keys::find(name).ok_or_else(|| unknown(name, Some(&place(0..name.len()))))?;
        self.set.push(key.name);
        if value == "none" && matches!(key.default, Fallback::Unset(_)) {
            self.given.remove(key.name);
            return Ok(());
        }
        let place = place(name.len() + 1..text.len());
        let bare = || Item { value: Value::Text(value.into()), place: Some(place.clone()) };
        let item = match parse_value(&place.source, place.span.clone()) {
            Ok(item) if key.kind.is_text() && item.value.text().is_none() => bare(),
            Ok(item) => item,
            Err(_) if key.kind.takes_text() => bare(),
            Err(_) => {
                let message = format!("`{name}` takes {}, not `{value}`", key.kind.words());
                return Err(RunFileError::new(Some(place), message).help(key.doc));
            }
        };
        check_value(key, &item)?;
        self.given.insert(key.name, item);
        Ok(())
    }

    /// Whether the value of a key comes from `--set`.
    pub fn was_set(&self, name: &str) -> bool {
        self.set.contains(&name)
    }

    /// The value as given.
    pub fn given(&self, name: &str) -> Option<&Item> {
        self.given.get(name)
    }

    /// Replaces a given value, keeping its place.
    pub(super) fn replace(&mut self, name: &str, value: Value) {
        if let Some(item) = self.given.get_mut(name) {
            item.value = value;
        }
    }

    /// Drops a given value.
    pub(super) fn forget(&mut self, name: &str) {
        self.given.remove(name);
    }

    /// The name of the optimizer, given or default.
    pub fn optimizer(&self) -> String {
        let item = self.get("train.optimizer");
        item.and_then(|i| i.value.text().map(str::to_string)).unwrap_or_default()
    }

    /// The value of a key, given or default.
    pub fn get(&self, name: &str) -> Option<Item> {
        if let Some(item) = self.given.get(name) {
            return Some(item.clone());
        }
        let key = keys::find(name)?;
        let default = match key.default {
            Fallback::PerOptimizer(_) => key.default_for(&self.optimizer()),
            _ => key.default_for(""),
        };
        default.and_then(default_item)
    }
}

/// A default's TOML as an item without a place.
fn default_item(toml: &str) -> Option<Item> {
    let source = Arc::new(Source { name: "default".into(), text: toml.into() });
    parse_value(&source, 0..toml.len()).ok().map(without_place)
}

fn without_place(item: Item) -> Item {
    Item { value: item.value, place: None }
}

/// The keys that were given, with their values.
impl Spec {
    pub(super) fn all_given(&self) -> impl Iterator<Item = (&'static str, &Item)> {
        self.given.iter().map(|(name, item)| (*name, item))
    }
}

/// Refuses a value that is not of the key's kind, and layers with keys that do not exist
/// or have such values.
fn check_value(key: &Key, item: &Item) -> Result<(), RunFileError> {
    check_kind(key, key.name, item)?;
    match (key.kind, &item.value) {
        (Kind::Layers, Value::List(layers)) => {
            RunFileError::all(layers.iter().flat_map(layers::mistakes).collect())
        }
        _ => Ok(()),
    }
}

/// Refuses a value that is not of the key's kind, and a choice that cannot be read.
pub(super) fn check_kind(key: &Key, name: &str, item: &Item) -> Result<(), RunFileError> {
    if key.kind.accepts(&item.value) {
        return check_choices(key.kind, item);
    }
    let shown = match &item.value {
        Value::List(_) | Value::Table(_) => item.value.kind().to_string(),
        value => value.to_string(),
    };
    Err(item.error(format!("`{name}` takes {}, not {shown}", key.kind.words())).help(key.doc))
}

fn check_choices(kind: Kind, item: &Item) -> Result<(), RunFileError> {
    let (Kind::Choice(_, reader) | Kind::Choices(_, reader)) = kind else { return Ok(()) };
    let wrong =
        listed(item).filter_map(|item| reader(item.value.text()?).err().map(|e| item.error(e)));
    RunFileError::all(wrong.collect())
}

/// The items of an array, or the one item.
pub(super) fn listed(item: &Item) -> impl Iterator<Item = &Item> {
    match &item.value {
        Value::List(items) => items.iter(),
        _ => std::slice::from_ref(item).iter(),
    }
}

fn unknown_section(word: &Word) -> RunFileError {
    let message = format!("unknown section [{}]", word.text);
    let known = SECTIONS.iter().skip(1).map(|s| format!("[{s}]")).collect::<Vec<_>>().join(" ");
    let near = || nearest(&plain(&word.text), SECTIONS.into_iter().skip(1));
    let help = match elsewhere::section(&word.text).or_else(near) {
        Some(near) => format!("did you mean [{near}]? The sections are {known}"),
        None => format!("the sections are {known}"),
    };
    RunFileError::new(Some(word.place.clone()), message).help(help)
}

/// The error for a key that does not exist, with the one that was meant.
fn unknown(dotted: &str, place: Option<&Place>) -> RunFileError {
    let error = RunFileError::new(place.cloned(), format!("unknown key `{dotted}`"));
    let (section, short) = dotted.split_once('.').unwrap_or(("", dotted));
    if let Some(key) = meant(section, short) {
        return error.help(format!("did you mean `{}`? {}", key.name, key.doc));
    }
    if let Some(option) = elsewhere::option(short) {
        return error.help(format!("it is no part of a run file: see `gradwise train {option}`"));
    }
    let siblings = keys::all().filter(|k| k.section() == section).map(Key::short);
    let siblings = siblings.collect::<Vec<_>>().join(", ");
    error.help(match section {
        "" => format!("outside of sections there is {siblings}; `gradwise train --keys` lists all"),
        _ if siblings.is_empty() => "`gradwise train --keys` lists all keys".into(),
        section => format!("the keys of [{section}] are {siblings}"),
    })
}

/// The key that was most likely meant: one of that name in another section, one that
/// is called so elsewhere, one that is spelt alike, first of those in the section.
fn meant(section: &str, short: &str) -> Option<&'static Key> {
    let alike = |own: bool| {
        let candidates = || keys::all().filter(move |k| !own || k.section() == section);
        let near = nearest(&plain(short), candidates().map(Key::short));
        candidates().find(|k| Some(k.short()) == near)
    };
    keys::all()
        .find(|key| key.short() == plain(short))
        .or_else(|| elsewhere::key(short).and_then(keys::find))
        .or_else(|| alike(true))
        .or_else(|| alike(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Spec::parse("run.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_names_the_nearest_and_its_place() {
        let text = message("seed = 1\n[train]\nbtach = 128\n");
        assert!(text.starts_with("run.toml:3:1: unknown key `train.btach`"), "{text}");
        assert!(text.contains("3 | btach = 128") && text.contains("`train.batch`"), "{text}");
        assert!(message("batch = 1").contains("did you mean `train.batch`"));
        assert!(message("[train]\nlearning_rate = 1").contains("did you mean `train.lr`"));
        assert!(message("[train]\nbatch_size = 1").contains("did you mean `train.batch`"));
        assert!(message("weight_decay = 1").contains("did you mean `train.weight-decay`"));
        assert!(message("n_jobs = 2").contains("train --threads"));
        assert!(message("xyzzy = 2").contains("there is seed"));
        assert!(message("[optimizer]\nlr = 3").contains("did you mean [train]"));
        assert!(message("[modle]\nwidth = 3").contains("did you mean [model]"));
        assert!(message("[train]\nxyzzy = 3").contains("the keys of [train] are epochs"));
        assert!(message("train = 3").contains("is a section"));
    }

    #[test]
    fn all_wrong_keys_and_kinds_are_named_at_once() {
        let text = message(
            "sed = 1\n[data]\nsorce = \"iris\"\n[modle]\nwidth = 3\n[model]\n\
             layers = [{ unit = 3 }, { units = \"many\", activaton = \"relu\" }]\n\
             [train]\nbatch = 0\nepochs = 3\nlr = 0.1\n",
        );
        let told: Vec<&str> = text.lines().filter(|line| line.starts_with("run.toml:")).collect();
        let expected = [
            "run.toml:1:1: unknown key `sed`",
            "run.toml:3:1: unknown key `data.sorce`",
            "run.toml:4:2: unknown section [modle]",
            "run.toml:7:13: unknown key `unit` of a layer",
            "run.toml:7:35: `units` takes a whole number of at least 1, not \"many\"",
            "run.toml:7:43: unknown key `activaton` of a layer",
            "run.toml:9:9: `train.batch` takes a whole number of at least 1, not 0",
        ];
        assert_eq!(told, expected, "{text}");
        assert!(text.contains("did you mean `units`?"), "{text}");
    }

    #[test]
    fn wrong_words_are_named_beside_wrong_keys() {
        let text = message(
            "[data]\nsorce = \"iris\"\npreprocess = [\"standardise\", \"zca(x)\"]\n[model]\n\
             activation = \"rleu\"\nlayers = [{ units = 3, init = \"hee\", kind = \"conv\" }]\n\
             [train]\noptimizer = \"adma\"\nkeep = \"bets\"\n[health]\nstop-on = \"eror\"\n",
        );
        let told: Vec<&str> = text.lines().filter(|line| line.starts_with("run.toml:")).collect();
        let places = ["2:1", "3:15", "3:30", "5:14", "6:31", "6:45", "8:13", "9:8", "11:11"];
        assert_eq!(told.len(), places.len(), "{text}");
        for (place, line) in places.iter().zip(told) {
            assert!(line.starts_with(&format!("run.toml:{place}: ")), "{place}: {text}");
        }
        for near in ["\"standardize\"", "\"relu\"", "\"he\"", "\"adam\""] {
            assert!(text.contains(near), "{near}: {text}");
        }
        assert!(text.contains("`health.stop-on` takes one of: never, warn, error"), "{text}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_says_what_is_taken() {
        let text = message("[train]\nbatch = 0");
        assert!(text.contains("run.toml:2:9") && text.contains("at least 1, not 0"), "{text}");
        assert!(message("[train]\nlr = nan").contains("above 0"));
        assert!(message("[train]\nlr = \"big\"").contains("not \"big\""));
        assert!(message("[data]\nshuffle = 1").contains("true or false"));
        assert!(message("[train\nlr = 1").contains("not TOML"));
        assert!(message("seed = 99999999999999999999").contains("beyond"));
    }

    #[test]
    fn a_key_is_set_from_toml_or_a_bare_string() {
        let mut spec = Spec::default();
        spec.set("model.activation", "tanh").unwrap();
        spec.set("train.schedule", "step(5, 0.5)").unwrap();
        spec.set("data.preprocess", "[\"scale(255)\", \"standardize\"]").unwrap();
        spec.set("data.split", "{ train = 0.9, test = 0.1 }").unwrap();
        spec.set("data.source", "2024").unwrap();
        spec.set("model.layers", "[{ units = 5 }]").unwrap();
        spec.set("train.clip", "1").unwrap();
        assert_eq!(spec.get("model.activation").unwrap().value, Value::Text("tanh".into()));
        assert_eq!(spec.get("data.source").unwrap().value, Value::Text("2024".into()));
        assert_eq!(spec.get("train.clip").unwrap().value.number(), Some(1.0));
        spec.set("train.clip", "none").unwrap();
        assert_eq!(spec.get("train.clip"), None);
        assert!(spec.was_set("model.layers") && !spec.was_set("seed"));
    }

    #[test]
    fn a_wrong_setting_shows_the_option() {
        let error = Spec::default().set("train.epohcs", "3").unwrap_err().to_string();
        assert!(
            error.starts_with("--set: unknown key") && error.contains("`train.epochs`"),
            "{error}"
        );
        let error = Spec::default().set("train.epochs", "many").unwrap_err().to_string();
        assert!(error.contains("takes a whole number of at least 0, not `many`"), "{error}");
    }

    #[test]
    fn defaults_follow_the_optimizer() {
        let mut spec = Spec::default();
        assert_eq!(spec.get("train.lr").unwrap().value.number(), Some(0.1));
        spec.set("train.optimizer", "adam").unwrap();
        assert_eq!(spec.get("train.lr").unwrap().value.number(), Some(0.001));
        assert_eq!(spec.get("train.early-stop"), None);
    }
}
