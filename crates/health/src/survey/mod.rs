//! A network looked at closely at one point of its training: every layer, forward
//! and backward, unit by unit, over a window of the data.
//!
//! What a single batch shows of a unit says little (a ReLU unit may sleep through
//! it), so units are judged over thousands of rows: all of a small set. The survey
//! builds the run's network anew, at its first weights or at given ones, and changes
//! nothing.

mod answers;
mod layer;
mod pass;

pub use answers::Answers;
pub use layer::LayerSurvey;

use crate::data::Sample;
use answers::Teller;
use gradwise_cpu::{CpuError, Device};
use gradwise_data::{Data, DataError};
use gradwise_graph::GraphError;
use gradwise_nn::BuildError;
use gradwise_train::runfile::Resolved;
use pass::Pass;

/// Rows of the window.
pub const WINDOW: usize = 4096;
/// Rows that go through the network at once.
const BATCH: usize = 256;

/// Weights by parameter name, such as `dense1.weight`, row-major.
pub type Weights = Vec<(String, Vec<f32>)>;

/// A network that cannot be surveyed.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The network cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Its gradients cannot.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The processor cannot run it.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// The rows cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A run was stopped, or a weight does not fit.
    #[error("{0}")]
    Run(String),
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Training rows in the window.
    pub rows: usize,
    /// The mean data loss of a row, without class weights.
    pub loss: f64,
    /// The score on the training rows; see [`Answers::score`].
    pub score: Option<f64>,
    /// The answers on the training rows.
    pub answers: Answers,
    /// The answers on validation rows, if there are any.
    pub validation: Option<Answers>,
    /// The layers, the output last.
    pub layers: Vec<LayerSurvey>,
}

impl Survey {
    /// Looks at the network that `resolved` describes, at the weights that `seed`
    /// draws or at `weights`.
    ///
    /// # Errors
    /// A network that cannot be built or run, weights that do not fit it.
    pub fn of(
        device: &Device,
        resolved: &Resolved,
        seed: u64,
        data: &Data,
        weights: Option<&Weights>,
    ) -> Result<Survey, SurveyError> {
        let sample = in_units(Sample::evenly(&data.train, WINDOW)?, resolved);
        let batch = BATCH.min(sample.rows).max(1);
        let mut pass = Pass::new(device, resolved, seed, batch)?;
        if let Some(weights) = weights {
            pass.set(weights)?;
        }
        let mut teller = Teller::new(resolved);
        let loss = pass.run(&sample, &mut teller, true)?;
        let answers = teller.finish();
        let validation = match &data.validation {
            Some(set) => {
                let mut teller = Teller::new(resolved);
                pass.run(&in_units(Sample::evenly(set, WINDOW)?, resolved), &mut teller, false)?;
                Some(teller.finish())
            }
            None => None,
        };
        let layers = pass.finish();
        let rows = sample.rows / batch * batch;
        Ok(Survey { rows, loss, score: answers.score, answers, validation, layers })
    }

    /// The hidden layers.
    pub fn hidden(&self) -> &[LayerSurvey] {
        self.layers.split_last().map_or(&[], |(_, hidden)| hidden)
    }

    /// The output layer.
    pub fn output(&self) -> Option<&LayerSurvey> {
        self.layers.last()
    }

    /// The layer of that name.
    pub fn layer(&self, name: &str) -> Option<&LayerSurvey> {
        self.layers.iter().find(|l| l.name == name)
    }
}

/// Targets in the units that the loss compares them in.
fn in_units(mut sample: Sample, resolved: &Resolved) -> Sample {
    if let Some(scale) = &resolved.target_scale {
        let units = scale.mean.iter().zip(&scale.deviation).cycle();
        sample.y.iter_mut().zip(units).for_each(|(y, (mean, deviation))| {
            *y = (*y - mean) / deviation;
        });
    }
    sample
}
