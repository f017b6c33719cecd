//! Targets: what is to be learnt, found out from the target columns.

use super::facts::{Facts, MOST_VALUES, Values};
use super::{ABSENT, Cells, Column};
use crate::Task;
use crate::error::{DataError, did_you_mean, listed};
use crate::set::Targets;

/// How target columns become numbers.
#[derive(Clone, Debug)]
pub(crate) struct Codec {
    pub task: Task,
    pub names: Vec<String>,
    /// The classes' names; empty without classes.
    pub classes: Vec<String>,
}

/// Whole numbers are taken for classes up to this many different ones …
const MOST_CLASSES: usize = 20;
/// … each of which must have this many rows on average.
const ROWS_PER_CLASS: usize = 3;

impl Codec {
    /// Finds out the task, unless it is given, and the classes.
    pub fn find(file: &str, columns: &[Facts], task: Option<Task>) -> Result<Self, DataError> {
        let task = task.unwrap_or_else(|| guess(columns));
        let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
        let classes = match (task.has_classes(), columns) {
            (false, _) => Vec::new(),
            (true, [column]) => column.categories().ok_or_else(|| too_many(file, column))?,
            (true, _) => {
                let reason = format!("{task} has one target column, not {}", columns.len());
                return Err(DataError::setting("target", reason));
            }
        };
        check_classes(file, task, &names, &classes)?;
        Ok(Codec { task, names, classes })
    }

    /// That a column that is not in memory can hold answers.
    pub fn check(&self, file: &str, column: &Facts) -> Result<(), DataError> {
        if let Some(row) = column.first_missing {
            return Err(missing(file, row, &column.name));
        }
        let name = &column.name;
        match (&column.values, self.task) {
            (Values::Numbers { .. }, Task::Regression)
            | (_, Task::Binary | Task::Classification) => Ok(()),
            (Values::Numbers { .. }, Task::Multilabel) if are_bits(column) => Ok(()),
            (Values::Numbers { .. }, Task::Multilabel) => {
                let reason = format!("column {name:?} has numbers beside 0 and 1, as labels are");
                Err(DataError::format(file, reason))
            }
            (Values::Texts(_) | Values::TooMany, _) => {
                let reason =
                    format!("column {name:?} holds texts, where {} needs numbers", self.task);
                Err(DataError::format(file, reason))
            }
        }
    }

    /// The index of a class by its name.
    pub fn class(&self, file: &str, column: &str, value: &String) -> Result<f32, DataError> {
        let class = self.classes.iter().position(|class| class == value);
        class.map(|class| class as f32).ok_or_else(|| {
            let reason = format!("column {column:?}: {}", self.unknown(value));
            DataError::format(file, reason)
        })
    }

    fn unknown(&self, value: &str) -> String {
        let (known, near) = (listed(&self.classes), did_you_mean(value, &self.classes));
        format!("{value:?} is none of the classes {known}{near}")
    }

    /// The targets as numbers.
    pub fn encode(&self, file: &str, columns: &[Column]) -> Result<Targets, DataError> {
        let encoded: Vec<Vec<f32>> = columns
            .iter()
            .map(|column| match self.task {
                Task::Binary | Task::Classification => self.class_indices(file, column),
                Task::Multilabel => bits(file, column),
                Task::Regression => numbers(file, column),
            })
            .collect::<Result<_, _>>()?;
        let rows = encoded.first().map_or(0, Vec::len);
        let mut values = Vec::with_capacity(rows * encoded.len());
        for row in 0..rows {
            values.extend(encoded.iter().map(|column| column[row]));
        }
        Ok(Targets::Memory { values, columns: columns.len() })
    }

    fn class_indices(&self, file: &str, column: &Column) -> Result<Vec<f32>, DataError> {
        let category = column.clone().into_category();
        let Cells::Texts { codes, values } = &category.cells else { return Ok(Vec::new()) };
        let class = |value: &String| self.classes.iter().position(|c| c == value);
        let classes: Vec<Option<usize>> = values.iter().map(class).collect();
        let index = |(row, code): (usize, &u32)| {
            let known = classes.get(*code as usize).copied().flatten();
            known.map(|class| class as f32).ok_or_else(|| match values.get(*code as usize) {
                None => missing(file, row, &column.name),
                Some(value) => DataError::cell(file, row, &column.name, self.unknown(value)),
            })
        };
        codes.iter().enumerate().map(index).collect()
    }
}

fn missing(file: &str, row: usize, column: &str) -> DataError {
    let reason = "the target is missing; remove the row or fill the cell in";
    DataError::cell(file, row, column, reason)
}

fn too_many(file: &str, column: &Facts) -> DataError {
    let name = &column.name;
    let reason = format!(
        "target {name}: over {MOST_VALUES} different values are too many classes; is it an identifier?"
    );
    DataError::format(file, reason)
}

/// Classification for texts and few whole numbers, binary for two values, multilabel
/// for several columns of zeros and ones, else regression.
fn guess(columns: &[Facts]) -> Task {
    match columns {
        [column] => guess_one(column),
        columns if columns.iter().all(|c| c.missing == 0 && are_bits(c)) => Task::Multilabel,
        _ => Task::Regression,
    }
}

/// Whether all numbers of a column are 0 or 1.
fn are_bits(column: &Facts) -> bool {
    match &column.values {
        Values::Numbers { distinct: Some(distinct), .. } => {
            distinct.iter().all(|x| *x == 0.0 || *x == 1.0)
        }
        _ => false,
    }
}

