//! What is in a data set, for a person who is about to train on it.

use crate::Task;
use crate::error::DataError;
use crate::open::{DataSource, usual_target};
use crate::schema::{Image, LeftOut};
use crate::set::{Index, Set};
use crate::source::{Array, Content, lines};
use crate::spec::DataSpec;
use crate::statistics::{self, Statistics};
use crate::stream;
use crate::table::facts::Facts;
use crate::table::label::{Label, label};
use crate::table::{ABSENT, Cells, Column, encode, target::Codec};
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// What is in a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// What was read.
    pub source: String,
    /// How many rows it has, or were looked at.
    pub rows: usize,
    /// Whether only its first rows were looked at: it does not fit into memory.
    pub is_start: bool,
    /// Rows of official validation and test parts.
    pub validation_rows: Option<usize>,
    /// Rows of an official test part.
    pub test_rows: Option<usize>,
    /// The columns of a table; the targets of images.
    pub columns: Vec<ColumnDescription>,
    /// The size of the images, if the rows are images.
    pub image: Option<Image>,
    /// How many features a row has as read; those of a table before encoding.
    pub features: usize,
    /// Range, mean and deviation over all pixels or array values.
    pub values: Option<Range>,
    /// The target columns: as asked for, as known, or as guessed.
    pub target: Vec<String>,
    /// Whether the target is only a guess: the last column, but for texts that hardly
    /// repeat, such as names, and other labels of rows.
    pub target_is_guess: bool,
    /// The kind of answer that the target asks for; `None` if it can be no target.
    pub task: Option<Task>,
    /// The classes with their counts of rows.
    pub classes: Vec<(String, usize)>,
    /// Columns that would not be used, and why.
    pub left_out: Vec<LeftOut>,
    /// Columns that would be used but look like labels of rows: counters, identifiers,
    /// dates.
    pub labels: Vec<Label>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnDescription {
    /// Its name.
    pub name: String,
    /// `number` or `category`.
    pub kind: ColumnKind,
    /// Cells without a value.
    pub missing: usize,
    /// How many different values it has.
    pub distinct: usize,
    /// Of a column of numbers.
    pub range: Option<Range>,
    /// The commonest values of a category with their counts.
    pub common: Vec<(String, usize)>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Numbers.
    Number,
    /// One of several texts.
    Category,
}

/// Where numbers lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Range {
    /// The smallest.
    pub min: f32,
    /// The largest.
    pub max: f32,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation over N.
    pub std: f64,
}

/// Values of a category that are listed.
const COMMON: usize = 10;

/// Describes a source as a whole, before any split. `spec` says how it is read; its
/// target, if it names one, is described as such.
///
/// # Errors
/// All that can be wrong with a file.
pub fn describe(spec: &DataSpec) -> Result<Description, DataError> {
    described(spec).map_err(lines::placed)
}

fn described(spec: &DataSpec) -> Result<Description, DataError> {
    let most = stream::described(spec)?;
    let DataSource { main, validation, test } = DataSource::read_start(spec, most)?;
    let (target, target_is_guess) = find_target(spec, &main)?;
    let targets = main.target_columns(&target)?;
    let facts: Vec<Facts> = targets.iter().map(Facts::of).collect();
    let codec = match Codec::find(&main.file, &facts, spec.task) {
        Err(error) if !target_is_guess => return Err(error),
        codec => codec.ok(),
    };
    let classes = codec.as_ref().map_or_else(Vec::new, |codec| counts(codec, &targets));
    let used = |c: &&Column| !target.contains(&c.name) && !spec.ignore.contains(&c.name);
    let features: Vec<&Column> = main.columns.iter().filter(used).collect();
    let left_out = match main.array {
        Some(_) => Vec::new(),
        None => features.iter().filter_map(|c| encode::unused(c, &spec.categorical)).collect(),
    };
    let is_used = |c: &&&Column| !left_out.iter().any(|left: &LeftOut| left.column == c.name);
    let labels = features.iter().filter(is_used).filter_map(|c| label(c)).collect();
    let width = main.array.as_ref().map_or(features.len(), |a| a.storage.columns());
    let (rows, image) = (main.rows(), main.array.as_ref().and_then(|a| a.image));
    let columns = main.columns.iter().map(describe_column).collect();
    let values = main.array.map(array_range).transpose()?;
    Ok(Description {
        source: main.file,
        rows,
        is_start: most.is_some(),
        validation_rows: validation.map(|c| c.rows()),
        test_rows: test.map(|c| c.rows()),
        columns,
        image,
        features: width,
        values,
        target,
        target_is_guess,
        task: codec.map(|c| c.task),
        classes,
        left_out,
        labels,
    })
}

