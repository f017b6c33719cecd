//! What a key of the run file is: name, kind of value, default, documentation.
//!
//! Each key is one entry of [`super::keys`]. Parsing, `--set`, the help texts and
//! the filled-in `run.toml` all come from these entries.

use super::value::{Item, Value};
use std::fmt::Display;
use std::str::FromStr;

/// A key that a run file may have.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The dotted name, such as `train.batch`.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it is when left out.
    pub default: Fallback,
    /// The optimizers that it applies to; empty if to all.
    pub applies: &'static [&'static str],
    /// What it does, in a line.
    pub doc: &'static str,
}

/// Reads a choice, and says what is wrong with one that cannot be read.
pub type Reader = fn(&str) -> Result<(), String>;

/// The reader of a type.
pub(super) fn reads<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(drop).map_err(|error| error.to_string())
}

/// What values a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A whole number of at least this.
    Whole(i64),
    /// A number within bounds.
    Number(Bound),
    /// true or false.
    Flag,
    /// Any string.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of some words or calls, listed for the help.
    Choice(&'static str, Reader),
    /// An array of such, or one alone.
    Choices(&'static str, Reader),
    /// An array of strings, or one alone.
    Texts,
    /// A table of shares of the rows.
    Split,
    /// A number, or false for none at all.
    NumberOrFalse,
    /// A word, or an array of numbers.
    Weights,
    /// The word auto, or a whole number of at least 1.
    AutoOrWhole,
    /// A side in pixels, or an array of height and width.
    Size,
    /// An array of tables, each a layer.
    Layers,
}

/// The bounds of a number. No bound admits NaN or infinity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Any.
    Any,
    /// Above 0.
    Positive,
    /// 0 or above.
    NotNegative,
    /// From 0 up to, but without, 1.
    BelowOne,
}

impl Bound {
    fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Bound::Any => true,
                Bound::Positive => x > 0.0,
                Bound::NotNegative => x >= 0.0,
                Bound::BelowOne => (0.0..1.0).contains(&x),
            }
    }

    fn words(self) -> &'static str {
        match self {
            Bound::Any => "a number",
            Bound::Positive => "a number above 0",
            Bound::NotNegative => "a number of at least 0",
            Bound::BelowOne => "a number from 0 up to but without 1",
        }
    }
}

/// What a key is when left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fallback {
    /// This value, in TOML.
    Is(&'static str),
    /// Nothing; what that means.
    Unset(&'static str),
    /// By optimizer: pairs of its name and a value in TOML.
    PerOptimizer(&'static [(&'static str, &'static str)]),
    /// It must be given.
    Required,
}

impl Kind {
    /// The kind in words, for messages and help.
    pub fn words(self) -> String {
        match self {
            Kind::Whole(0) => "a whole number of at least 0".into(),
            Kind::Whole(least) => format!("a whole number of at least {least}"),
            Kind::Number(bound) => bound.words().into(),
            Kind::Flag => "true or false".into(),
            Kind::Text => "a string".into(),
            Kind::Word(words) => format!("one of: {}", words.join(", ")),
            Kind::Choice(choices, _) => format!("one of: {choices}"),
            Kind::Choices(choices, _) => format!("an array of: {choices}"),
            Kind::Texts => "a string or an array of strings".into(),
            Kind::Split => {
                "a table of shares: { train = 0.8, validation = 0.1, test = 0.1 }".into()
            }
            Kind::NumberOrFalse => "a number, or false for none".into(),
            Kind::Weights => "\"none\", \"balanced\" or one number above 0 for each class".into(),
            Kind::AutoOrWhole => "\"auto\" or a whole number of at least 1".into(),
            Kind::Size => "a whole number of at least 1, or [height, width]".into(),
            Kind::Layers => "an array of tables, each a layer".into(),
        }
    }

    /// Whether a bare word after `--set key=` is a string.
    pub fn takes_text(self) -> bool {
        !matches!(
            self,
            Kind::Whole(_) | Kind::Number(_) | Kind::Flag | Kind::Split | Kind::Size | Kind::Layers
        )
    }

    /// Whether a value that reads as a number or the like is a string all the same.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Word(_) | Kind::Choice(..))
    }

    /// Whether the value is of this kind and within its bounds.
    pub fn accepts(self, value: &Value) -> bool {
        let number = value.number();
        let texts = |items: &[Item]| items.iter().all(|i| i.value.text().is_some());
        match self {
            Kind::Whole(least) => matches!(value, Value::Whole(n) if *n >= least),
            Kind::Number(bound) => number.is_some_and(|x| bound.holds(x)),
            Kind::Flag => matches!(value, Value::Flag(_)),
            Kind::Text | Kind::Choice(..) => matches!(value, Value::Text(_)),
            Kind::Word(words) => value.text().is_some_and(|text| words.contains(&text)),
            Kind::Choices(..) | Kind::Texts => match value {
                Value::List(items) => texts(items),
                other => other.text().is_some(),
            },
            Kind::Split => matches!(value, Value::Table(_)),
            Kind::NumberOrFalse => {
                *value == Value::Flag(false) || number.is_some_and(|x| Bound::Any.holds(x))
            }
            Kind::Weights => match value {
                Value::List(items) => {
                    items.iter().all(|i| i.value.number().is_some_and(|x| Bound::Positive.holds(x)))
                }
                other => matches!(other.text(), Some("none" | "balanced")),
            },
            Kind::AutoOrWhole => {
                value.text() == Some("auto") || matches!(value, Value::Whole(n) if *n >= 1)
            }
            Kind::Size => match value {
                Value::List(items) => {
                    items.len() == 2 && items.iter().all(|i| Kind::Whole(1).accepts(&i.value))
                }
                side => Kind::Whole(1).accepts(side),
            },
            Kind::Layers => match value {
                Value::List(items) => items.iter().all(|i| matches!(i.value, Value::Table(_))),
                _ => false,
            },
        }
    }
}

impl Key {
    /// The section, such as `train`; empty for keys outside of one.
    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    /// The name within its section.
    pub fn short(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, short)| short)
    }

    /// The default in TOML for an optimizer, if there is one.
    pub fn default_for(&self, optimizer: &str) -> Option<&'static str> {
        match self.default {
            Fallback::Is(value) => Some(value),
            Fallback::PerOptimizer(pairs) => {
                pairs.iter().find(|(name, _)| *name == optimizer).map(|(_, value)| *value)
            }
            Fallback::Unset(_) | Fallback::Required => None,
        }
    }

    /// Whether it applies to an optimizer.
    pub fn applies_to(&self, optimizer: &str) -> bool {
        self.applies.is_empty() || self.applies.contains(&optimizer)
    }

    /// The lines of the help: name, kind, default, what it does.
    pub fn help(&self) -> String {
        let default = match self.default {
            Fallback::Is(value) => format!("default {value}"),
            Fallback::Unset(meaning) => format!("left out: {meaning}"),
            Fallback::PerOptimizer(pairs) => {
                let pairs: Vec<String> = pairs.iter().map(|(o, v)| format!("{v} ({o})")).collect();
                format!("default {}", pairs.join(", "))
            }
            Fallback::Required => "must be given".into(),
        };
        let only = match self.applies {
            [] => String::new(),
            names => format!(" Only for {}.", names.join(", ")),
        };
        format!("{}\n    {}.{only}\n    {}; {default}", self.name, self.doc, self.kind.words())
    }
}
