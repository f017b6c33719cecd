//! What the model says about rows: by class, by confidence, and where it is most wrong.

use crate::page::{figure, grid, paragraph, table};
use crate::run;
use crate::terminal::significant;
use gradwise_train::metrics::ClassScores;
use gradwise_train::model::{Evaluation, Mistake};

/// Classes that have a row in the table, the worst first where there are more.
const CLASSES: usize = 40;
/// Rows in the table of the worst rows.
const WORST: usize = 12;

/// Pictures and tables of an evaluation.
pub(super) fn body(evaluation: &Evaluation) -> String {
    let report = &evaluation.report;
    let part = evaluation.part.name();
    let mut body = paragraph(&format!("On {} {part} rows.", report.rows));
    let figures = [
        run::confusion("Confusion matrix", report).map(|plot| plot.draw()),
        run::reliability("Calibration", report).map(|plot| plot.draw()),
        run::roc("Finding each class", evaluation).map(|plot| plot.draw()),
    ];
    body += &grid(figures.iter().flatten().map(|scene| figure(scene, "")));
    let wide = [
        run::scatter("Predictions over the truth", evaluation).map(|plot| plot.draw()),
        run::worst("The worst rows", evaluation).map(|plot| plot.draw()),
    ];
    body.extend(wide.iter().flatten().map(|scene| figure(scene, "")));
    if !report.classes.is_empty() {
        body += &classes(&report.classes);
    }
    body + &worst(evaluation)
}

fn classes(classes: &[ClassScores]) -> String {
    let mut shown: Vec<&ClassScores> = classes.iter().collect();
    let mut title = "Scores by class".to_string();
    if shown.len() > CLASSES {
        shown.sort_by(|a, b| a.f1.total_cmp(&b.f1));
        shown.truncate(CLASSES);
        title = format!("Scores of the {CLASSES} classes of the lowest F1, of {}", classes.len());
    }
    let rows: Vec<Vec<String>> = shown.into_iter().map(run::class_row).collect();
    table(&title, &run::CLASS_COLUMNS.map(String::from), &rows)
}

/// The rows of the highest loss by their place in the file; nothing where losses are
/// unknown.
fn worst(evaluation: &Evaluation) -> String {
    let row = |m: &Mistake| {
        let sure = m.probability.map_or("–".into(), |p| format!("{:.1} %", 100.0 * p));
        let loss = significant(m.loss);
        vec![m.row.to_string(), m.truth.clone(), m.prediction.clone(), sure, loss]
    };
    let rows: Vec<Vec<String>> = run::mistakes(evaluation).take(WORST).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = ["row of the file, from 0", "true", "said", "probability", "loss"];
    // Numbers and several labels a row have no one probability.
    let any = evaluation.worst.iter().any(|m| m.probability.is_some());
    let kept = |cells: &[String]| -> Vec<String> {
        let cells = cells.iter().enumerate().filter(|(i, _)| any || *i != 3);
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(|row| kept(row)).collect();
    table("The rows of the highest loss", &kept(&header.map(String::from)), &rows)
}
