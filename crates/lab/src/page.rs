//! A report as one HTML file that needs nothing else: it can be mailed.

use crate::experiment::Experiment;
use crate::report::{Claim, Figure, Report, Table};
use gradwise_view::paint::escape;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The page of one experiment.
pub fn page(experiment: &Experiment, report: &Report, command: &str) -> String {
    let mut body = format!(
        "<p class=\"row\">gradwise lab · lecture row {}</p>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(experiment.rows),
        escape(experiment.name),
        escape(experiment.shows),
    );
    body.push_str("<h2>What the lecture says, and what was found</h2>\n<ul class=\"claims\">\n");
    report.claims.iter().for_each(|claim| body.push_str(&claim_item(claim)));
    body.push_str("</ul>\n<h2>What is seen</h2>\n");
    for paragraph in &report.seen {
        let _ = writeln!(body, "<p>{}</p>", escape(paragraph));
    }
    report.figures.iter().for_each(|figure| body.push_str(&figure_element(figure)));
    body.push_str("<h2>The numbers</h2>\n");
    report.tables.iter().for_each(|table| body.push_str(&table_element(table)));
    let _ = write!(
        body,
        "<p class=\"note\">Data: {}</p>\n<p class=\"note\">Do it again: <code>{}</code></p>\n",
        escape(&report.data),
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

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

fn claim_item(claim: &Claim) -> String {
    let (class, word) = if claim.holds { ("yes", "borne out") } else { ("no", "not borne out") };
    format!(
        "<li class=\"{class}\"><strong>{word}</strong> <q>{}</q> <span>{}</span></li>\n",
        escape(&claim.says),
        escape(&claim.found)
    )
}

fn figure_element(figure: &Figure) -> String {
    format!(
        "<figure>\n<div class=\"picture\">{}</div>\n<figcaption>{}</figcaption>\n</figure>\n",
        figure.scene.to_svg(),
        escape(&figure.caption)
    )
}

fn table_element(table: &Table) -> String {
    let cells = |tag: &str, row: &[String]| {
        row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect::<String>()
    };
    let rows = table.rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row)));
    format!(
        "<div class=\"table\"><table>\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n\
         <tbody>\n{}</tbody>\n</table></div>\n",
        escape(&table.title),
        cells("th", &table.header),
        rows.collect::<String>()
    )
}
