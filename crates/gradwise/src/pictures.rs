//! The pictures that commands write beside their results.

use gradwise_train::folder::error::FolderError;
use gradwise_train::folder::{atomic, reader};
use gradwise_train::model::Evaluation;
use gradwise_train::run::Outcome;
use gradwise_trials::curves::{self, VariantCurves};
use gradwise_trials::verdict::Verdict;
use gradwise_trials::{Report as Study, VariantReport};
use gradwise_view::layers::Layers;
use gradwise_view::noise::Noise;
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

/// Writes the pictures of a training into its folder, each as SVG and PNG: those of
/// [`of_records`] and of [`of_evaluation`].
pub fn of_run(outcome: &Outcome) -> Result<(), PictureError> {
    of_folder(&outcome.folder, outcome.evaluation.as_ref())
}

/// Writes the pictures of a run folder, those of an evaluation if there is one.
pub fn of_folder(folder: &Path, evaluation: Option<&Evaluation>) -> Result<(), PictureError> {
    of_records(folder)?;
    match evaluation {
        Some(evaluation) => {
            let title = format!("{}, {} rows", name(folder), evaluation.part.name());
            of_evaluation(folder, &title, evaluation)
        }
        None => Ok(()),
    }
}

/// Writes what takes no more than the records of a run: `curves`, `gradients` by depth,
/// the `noise` of the gradient, `layers` and `histograms` over time.
pub fn of_records(folder: &Path) -> Result<(), PictureError> {
    let events = reader::read(folder).map_err(PictureError::Folder)?;
    let (name, layers) = (name(folder), Layers::of(&events));
    write(folder, "curves", &run::curves(&name, &events).draw())?;
    let noise = Noise::of(&events).over_time(&format!("{name}: the gradient and its noise"));
    let gradients = layers.gradients(&format!("{name}: gradients by depth"));
    let over_time = layers.over_time(&format!("{name}: layers over time"));
    let histograms = layers.histograms(&format!("{name}: activations over time"), "activation");
    let scenes = [
        ("gradients", gradients.map(|panels| panels.draw())),
        ("noise", noise.map(|panels| panels.draw())),
        ("layers", over_time.map(|panels| panels.draw())),
        ("histograms", histograms),
    ];
    write_all(folder, &scenes)
}

/// Writes the pictures of an evaluation into a folder: `confusion`, `calibration`,
/// `roc`, of a regression `scatter`, of images `worst`.
pub fn of_evaluation(
    folder: &Path,
    title: &str,
    evaluation: &Evaluation,
) -> Result<(), PictureError> {
    let report = &evaluation.report;
    let scenes = [
        ("confusion", run::confusion(title, report).map(|plot| plot.draw())),
        ("calibration", run::reliability(title, report).map(|plot| plot.draw())),
        ("roc", run::roc(title, evaluation).map(|plot| plot.draw())),
        ("scatter", run::scatter(title, evaluation).map(|plot| plot.draw())),
        ("worst", run::worst(title, evaluation).map(|plot| plot.draw())),
    ];
    write_all(folder, &scenes)
}

/// A run's name: that of its folder.
pub fn name(folder: &Path) -> Cow<'_, str> {
    folder.file_name().map_or("run".into(), |name| name.to_string_lossy())
}

/// Writes scenes side by side: most of the time goes into compressing their dots.
fn write_all(folder: &Path, scenes: &[(&str, Option<Scene>)]) -> Result<(), PictureError> {
    let made = scenes.iter().filter_map(|(name, scene)| Some((*name, scene.as_ref()?)));
    std::thread::scope(|scope| {
        let write = |(name, scene)| scope.spawn(move || write(folder, name, scene));
        let threads: Vec<_> = made.map(write).collect();
        // A thread that panics has a mistake in it, which shall be seen.
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

/// The most variants whose curves are drawn; see [`Bands`].
const CURVES: usize = 6;

/// Writes the picture of a study into its folder: `compare`, as SVG and PNG.
pub fn of_study(folder: &Path, bands: &Bands) -> Result<(), PictureError> {
    write(folder, "compare", &bands.draw())
}

/// The curves of a study's variants with bands.
pub fn study(report: &Study) -> Result<Bands, PictureError> {
    let curves = curves::read(report).map_err(PictureError::Folder)?;
    Ok(bands(report, curves))
}

/// Writes the picture of a run file before and after it was mended beside `path`, under
/// its name, as SVG and PNG.
pub fn of_mending(report: &Study, path: &Path) -> Result<(), PictureError> {
    let name = path.file_stem().map_or("fixed".into(), |name| name.to_string_lossy());
    let mut bands = study(report)?;
    bands.title = format!("{name}: before and after");
    bands.variants.iter_mut().for_each(|variant| variant.remark.clear());
    write(path.parent().unwrap_or(Path::new("")), &name, &bands.draw())
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
        let path = folder.join(format!("{name}.{end}"));
        atomic::write_again(&path, bytes).map_err(PictureError::Folder)
    };
    put("svg", scene.to_svg().as_bytes())?;
    put("png", &png)
}
