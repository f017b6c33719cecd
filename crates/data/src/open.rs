//! From a [`DataSpec`] to rows that can be trained on.

use crate::error::{DataError, listed};
use crate::memory::Memory;
use crate::pipeline::Pipeline;
use crate::sampled::MOST_LISTED;
use crate::schema::{Encoder, Feature, Schema};
use crate::set::{Index, Set, Targets};
use crate::source::{self, Array, Content, Reading, lines};
use crate::spec::DataSpec;
use crate::split::{Drawing, Parts};
use crate::storage::Storage;
use crate::stream;
use crate::table::facts::Facts;
use crate::table::target::Codec;
use crate::table::{Cells, Column, Hints, Kind, encode, position};
use std::sync::Arc;

/// Data that are ready: split, encoded, pre-processed.
#[derive(Clone, Debug)]
pub struct Data {
    /// What is trained on.
    pub train: Set,
    /// What decides about stopping and settings.
    pub validation: Option<Set>,
    /// What only the final score sees.
    pub test: Option<Set>,
    /// What the columns mean.
    pub schema: Schema,
    /// The fitted pre-processing, which the sets have had.
    pub pipeline: Pipeline,
    /// The memory that the rows were too large for, if training streams them from disk.
    pub streamed: Option<Memory>,
}

/// Reads, splits and pre-processes data as `spec` says.
///
/// An official test part, or a file of its own, takes nothing from the split: its
/// share stays with training.
///
/// # Errors
/// Whatever is wrong with the settings or the files, with the place.
pub fn open(spec: &DataSpec) -> Result<Data, DataError> {
    opened(spec).map_err(lines::placed)
}

fn opened(spec: &DataSpec) -> Result<Data, DataError> {
    spec.split.check()?;
    if let Some(data) = stream::open(spec)? {
        return Ok(data);
    }
    let sources = DataSource::read(spec)?;
    let targets = target_names(spec, &sources.main)?;
    let codec = sources.main.codec(&targets, spec)?;
    let rows = sources.split(spec, &targets, &codec)?;
    let schema = schema(spec, &sources.main, codec.clone(), &targets, &rows.train)?;
    let main = Encoded::new(sources.main, &schema, &codec)?;
    let mut train = main.set(rows.train);
    let part = |own: Option<Content>, rows: Vec<u32>| match own {
        Some(content) => Encoded::new(content, &schema, &codec).map(|own| Some(own.whole())),
        None => Ok((!rows.is_empty()).then(|| main.set(rows))),
    };
    let mut validation = part(sources.validation, rows.validation)?;
    let mut test = part(sources.test, rows.test)?;
    let mut sets: Vec<&mut Set> = vec![&mut train];
    sets.extend(validation.as_mut());
    sets.extend(test.as_mut());
    let pipeline = Pipeline::fit(&spec.preprocess, &mut sets, &schema)?;
    Ok(Data { train, validation, test, schema, pipeline, streamed: None })
}

/// Reads another file for a trained model: its columns are found by name, its classes
/// and categories by theirs (a category that is not known counts as missing: [`Set::unseen`]), and the fitted pre-processing is applied. Of a source
/// with an official test part, that part is read. Extra columns are ignored. Of `spec`
/// only what it says about memory is used: a table that is too large stays on disk.
///
/// # Errors
/// A missing column, an unknown class (if `with_targets`), another image size, and all that
/// can be wrong with a file.
pub fn open_for(
    schema: &Schema,
    pipeline: &Pipeline,
    source: &str,
    with_targets: bool,
    spec: &DataSpec,
) -> Result<Set, DataError> {
    opened_for((schema, pipeline), source, with_targets, spec).map_err(lines::placed)
}

