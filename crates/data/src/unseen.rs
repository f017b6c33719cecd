//! Categories that only rows which come later have: cities of a new year, a country
//! of one test row. They say nothing that was learnt, as a missing value does not.

use crate::error::{did_you_mean, listed};
use std::collections::HashMap;
use std::fmt;

/// Categories of a column that the training data did not have. Their rows are read as if
/// the value were missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The file that has them.
    pub file: String,
    /// The column.
    pub column: String,
    /// The categories, at least one.
    pub values: Vec<String>,
    /// A known category that the only one is a slip of, as a clause; or nothing.
    hint: String,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unseen { file, column, values, hint } = self;
        let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        let (are, count) = match values.len() {
            1 => ("is a category", "counts"),
            _ => ("are categories", "count"),
        };
        write!(
            f,
            "{file}, column {column:?}: {} {are} that the training data did not have, and {count} \
             as missing{hint}",
            listed(&quoted)
        )
    }
}

/// The place of each of a column's `own` texts among the `known` ones, that of a missing
/// value (`missing`) for all others; and these, if there are any.
pub(crate) fn places(
    (file, column): (&str, &str),
    own: &[String],
    known: &[String],
    missing: Option<u32>,
) -> (Vec<Option<u32>>, Option<Unseen>) {
    let places: HashMap<&str, u32> =
        known.iter().enumerate().map(|(i, value)| (value.as_str(), i as u32)).collect();
    let place = |value: &String| places.get(value.as_str()).copied();
    let values: Vec<String> = own.iter().filter(|value| place(value).is_none()).cloned().collect();
    let hint = match values.as_slice() {
        [only] => did_you_mean(only, known),
        _ => String::new(),
    };
    let (file, column) = (file.to_string(), column.to_string());
    let unseen = (!values.is_empty()).then_some(Unseen { file, column, values, hint });
    (own.iter().map(|value| place(value).or(missing)).collect(), unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(of: &[&str]) -> Vec<String> {
        of.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn others_take_the_place_of_a_missing_value_and_are_named() {
        let known = texts(&["green", "red"]);
        let of = |own: &[&str], missing| places(("g.csv", "c"), &texts(own), &known, missing);
        assert_eq!(of(&["red", "green"], None), (vec![Some(1), Some(0)], None));
        let (places, unseen) = of(&["gren", "red"], None);
        assert_eq!(places, [None, Some(1)]);
        assert_eq!(
            unseen.unwrap().to_string(),
            "g.csv, column \"c\": \"gren\" is a category that the training data did not have, and \
             counts as missing; did you mean \"green\"?"
        );
        let (places, unseen) = of(&["blue", "red", "white"], Some(2));
        assert_eq!(places, [Some(2), Some(1), Some(2)]);
        assert_eq!(
            unseen.unwrap().to_string(),
            "g.csv, column \"c\": \"blue\", \"white\" are categories that the training data did \
             not have, and count as missing"
        );
    }
}
