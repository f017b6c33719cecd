//! The documentation of the rules, generated from them.

use crate::rules::{self, Rule};
use std::fmt::Write;

/// The page of a rule, in Markdown.
pub fn page(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n{}. Group: {}.\n", rule.id, capital(rule.title), rule.group);
    let mut section = |title: &str, body: &str| {
        // A `write!` into a string cannot fail.
        let _ = write!(text, "\n## {title}\n\n{}\n", wrapped(body));
    };
    section("What it looks at", rule.looks_at);
    section("What harm it does", rule.harm);
    section("What helps", rule.remedy);
    if !rule.thresholds.is_empty() {
        text += "\n## Its numbers\n\n| what | number | where it comes from |\n|---|---|---|\n";
        for t in rule.thresholds {
            let _ = writeln!(text, "| {} | {} | {} |", t.of, number(t.value), t.source);
        }
    }
    if !rule.explains.is_empty() {
        let links: Vec<String> =
            rule.explains.iter().map(|id| format!("[{id}]({id}.md)")).collect();
        let _ = write!(text, "\n## What may follow from it\n\n{}\n", wrapped(&links.join(", ")));
    }
    text + "\nThis page is generated from the rule.\n"
}

/// The list of all rules, in Markdown.
pub fn index() -> String {
    let mut text = "# What gradwise finds\n\nCauses before what follows from them.\n\n\
                    | finding | group | what |\n|---|---|---|\n"
        .to_string();
    for rule in &rules::ALL {
        let _ = writeln!(text, "| [{0}]({0}.md) | {1} | {2} |", rule.id, rule.group, rule.title);
    }
    text + "\nThis page is generated from the rules.\n"
}

fn number(x: f64) -> String {
    if x != 0.0 && x.abs() < 1e-3 { format!("{x:e}") } else { x.to_string() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Lines of at most 88 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        match line.chars().count() + word.chars().count() {
            0..88 if line.is_empty() => line.push_str(word),
            0..88 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines.join("\n")
}