fn opened_for(
    (schema, pipeline): (&Schema, &Pipeline),
    source: &str,
    with_targets: bool,
    spec: &DataSpec,
) -> Result<Set, DataError> {
    pipeline.check(schema.columns)?;
    if let Some(set) = stream::open_for(schema, source, with_targets, spec)? {
        return pipeline.apply(set);
    }
    let reading = Reading {
        hints: hints(schema),
        image_size: schema.image.map(|image| (image.height, image.width)),
        channels: schema.image.map(|image| image.channels),
        labelled: with_targets,
        ..Reading::default()
    };
    let parts = source::read(source, &reading)?;
    let content = parts.test.or(parts.validation).unwrap_or(parts.main);
    let (targets, classes) = (schema.targets.clone(), schema.classes.clone());
    let codec = Codec { task: schema.task, names: targets, classes };
    let set = match with_targets {
        true => Encoded::new(content, schema, &codec)?.whole(),
        false => Encoded::features(content, schema)?.whole(),
    };
    pipeline.apply(set)
}

/// Columns are read as what they were in training; those that are not needed are read
/// as texts, which cannot fail.
pub(crate) fn hints(schema: &Schema) -> Hints {
    let mut hints = Hints::default();
    if schema.features.is_empty() {
        return hints;
    }
    hints.others = Some(Kind::Category);
    for target in &schema.targets {
        hints.add(target, None);
    }
    for Feature { name, encoder } in &schema.features {
        let kind = match encoder {
            Encoder::Number { .. } => Kind::Number,
            Encoder::Category { .. } => Kind::Category,
        };
        hints.add(name, Some(kind));
    }
    hints
}

/// What the settings say about columns. Ignored ones are read as texts, which cannot
/// fail.
pub(crate) fn set_kinds(spec: &DataSpec) -> Hints {
    let mut hints = Hints::default();
    spec.categorical.iter().for_each(|name| hints.add(name, Some(Kind::Category)));
    spec.numeric.iter().for_each(|name| hints.add(name, Some(Kind::Number)));
    spec.ignore.iter().for_each(|name| hints.add(name, Some(Kind::Category)));
    hints
}

/// Everything that a spec names, as read.
pub(crate) struct DataSource {
    pub main: Content,
    pub validation: Option<Content>,
    pub test: Option<Content>,
}

impl DataSource {
    pub fn read(spec: &DataSpec) -> Result<Self, DataError> {
        Self::read_start(spec, None)
    }

    /// The same of no more than about so many bytes of each table.
    pub fn read_start(spec: &DataSpec, most: Option<u64>) -> Result<Self, DataError> {
        let mut reading = Reading {
            base_dir: spec.base_dir.clone(),
            hints: set_kinds(spec),
            seed: spec.seed,
            image_size: spec.image_size,
            channels: None,
            labelled: true,
            most,
        };
        let parts = source::read(&spec.source, &reading)?;
        known_columns(spec, &parts.main)?;
        // Files of their own are read as the main one was.
        for column in &parts.main.columns {
            let kind = match column.cells {
                Cells::Numbers(_) => Kind::Number,
                Cells::Texts { .. } => Kind::Category,
            };
            reading.hints.add(&column.name, Some(kind));
        }
        let own = |name: &Option<String>, official: Option<Content>| match name {
            Some(name) => source::read(name, &reading).map(|parts| Some(parts.main)),
            None => Ok(official),
        };
        let validation = own(&spec.validation, parts.validation)?;
        let test = own(&spec.test, parts.test)?;
        Ok(DataSource { main: parts.main, validation, test })
    }

    /// Which rows of the main source go where.
    fn split(
        &self,
        spec: &DataSpec,
        targets: &[String],
        codec: &Codec,
    ) -> Result<Parts, DataError> {
        let (rows, file) = (self.main.rows(), &self.main.file);
        check_count(file, rows)?;
        let drawing = Drawing::new(spec, self.validation.is_some(), self.test.is_some())?;
        let columns = self.main.target_columns(targets)?;
        let classes = match codec.task.has_classes() {
            true => codec.encode(file, &columns)?.into_memory(),
            false => None,
        };
        let classes = classes.as_deref();
        let parts = match rows > MOST_LISTED {
            false => drawing.listed(rows, classes),
            true => {
                let class = |row: usize| classes.map_or(0, |classes| classes[row] as usize);
                let mut counts = vec![0; codec.classes.len().max(1)];
                (0..rows).for_each(|row| counts[class(row)] += 1);
                drawing.draw(&counts, |row| Ok(class(row)))?.listed()
            }
        };
        drawing.check(file, parts.train.len(), parts.validation.len())?;
        Ok(parts)
    }
}

