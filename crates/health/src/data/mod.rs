//! What the data say by themselves: ranges, balance, copies, shift, and whether a
//! simple method can learn anything from them.
//!
//! All is measured after pre-processing, on what the network sees. Large sets are
//! looked at through evenly spaced rows; copies are searched among all rows.

mod copies;
mod errors;
mod features;
mod neighbours;
mod proxy;
mod robust;
mod sample;
pub mod shift;
mod single;
mod targets;

pub use copies::Copies;
pub use errors::Errors;
pub use features::Features;
use neighbours::Neighbours;
pub use neighbours::Probe;
pub(crate) use neighbours::told;
pub use sample::Sample;
pub use shift::Shift;
pub use targets::{Column, Targets};

use gradwise_data::{Data, DataError};
use gradwise_train::runfile::Resolved;

/// Rows that ranges are measured on.
const ROWS: usize = 4096;
/// The most rows that nearest neighbours are searched among.
const NEIGHBOURS: usize = 2400;
/// The most products that the search may cost, rows² times columns: half a second.
const PRODUCTS: f64 = 1.2e9;
/// Numbers that are looked at where a training waits: some milliseconds.
const GLANCE: usize = 1_000_000;
/// Rows of which fewer are no sample: their features vary by chance alone.
const FEWEST: usize = 256;
/// Numbers among which copies are searched then: hashing takes longest.
const HASHED: usize = 500_000;

/// What the data say.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Training rows.
    pub rows: usize,
    /// Validation rows.
    pub validation_rows: usize,
    /// Whether the rows are images.
    pub images: bool,
    /// Class names; empty without classes.
    pub classes: Vec<String>,
    /// The features.
    pub features: Features,
    /// The answers.
    pub targets: Targets,
    /// Rows that are copies of others.
    pub copies: Copies,
    /// What nearest neighbours make of the training rows; `None` with too few rows.
    pub probe: Option<Probe>,
    /// The feature that gives the answer away, if one does.
    pub proxy: Option<usize>,
    /// How validation rows differ from training rows.
    pub shift: Option<Shift>,
}

impl Facts {
    /// What milliseconds show: ranges, balance, shift of single columns, and copies where
    /// the rows are few. Nothing is compared with neighbours. `None` of rows so wide that
    /// this would take longer.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn at_a_glance(data: &Data, resolved: &Resolved) -> Result<Option<Facts>, DataError> {
        let (all, columns) = (data.train.rows(), data.train.columns().max(1));
        let rows = ROWS.min(GLANCE / columns);
        if rows < FEWEST.min(all) {
            return Ok(None);
        }
        let (mut facts, train, validation) = Facts::plain(data, resolved, rows)?;
        facts.shift = validation.and_then(|v| Shift::of(&train, &v, &facts.targets, None));
        if all * columns <= HASHED {
            facts.copies = Copies::of(data)?;
        }
        Ok(Some(facts))
    }

    /// What so many rows of each split say by themselves, and these rows.
    fn plain(
        data: &Data,
        resolved: &Resolved,
        rows: usize,
    ) -> Result<(Facts, Sample, Option<Sample>), DataError> {
        let train = Sample::evenly(&data.train, rows)?;
        let validation = data.validation.as_ref().map(|set| Sample::evenly(set, rows));
        let facts = Facts {
            rows: data.train.rows(),
            validation_rows: data.validation.as_ref().map_or(0, |set| set.rows()),
            images: data.schema.image.is_some(),
            classes: data.schema.classes.clone(),
            features: Features::of(&train, &data.schema),
            targets: Targets::of(data, resolved.target_scale.as_ref())?,
            ..Facts::default()
        };
        Ok((facts, train, validation.transpose()?))
    }

    /// Looks at the data; at targets in the units that the loss compares them in.
    ///
    /// # Errors
    /// Rows on disk that cannot be read.
    pub fn of(data: &Data, resolved: &Resolved) -> Result<Facts, DataError> {
        let (facts, train, validation) = Facts::plain(data, resolved, ROWS)?;
        let targets = &facts.targets;
        let affordable = (PRODUCTS / data.train.columns().max(1) as f64).sqrt() as usize;
        let few = Sample::evenly(&data.train, NEIGHBOURS.min(affordable))?;
        let task = data.schema.task;
        let single = || single::surprise(&train, targets.classes.len());
        let near = Neighbours::of(&few);
        let probe = Probe::by(&few, &near, task).map(|probe| Probe {
            single: single(),
            robust: robust::of(&few, &near, resolved),
            ..probe
        });
        Ok(Facts {
            copies: Copies::of(data)?,
            shift: validation
                .and_then(|v| Shift::of(&train, &v, targets, probe.as_ref().map(|p| (&few, p)))),
            probe,
            proxy: proxy::of(&train, &few, targets, task),
            ..facts
        })
    }
}
