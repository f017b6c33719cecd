//! What an experiment is, and what it is given.

use crate::Report;
use gradwise_cpu::{CpuError, Device, Stopped};
use gradwise_data::DataError;
use gradwise_graph::GraphError;
use gradwise_nn::{BuildError, ParseError};
use gradwise_view::paint::PngError;
use std::ops::Range;
use std::path::PathBuf;

/// One of the lecture's experiments.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The rows of the lecture that it shows, such as `L2, L3`.
    pub rows: &'static str,
    /// What it shows, in one line.
    pub shows: &'static str,
    /// Whether `--data` can put another data set in.
    pub takes_data: bool,
    /// Does it.
    pub run: fn(&Setup) -> Result<Report, LabError>,
}

/// What all experiments are given.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What computes.
    pub device: Device,
    /// A data set instead of the experiment's own.
    pub data: Option<String>,
    /// The target column or columns of `data`, if it is a table that does not say.
    pub target: Vec<String>,
    /// How many seeds each result is repeated over.
    pub seeds: u64,
    /// Less of everything, for tests: the claims still hold, less sharply.
    pub quick: bool,
}

impl Setup {
    /// Five seeds on the experiments' own data.
    ///
    /// # Errors
    /// As [`Device::new`].
    pub fn new(threads: Option<usize>) -> Result<Setup, LabError> {
        Ok(Setup {
            device: Device::new(threads)?,
            data: None,
            target: Vec::new(),
            seeds: 5,
            quick: false,
        })
    }

    /// The seeds.
    pub fn seeds(&self) -> Range<u64> {
        0..self.seeds.max(1)
    }

    /// `full`, or `quick` where there shall be less of everything.
    pub fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// Why an experiment could not be done.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// No experiment has this name.
    #[error("there is no experiment {name:?}{near}; `gradwise lab` lists them")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest name, as a question.
        near: String,
    },
    /// The data set that was put in is not of the kind that the experiment shows.
    #[error("{experiment} cannot use {data}: {reason}")]
    Unsuitable {
        /// The experiment.
        experiment: &'static str,
        /// The data set.
        data: String,
        /// What is missing, and what would do.
        reason: String,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The data could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A network could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A choice could not be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A mistake in a graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A plan could not be made.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// A run ended early where it should not have.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A figure could not be made.
    #[error(transparent)]
    Png(#[from] PngError),
}
