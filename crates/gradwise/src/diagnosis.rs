//! Findings as text: the verdict first, then root causes in order of damage, each
//! with what, where, since when, why, the numbers, and what to change.

use gradwise_health::{Judgement, Run, Verdict};
use gradwise_train::folder::event::{Finding, Remedy, Severity};
use gradwise_view::terminal::significant;
use serde_json::Value;
use std::fmt::Write;

/// The bars of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The text of a judgement.
pub fn text(judgement: &Judgement) -> String {
    let mut text = format!("{}\n", headline(judgement));
    for root in judgement.roots() {
        text += &finding(root);
        for follows in judgement.findings.iter().filter(|f| f.caused_by.as_ref() == Some(&root.id))
        {
            // A `write!` into a string cannot fail.
            let _ = writeln!(text, "  follows  {}: {}", follows.id, follows.message);
        }
    }
    text
}

fn headline(judgement: &Judgement) -> String {
    let count = |severity| judgement.roots().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warn));
    let several = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let what = match judgement.verdict {
        Verdict::Healthy => "nothing is wrong".to_string(),
        Verdict::Suspect => several(warnings, "warning"),
        Verdict::Broken if warnings == 0 => several(errors, "error"),
        Verdict::Broken => {
            format!("{}, {}", several(errors, "error"), several(warnings, "warning"))
        }
    };
    format!("{}: {what}", judgement.verdict)
}

/// One root cause.
fn finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
        Severity::Info => "info",
    };
    let place = match (&finding.layer, finding.step) {
        (Some(layer), Some(0)) => format!(" in {layer}, from the start"),
        (Some(layer), Some(step)) => format!(" in {layer}, by step {step}"),
        (Some(layer), None) => format!(" in {layer}"),
        (None, Some(step)) if step > 0 => format!(", by step {step}"),
        _ => String::new(),
    };
    let mut text = format!("\n{severity}  {}{place}\n  {}\n", finding.id, finding.message);
    if let Some(because) = &finding.because {
        let _ = writeln!(text, "  because  {because}");
    }
    let numbers: Vec<String> =
        finding.evidence.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
    if !numbers.is_empty() {
        let _ = writeln!(text, "  numbers  {}", numbers.join(", "));
    }
    for remedy in &finding.remedies {
        let _ = writeln!(text, "  try      {}  ({})", change(remedy), remedy.why);
    }
    text
}

fn shown(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), significant)
}

/// A remedy as options of `gradwise train`.
pub fn change(remedy: &Remedy) -> String {
    let pair = |(key, value): (&String, &Value)| match value.as_str() {
        Some(text) => format!("{key} = {text:?}"),
        None => format!("{key} = {value}"),
    };
    remedy.set.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// The training loss as one line of bars, if there is one.
pub fn curve(run: &Run) -> Option<String> {
    let curve = run.curve.as_ref()?;
    let finite = || curve.blocks.iter().copied().filter(|x| x.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
    let bar = |x: &f64| match (x - low) / (high - low) {
        share if share.is_finite() => BARS[((share * 7.0).round() as usize).min(7)],
        _ if x.is_finite() => BARS[0],
        _ => '!',
    };
    let bars: String = curve.blocks.iter().map(bar).collect();
    let ends = format!("{} to {}", significant(curve.first), significant(curve.last()));
    let constant = curve.baseline.map(|b| format!("; a constant answer has {}", significant(b)));
    Some(format!("loss {bars} {ends}{}\n", constant.unwrap_or_default()))
}