fn guess_one(column: &Facts) -> Task {
    match &column.values {
        Values::Texts(values) if values.len() == 2 => Task::Binary,
        Values::Texts(_) | Values::TooMany => Task::Classification,
        Values::Numbers { distinct: Some(distinct), whole: true } => match distinct.len() {
            2 => Task::Binary,
            n if (3..=MOST_CLASSES).contains(&n) && n * ROWS_PER_CLASS <= column.rows => {
                Task::Classification
            }
            _ => Task::Regression,
        },
        Values::Numbers { .. } => Task::Regression,
    }
}

fn check_classes(
    file: &str,
    task: Task,
    names: &[String],
    classes: &[String],
) -> Result<(), DataError> {
    let problem = match (task, classes.len()) {
        (Task::Binary, 2) => return Ok(()),
        (Task::Binary, n) => format!(
            "a binary task needs two classes, not {n}: {}; {}",
            listed(classes),
            match n {
                0 | 1 => "give it rows of another class, or name another target",
                _ => "task = \"classification\" takes more, \"regression\" numbers",
            }
        ),
        (Task::Classification, 0 | 1) => format!(
            "all rows are of one class, {}, where a classification needs at least two; give it \
             rows of another class, or name another target",
            listed(classes)
        ),
        (Task::Classification, n) if n > MOST_VALUES => {
            format!("{n} different values are too many classes; is it an identifier?")
        }
        _ => return Ok(()),
    };
    Err(DataError::format(file, format!("target {}: {problem}", listed(names))))
}

fn numbers(file: &str, column: &Column) -> Result<Vec<f32>, DataError> {
    match &column.cells {
        Cells::Numbers(numbers) => match numbers.iter().position(|x| x.is_nan()) {
            Some(row) => Err(missing(file, row, &column.name)),
            None => Ok(numbers.clone()),
        },
        Cells::Texts { codes, values } => {
            let value = |c: &u32| values.get(*c as usize).map_or("", String::as_str);
            let wrong = |c: &u32| *c == ABSENT || value(c).parse::<f32>().is_err();
            let row = codes.iter().position(wrong).unwrap_or(0);
            let cell = codes.get(row).map_or("", value);
            let reason = format!("{cell:?} is not a number, which regression and multilabel need");
            Err(DataError::cell(file, row, &column.name, reason))
        }
    }
}

fn bits(file: &str, column: &Column) -> Result<Vec<f32>, DataError> {
    let numbers = numbers(file, column)?;
    match numbers.iter().position(|x| *x != 0.0 && *x != 1.0) {
        None => Ok(numbers),
        Some(row) => {
            let reason = format!("{} is neither 0 nor 1, as labels are", numbers[row]);
            Err(DataError::cell(file, row, &column.name, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        Column::from_texts("f", "y", None, cells.iter().copied()).unwrap()
    }

    fn facts(cells: &[&str]) -> Facts {
        Facts::of(&column(cells))
    }

    fn task(cells: &[&str]) -> Task {
        guess(&[facts(cells)])
    }

    #[test]
    fn the_task_is_found_from_the_target() {
        assert_eq!(task(&["a", "b", "c"]), Task::Classification);
        assert_eq!(task(&["true", "false"]), Task::Binary);
        assert_eq!(task(&["-1", "1"]), Task::Binary);
        assert_eq!(task(&["0", "1", "2"].repeat(3)), Task::Classification);
        assert_eq!(task(&["1", "2", "3"]), Task::Regression);
        assert_eq!(task(&["0.5", "1", "1"]), Task::Regression);
        let two = [facts(&["0", "1"]), facts(&["1", "1"])];
        assert_eq!(guess(&two), Task::Multilabel);
        assert_eq!(guess(&[facts(&["0", "3"]), facts(&["1", "1"])]), Task::Regression);
    }

    #[test]
    fn classes_keep_their_names_and_order() {
        let target = [column(&["10", "9", "10", "9", "9", "2", "2", "2", "2"])];
        let codec = Codec::find("f", &[Facts::of(&target[0])], None).unwrap();
        assert_eq!(codec.classes, ["2", "9", "10"]);
        let targets = codec.encode("f", &target).unwrap();
        let Targets::Memory { values, .. } = targets else { panic!("in memory expected") };
        assert_eq!(values[..4], [2.0, 1.0, 2.0, 1.0]);
    }

    #[test]
    fn unknown_classes_and_missing_targets_are_named() {
        let codec = Codec::find("f", &[facts(&["cat", "dog"])], None).unwrap();
        let error = codec.encode("g", &[column(&["cat", "dgo"])]).unwrap_err().to_string();
        assert_eq!(
            error,
            "g, row 2, column \"y\": \"dgo\" is none of the classes cat, dog; did you mean \"dog\"?"
        );
        let error = codec.encode("g", &[column(&["cat", ""])]).unwrap_err().to_string();
        assert!(error.contains("row 2") && error.contains("missing"), "{error}");
        let codec = Codec::find("f", &[facts(&["1.5", ""])], None).unwrap();
        assert!(codec.encode("f", &[column(&["1.5", ""])]).is_err());
    }

    #[test]
    fn labels_are_zeros_and_ones() {
        let target = [column(&["0", "2"])];
        let codec = Codec::find("f", &[Facts::of(&target[0])], Some(Task::Multilabel)).unwrap();
        let error = codec.encode("f", &target).unwrap_err().to_string();
        assert!(error.contains("row 2") && error.contains("neither 0 nor 1"), "{error}");
    }
}
