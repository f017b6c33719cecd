//! The pictures that commands write beside their results.

use gradwise_train::folder::error::FolderError;
use gradwise_train::folder::{atomic, reader};
use gradwise_train::metrics::Report;
use gradwise_train::run::Outcome;
use gradwise_trials::curves::{self, VariantCurves};
use gradwise_trials::verdict::Verdict;
use gradwise_trials::{Report as Study, VariantReport};
use gradwise_view::paint::{PngError, Scene};
use gradwise_view::plot::{Bands, Variant};
use gradwise_view::run;
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// Dots per pixel of a PNG: sharp on today's screens.
pub const SCALE: f32 = 2.0;

/// Why a picture was not written.
#[derive(Debug)]
pub enum PictureError {
    /// The folder.
    Folder(FolderError),
    /// The picture.
    Png(PngError),
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PictureError::Folder(error) => error.fmt(f),
            PictureError::Png(error) => error.fmt(f),
        }
    }
}

/// Writes the pictures of a training into its folder: `curves`, and of the test
/// rows `confusion` and `calibration`, each as SVG and PNG.
pub fn of_run(outcome: &Outcome) -> Result<(), PictureError> {
    let folder = &outcome.folder;
    of_records(folder)?;
    match &outcome.test {
        Some(report) => of_report(folder, &format!("{}, test rows", name(folder)), report),
        None => Ok(()),
    }
}

/// Writes `curves`, which takes no more than the records of a run.
pub fn of_records(folder: &Path) -> Result<(), PictureError> {
    let events = reader::read(folder).map_err(PictureError::Folder)?;
    write(folder, "curves", &run::curves(&name(folder), &events).draw())
}

fn name(folder: &Path) -> Cow<'_, str> {
    folder.file_name().map_or("run".into(), |name| name.to_string_lossy())
}

/// Writes the pictures of an evaluation into a folder.
pub fn of_report(folder: &Path, title: &str, report: &Report) -> Result<(), PictureError> {
    if let Some(confusion) = run::confusion(title, report) {
        write(folder, "confusion", &confusion.draw())?;
    }
    if let Some(reliability) = run::reliability(title, report) {
        write(folder, "calibration", &reliability.draw())?;
    }
    Ok(())
}

/// The most variants whose curves are drawn; see [`Bands`].
const CURVES: usize = 6;

/// Writes the picture of a study into its folder: `compare`, as SVG and PNG.
pub fn of_study(report: &Study) -> Result<(), PictureError> {
    let curves = curves::read(report).map_err(PictureError::Folder)?;
    write(&report.folder, "compare", &bands(report, curves).draw())
}

/// A study as a plot: the curves of the reference and the best variants.
fn bands(report: &Study, curves: Vec<VariantCurves>) -> Bands {
    let reference = report.variants.iter().position(|v| v.verdict == Verdict::Reference);
    let mut order: Vec<usize> = (0..report.variants.len()).collect();
    let mean = |index: &usize| report.variants[*index].validation.map(|s| s.mean);
    let worth = |index: &usize| match (Some(*index) == reference, mean(index)) {
        (true, _) => f64::NEG_INFINITY,
        (_, None) => f64::INFINITY,
        (_, Some(mean)) if report.metric.more_is_better => -mean,
        (_, Some(mean)) => mean,
    };
    order.sort_by(|a, b| worth(a).total_cmp(&worth(b)));
    order.truncate(CURVES);
    let variant = |(index, (variant, curves)): (usize, (&VariantReport, VariantCurves))| {
        let runs = curves.runs.into_iter();
        let (loss, metric) = runs.map(|run| (run.loss, run.metric)).unzip();
        let values = variant.runs.iter().filter_map(|run| run.value(&report.metric));
        Variant {
            name: variant.name.clone(),
            remark: variant.verdict.words().into(),
            ends: values.filter(|value| value.is_finite()).collect(),
            mean: variant.validation.map(|s| s.mean),
            interval: variant.validation.and_then(|s| s.low.zip(s.high)),
            curves: order.contains(&index),
            loss,
            metric,
        }
    };
    let variants = report.variants.iter().zip(curves).enumerate().map(variant).collect();
    let name = report.folder.file_name().map_or("compare".into(), |n| n.to_string_lossy());
    Bands {
        title: name.into_owned(),
        metric: run::called(&report.metric.name).into(),
        over: format!("{} {}", report.repeats, report.over),
        variants,
        reference,
    }
}

fn write(folder: &Path, name: &str, scene: &Scene) -> Result<(), PictureError> {
    let png = scene.to_png(SCALE).map_err(PictureError::Png)?;
    let put = |end: &str, bytes: &[u8]| {
        atomic::write(&folder.join(format!("{name}.{end}")), bytes).map_err(PictureError::Folder)
    };
    put("svg", scene.to_svg().as_bytes())?;
    put("png", &png)
}
