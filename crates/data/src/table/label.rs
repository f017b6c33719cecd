//! Columns that label rows rather than describe them: counters, identifiers, dates.
//!
//! A model can learn such a column by heart, and scores well as long as rows and labels
//! belong together; on a new row it says nothing, or worse, which rows came late.

use super::{ABSENT, Cells, Column};
use serde::Serialize;

/// A column of fewer rows is not judged: three numbers in order mean nothing.
const JUDGED_ROWS: usize = 20;
/// Of a column's different texts, at least this share have to look alike.
const ALIKE: f64 = 0.95;

/// A column that looks like a label of its rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    /// The column's name.
    pub column: String,
    /// What it looks like.
    pub reason: String,
    /// Whether it can be nothing else: whole numbers in the order of the rows may be
    /// measures, in a file that was sorted by them.
    pub is_certain: bool,
}

/// What a column looks like, if like a label of its rows.
pub(crate) fn label(column: &Column) -> Option<Label> {
    let looks = |is_certain: bool, reason: String| {
        Some(Label { column: column.name.clone(), reason, is_certain })
    };
    if column.rows() < JUDGED_ROWS {
        return None;
    }
    match &column.cells {
        Cells::Numbers(numbers) if is_name(&column.name) && all_differ(numbers) => {
            looks(true, "it is called so and has another whole number in each row".into())
        }
        Cells::Numbers(numbers) if in_order(numbers) => {
            looks(false, "it has another whole number in each row, in their order".into())
        }
        Cells::Numbers(_) => None,
        Cells::Texts { codes, values } => {
            let share = |is: fn(&str) -> bool| {
                let alike = values.iter().filter(|value| is(value)).count();
                !values.is_empty() && alike as f64 >= ALIKE * values.len() as f64
            };
            let rows = codes.iter().filter(|code| **code != ABSENT).count();
            match () {
                () if share(is_uuid) => {
                    looks(true, "its values are UUIDs, which name things".into())
                }
                // Few dates in many rows may be a category, as days of a census are.
                () if share(is_date) && 10 * values.len() > rows => looks(
                    true,
                    format!("its {} dates, as categories, say nothing of other days", values.len()),
                ),
                () => None,
            }
        }
    }
}

/// Whether a name is one that columns of identifiers have.
fn is_name(name: &str) -> bool {
    let name = name.trim();
    let small = name.to_lowercase();
    let whole = ["", "id", "ids", "index", "idx", "row", "rowid", "uid", "no", "nr", "key"];
    whole.contains(&small.as_str())
        || small.starts_with("unnamed: ")
        || ["_id", "-id", " id", ".id", "_no", "_nr", "_key"].iter().any(|end| small.ends_with(end))
        // passengerId, but not humid.
        || name.strip_suffix("Id").or(name.strip_suffix("ID")).is_some_and(|rest| {
            rest.ends_with(|c: char| c.is_lowercase() || c.is_ascii_digit())
        })
}

/// Whether the numbers are whole and no two are the same.
fn all_differ(numbers: &[f32]) -> bool {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f32::total_cmp);
    in_order(&sorted)
}

/// Whether each number is whole and larger than the one before, or each smaller.
fn in_order(numbers: &[f32]) -> bool {
    let all = |holds: fn(f32, f32) -> bool| numbers.windows(2).all(|pair| holds(pair[0], pair[1]));
    numbers.iter().all(|x| x.fract() == 0.0) && (all(|a, b| a < b) || all(|a, b| a > b))
}

/// Eight, four, four, four and twelve digits of base sixteen.
fn is_uuid(text: &str) -> bool {
    let text = text.trim_matches(['{', '}']);
    let mut parts = text.split('-');
    let of = |part: Option<&str>, length: usize| {
        part.is_some_and(|p| p.len() == length && p.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    [8, 4, 4, 4, 12].into_iter().all(|length| of(parts.next(), length)) && parts.next().is_none()
}

/// A date as ISO 8601 writes it, with or without a time of day: `2026-12-01T10:25`.
fn is_date(text: &str) -> bool {
    let (Some(date), rest) = (text.get(..10), text.get(10..).unwrap_or_default()) else {
        return false;
    };
    let mut parts = date.split(['-', '/']);
    let mut number = |length: usize, most: u32| {
        let part = parts.next().filter(|p| p.len() == length);
        part.is_some_and(|p| p.parse::<u32>().is_ok_and(|n| n <= most))
    };
    let is_date = number(4, 9999) && number(2, 12) && number(2, 31);
    is_date && (rest.is_empty() || rest.starts_with(['T', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(of: impl Fn(usize) -> f32) -> Column {
        Column { name: "a".into(), cells: Cells::Numbers((0..30).map(of).collect()) }
    }

    fn texts(of: impl Fn(usize) -> String, different: usize) -> Column {
        let values = (0..different).map(of).collect();
        let codes = (0..30).map(|i| (i % different) as u32).collect();
        Column { name: "a".into(), cells: Cells::Texts { codes, values } }
    }

    fn reason(column: &Column) -> Option<String> {
        label(column).map(|label| label.reason)
    }

    #[test]
    fn counters_are_labels_and_measures_are_none() {
        assert!(!label(&numbers(|i| i as f32 + 1.0)).unwrap().is_certain);
        assert!(reason(&numbers(|i| 1000.0 - 7.0 * i as f32)).is_some());
        assert_eq!(label(&numbers(|i| (i / 2) as f32)), None);
        assert_eq!(label(&numbers(|i| i as f32 * 0.5)), None);
        assert_eq!(label(&numbers(|i| (i * 7 % 30) as f32)), None);
        assert_eq!(label(&numbers(|i| if i == 3 { f32::NAN } else { i as f32 })), None);
        let few = Column { name: "id".into(), cells: Cells::Numbers(vec![1.0, 2.0, 3.0]) };
        assert_eq!(label(&few), None);
    }

    #[test]
    fn a_name_makes_it_certain_even_in_another_order() {
        for (name, is) in [("PassengerId", true), ("user_id", true), ("Index", true), ("", true)] {
            let column = Column { name: name.into(), ..numbers(|i| (i * 7 % 30) as f32) };
            assert_eq!(label(&column).is_some_and(|l| l.is_certain), is, "{name}");
        }
        for name in ["humid", "GRID", "x"] {
            let column = Column { name: name.into(), ..numbers(|i| (i * 7 % 30) as f32) };
            assert_eq!(label(&column), None, "{name}");
        }
        // Few users in many rows.
        let column = Column { name: "user_id".into(), ..numbers(|i| (i % 3) as f32) };
        assert_eq!(label(&column), None);
    }

    #[test]
    fn identifiers_and_dates_are_labels_and_words_are_none() {
        let uuid = |i: usize| format!("123e4567-e89b-12d3-a456-4266141740{i:02}");
        assert!(reason(&texts(uuid, 5)).unwrap().contains("UUID"));
        assert!(reason(&texts(|i| format!("2026-12-{:02}", i + 1), 10)).unwrap().contains("dates"));
        assert!(reason(&texts(|i| format!("2026-12-01T10:{i:02}:00Z"), 30)).is_some());
        assert_eq!(label(&texts(|i| format!("2026-12-{:02}", i + 1), 2)), None);
        assert_eq!(label(&texts(|i| format!("kind {i}"), 4)), None);
        assert_eq!(label(&texts(|i| format!("2026-13-{:02}x", i + 1), 10)), None);
        assert_eq!(label(&texts(|i| format!("é{i}-é"), 10)), None);
    }
}
