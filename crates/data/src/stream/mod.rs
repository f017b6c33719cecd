//! Tables that do not fit into memory: converted once, then read from disk.
//!
//! A CSV or Parquet file whose rows would take more memory than `data.memory` is parsed
//! once, into a file of rows of fixed width that later runs find again ([`store`]). Sets
//! of such a table read their rows where they are needed: the same split, the same
//! features and the same statistics as in memory, to the bit. Only the order within an
//! epoch differs, because reading single rows at random would be many times slower than
//! the disk ([`crate::visit`]); parts that are small are held in memory.

mod chunks;
mod convert;
mod csv;
mod decode;
mod file;
mod opening;
#[cfg(feature = "parquet")]
mod parquet;
mod passes;
mod schema;
mod size;
mod store;
mod table;
mod tally;

pub(crate) use chunks::Chunks;
pub(crate) use convert::USUAL;
pub(crate) use decode::Decode;
pub(crate) use file::FileRows;
pub(crate) use table::Answers;

use crate::error::DataError;
use crate::memory::Memory;
use crate::open::{Data, hints};
use crate::schema::Schema;
use crate::set::{Index, Set, Targets};
use crate::spec::DataSpec;
use crate::table::target::Codec;
use convert::Roles;
use opening::Opening;
use std::sync::Arc;

/// Opens data as `spec` says if they are tables too large for memory; `None` if they fit,
/// or are of another kind.
pub(crate) fn open(spec: &DataSpec) -> Result<Option<Data>, DataError> {
    let Some(memory) = spec.memory.or_else(Memory::automatic) else { return Ok(None) };
    let paths = |name: &String| size::table(spec.base_dir.as_deref(), name);
    let Some(main) = paths(&spec.source) else { return Ok(None) };
    let own = [&spec.validation, &spec.test].map(|name| name.as_ref().map(paths));
    let mut needed = size::needed(&main, memory)?;
    for path in own.iter().flatten() {
        let Some(path) = path else { return Ok(None) };
        needed = needed.saturating_add(size::needed(path, memory)?);
    }
    if needed <= memory.bytes {
        return Ok(None);
    }
    let [validation, test] = own.map(Option::flatten);
    Opening { spec, memory }.open(&main, validation.as_deref(), test.as_deref()).map(Some)
}

/// How many bytes of a table are looked at to describe it: `None` for all of one that
/// fits into memory.
pub(crate) fn described(spec: &DataSpec) -> Result<Option<u64>, DataError> {
    let Some(memory) = spec.memory.or_else(Memory::automatic) else { return Ok(None) };
    let Some(path) = size::table(spec.base_dir.as_deref(), &spec.source) else { return Ok(None) };
    let fits = size::needed(&path, memory)? <= memory.bytes;
    Ok((!fits).then(|| (memory.bytes / 64).clamp(1 << 14, 64 << 20)))
}

/// A large table for a trained model; `None` if it fits, or is of another kind.
pub(crate) fn open_for(
    schema: &Schema,
    source: &str,
    with_targets: bool,
    spec: &DataSpec,
) -> Result<Option<Set>, DataError> {
    let Some(memory) = spec.memory.or_else(Memory::automatic) else { return Ok(None) };
    let Some(path) = size::table(None, source) else { return Ok(None) };
    if schema.features.is_empty() || size::needed(&path, memory)? <= memory.bytes {
        return Ok(None);
    }
    let features = schema.features.iter().map(|feature| feature.name.clone()).collect();
    let targets = if with_targets { schema.targets.clone() } else { Vec::new() };
    let roles = Roles::Model { features, targets };
    let opening = Opening { spec, memory };
    let table = opening.convert(&path, &roles, &hints(schema))?;
    let storage = Arc::new(opening.storage(&table, schema)?);
    let codec =
        Codec { task: schema.task, names: schema.targets.clone(), classes: schema.classes.clone() };
    let targets = with_targets.then(|| table.targets(&codec)).transpose()?;
    let targets = targets.map(|answers| Arc::new(Targets::File(answers)));
    Ok(Some(Set::new(storage, Index::All, targets)))
}
