//! What can be wrong with data, said with the file, the row and the column.
//!
//! Rows are counted from 1 and without the header, as a person would count them.

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
    #[error("{file}, row {row}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The row, counted from 1 without the header.
        row: usize,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// One cell is wrong.
    #[error("{file}, row {row}, column {column:?}: {reason}")]
    Cell {
        /// The file.
        file: String,
        /// The row, counted from 1 without the header.
        row: usize,
        /// The column's name.
        column: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A setting does not fit the data.
    #[error("data.{key}: {reason}")]
    Setting {
        /// The key in the run file's `[data]` table.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
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
        DataError::Row { file: file.into(), row: row + 1, reason: reason.into() }
    }

    /// `row` is counted from 0 here, as the program counts.
    pub(crate) fn cell(file: &str, row: usize, column: &str, reason: impl Into<String>) -> Self {
        let (file, column) = (file.into(), column.into());
        DataError::Cell { file, row: row + 1, column, reason: reason.into() }
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
        Some(k) if distance(&k) <= 2.max(name.len() / 3) => {
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
    }
}