/// That rows can be numbered.
pub(crate) fn check_count(file: &str, rows: usize) -> Result<(), DataError> {
    match u32::try_from(rows) {
        Ok(_) => Ok(()),
        Err(_) => Err(DataError::format(file, "over 4,294,967,295 rows are too many")),
    }
}

/// That the columns which settings name exist.
fn known_columns(spec: &DataSpec, content: &Content) -> Result<(), DataError> {
    for name in spec.categorical.iter().chain(&spec.numeric).chain(&spec.ignore) {
        position(&content.file, &content.columns, name)?;
    }
    Ok(())
}

/// The target columns: as set, as the source says, or one with a usual name.
pub(crate) fn usual_target(spec: &DataSpec, content: &Content) -> Option<Vec<String>> {
    if !spec.target.is_empty() {
        return Some(spec.target.clone());
    }
    if !content.target.is_empty() {
        return Some(content.target.clone());
    }
    let names = || content.columns.iter().map(|c| &c.name);
    let usual =
        stream::USUAL.iter().find_map(|usual| names().find(|n| n.eq_ignore_ascii_case(usual)));
    usual.map(|name| vec![name.clone()])
}

fn target_names(spec: &DataSpec, content: &Content) -> Result<Vec<String>, DataError> {
    usual_target(spec, content).ok_or_else(|| {
        let names: Vec<&String> = content.columns.iter().map(|c| &c.name).collect();
        let reason = format!("name the column to learn, one of {}", listed(&names));
        DataError::setting("target", reason)
    })
}

impl Content {
    pub(crate) fn target_columns(&self, names: &[String]) -> Result<Vec<Column>, DataError> {
        let column = |name: &String| {
            position(&self.file, &self.columns, name).map(|i| self.columns[i].clone())
        };
        names.iter().map(column).collect()
    }

    fn codec(&self, targets: &[String], spec: &DataSpec) -> Result<Codec, DataError> {
        let columns = self.target_columns(targets)?;
        let facts: Vec<Facts> = columns.iter().map(Facts::of).collect();
        Codec::find(&self.file, &facts, spec.task)
    }
}

fn schema(
    spec: &DataSpec,
    content: &Content,
    codec: Codec,
    targets: &[String],
    train: &[u32],
) -> Result<Schema, DataError> {
    let (mut features, mut left_out) = (Vec::new(), Vec::new());
    if content.array.is_none() {
        let unused = |c: &&Column| targets.contains(&c.name) || spec.ignore.contains(&c.name);
        let used: Vec<Column> = content.columns.iter().filter(|c| !unused(c)).cloned().collect();
        (features, left_out) =
            encode::fit(&content.file, &used, train, &spec.categorical, spec.missing)?;
    }
    let array = content.array.as_ref();
    let width = features.iter().map(|f| f.encoder.columns()).sum();
    let columns = array.map_or(width, |array| array.storage.columns());
    let image = array.and_then(|array| array.image);
    let Codec { task, names: targets, classes } = codec;
    let missing = spec.missing;
    Ok(Schema { features, columns, image, task, targets, classes, missing, left_out })
}

/// One source as numbers.
struct Encoded {
    storage: Arc<Storage>,
    targets: Option<Arc<Targets>>,
}

impl Encoded {
    fn new(content: Content, schema: &Schema, codec: &Codec) -> Result<Self, DataError> {
        let columns = content.target_columns(&codec.names)?;
        let targets = codec.encode(&content.file, &columns)?;
        let features = Self::features(content, schema)?;
        Ok(Encoded { targets: Some(Arc::new(targets)), ..features })
    }

