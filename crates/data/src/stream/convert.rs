//! One pass from a source to a table on disk, whatever the source's format.
//!
//! What a column holds is known for certain only when all of it was read: it is taken for
//! what its first rows say, and if a later cell says otherwise, the pass is made again.

use super::store::{Origin, Store, Writer};
use super::table::{Cell, StoredColumn, StoredTable};
use super::tally::{Column, Tally};
use crate::error::{DataError, listed};
use crate::table::{Hints, Kind};
use crate::watch::{Conversion, Watcher};
use std::path::Path;
use std::time::{Duration, Instant};

/// Names that a table's target often has.
pub(crate) const USUAL: [&str; 4] = ["target", "label", "class", "y"];

/// Which columns are wanted, and as what.
#[derive(Clone, Debug)]
pub(crate) enum Roles {
    /// All but some, one or more of them as answers; without names, one that has a usual one.
    Train { target: Vec<String>, ignore: Vec<String> },
    /// Those that a model needs.
    Model { features: Vec<String>, targets: Vec<String> },
}

impl Roles {
    /// Where the cells of each column go.
    fn cells(&self, file: &str, names: &[String]) -> Result<Vec<Option<Cell>>, DataError> {
        let target = self.targets(file, names)?;
        let (mut features, mut answers) = (0.., 0..);
        let mut cell = |name: &String| {
            if target.contains(name) {
                return answers.next().map(Cell::Answer);
            }
            self.is_feature(name).then(|| features.next().map(Cell::Feature)).flatten()
        };
        Ok(names.iter().map(&mut cell).collect())
    }

    fn is_feature(&self, name: &String) -> bool {
        match self {
            Roles::Train { ignore, .. } => !ignore.contains(name),
            Roles::Model { features, .. } => features.contains(name),
        }
    }

    /// The answers' columns.
    pub fn targets(&self, file: &str, names: &[String]) -> Result<Vec<String>, DataError> {
        let target = match self {
            Roles::Model { targets, .. } => targets,
            Roles::Train { target, .. } => target,
        };
        if let Some(absent) = target.iter().find(|name| !names.contains(name)) {
            let near = crate::error::did_you_mean(absent, names);
            let reason = format!("it has no column {absent:?}{near}; it has {}", listed(names));
            return Err(DataError::format(file, reason));
        }
        if !target.is_empty() || matches!(self, Roles::Model { .. }) {
            return Ok(target.clone());
        }
        let usual = |usual: &&str| names.iter().find(|name| name.eq_ignore_ascii_case(usual));
        match USUAL.iter().find_map(usual) {
            Some(name) => Ok(vec![name.clone()]),
            None => {
                let reason = format!("name the column to learn, one of {}", listed(names));
                Err(DataError::setting("target", reason))
            }
        }
    }
}

/// Some rows of a source as cells, with what was counted of each column.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub rows: usize,
    pub features: Vec<f32>,
    pub answers: Vec<f32>,
    pub tallies: Vec<Tally>,
    /// Bytes of the source that the rows took.
    pub bytes: u64,
}

impl Piece {
    /// An empty one for these columns.
    pub fn new(columns: &[Column]) -> Piece {
        let tallies = columns.iter().map(|_| Tally::default()).collect();
        Piece { tallies, ..Piece::default() }
    }

    /// Adds a cell of the last row.
    pub fn push(&mut self, cell: Cell, x: f32) {
        match cell {
            Cell::Feature(_) => self.features.push(x),
            Cell::Answer(_) => self.answers.push(x),
        }
    }
}

/// A source that can be read piece by piece, as often as needed.
pub(crate) trait Source {
    /// What messages call it.
    fn name(&self) -> &str;
    /// Bytes of the source; 0 if that is not known.
    fn size(&self) -> u64;
    /// The columns' names, what their first rows hold, and whether they are numbers in
    /// the source.
    fn columns(&self, hints: &Hints) -> Result<Vec<(String, Kind, bool)>, DataError>;
    /// Reads all rows as `columns` say, and hands them on in order.
    fn read(
        &self,
        columns: &[Column],
        take: &mut dyn FnMut(Piece) -> Result<(), DataError>,
    ) -> Result<(), DataError>;
}

