//! From a table on disk to sets: the steps of [`crate::open`], with the table's facts in
//! place of its columns.

use super::convert::{Roles, convert};
use super::passes::split;
use super::schema::schema;
use super::size;
use super::store::Store;
use super::table::{StoredColumn, StoredTable};
use crate::error::DataError;
use crate::members::Members;
use crate::memory::Memory;
use crate::open::{Data, check_count, hints, set_kinds};
use crate::pipeline::Pipeline;
use crate::schema::Schema;
use crate::set::{Index, Set, Targets};
use crate::spec::DataSpec;
use crate::split::Drawing;
use crate::storage::Storage;
use crate::table::facts::{Facts, Values};
use crate::table::target::Codec;
use crate::table::{Hints, Kind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Data that are being opened.
pub(super) struct Opening<'a> {
    pub spec: &'a DataSpec,
    pub memory: Memory,
}

/// Where converted tables are kept by default.
fn default_cache() -> PathBuf {
    crate::data_folder().join("streamed")
}

impl Opening<'_> {
    /// The data whose main table is in that file.
    pub fn open(
        &self,
        main: &Path,
        validation: Option<&Path>,
        test: Option<&Path>,
    ) -> Result<Data, DataError> {
        let spec = self.spec;
        let kinds = set_kinds(spec);
        let roles = Roles::Train { target: spec.target.clone(), ignore: spec.ignore.clone() };
        let table = self.convert(main, &roles, &kinds)?;
        check_count(&table.file, table.rows)?;
        let codec = self.codec(&table, &roles)?;
        let answers = table.targets(&codec)?;
        let drawing = Drawing::new(spec, validation.is_some(), test.is_some())?;
        let parts = split(&drawing, &table, &codec, &answers)?;
        drawing.check(&table.file, parts.train.count(), parts.validation.count())?;
        let schema = schema(spec, &table, codec, &parts.train)?;
        let storage = Arc::new(self.storage(&table, &schema)?);
        let answers = Arc::new(Targets::File(answers));
        let set = |members| {
            Set::new(storage.clone(), Index::Members(Arc::new(members)), Some(answers.clone()))
        };
        let hints = self.hints_like(&table, &schema);
        let part = |own: Option<&Path>, members: Members| match own {
            Some(path) => self.own(path, &schema, &hints).map(Some),
            None => Ok((members.count() > 0).then(|| set(members))),
        };
        let mut train = self.loaded(set(parts.train), 2)?;
        let loaded = |set: Option<Set>| set.map(|set| self.loaded(set, 8)).transpose();
        let mut validation = loaded(part(validation, parts.validation)?)?;
        let mut test = loaded(part(test, parts.test)?)?;
        let mut sets: Vec<&mut Set> = vec![&mut train];
        sets.extend(validation.as_mut());
        sets.extend(test.as_mut());
        let pipeline = Pipeline::fit(&spec.preprocess, &mut sets, &schema)?;
        Ok(Data { train, validation, test, schema, pipeline, streamed: Some(self.memory) })
    }

    /// The set in memory if it takes no more than so small a share of it.
    fn loaded(&self, set: Set, share: u64) -> Result<Set, DataError> {
        let numbers = set.rows() as u64 * (set.columns() + set.target_columns()) as u64;
        if numbers * 4 > self.memory.bytes / share { Ok(set) } else { set.loaded() }
    }

    pub fn convert(
        &self,
        path: &Path,
        roles: &Roles,
        hints: &Hints,
    ) -> Result<StoredTable, DataError> {
        let cache = self.spec.cache.clone();
        let store = Store::new(cache.unwrap_or_else(default_cache));
        let source = size::source(path, self.memory)?;
        convert(&store, path, source.as_ref(), (roles, hints), &self.spec.watcher)
    }

    pub fn storage(&self, table: &StoredTable, schema: &Schema) -> Result<Storage, DataError> {
        table.storage(schema, (self.memory.bytes / 8).clamp(1 << 16, 128 << 20) as usize)
    }

    fn codec(&self, table: &StoredTable, roles: &Roles) -> Result<Codec, DataError> {
        let names: Vec<String> = table.columns.iter().map(|c| c.facts.name.clone()).collect();
        let targets = roles.targets(&table.file, &names)?;
        let facts = targets.iter().map(|name| {
            StoredColumn::find(&table.file, &table.columns, name).map(|c| c.facts.clone())
        });
        let facts = facts.collect::<Result<Vec<Facts>, DataError>>()?;
        Codec::find(&table.file, &facts, self.spec.task)
    }

    /// Files of their own are read as the main one was.
    fn hints_like(&self, table: &StoredTable, schema: &Schema) -> Hints {
        let mut hints = hints(schema);
        for column in &table.columns {
            let kind = match column.facts.values {
                Values::Numbers { .. } => Kind::Number,
                Values::Texts(_) | Values::TooMany => Kind::Category,
            };
            hints.add(&column.facts.name, Some(kind));
        }
        hints
    }

    /// All rows of a file of its own.
    fn own(&self, path: &Path, schema: &Schema, hints: &Hints) -> Result<Set, DataError> {
        let features = schema.features.iter().map(|feature| feature.name.clone()).collect();
        let roles = Roles::Model { features, targets: schema.targets.clone() };
        let table = self.convert(path, &roles, hints)?;
        let (task, names) = (schema.task, schema.targets.clone());
        let codec = Codec { task, names, classes: schema.classes.clone() };
        let targets = Arc::new(Targets::File(table.targets(&codec)?));
        Ok(Set::new(Arc::new(self.storage(&table, schema)?), Index::All, Some(targets)))
    }
}