    fn features(content: Content, schema: &Schema) -> Result<Self, DataError> {
        let file = content.file;
        let storage = match content.array {
            None if schema.features.is_empty() => as_array(&file, &content.columns, schema)?,
            None => encode::encode(&file, &content.columns, &schema.features, schema.missing)?,
            Some(Array { storage, image }) => {
                fits(&file, &storage, image, schema)?;
                storage
            }
        };
        Ok(Encoded { storage: Arc::new(storage), targets: None })
    }

    fn set(&self, rows: Vec<u32>) -> Set {
        Set::new(self.storage.clone(), Index::Some(Arc::new(rows)), self.targets.clone())
    }

    fn whole(&self) -> Set {
        Set::new(self.storage.clone(), Index::All, self.targets.clone())
    }
}

/// That an array has the columns, and images the size, that the schema knows.
fn fits(
    file: &str,
    storage: &Storage,
    image: Option<crate::Image>,
    schema: &Schema,
) -> Result<(), DataError> {
    if !schema.features.is_empty() {
        let names = listed(&schema.feature_names());
        return Err(DataError::format(file, format!("a table with columns {names} is needed")));
    }
    let columns = storage.columns();
    if columns == schema.columns
        && (image.is_none() || schema.image.is_none() || image == schema.image)
    {
        return Ok(());
    }
    let size = |columns: usize, image: Option<crate::Image>| match image {
        Some(i) => format!("{} × {} pixels in {} channels", i.height, i.width, i.channels),
        None => format!("{columns} columns"),
    };
    let (own, needed) = (size(columns, image), size(schema.columns, schema.image));
    Err(DataError::format(file, format!("its rows have {own}, where {needed} are needed")))
}

