//! A mistake in a run file: what, where with the line shown, what would be right.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that values come from: a run file, or one `--set`.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path of the file, or the option.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Where in a source something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes of it.
    pub span: Range<usize>,
}

impl Place {
    /// Line and column, both from 1; the column counts characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = self.source.text.get(..self.span.start).unwrap_or(&self.source.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |text| text.chars().count());
        (before.matches('\n').count() + 1, column + 1)
    }

    /// The line with the place underlined.
    fn shown(&self) -> String {
        let (line, column) = self.line_and_column();
        let text = self.source.text.lines().nth(line - 1).unwrap_or_default();
        let marked = self.source.text.get(self.span.clone()).unwrap_or_default();
        let width = marked.lines().next().map_or(1, |m| m.chars().count()).max(1);
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(column - 1);
        format!("\n  {number} | {text}\n  {margin} | {indent}{}", "^".repeat(width))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_and_column();
        match self.source.name.as_str() {
            option if option.starts_with("--") => f.write_str(option),
            file => write!(f, "{file}:{line}:{column}"),
        }
    }
}

/// A run file that cannot be used; always the user's to mend, so exit status 2.
///
/// Mistakes that do not follow from each other are told together, so that they can be
/// mended together: the first is the error itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RunFileError {
    /// What is wrong.
    pub message: String,
    /// Where, if it stands somewhere.
    pub place: Option<Place>,
    /// What would be right.
    pub help: Option<String>,
    /// The other mistakes, none of which has others of its own.
    pub others: Vec<RunFileError>,
}

impl RunFileError {
    /// A mistake at a place.
    pub fn new(place: Option<Place>, message: impl Into<String>) -> Self {
        RunFileError { message: message.into(), place, help: None, others: Vec::new() }
    }

    /// Several mistakes as one error, in the order in which they stand; no error if there
    /// are none.
    pub fn all(mut mistakes: Vec<RunFileError>) -> Result<(), RunFileError> {
        let start = |e: &RunFileError| e.place.as_ref().map_or(0, |place| place.span.start);
        mistakes.sort_by_key(start);
        let mut mistakes = mistakes.into_iter();
        let Some(mut first) = mistakes.next() else { return Ok(()) };
        for mut next in mistakes {
            let others = std::mem::take(&mut next.others);
            first.others.push(next);
            first.others.extend(others);
        }
        Err(first)
    }

    /// With what would be right.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for RunFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}{}", self.message, place.shown())?,
            None => f.write_str(&self.message)?,
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        self.others.iter().try_for_each(|other| write!(f, "\n\n{other}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_the_line_and_marks_the_place() {
        let text = "seed = 0\n[train]\nbtach = 128\n".to_string();
        let source = Arc::new(Source { name: "run.toml".into(), text });
        let place = Place { source, span: 17..22 };
        let error = RunFileError::new(Some(place), "unknown key `train.btach`").help("use `batch`");
        let expected = "run.toml:3:1: unknown key `train.btach`\n  3 | btach = 128\n    | ^^^^^\
                        \n  help: use `batch`";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn several_mistakes_are_told_in_their_order() {
        let text = "a = 0\nb = 1\nc = 2\n".to_string();
        let source = Arc::new(Source { name: "run.toml".into(), text });
        let at = |start: usize| Some(Place { source: source.clone(), span: start..start + 1 });
        let two = RunFileError::all(vec![
            RunFileError::new(at(12), "third"),
            RunFileError::new(at(6), "second").help("mend"),
        ]);
        let all = RunFileError::all(vec![two.unwrap_err(), RunFileError::new(at(0), "first")]);
        let expected = "run.toml:1:1: first\n  1 | a = 0\n    | ^\n\n\
                        run.toml:2:1: second\n  2 | b = 1\n    | ^\n  help: mend\n\n\
                        run.toml:3:1: third\n  3 | c = 2\n    | ^";
        assert_eq!(all.unwrap_err().to_string(), expected);
        assert_eq!(RunFileError::all(Vec::new()), Ok(()));
    }
}
