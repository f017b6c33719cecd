//! What can be wrong with data, said with the file, the row and the column.
//!
//! Of text tables the line is named, as an editor shows it; rows of other files are
//! counted from 1.

use std::fmt;

/// Where in a file something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The row, counted from 1 without the header.
    Row(usize),
    /// The line of a text, counted from 1.
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Row(row) => write!(f, "row {row}"),
            Place::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// A mistake in data or in the settings that say how to read them.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file could not be opened or read.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file is not what its name or its header promises.
    #[error("{file}: {reason}")]
    Format {
        /// The file.
        file: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// One row is wrong as a whole.
    #[error("{file}, {place}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The row or line.
        place: Place,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// One cell is wrong.
    #[error("{file}, {place}, column {column:?}: {reason}")]
    Cell {
        /// The file.
        file: String,
        /// The row or line.
        place: Place,
        /// The column's name.
        column: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A number is NaN where that does not stand for a missing one, or infinite.
    #[error("{file}, {place}, column {column:?}: {reason}")]
    NotFinite {
        /// The file.
        file: String,
        /// The row or line.
        place: Place,
        /// The column's name.
        column: String,
        /// What is wrong with it, and what would be right.
        reason: &'static str,
    },
    /// A setting does not fit the data.
    #[error("data.{key}: {reason}")]
    Setting {
        /// The key in the run file's `[data]` table.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// Whoever watched the reading had it stopped.
    #[error("stopped while {file} was read")]
    Stopped {
        /// What was being read.
        file: String,
    },
    /// A data set could not be downloaded.
    #[error("{url}: {reason}")]
    Download {
        /// What was asked for.
        url: String,
        /// What went wrong, and what to do.
        reason: String,
    },
}

impl DataError {
    pub(crate) fn io(file: &str, source: std::io::Error) -> Self {
        DataError::Io { file: file.into(), source }
    }

    pub(crate) fn format(file: &str, reason: impl Into<String>) -> Self {
        DataError::Format { file: file.into(), reason: reason.into() }
    }

    /// `row` is counted from 0 here, as the program counts.
    pub(crate) fn row(file: &str, row: usize, reason: impl Into<String>) -> Self {
        DataError::Row { file: file.into(), place: Place::Row(row + 1), reason: reason.into() }
    }

    /// `row` is counted from 0 here, as the program counts.
    pub(crate) fn cell(file: &str, row: usize, column: &str, reason: impl Into<String>) -> Self {
        let (file, column) = (file.into(), column.into());
        DataError::Cell { file, place: Place::Row(row + 1), column, reason: reason.into() }
    }

    /// The same error about a part of a file, seen from the whole: so many rows stand
    /// before the part.
    pub(crate) fn behind(mut self, rows: usize) -> Self {
        if let Some((_, Place::Row(row))) = self.file_and_place() {
            *row += rows;
        }
        self
    }

    /// The file and the place in it, of errors that have one.
    pub(crate) fn file_and_place(&mut self) -> Option<(&str, &mut Place)> {
        match self {
            DataError::Row { file, place, .. }
            | DataError::Cell { file, place, .. }
            | DataError::NotFinite { file, place, .. } => Some((file, place)),
            _ => None,
        }
    }

    pub(crate) fn setting(key: &'static str, reason: impl Into<String>) -> Self {
        DataError::Setting { key, reason: reason.into() }
    }
}

/// A list of names for an error message, cut where it gets long.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let rest = names.len().saturating_sub(SHOWN);
    let list = shown.join(", ");
    if rest == 0 { list } else { format!("{list} and {rest} more") }
}

/// The known name that is nearest to `name`, as a clause for an error message;
/// empty if none is near.
pub(crate) fn did_you_mean<S: AsRef<str>>(name: &str, known: &[S]) -> String {
    let distance = |k: &&S| strsim::damerau_levenshtein(name, k.as_ref());
    match known.iter().min_by_key(distance) {
        // A name that would have to change as a whole is no slip.
        Some(k) if distance(&k) <= 2.max(name.len() / 3) && distance(&k) < name.chars().count() => {
            format!("; did you mean {:?}?", k.as_ref())
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_named_as_a_person_counts() {
        let error = DataError::cell("a.csv", 16, "age", "\"abc\" is not a number");
        assert_eq!(error.to_string(), "a.csv, row 17, column \"age\": \"abc\" is not a number");
    }

    #[test]
    fn the_nearest_name_is_offered_only_if_near() {
        let known = ["standardize", "min-max"];
        assert_eq!(did_you_mean("standardise", &known), "; did you mean \"standardize\"?");
        assert_eq!(did_you_mean("whiten", &known), "");
        assert_eq!(did_you_mean("z", &["a", "b"]), "");
    }
}
