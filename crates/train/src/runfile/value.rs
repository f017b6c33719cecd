//! A value as it was written, with its place.

use super::error::{Place, RunFileError, Source};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction or an exponent.
    Number(f64),
    /// true or false.
    Flag(bool),
    /// An array.
    List(Vec<Item>),
    /// A table, in the order written.
    Table(Vec<(Word, Item)>),
    /// A date, which no key takes.
    Date(String),
}

/// A key as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The key.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A value with its place; a default has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Item {
    /// An error about this value.
    pub fn error(&self, message: impl Into<String>) -> RunFileError {
        RunFileError::new(self.place.clone(), message)
    }
}

impl Value {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Whole(_) => "a whole number",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "an array",
            Value::Table(_) => "a table",
            Value::Date(_) => "a date",
        }
    }

    /// The number, whole or not.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Whole(n) => Some(*n as f64),
            Value::Number(x) => Some(*x),
            _ => None,
        }
    }

    /// The text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// As TOML.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "{}", toml::Value::from(text.as_str())),
            Value::Whole(n) => write!(f, "{n}"),
            Value::Number(x) => write!(f, "{}", toml::Value::from(*x)),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Date(date) => f.write_str(date),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|i| i.value.to_string()).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Value::Table(pairs) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|(k, v)| format!("{} = {}", k.text, v.value)).collect();
                write!(f, "{{ {} }}", pairs.join(", "))
            }
        }
    }
}

/// Parses a whole document into its table.
///
/// # Errors
/// What is not TOML, and where.
pub fn parse_document(source: &Arc<Source>) -> Result<Vec<(Word, Item)>, RunFileError> {
    let table = DeTable::parse(&source.text).map_err(|e| syntax(&e, source))?;
    table_of(table.get_ref(), source)
}

/// Parses one value, such as that of `--set`.
///
/// # Errors
/// What is not TOML, and where.
pub fn parse_value(source: &Arc<Source>, span: Range<usize>) -> Result<Item, RunFileError> {
    let text = source.text.get(span.clone()).unwrap_or_default();
    let value = DeValue::parse(text).map_err(|e| syntax(&e, source))?;
    let mut item = item_of(value.get_ref(), span.clone(), source)?;
    move_to(&mut item, &Place { source: source.clone(), span });
    Ok(item)
}

/// Gives the place of the whole to all of its parts.
fn move_to(item: &mut Item, place: &Place) {
    item.place = Some(place.clone());
    match &mut item.value {
        Value::List(items) => items.iter_mut().for_each(|i| move_to(i, place)),
        Value::Table(pairs) => pairs.iter_mut().for_each(|(word, item)| {
            word.place = place.clone();
            move_to(item, place);
        }),
        _ => {}
    }
}

fn syntax(error: &toml::de::Error, source: &Arc<Source>) -> RunFileError {
    let place = error.span().map(|span| Place { source: source.clone(), span });
    RunFileError::new(place, format!("this is not TOML: {}", error.message()))
}

fn table_of(table: &DeTable<'_>, source: &Arc<Source>) -> Result<Vec<(Word, Item)>, RunFileError> {
    let mut pairs = Vec::new();
    for (key, value) in table.iter() {
        let place = Place { source: source.clone(), span: key.span() };
        let item = item_of(value.get_ref(), value.span(), source)?;
        pairs.push((Word { text: key.get_ref().to_string(), place }, item));
    }
    pairs.sort_by_key(|(word, _)| word.place.span.start);
    Ok(pairs)
}

fn item_of(
    value: &DeValue<'_>,
    span: Range<usize>,
    source: &Arc<Source>,
) -> Result<Item, RunFileError> {
    let place = Some(Place { source: source.clone(), span });
    let out_of_range = |what: &str| {
        RunFileError::new(place.clone(), format!("{what} is beyond what a number can hold"))
    };
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(n) => Value::Whole(
            i64::from_str_radix(n.as_str(), n.radix()).map_err(|_| out_of_range(n.as_str()))?,
        ),
        DeValue::Float(x) => {
            Value::Number(x.as_str().parse().map_err(|_| out_of_range(x.as_str()))?)
        }
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|i| item_of(i.get_ref(), i.span(), source));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Table(table_of(table, source)?),
    };
    Ok(Item { value, place })
}
