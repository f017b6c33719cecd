//! What is wrong: the verdict, and each root cause with its evidence and remedies.

use super::Report;
use crate::findings::{change, how_much, numbers, place, severity};
use crate::page::paragraph;
use crate::paint::escape;
use gradwise_train::folder::event::Finding;
use std::fmt::Write;

/// The verdict in a box, with the message of the first finding.
pub(super) fn verdict(report: &Report<'_>) -> String {
    let judgement = report.judgement;
    let said = |f: &Finding| {
        let (id, place, message) = (escape(&f.id), escape(&place(f)), escape(&f.message));
        format!("<br>{id}{place}: {message}")
    };
    let first = judgement.roots().next().map(said);
    let remarks = report.remarks.iter().map(|text| format!("<small>{}</small>", with_code(text)));
    format!(
        "<div class=\"verdict {verdict}\"><b>{verdict}</b>: {}{}{}</div>\n",
        how_much(judgement),
        first.unwrap_or_default(),
        remarks.collect::<String>(),
        verdict = judgement.verdict,
    )
}

/// A sentence whose commands, between backticks, can be told from its words.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(i, part): (usize, &str)| match i % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    };
    parts.map(part).collect()
}

/// Root causes, each with what follows from it.
pub(super) fn body(report: &Report<'_>) -> Option<String> {
    let judgement = report.judgement;
    if judgement.findings.is_empty() {
        return Some(paragraph("None."));
    }
    let follow = |root: &Finding| {
        let own = judgement.findings.iter().filter(|f| f.caused_by.as_ref() == Some(&root.id));
        own.map(|f| format!("<li><b>{}</b>: {}</li>\n", escape(&f.id), escape(&f.message)))
            .collect::<String>()
    };
    Some(judgement.roots().map(|root| article(root, &follow(root))).collect())
}

fn article(finding: &Finding, follow: &str) -> String {
    let severity = severity(finding.severity);
    let mut out = format!(
        "<article class=\"{severity}\">\n<h3>{severity}: {}<small>{}</small></h3>\n{}",
        escape(&finding.id),
        escape(place(finding).trim_start_matches(',')),
        paragraph(&finding.message),
    );
    if let Some(because) = &finding.because {
        out += &paragraph(&format!("because {because}"));
    }
    let numbers = numbers(finding);
    if !numbers.is_empty() {
        // A `write!` into a string cannot fail.
        let _ = writeln!(out, "<p class=\"numbers\">{}</p>", escape(&numbers));
    }
    list(&mut out, "What would help:", &remedies(finding));
    list(&mut out, "What follows from it:", follow);
    out + "</article>\n"
}

fn remedies(finding: &Finding) -> String {
    let item = |remedy| (escape(&change(remedy)), escape(&remedy.why));
    let items = finding.remedies.iter().map(item);
    items.map(|(change, why)| format!("<li><code>{change}</code> {why}</li>\n")).collect()
}

fn list(out: &mut String, head: &str, items: &str) {
    if !items.is_empty() {
        let _ = write!(out, "<p>{head}</p>\n<ul>\n{items}</ul>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::with_code;

    #[test]
    fn commands_in_a_sentence_are_code() {
        let text = "`gradwise doctor <a>` looks & tells";
        let html = "<code>gradwise doctor &lt;a&gt;</code> looks &amp; tells";
        assert_eq!(with_code(text), html);
    }
}
