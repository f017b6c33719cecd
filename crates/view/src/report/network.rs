//! The network from its input to its output: what each layer is, what its signals are
//! at the end, what was found in it; then how they came there.

use super::Report;
use crate::findings::severity;
use crate::layers::Layers;
use crate::page::{figure, grid, paragraph, records};
use crate::terminal::{count, rounded};
use gradwise_train::folder::event::LayerInfo;

/// Table and pictures; nothing without a record of the start.
pub(super) fn body(report: &Report<'_>) -> Option<String> {
    let start = report.start()?;
    let layers = report.layers();
    let rows: Vec<_> = start.layers.iter().map(|layer| row(report, &layers, layer)).collect();
    let (columns, rows) = told(&rows);
    let mut body = records("", &columns, &rows);
    if layers.measures.is_empty() {
        return Some(body + &paragraph("No layer was measured."));
    }
    body += &paragraph(
        "Activations, gradients and updates are those of the last step that was measured; \
         gradient and update are root mean squares. A unit is dead that had no slope on any row \
         of a whole window, an activation saturated where its slope is small.",
    );
    let gradients = layers.gradients("").map(|panels| panels.each());
    let over_time = layers.over_time("").map(|panels| panels.each());
    let scenes = gradients.into_iter().flatten().chain(over_time.into_iter().flatten());
    body += &grid(scenes.map(|scene| figure(&scene, "")));
    for of in ["activation", "preactivation-gradient", "weight"] {
        let title = format!("{of} over time");
        body.extend(layers.histograms(&title, of).map(|scene| figure(&scene, "")));
    }
    Some(body)
}

const COLUMNS: [&str; 12] = [
    "layer",
    "found",
    "units",
    "activation",
    "init",
    "parameters",
    "mean ± deviation",
    "dead",
    "saturated",
    "zeros",
    "gradient",
    "update / weight",
];

/// The columns that say something of at least one layer.
fn told(rows: &[[String; 12]]) -> (Vec<String>, Vec<Vec<String>>) {
    let says = |i: &usize| rows.iter().any(|row| !matches!(row[*i].as_str(), "" | "–"));
    let kept: Vec<usize> = (0..COLUMNS.len()).filter(says).collect();
    let row = |row: &[String; 12]| kept.iter().map(|i| row[*i].clone()).collect();
    (kept.iter().map(|i| COLUMNS[*i].into()).collect(), rows.iter().map(row).collect())
}

fn row(report: &Report<'_>, layers: &Layers, info: &LayerInfo) -> [String; 12] {
    let measures = &layers.measures;
    let last = |series: &[(u64, f64)]| series.last().map(|(_, value)| *value);
    let of = |measure: &str| last(measures.of(&info.name, measure));
    let shown = |value: Option<f64>| value.map_or("–".into(), |value| rounded(value, 2));
    let moments = of("activation.mean").zip(of("activation.std"));
    let share =
        |measure: &str| of(measure).map_or("–".into(), |share| format!("{:.0} %", 100.0 * share));
    [
        info.name.clone(),
        found(report, &info.name),
        info.units.to_string(),
        info.activation.clone(),
        info.init.clone(),
        count(info.parameters as f64),
        moments.map_or("–".into(), |(m, s)| {
            format!("{}\u{a0}±\u{a0}{}", rounded(m, 2), rounded(s, 2))
        }),
        share("units.dead"),
        share("activation.saturated"),
        share("activation.zeros"),
        shown(last(&measures.rms(&info.name, "weight-gradient"))),
        shown(last(&measures.update_ratio(&info.name))),
    ]
}

/// What was found in a layer.
fn found(report: &Report<'_>, layer: &str) -> String {
    let own = report.judgement.findings.iter().filter(|f| f.layer.as_deref() == Some(layer));
    let named = own.map(|f| format!("{} ({})", f.id, severity(f.severity)));
    named.collect::<Vec<_>>().join(", ")
}
