//! The mended run file: every key with its value, and at what was changed why.

use super::change::Part;
use super::{Fixed, HealthError};
use gradwise_trials::Base;

/// The text of the mended run file. What was changed has a comment above it with the
/// finding, the reason and the value as it was.
///
/// # Errors
/// Whatever is wrong with run file or data.
pub fn written(fixed: &Fixed, base: &Base) -> Result<String, HealthError> {
    let checked = base.with(&fixed.kept.settings())?;
    let resolved = checked.resolve(&gradwise_data::open(&checked.data)?)?;
    let own = base.with(&[])?;
    let before = own.render(&own.resolve(&gradwise_data::open(&own.data)?)?);
    let mut text = head(fixed, base);
    let mut section = String::new();
    for line in checked.render(&resolved).lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.into();
        }
        let unset = || line.strip_prefix("# ")?.split_once(" not set: ");
        let key = line.split_once(" = ").or_else(unset);
        let key = key.map(|(key, _)| format!("{section}.{key}"));
        for part in key.iter().flat_map(|key| parts(fixed, key)) {
            text += &format!("# {}: {}", part.finding, part.why);
            text += &match found(&before, &section, line) {
                Some(value) => format!(" (was {value})\n"),
                None => "\n".into(),
            };
        }
        text += line;
        text.push('\n');
    }
    Ok(text)
}

/// The parts of the kept change that set a key.
fn parts<'f>(fixed: &'f Fixed, key: &str) -> impl Iterator<Item = &'f Part> {
    fixed.kept.parts.iter().filter(move |part| part.set.iter().any(|(own, _)| own == key))
}

/// The value in another rendered run file of the key that a line sets.
fn found<'t>(text: &'t str, section: &str, line: &str) -> Option<&'t str> {
    let unset = || line.strip_prefix("# ")?.split_once(" not set: ");
    let (key, _) = line.split_once(" = ").or_else(unset)?;
    let header = format!("[{section}]");
    let mut lines = text.lines().skip_while(|line| *line != header).skip(1);
    let own = lines.by_ref().take_while(|line| !line.starts_with('['));
    let mut values = own.filter_map(|line| line.split_once(" = "));
    let value = values.find(|(other, _)| *other == key).map(|(_, value)| value);
    // Layers stand one a line: too much for a comment.
    value.filter(|value| *value != "[")
}

/// What was measured, as comments.
fn head(fixed: &Fixed, base: &Base) -> String {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
    let (before, after) = (mean(&fixed.before), mean(&fixed.after));
    let mut text = format!(
        "# {} mended by `gradwise doctor --fix`: {} {before:.3} before, {after:.3} after,\n\
         # means of validation rows over {} seeds.\n",
        base.name(),
        fixed.metric,
        fixed.after.len(),
    );
    for part in fixed.tried.iter().filter(|t| t.honest).flat_map(|t| &t.change.parts) {
        text += &format!(
            "# The score before was not honest ({}): it does not compare with the one after.\n",
            part.finding
        );
    }
    for finding in &fixed.left {
        text += &format!("# Still there is {}: {}.\n", finding.id, finding.message);
    }
    text + "\n"
}
