//! `report.html` in a study's folder: its table, curves with bands, and the layers of each
//! variant's first run over time, on one page that can be mailed.

use crate::comparison::{basis, table};
use crate::page;
use crate::pictures::{PictureError, name};
use gradwise_train::folder::{atomic, reader};
use gradwise_trials::{Report, VariantReport};
use gradwise_view::layers::Layers;
use gradwise_view::page::{document, figure, grid, paragraph, records};
use gradwise_view::paint::escape;
use gradwise_view::plot::{Bands, Panels};

/// Writes the page of a study, whose curves are `bands`.
pub fn write(report: &Report, bands: &Bands) -> Result<(), PictureError> {
    let name = name(&report.folder);
    let (header, rows) = table(report);
    let mut body = format!(
        "<p class=\"row\">gradwise · report of a comparison</p>\n<h1>{}</h1>\n",
        escape(&name)
    );
    body += &records("", &header, &rows);
    body.extend(basis(report).lines().map(paragraph));
    body += &figure(&bands.draw(), "");
    let drawn = report.variants.iter().zip(&bands.variants).filter(|(_, drawn)| drawn.curves);
    for (variant, _) in drawn {
        body += &inside(variant)?;
    }
    let page = document(&format!("{name} – gradwise"), &body);
    let file = report.folder.join(page::FILE);
    atomic::write(&file, page.as_bytes()).map_err(PictureError::Folder)
}

/// The layers of a variant's first run; nothing where none was measured.
fn inside(variant: &VariantReport) -> Result<String, PictureError> {
    let Some(run) = variant.runs.iter().find(|run| run.reason.is_some()) else {
        return Ok(String::new());
    };
    let layers = Layers::of(&reader::read(&run.folder).map_err(PictureError::Folder)?);
    let panels = [layers.gradients(""), layers.over_time("")].into_iter().flatten();
    let figures: Vec<String> =
        panels.flat_map(Panels::each).map(|scene| figure(&scene, "")).collect();
    if figures.is_empty() {
        return Ok(String::new());
    }
    let (name, repeat) = (escape(&variant.name), escape(&run.repeat));
    let grid = grid(figures.into_iter());
    Ok(format!("<section>\n<h2>Inside {name}, {repeat}</h2>\n{grid}</section>\n"))
}
