//! A report as one HTML file that needs nothing else; see [`gradwise_view::page`].

use crate::experiment::Experiment;
use crate::report::{Claim, Report};
use gradwise_view::page::{document, figure, paragraph, table};
use gradwise_view::paint::escape;
use std::fmt::Write;

/// The page of one experiment.
pub fn page(experiment: &Experiment, report: &Report, command: &str) -> String {
    let mut body = format!(
        "<p class=\"row\">gradwise lab · lecture, {}</p>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(experiment.rows),
        escape(experiment.name),
        escape(experiment.shows),
    );
    body.push_str("<h2>What the lecture says, and what was found</h2>\n<ul class=\"claims\">\n");
    report.claims.iter().for_each(|claim| body.push_str(&claim_item(claim)));
    body.push_str("</ul>\n<h2>What is seen</h2>\n");
    for text in &report.seen {
        body.push_str(&paragraph(text));
    }
    report.figures.iter().for_each(|f| body.push_str(&figure(&f.scene, &f.caption)));
    body.push_str("<h2>The numbers</h2>\n");
    for t in &report.tables {
        body.push_str(&table(&t.title, &t.header, &t.rows));
    }
    let _ = write!(
        body,
        "<p class=\"note\">Data: {}</p>\n<p class=\"note\">Do it again: <code>{}</code></p>\n",
        escape(&report.basis()),
        escape(command),
    );
    document(&format!("{} – gradwise lab", experiment.name), &body)
}

/// A page that links to the pages of several experiments, with their claims.
pub fn index<'a>(reports: impl IntoIterator<Item = (&'a Experiment, &'a Report)>) -> String {
    let mut body = String::from("<p class=\"row\">gradwise</p>\n<h1>lab</h1>\n");
    for (experiment, report) in reports {
        let name = escape(experiment.name);
        let _ = writeln!(
            body,
            "<h2><a href=\"{name}/index.html\">{name}</a> <small>{}</small></h2>\n<p>{}</p>\n\
             <ul class=\"claims\">",
            escape(experiment.rows),
            escape(experiment.shows)
        );
        report.claims.iter().for_each(|claim| body.push_str(&claim_item(claim)));
        body.push_str("</ul>\n");
    }
    document("gradwise lab", &body)
}

fn claim_item(claim: &Claim) -> String {
    let (class, word) = if claim.holds { ("yes", "borne out") } else { ("no", "not borne out") };
    format!(
        "<li class=\"{class}\"><strong>{word}</strong> <q>{}</q> <span>{}</span></li>\n",
        escape(&claim.says),
        escape(&claim.found)
    )
}
