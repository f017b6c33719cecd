//! What a model says about rows, as a table: CSV, JSON lines or Parquet.

use crate::folder::atomic;
use crate::folder::error::FolderError;
use crate::folder::number::Number;
use crate::metrics::Outputs;
use gradwise_data::Task;
use gradwise_data::write::{Cells, ParquetTable};
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

/// What a model says about rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictions {
    /// The name of the class of each row; empty if rows have no classes.
    pub classes: Vec<String>,
    /// The names of the numbers: `probability NAME` of each class or label (`score
    /// NAME` where the outputs are no probabilities), or the targets.
    pub columns: Vec<String>,
    /// The numbers, row after row.
    pub values: Vec<f32>,
    /// How many rows there are.
    pub rows: usize,
}

/// How predictions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    #[default]
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

impl FromStr for Format {
    type Err = String;

    /// From a file's ending.
    fn from_str(ending: &str) -> Result<Self, String> {
        match ending {
            "csv" => Ok(Format::Csv),
            "jsonl" | "ndjson" | "json" => Ok(Format::JsonLines),
            "parquet" | "pq" => Ok(Format::Parquet),
            "" => Err(format!("an ending is needed: {ENDINGS}")),
            _ => Err(format!("predictions are written as {ENDINGS}, not .{ending}")),
        }
    }
}

impl Format {
    /// The format that a file's ending asks for.
    pub(super) fn of(path: &Path) -> Result<Format, FolderError> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        ending.parse().map_err(|e: String| FolderError::content(path, e))
    }
}

/// What predictions can be written as.
const ENDINGS: &str = ".csv, .jsonl or .parquet";

/// The column of class names.
const CLASS: &str = "prediction";

impl Predictions {
    /// From a network's outputs; `names` are those of classes, labels or targets.
    pub fn new(outputs: &Outputs<'_>, task: Task, names: &[String]) -> Predictions {
        let rows = outputs.rows().count();
        let kind = if outputs.probabilities { "probability" } else { "score" };
        let named: Vec<String> = names.iter().map(|name| format!("{kind} {name}")).collect();
        let values = outputs.outputs.to_vec();
        match task {
            Task::Regression => {
                Predictions { columns: names.to_vec(), values, rows, ..Default::default() }
            }
            Task::Multilabel => Predictions { columns: named, values, rows, ..Default::default() },
            Task::Binary | Task::Classification => {
                let class = |row: &[f32]| {
                    let class = outputs.class_of(row);
                    names.get(class).cloned().unwrap_or_else(|| class.to_string())
                };
                let classes = outputs.rows().map(class).collect();
                let (columns, values) = match (outputs.columns, outputs.probabilities) {
                    (1, true) => (named, values.iter().flat_map(|p| [1.0 - p, *p]).collect()),
                    (1, false) => (named.into_iter().skip(1).collect(), values),
                    _ => (named, values),
                };
                Predictions { classes, columns, values, rows }
            }
        }
    }

    /// Each row: its class, if it has one, and its numbers.
    fn each(&self) -> impl Iterator<Item = (Option<&str>, &[f32])> {
        let width = self.columns.len();
        (0..self.rows).map(move |row| {
            let class = self.classes.get(row).map(String::as_str);
            (class, self.values.get(row * width..(row + 1) * width).unwrap_or_default())
        })
    }

    /// Adds the rows of others, which say the same of them.
    pub(super) fn append(&mut self, others: Predictions) {
        if self.rows == 0 {
            *self = others;
            return;
        }
        self.classes.extend(others.classes);
        self.values.extend(others.values);
        self.rows += others.rows;
    }

