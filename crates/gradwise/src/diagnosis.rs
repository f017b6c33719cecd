//! Findings as text: the verdict first, then root causes in order of damage, each
//! with what, where, since when, why, the numbers, and what to change.

use gradwise_health::{Judgement, Run};
use gradwise_train::folder::event::Finding;
use gradwise_view::findings;
use gradwise_view::terminal::significant;
use std::fmt::Write;

/// The bars of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The text of a judgement.
pub fn text(judgement: &Judgement) -> String {
    let mut text = format!("{}\n", findings::headline(judgement));
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

/// One root cause.
fn finding(finding: &Finding) -> String {
    let (severity, place) = (findings::severity(finding.severity), findings::place(finding));
    let mut text = format!("\n{severity}  {}{place}\n  {}\n", finding.id, finding.message);
    if let Some(because) = &finding.because {
        let _ = writeln!(text, "  because  {because}");
    }
    let numbers = findings::numbers(finding);
    if !numbers.is_empty() {
        let _ = writeln!(text, "  numbers  {numbers}");
    }
    for remedy in &finding.remedies {
        let _ = writeln!(text, "  try      {}  ({})", findings::change(remedy), remedy.why);
    }
    text
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
