//! How the validation rows fared over the epochs of each run, for pictures.

use crate::report::{Report, Run};
use gradwise_train::folder::error::FolderError;
use gradwise_train::folder::event::{Epoch, Event};
use gradwise_train::folder::reader;

/// The epochs of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Epoch and validation loss.
    pub loss: Vec<(f64, f64)>,
    /// Epoch and the study's metric, where the epochs measure it.
    pub metric: Vec<(f64, f64)>,
}

/// The curves of a variant's runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariantCurves {
    /// The variant's name.
    pub name: String,
    /// One for each run that there is.
    pub runs: Vec<Curve>,
}

/// Reads the curves of all runs from their folders.
///
/// # Errors
/// A folder that cannot be read.
pub fn read(report: &Report) -> Result<Vec<VariantCurves>, FolderError> {
    let of = |run: &Run| {
        let events = reader::read(&run.folder)?;
        let epochs = events.iter().filter_map(|event| match event {
            Event::Epoch(epoch) => Some(epoch),
            _ => None,
        });
        Ok(curve(epochs, &report.metric.name))
    };
    let variants = report.variants.iter().map(|variant| {
        let runs = variant.runs.iter().filter(|run| run.has_ended()).map(of);
        Ok(VariantCurves { name: variant.name.clone(), runs: runs.collect::<Result<_, _>>()? })
    });
    variants.collect()
}

fn curve<'e>(epochs: impl Iterator<Item = &'e Epoch>, metric: &str) -> Curve {
    let mut curve = Curve::default();
    for epoch in epochs {
        let point = |name: &str| Some((epoch.epoch as f64, epoch.validation.get(name)?.0));
        curve.loss.extend(point("loss"));
        curve.metric.extend(point(metric));
    }
    curve
}