/// Time between two pieces of news.
const PERIOD: Duration = Duration::from_millis(100);

/// The table that was made of a source before, or is made now.
pub(crate) fn convert(
    store: &Store,
    path: &Path,
    source: &dyn Source,
    (roles, hints): (&Roles, &Hints),
    watcher: &Watcher,
) -> Result<StoredTable, DataError> {
    let mut kinds: Vec<String> = hints.kinds.iter().map(|kind| format!("{kind:?}")).collect();
    kinds.sort_unstable();
    let origin = Origin::of(path, format!("{roles:?} {kinds:?} {:?}", hints.others))?;
    let table =
        store.table(&origin, |writer| Pass { source, watcher }.run(writer, roles, hints))?;
    watcher.tell(source.name(), None)?;
    Ok(StoredTable { file: source.name().into(), ..table })
}

/// A conversion under way.
struct Pass<'a> {
    source: &'a dyn Source,
    watcher: &'a Watcher,
}

impl Pass<'_> {
    fn run(
        &self,
        writer: &mut Writer,
        roles: &Roles,
        hints: &Hints,
    ) -> Result<Vec<StoredColumn>, DataError> {
        let file = self.source.name();
        let found = self.source.columns(hints)?;
        let names: Vec<String> = found.iter().map(|(name, ..)| name.clone()).collect();
        let cells = roles.cells(file, &names)?;
        let columns = found.into_iter().zip(cells).map(|((name, kind, numeric), cell)| {
            let hint = hints.kind(&name);
            Column { kind: hint.unwrap_or(kind), name, cell, hint, numeric }
        });
        let mut columns: Vec<Column> = columns.collect();
        loop {
            let tallies = self.once(writer, &columns)?;
            let rows = writer.rows();
            if rows == 0 {
                return Err(DataError::format(file, "it has no rows"));
            }
            let (mut done, mut again) = (Vec::new(), false);
            for (column, tally) in columns.iter_mut().zip(tallies) {
                match tally.finish(file, column, rows)? {
                    Some(stored) => done.push(stored),
                    None if column.cell.is_some() => {
                        (column.kind, again) = (Kind::Category, true);
                    }
                    None => {}
                }
            }
            if !again {
                return Ok(done);
            }
            writer.restart()?;
        }
    }

    /// Reads all rows once.
    fn once(&self, writer: &mut Writer, columns: &[Column]) -> Result<Vec<Tally>, DataError> {
        let mut tallies: Vec<Tally> = columns.iter().map(|_| Tally::default()).collect();
        let (mut done, mut told) = (0, Instant::now());
        self.source.read(columns, &mut |mut piece| {
            let start = writer.rows();
            for (i, (column, tally)) in columns.iter().zip(&mut tallies).enumerate() {
                let own = piece.tallies.get_mut(i).map(std::mem::take).unwrap_or_default();
                let codes = tally.merge(own, start);
                if let (Kind::Category, Some(cell)) = (column.kind, column.cell) {
                    recode(&mut piece, columns, cell, &codes);
                }
            }
            writer.write(piece.rows, &piece.features, &piece.answers)?;
            done += piece.bytes;
            if told.elapsed() > PERIOD {
                told = Instant::now();
                let (file, size) = (self.source.name(), self.source.size());
                let rows = writer.rows();
                self.watcher.tell(file, Some(Conversion { file, done, size, rows }))?;
            }
            Ok(())
        })?;
        Ok(tallies)
    }
}

/// Replaces the codes of a piece's column by those of the table.
fn recode(piece: &mut Piece, columns: &[Column], cell: Cell, codes: &[f32]) {
    let is_feature = |c: &&Column| matches!(c.cell, Some(Cell::Feature(_)));
    let features = columns.iter().filter(is_feature).count();
    let all = columns.iter().filter(|column| column.cell.is_some()).count();
    let (cells, at, width) = match cell {
        Cell::Feature(at) => (&mut piece.features, at, features),
        Cell::Answer(at) => (&mut piece.answers, at, all - features),
    };
    for x in cells.iter_mut().skip(at).step_by(width) {
        if !x.is_nan() {
            *x = codes.get(*x as usize).copied().unwrap_or(f32::NAN);
        }
    }
}
