//! What rules say: findings, as in the run folder, and the verdict over them.

use gradwise_train::folder::event::{Finding, Remedy, Severity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// How a training stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing is wrong; there may be remarks.
    Healthy,
    /// Something costs accuracy or time.
    Suspect,
    /// The training cannot succeed like this.
    Broken,
}

impl Verdict {
    /// The verdict that [`fmt::Display`] wrote.
    pub fn named(name: &str) -> Option<Verdict> {
        let all = [Verdict::Healthy, Verdict::Suspect, Verdict::Broken];
        all.into_iter().find(|verdict| verdict.to_string() == name)
    }

    /// By the worst finding.
    pub fn of(findings: &[Finding]) -> Verdict {
        match findings.iter().map(|f| f.severity).max() {
            Some(Severity::Error) => Verdict::Broken,
            Some(Severity::Warn) => Verdict::Suspect,
            _ => Verdict::Healthy,
        }
    }

    /// The exit status of `check` and `doctor`: 3 for errors, 4 for warnings, else 0.
    pub fn status(self) -> u8 {
        match self {
            Verdict::Healthy => 0,
            Verdict::Suspect => 4,
            Verdict::Broken => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Healthy => "healthy",
            Verdict::Suspect => "suspect",
            Verdict::Broken => "broken",
        })
    }
}

/// A finding about a whole network.
pub(crate) fn finding(severity: Severity, message: impl Into<String>) -> Finding {
    Finding { severity, message: message.into(), ..Finding::default() }
}

/// Named numbers that a finding rests on, rounded to four digits: more would pretend. What
/// is not known (NaN) is left out.
pub(crate) fn evidence<const N: usize>(pairs: [(&str, f64); N]) -> BTreeMap<String, Value> {
    let known = pairs.into_iter().filter(|(_, x)| !x.is_nan());
    known.map(|(name, x)| (name.to_string(), rounded(x))).collect()
}

/// A number in JSON with four digits; one that is not finite as a word.
fn rounded(x: f64) -> Value {
    match format!("{x:.3e}").parse::<f64>() {
        Ok(short) if short.is_finite() => serde_json::json!(short),
        _ => Value::String(x.to_string()),
    }
}

/// A change of one run-file key.
pub(crate) fn set(key: &str, value: impl Into<Value>, why: &str) -> Remedy {
    Remedy { set: [(key.to_string(), value.into())].into(), why: why.into() }
}

/// A change of several run-file keys that only help together.
pub(crate) fn set_all<const N: usize>(pairs: [(&str, Value); N], why: &str) -> Remedy {
    let set = pairs.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
    Remedy { set, why: why.into() }
}

/// A remedy's value as a run file and `--set` take it.
pub fn as_toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(as_toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(pairs) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", as_toml(value));
            format!("{{ {} }}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        // What `--set` takes a key back with.
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}

/// A number with one digit, as a run file would have it: 0.0333… is 0.03.
pub(crate) fn one_digit(x: f64) -> Value {
    rounded(format!("{x:.0e}").parse().unwrap_or(x))
}

/// A number in a message: three digits, without trailing zeros.
pub(crate) fn short(x: f64) -> String {
    let magnitude = x.abs();
    if x == 0.0 || (1e-3..1e5).contains(&magnitude) {
        let digits = if x == 0.0 { 0 } else { (2 - magnitude.log10().floor() as i32).max(0) };
        let text = format!("{x:.*}", digits as usize);
        return match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
            false => text,
        };
    }
    format!("{x:.1e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_that_of_the_worst() {
        assert_eq!(Verdict::of(&[]), Verdict::Healthy);
        assert_eq!(Verdict::of(&[finding(Severity::Info, "a")]), Verdict::Healthy);
        let both = [finding(Severity::Warn, "a"), finding(Severity::Error, "b")];
        assert_eq!((Verdict::of(&both), Verdict::of(&both).status()), (Verdict::Broken, 3));
        assert_eq!(
            (Verdict::named("suspect"), Verdict::named("x")),
            (Some(Verdict::Suspect), None)
        );
    }

    #[test]
    fn values_are_written_as_the_command_line_takes_them() {
        let text = as_toml(&serde_json::json!([{ "units": 5, "activation": "relu" }]));
        let orders = ["units = 5, activation = \"relu\"", "activation = \"relu\", units = 5"];
        assert!(orders.iter().any(|order| text == format!("[{{ {order} }}]")), "{text}");
        assert_eq!(as_toml(&Value::Null), "none");
    }

    #[test]
    fn numbers_are_short() {
        for (x, text) in [(0.0, "0"), (0.123_456, "0.123"), (3.0, "3"), (250.4, "250")] {
            assert_eq!(short(x), text);
        }
        assert_eq!(short(1.234e-7), "1.2e-7");
        assert_eq!(one_digit(0.0312), 0.03);
        let some = evidence([("x", f64::NAN), ("y", f64::INFINITY)]);
        assert_eq!((some.get("x"), &some["y"]), (None, &Value::from("inf")));
    }
}
