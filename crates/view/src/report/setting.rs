//! How to do it again: run file, program, seed, machine, and where the time went.

use super::Report;
use crate::page::table;
use crate::paint::escape;
use crate::terminal::{count, duration, introduction};
use gradwise_train::folder::event::Start;
use std::time::Duration;

/// What was trained on what, in one line.
pub(super) fn about(start: &Start) -> String {
    introduction(start)
}

/// The run file as it can be copied.
pub(super) fn run_file(text: &str) -> String {
    format!(
        "<p>With every default filled in; saved as <code>run.toml</code> it gives the same \
         run.</p>\n<pre>{}</pre>\n",
        escape(text)
    )
}

/// A table of two columns.
pub(super) fn body(report: &Report<'_>) -> Option<String> {
    let start = report.start()?;
    let mut rows = vec![
        ("program", start.program.clone()),
        ("started", date(start.time)),
        ("seed", start.seed.to_string()),
        ("machine", start.machine.clone()),
        ("products in", start.precision.clone()),
    ];
    if let Some(summary) = report.summary {
        let timings = &summary.timings;
        let time = |s: f64| duration(Duration::try_from_secs_f64(s).unwrap_or_default());
        rows.extend([
            ("reading and preparing data", time(timings.data)),
            ("building graph and plans", time(timings.plan)),
            ("training", time(timings.training)),
            ("speed", format!("{} rows/s", count(timings.rows_per_second))),
        ]);
    }
    let known = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows: Vec<Vec<String>> = known.map(|(name, value)| vec![name.into(), value]).collect();
    Some(table("", &[], &rows))
}

/// A time in seconds since 1970 as a date: H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`.
fn date(seconds: f64) -> String {
    if !(0.0..1e11).contains(&seconds) {
        return "–".into();
    }
    let seconds = seconds as u64;
    // Days since 0000-03-01, so that a leap day is the last of its year.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (era * 400 + year, month + 3),
        _ => (era * 400 + year + 1, month - 9),
    };
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{year}-{month:02}-{of_month:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `date -u -d @N` of GNU coreutils.
    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0.0, "1970-01-01 00:00 UTC"),
            (951_782_399.9, "2000-02-28 23:59 UTC"),
            (951_782_400.0, "2000-02-29 00:00 UTC"),
            (1_735_689_600.0, "2025-01-01 00:00 UTC"),
            (4_107_542_340.0, "2100-02-28 23:59 UTC"),
        ] {
            assert_eq!(date(seconds), text);
        }
        assert_eq!(date(f64::NAN), "–");
    }
}