fn find_target(spec: &DataSpec, main: &Content) -> Result<(Vec<String>, bool), DataError> {
    if let Some(target) = usual_target(spec, main) {
        return Ok((target, false));
    }
    let names_rows = |column: &&Column| match &column.cells {
        Cells::Texts { codes, values } if 2 * values.len() > codes.len() => true,
        _ => label(column).is_some_and(|label| label.is_certain),
    };
    let columns = || main.columns.iter().rev();
    let guess = columns().find(|column| !names_rows(column)).or_else(|| columns().next());
    let guess = guess.ok_or_else(|| DataError::format(&main.file, "it has no columns"))?;
    Ok((vec![guess.name.clone()], true))
}

fn counts(codec: &Codec, targets: &[Column]) -> Vec<(String, usize)> {
    let [target] = targets else { return Vec::new() };
    let mut counts = vec![0; codec.classes.len()];
    if let Cells::Texts { codes, .. } = target.clone().into_category().cells {
        for code in codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
    }
    codec.classes.iter().cloned().zip(counts).collect()
}

fn describe_column(column: &Column) -> ColumnDescription {
    let (name, missing) = (column.name.clone(), column.missing());
    match &column.cells {
        Cells::Numbers(numbers) => {
            let present = || numbers.iter().copied().filter(|x| !x.is_nan());
            let distinct = present().map(f32::to_bits).collect::<HashSet<u32>>().len();
            let range = Some(range(present()));
            let kind = ColumnKind::Number;
            ColumnDescription { name, kind, missing, distinct, range, common: Vec::new() }
        }
        Cells::Texts { codes, values } => {
            let mut counts = vec![0; values.len()];
            codes.iter().filter(|c| **c != ABSENT).for_each(|c| counts[*c as usize] += 1);
            let mut common: Vec<(String, usize)> = values.iter().cloned().zip(counts).collect();
            common.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            common.truncate(COMMON);
            let (kind, distinct) = (ColumnKind::Category, values.len());
            ColumnDescription { name, kind, missing, distinct, range: None, common }
        }
    }
}

fn range(values: impl Iterator<Item = f32>) -> Range {
    let (mut range, mut rows, mut squares) = (Range::default(), 0.0, 0.0);
    (range.min, range.max) = (f32::INFINITY, f32::NEG_INFINITY);
    // Welford's update: one pass that keeps its digits.
    for x in values {
        rows += 1.0;
        let delta = f64::from(x) - range.mean;
        range.mean += delta / rows;
        squares += delta * (f64::from(x) - range.mean);
        (range.min, range.max) = (range.min.min(x), range.max.max(x));
    }
    match rows {
        0.0 => Range::default(),
        _ => Range { std: f64::sqrt(squares / rows), ..range },
    }
}

