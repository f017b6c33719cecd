//! Numbers in few characters.

use std::time::Duration;

/// A number with four significant digits: `0.02134`, `12.35`, `1.234e-7`.
pub fn significant(x: f64) -> String {
    rounded(x, 4)
}

/// A number with so many significant digits, at least one.
pub fn rounded(x: f64, digits: u8) -> String {
    let more = digits.max(1) - 1;
    if x == 0.0 || !x.is_finite() {
        return if x.is_nan() { "NaN".into() } else { format!("{x}") };
    }
    // The exponent of the rounded number: 0.99999 is 1.000, not 1.0000.
    let text = format!("{x:.*e}", usize::from(more));
    match text.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()) {
        Some(exponent @ -4..=6) => {
            let digits = (i32::from(more) - exponent).clamp(0, 8) as usize;
            format!("{x:.digits$}")
        }
        _ => text,
    }
}

/// A count with a unit: `812`, `12.3k`, `4.57M`.
pub fn count(x: f64) -> String {
    match x {
        _ if !x.is_finite() => "–".into(),
        _ if x < 999.5 => format!("{x:.0}"),
        _ if x < 9_995.0 => format!("{:.2}k", x / 1e3),
        _ if x < 99_950.0 => format!("{:.1}k", x / 1e3),
        _ if x < 999_500.0 => format!("{:.0}k", x / 1e3),
        _ if x < 9_995_000.0 => format!("{:.2}M", x / 1e6),
        _ if x < 99_950_000.0 => format!("{:.1}M", x / 1e6),
        _ if x < 999_500_000.0 => format!("{:.0}M", x / 1e6),
        _ => format!("{:.1}G", x / 1e9),
    }
}

/// A size in memory: `812 B`, `2.32 kB`, `45.7 MB`.
pub fn bytes(x: f64) -> String {
    let (size, unit) = match x {
        x if x < 1e3 => return format!("{x:.0} B"),
        x if x < 1e6 => (x / 1e3, "kB"),
        x if x < 1e9 => (x / 1e6, "MB"),
        x => (x / 1e9, "GB"),
    };
    let digits = (2.0 - size.log10().floor()).clamp(0.0, 2.0) as usize;
    format!("{size:.digits$} {unit}")
}

/// A time: `3.21 ms`, `0.35 s`, `12.3 s`, `4:05`, `1:02:33`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let whole = seconds.round() as u64;
    match seconds {
        s if s > 0.0 && s < 0.01 => format!("{:.2} ms", 1e3 * s),
        s if s < 9.995 => format!("{s:.2} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        s if s < 3599.5 => format!("{}:{:02}", whole / 60, whole % 60),
        _ => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits() {
        let shown: Vec<String> =
            [0.021341, 12.3456, 1.2341e-7, 0.0, 98765.4, f64::NAN, 1.0].map(significant).into();
        assert_eq!(shown, ["0.02134", "12.35", "1.234e-7", "0", "98765", "NaN", "1.000"]);
        let edges = [0.999_96, 9.999_96, 0.000_099_999_9, 9_999_999.0, -0.099_996].map(significant);
        assert_eq!(edges, ["1.000", "10.00", "0.0001000", "1.000e7", "-0.1000"]);
        let shown =
            [(0.021341, 2), (-1.2341e-7, 2), (98765.4, 3), (7.0, 0)].map(|(x, n)| rounded(x, n));
        assert_eq!(shown, ["0.021", "-1.2e-7", "98765", "7"]);
    }

    #[test]
    fn counts_and_times() {
        let shown: Vec<String> = [5.0, 12_345.0, 999_600.0, 4.567e7].map(count).into();
        assert_eq!(shown, ["5", "12.3k", "1.00M", "45.7M"]);
        let sizes: Vec<String> = [812.0, 2316.0, 4.57e7, 2e9].map(bytes).into();
        assert_eq!(sizes, ["812 B", "2.32 kB", "45.7 MB", "2.00 GB"]);
        assert_eq!(duration(Duration::from_micros(3214)), "3.21 ms");
        let times = [0.35, 12.31, 245.2, 3753.0, 59.96].map(Duration::from_secs_f64);
        let shown: Vec<String> = times.map(duration).into();
        assert_eq!(shown, ["0.35 s", "12.3 s", "4:05", "1:02:33", "1:00"]);
    }
}
