//! Writes a report: figures as SVG and PNG, the page, the numbers as JSON.

use crate::experiment::{Experiment, LabError};
use crate::page;
use crate::report::{Claim, Report, Table};
use serde_json::{Value, json};
use std::path::Path;

/// Dots for each pixel of a picture.
const SHARPNESS: f32 = 2.0;

/// Writes everything into the folder `folder/NAME`, which is made: `index.html`,
/// `report.json`, and each figure as `.svg` and `.png`.
///
/// # Errors
/// A file that cannot be written, a figure that has no size.
pub fn write(
    folder: &Path,
    experiment: &Experiment,
    report: &Report,
    command: &str,
) -> Result<(), LabError> {
    let own = folder.join(experiment.name);
    std::fs::create_dir_all(&own)
        .map_err(|source| LabError::Write { path: own.clone(), source })?;
    for figure in &report.figures {
        let path = own.join(figure.name);
        put(&path.with_extension("svg"), figure.scene.to_svg())?;
        put(&path.with_extension("png"), figure.scene.to_png(SHARPNESS)?)?;
    }
    put(&own.join("report.json"), format!("{:#}\n", to_json(experiment, report)))?;
    put(&own.join("index.html"), page::page(experiment, report, command))
}

/// Writes `folder/index.html`, which links to the experiments.
///
/// # Errors
/// The file cannot be written.
pub fn write_index<'a>(
    folder: &Path,
    reports: impl IntoIterator<Item = (&'a Experiment, &'a Report)>,
) -> Result<(), LabError> {
    put(&folder.join("index.html"), page::index(reports))
}

fn put(path: &Path, content: impl AsRef<[u8]>) -> Result<(), LabError> {
    std::fs::write(path, content).map_err(|source| LabError::Write { path: path.into(), source })
}

/// The report as one JSON object.
pub fn to_json(experiment: &Experiment, report: &Report) -> Value {
    json!({
        "experiment": experiment.name,
        "rows": experiment.rows,
        "shows": experiment.shows,
        "data": report.data,
        "seeds": report.seeds,
        "claims": report.claims.iter().map(claim).collect::<Vec<_>>(),
        "seen": report.seen,
        "figures": report.figures.iter().map(|f| json!({
            "name": f.name,
            "caption": f.caption,
        })).collect::<Vec<_>>(),
        "tables": report.tables.iter().map(table).collect::<Vec<_>>(),
    })
}

fn claim(claim: &Claim) -> Value {
    json!({
        "says": claim.says,
        "found": claim.found,
        "number": claim.number,
        "holds": claim.holds,
    })
}

fn table(table: &Table) -> Value {
    json!({ "title": table.title, "header": table.header, "rows": table.rows })
}