/// Over all values of an array, merged from its columns.
fn array_range(array: Array) -> Result<Range, DataError> {
    let set = Set::new(Arc::new(array.storage), Index::All, None);
    let Statistics { rows, columns } = Statistics::of(&set)?;
    if rows == 0 || columns.is_empty() {
        return Ok(Range::default());
    }
    let count = columns.len() as f64;
    let mean = columns.iter().map(|c| c.mean).sum::<f64>() / count;
    let variance = |c: &statistics::Column| c.squares / rows as f64 + (c.mean - mean).powi(2);
    let std = (columns.iter().map(variance).sum::<f64>() / count).sqrt();
    let min = columns.iter().fold(f32::INFINITY, |min, c| min.min(c.min));
    let max = columns.iter().fold(f32::NEG_INFINITY, |max, c| max.max(c.max));
    Ok(Range { min, max, mean, std })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_described() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "n,c,answer\n1,red,2.5\n,red,3\n4,blue,3.5\n").unwrap();
        let description = describe(&DataSpec::new(path.display().to_string())).unwrap();
        let [n, c, _] = description.columns.as_slice() else { panic!("three columns expected") };
        assert_eq!((n.kind, n.missing, n.distinct), (ColumnKind::Number, 1, 2));
        assert_eq!(n.range, Some(Range { min: 1.0, max: 4.0, mean: 2.5, std: 1.5 }));
        assert_eq!(c.common, [("red".into(), 2), ("blue".into(), 1)]);
        assert_eq!(
            (description.target.as_slice(), description.target_is_guess),
            (&["answer".into()][..], true)
        );
        assert_eq!((description.task, description.features), (Some(Task::Regression), 2));
    }

    #[test]
    fn a_column_that_names_its_rows_is_not_taken_for_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let rows: String = (0..30).map(|i| format!("{i},kind {},car {i}\n", i % 3)).collect();
        std::fs::write(&path, format!("x,kind,name\n{rows}")).unwrap();
        let description = describe(&DataSpec::new(path.display().to_string())).unwrap();
        assert_eq!((description.target, description.target_is_guess), (vec!["kind".into()], true));
    }

    #[test]
    fn labels_of_rows_are_named_and_never_guessed_to_be_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let row = |i: usize| format!("{i},{},{},2026-01-{:02}\n", i % 3, i % 5, i + 1);
        let rows: String = (0..30).map(row).collect();
        std::fs::write(&path, format!("id,x,y,day\n{rows}")).unwrap();
        let description = describe(&DataSpec::new(path.display().to_string())).unwrap();
        assert_eq!(description.target, ["y"]);
        assert_eq!(description.labels[0].column, "id");
        assert!(description.labels[0].is_certain && description.labels.len() == 1);
        // So many different texts are not used anyway.
        assert_eq!(description.left_out[0].column, "day");
    }

    #[test]
    fn of_a_table_larger_than_memory_the_first_rows_are_described() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let rows: String = (0..20_000).map(|i| format!("{},{}\n", i % 10, i % 2)).collect();
        std::fs::write(&path, format!("x,y\n{rows}")).unwrap();
        let mut spec = DataSpec::new(path.display().to_string());
        assert!(!describe(&spec).unwrap().is_start);
        spec.memory = Some(crate::Memory { bytes: 1000 });
        let description = describe(&spec).unwrap();
        assert!(description.is_start && (4000..4097).contains(&description.rows));
        assert_eq!(description.columns[0].distinct, 10);
    }

    #[test]
    fn images_are_described() {
        let description = describe(&DataSpec::new("digits")).unwrap();
        assert_eq!((description.rows, description.features), (1797, 64));
        assert_eq!(description.classes[0], ("0".into(), 178));
        let values = description.values.unwrap();
        assert_eq!((values.min, values.max), (0.0, 16.0));
        assert!((values.mean - 4.884).abs() < 1e-3 && (values.std - 6.017).abs() < 1e-3);
        assert!(!description.target_is_guess);
    }

    #[test]
    fn what_cannot_be_a_target_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "n,same\n1,x\n2,x\n").unwrap();
        let description = describe(&DataSpec::new(path.display().to_string())).unwrap();
        assert_eq!(description.task, None);
    }
}