    /// Writes them.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write(&self, to: &mut (dyn Write + Send), format: Format) -> io::Result<()> {
        let mut writer = Writer::new(to, format);
        writer.add(self)?;
        writer.finish()
    }

    /// Writes them to a file, whole or not at all, as its ending says.
    ///
    /// # Errors
    /// Another ending; what the system refused.
    pub fn save(&self, path: &Path) -> Result<(), FolderError> {
        let format = Format::of(path)?;
        let mut bytes = Vec::new();
        self.write(&mut bytes, format).map_err(FolderError::io("write", path))?;
        atomic::write(path, &bytes)
    }

    fn parquet_columns(&self) -> Vec<(&str, Cells)> {
        let class = (!self.classes.is_empty()).then(|| (CLASS, Cells::Texts(self.classes.clone())));
        let width = self.columns.len().max(1);
        let numbers = self.columns.iter().enumerate().map(|(i, name)| {
            let numbers = self.values.iter().skip(i).step_by(width).copied();
            (name.as_str(), Cells::Numbers(numbers.collect()))
        });
        class.into_iter().chain(numbers).collect()
    }

    fn write_csv(&self, to: &mut dyn Write, header: bool) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(to);
        let class = (!self.classes.is_empty()).then_some(CLASS);
        if header {
            table.write_record(class.into_iter().chain(self.columns.iter().map(String::as_str)))?;
        }
        let mut cells: Vec<String> = Vec::new();
        for (class, values) in self.each() {
            cells.clear();
            cells.extend(class.map(str::to_string));
            cells.extend(values.iter().map(f32::to_string));
            table.write_record(&cells)?;
        }
        table.flush()
    }

    fn write_json_lines(&self, to: &mut dyn Write) -> io::Result<()> {
        for (class, values) in self.each() {
            let numbers = self.columns.iter().zip(values);
            let mut object = serde_json::Map::new();
            if let Some(class) = class {
                object.insert(CLASS.into(), class.into());
            }
            for (name, value) in numbers {
                // Shortest text of the f32, not of its f64.
                let value = value.to_string().parse().unwrap_or(f64::from(*value));
                object.insert(name.clone(), serde_json::to_value(Number(value))?);
            }
            serde_json::to_writer(&mut *to, &object)?;
            to.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// Writes predictions piece by piece.
pub struct Writer<'w> {
    to: Target<'w>,
    pieces: usize,
}

enum Target<'w> {
    Csv(&'w mut (dyn Write + Send)),
    JsonLines(&'w mut (dyn Write + Send)),
    Parquet(Box<ParquetTable<&'w mut (dyn Write + Send)>>),
}

impl<'w> Writer<'w> {
    /// A table in some format.
    pub fn new(to: &'w mut (dyn Write + Send), format: Format) -> Writer<'w> {
        let to = match format {
            Format::Csv => Target::Csv(to),
            Format::JsonLines => Target::JsonLines(to),
            Format::Parquet => Target::Parquet(Box::new(ParquetTable::new("predictions", to))),
        };
        Writer { to, pieces: 0 }
    }

    /// Adds rows; those of all pieces must say the same.
    ///
    /// # Errors
    /// What the system refused.
    pub fn add(&mut self, piece: &Predictions) -> io::Result<()> {
        self.pieces += 1;
        match &mut self.to {
            Target::Csv(to) => piece.write_csv(&mut **to, self.pieces == 1),
            Target::JsonLines(to) => piece.write_json_lines(&mut **to),
            Target::Parquet(table) => table.add(&piece.parquet_columns()).map_err(io::Error::other),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// What the system refused.
    pub fn finish(self) -> io::Result<()> {
        match self.to {
            Target::Csv(to) | Target::JsonLines(to) => to.flush(),
            Target::Parquet(table) => table.finish().map_err(io::Error::other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(predictions: &Predictions, format: Format) -> String {
        let mut bytes = Vec::new();
        predictions.write(&mut bytes, format).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn of(outputs: &[f32], columns: usize, task: Task) -> Predictions {
        let outputs = Outputs { outputs, columns, targets: &[], probabilities: true };
        Predictions::new(&outputs, task, &["no, never".into(), "yes".into()])
    }

    #[test]
    fn a_lone_probability_becomes_one_for_each_class() {
        let table = of(&[0.25, 0.75], 1, Task::Binary);
        let expected = "prediction,\"probability no, never\",probability yes\n\
                        \"no, never\",0.75,0.25\nyes,0.25,0.75\n";
        assert_eq!(written(&table, Format::Csv), expected);
    }

    #[test]
    fn numbers_are_short_and_may_be_lost() {
        let table = of(&[0.1, f32::NAN], 2, Task::Regression);
        assert_eq!(written(&table, Format::JsonLines), "{\"no, never\":0.1,\"yes\":\"nan\"}\n");
        assert_eq!(written(&table, Format::Csv), "\"no, never\",yes\n0.1,NaN\n");
    }

    #[test]
    fn pieces_make_one_table() {
        let piece = |outputs: &[f32]| of(outputs, 1, Task::Binary);
        let whole = piece(&[0.25, 0.75, 0.5]);
        for format in [Format::Csv, Format::JsonLines] {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes, format);
            writer.add(&piece(&[0.25])).unwrap();
            writer.add(&piece(&[0.75, 0.5])).unwrap();
            writer.finish().unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), written(&whole, format));
        }
        let mut appended = piece(&[0.25]);
        appended.append(piece(&[0.75, 0.5]));
        assert_eq!(appended, whole);
    }

    #[test]
    fn the_ending_chooses_the_format() {
        let folder = tempfile::tempdir().unwrap();
        let table = of(&[0.1, 0.9], 2, Task::Classification);
        table.save(&folder.path().join("rows.jsonl")).unwrap();
        let error = table.save(&folder.path().join("rows.xls")).unwrap_err().to_string();
        assert!(error.contains(".csv, .jsonl or .parquet, not .xls"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let path = folder.path().join("rows.parquet");
        table.save(&path).unwrap();
        let spec = gradwise_data::DataSpec::new(path.to_str().unwrap());
        let read = gradwise_data::describe(&spec).unwrap();
        let names: Vec<&str> = read.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            (read.rows, names),
            (1, vec!["prediction", "probability no, never", "probability yes"])
        );
    }
}
