//! What a training tells while it goes, for screens and the like.

use crate::folder::event::{End, Epoch, Finding, Histogram, Layer, Start, Step};
use crate::runfile::Resolved;
use gradwise_data::{Data, Unseen};

/// One piece of news; the same records as in the event log, and [`Progress`].
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// The run starts, or goes on.
    Start(&'a Start),
    /// After [`News::Start`], of a run that goes on: where.
    Resume(&'a Resume),
    /// The rows and settings that it starts with, told to the watcher before the first
    /// step, and not of a run that goes on. Whoever hears it must be quick.
    Rows(&'a Data, &'a Resolved),
    /// After [`News::Start`]: categories of the validation or test rows that the training
    /// data did not have.
    Unseen(&'a Unseen),
    /// Where it stands; ten times a second at most.
    Progress(&'a Progress),
    /// A step was done. Every one is told: whoever hears it must be quick.
    Step(&'a Step),
    /// Layers were measured: all measures of one step.
    Layers(&'a [Layer]),
    /// Distributions were taken of layers: all of one step.
    Histograms(&'a [Histogram]),
    /// An epoch ended.
    Epoch(&'a Epoch),
    /// Something is wrong.
    Finding(&'a Finding),
    /// The run ended.
    End(&'a End),
}

/// Where a run goes on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resume {
    /// Steps done.
    pub step: u64,
    /// Epochs done.
    pub epoch: u64,
    /// Training rows done of the next epoch.
    pub rows: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// Why the newest checkpoint could not be read, where the run goes on from the one
    /// before it.
    pub damaged: Option<String>,
}

/// Where a training stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// The last step, counted from 1 over the whole run.
    pub step: u64,
    /// All steps that the run is to have.
    pub steps: u64,
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// All epochs that the run is to have.
    pub epochs: u64,
    /// The share of the epoch that is done.
    pub share: f64,
    /// The loss of the last step.
    pub loss: f64,
    /// The mean data loss of the epoch so far.
    pub mean_loss: f64,
    /// Its learning rate.
    pub lr: f64,
    /// Training rows per second since the run started.
    pub rows_per_second: f64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// Seconds left if all epochs run at this rate.
    pub seconds_left: f64,
}

/// Who is told. It is called from the training thread and should be quick.
pub type Observer<'a> = &'a mut dyn FnMut(News<'_>);

/// Who judges the news while they come: what it finds wrong becomes part of the run's
/// records. The judge of findings lives above this crate; it is asked through this.
pub type Watcher<'a> = &'a mut dyn FnMut(News<'_>) -> Vec<Finding>;
