//! `report.html` in a run folder: how the run stands, on one page that can be mailed.

use crate::pictures::{PictureError, name};
use gradwise_health::{Judgement, Run, Verdict, doctor, judge};
use gradwise_train::folder::event::Event;
use gradwise_train::folder::summary::Summary;
use gradwise_train::folder::{atomic, reader};
use gradwise_train::model::Evaluation;
use gradwise_train::run::place::RUN_FILE;
use gradwise_view::report::Report;
use std::path::Path;

/// The name of the page in a run folder.
pub const FILE: &str = "report.html";

/// How a run stands, and what that rests on.
struct Judged {
    judgement: Judgement,
    remarks: Vec<String>,
}

/// Writes the page of a run that has just been trained, judged by its records; how it
/// stands.
pub fn of_records(
    folder: &Path,
    evaluation: Option<&Evaluation>,
) -> Result<Judgement, PictureError> {
    let events = reader::read(folder).map_err(PictureError::Folder)?;
    let judged = by_records(folder, &events);
    write(folder, &events, &judged, evaluation)?;
    Ok(judged.judgement)
}

/// Writes the page of a run with a new evaluation, as it was judged last.
pub fn of_evaluation(folder: &Path, evaluation: &Evaluation) -> Result<(), PictureError> {
    let events = reader::read(folder).map_err(PictureError::Folder)?;
    let known = Summary::read(folder).ok().and_then(|summary| {
        let verdict = Verdict::named(&summary.verdict?)?;
        let judgement = Judgement { verdict, findings: summary.findings };
        Some(Judged { judgement, remarks: Vec::new() })
    });
    let judged = known.unwrap_or_else(|| by_records(folder, &events));
    write(folder, &events, &judged, Some(evaluation))
}

/// Writes the page of a run that `doctor` looked at.
pub fn of_doctor(
    folder: &Path,
    (run, judgement): (&Run, &Judgement),
    evaluation: Option<&Evaluation>,
) -> Result<(), PictureError> {
    let events = reader::read(folder).map_err(PictureError::Folder)?;
    let remarks = run.unknown.iter().map(|what| format!("not looked at: {what}")).collect();
    let judged = Judged { judgement: judgement.clone(), remarks };
    write(folder, &events, &judged, evaluation)
}

fn by_records(folder: &Path, events: &[Event]) -> Judged {
    let judgement = judge(&doctor::recorded(folder, events.to_vec()));
    let folder = folder.display();
    let remark = format!(
        "judged by the records of the training alone; `gradwise doctor {folder}` looks at data \
         and weights too"
    );
    Judged { judgement, remarks: vec![remark] }
}

fn write(
    folder: &Path,
    events: &[Event],
    judged: &Judged,
    evaluation: Option<&Evaluation>,
) -> Result<(), PictureError> {
    let (summary, run_file) =
        (Summary::read(folder).ok(), std::fs::read_to_string(folder.join(RUN_FILE)).ok());
    let report = Report {
        name: &name(folder),
        judgement: &judged.judgement,
        remarks: &judged.remarks,
        events,
        summary: summary.as_ref(),
        evaluation,
        run_file: run_file.as_deref(),
    };
    let page = report.page();
    atomic::write_again(&folder.join(FILE), page.as_bytes()).map_err(PictureError::Folder)
}