/// A table for a model that was trained on an array: its numeric columns in order.
fn as_array(file: &str, columns: &[Column], schema: &Schema) -> Result<Storage, DataError> {
    let feature = |c: &&Column| !schema.targets.contains(&c.name);
    let numbers = |c: &Column| match &c.cells {
        Cells::Numbers(numbers) if c.missing() == 0 => Ok(numbers.clone()),
        _ => Err(DataError::format(file, format!("column {:?} is not all numbers", c.name))),
    };
    let columns: Vec<Vec<f32>> =
        columns.iter().filter(feature).map(numbers).collect::<Result<_, _>>()?;
    if columns.len() != schema.columns {
        let (own, needed) = (columns.len(), schema.columns);
        let reason = format!("it has {own} columns beside the target, where {needed} are needed");
        return Err(DataError::format(file, reason));
    }
    let rows = columns.first().map_or(0, Vec::len);
    let values = (0..rows).flat_map(|row| columns.iter().map(move |c| c[row])).collect();
    Ok(Storage::floats(values, schema.columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(set: &Set) -> Vec<Vec<f32>> {
        let mut rows = Vec::new();
        set.for_each_block(1, |row| rows.push(row.to_vec())).unwrap();
        rows
    }

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[test]
    fn digits_are_split_and_scaled() {
        let mut spec = DataSpec::new("digits");
        spec.preprocess = vec![crate::Preprocess::Scale(16.0)];
        let data = open(&spec).unwrap();
        let parts = [Some(&data.train), data.validation.as_ref(), data.test.as_ref()];
        assert_eq!(parts.map(|p| p.map_or(0, Set::rows)), [1437, 180, 180]);
        assert!(data.train.is_bytes());
        assert_eq!(data.schema.classes.len(), 10);
        let most = rows(&data.train).concat().into_iter().fold(0.0, f32::max);
        assert_eq!(most, 1.0);
    }

    #[test]
    fn fitted_on_training_rows_alone() {
        let mut spec = DataSpec::new("iris");
        spec.preprocess = vec![crate::Preprocess::Standardize];
        let data = open(&spec).unwrap();
        let statistics = crate::statistics::Statistics::of(&data.train).unwrap();
        assert!(statistics.columns.iter().all(|c| c.mean.abs() < 1e-6));
        assert!((0..4).all(|c| (statistics.deviation(c) - 1.0).abs() < 1e-6));
        let test = crate::statistics::Statistics::of(&data.test.unwrap()).unwrap();
        assert!(test.columns.iter().any(|c| c.mean.abs() > 1e-3));
    }

    #[test]
    fn another_file_is_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let train = "a,c,y\n1,red,no\n3,green,yes\n5,red,yes\n7,red,no\n";
        let mut spec = DataSpec::new(file(&folder, "train.csv", train));
        spec.split = crate::Split::new(Some(1.0), None, None).unwrap();
        spec.preprocess = vec![crate::Preprocess::Standardize];
        let data = open(&spec).unwrap();
        assert_eq!(data.schema.classes, ["no", "yes"]);
        assert_eq!(data.schema.feature_names(), ["a", "c=green", "c=red"]);
        let json = serde_json::to_string(&(&data.schema, &data.pipeline)).unwrap();
        let (schema, pipeline): (Schema, Pipeline) = serde_json::from_str(&json).unwrap();
        let other = file(&folder, "new.csv", "extra,c,a\ninf,red,4\n1,green,1\n");
        let set = open_for(&schema, &pipeline, &other, false, &spec).unwrap();
        let deviation = 5f64.sqrt() as f32;
        assert_eq!(rows(&set), [[0.0, 0.0, 1.0], [-3.0 / deviation, 1.0, 0.0]]);
        assert!(!set.has_targets());
        let error = open_for(&schema, &pipeline, &other, true, &spec).unwrap_err().to_string();
        assert!(error.contains("no column \"y\""), "{error}");
        let unknown = file(&folder, "unknown.csv", "c,a\nred,4\nblue,1\n");
        let set = open_for(&schema, &pipeline, &unknown, false, &spec).unwrap();
        assert_eq!(rows(&set), [[0.0, 0.0, 1.0], [-3.0 / deviation, 0.0, 0.0]]);
        assert_eq!(set.unseen()[0].values, ["blue"]);
    }

    #[test]
    fn own_files_take_nothing_from_the_split() {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = (0..100).map(|i| format!("{i},{}\n", i % 2)).collect();
        let mut spec = DataSpec::new(file(&folder, "a.csv", &format!("x,y\n{lines}")));
        spec.test = Some(file(&folder, "b.csv", "x,y\n1,1\n"));
        let data = open(&spec).unwrap();
        assert_eq!((data.train.rows(), data.validation.unwrap().rows()), (90, 10));
        assert_eq!(data.test.unwrap().rows(), 1);
        spec.test = Some(file(&folder, "b.csv", "x,y\n1,2\n"));
        let error = open(&spec).unwrap_err().to_string();
        assert!(error.contains("\"2\" is none of the classes 0, 1"), "{error}");
    }

    #[test]
    fn settings_are_checked_against_the_data() {
        let mut spec = DataSpec::new("digist");
        assert!(open(&spec).unwrap_err().to_string().contains("did you mean \"digits\"?"));
        spec.source = "iris".into();
        spec.target = vec!["spezies".into()];
        assert!(open(&spec).unwrap_err().to_string().contains("no column \"spezies\""));
        spec.target.clear();
        spec.ignore = vec!["petal".into()];
        assert!(open(&spec).unwrap_err().to_string().contains("no column \"petal\""));
        spec.ignore = vec!["petal width (cm)".into()];
        assert_eq!(open(&spec).unwrap().train.columns(), 3);
        spec.preprocess = vec![crate::Preprocess::ChannelMean];
        assert!(open(&spec).unwrap_err().to_string().contains("needs images"));
        spec.limit = Some(0);
        assert!(open(&spec).unwrap_err().to_string().contains("no row"));
    }
}
