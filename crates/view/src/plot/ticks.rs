//! Round numbers along an axis.

use super::Scale;

/// The positions of about `count` round numbers between `low` and `high`, with
/// their words.
pub(super) fn ticks(low: f64, high: f64, scale: Scale, count: usize) -> Vec<(f64, String)> {
    match scale {
        Scale::Linear => linear(low, high, count),
        Scale::Log => log(low, high, count),
    }
}

/// Fewer numbers than these do not tell how long an axis is.
const LEAST: usize = 2;

/// Steps of 1, 2 or 5 times a power of ten.
fn linear(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let raw = span / count.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let steps = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2].map(|m| m * power);
    // The first from below that is no finer than asked for, or a finer one where the round
    // numbers of that lie outside.
    let asked = steps.iter().rposition(|step| *step >= raw * 0.999).unwrap_or(0);
    let within =
        |step: f64| ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    let enough = |step: &f64| {
        let (first, last) = within(*step);
        last - first + 1 >= LEAST as i64
    };
    let step = steps[asked..].iter().copied().find(enough).unwrap_or(steps[asked]);
    let (first, last) = within(step);
    let decimals = (-(step * 1.000_001).log10().floor()).clamp(0.0, 12.0) as usize;
    // The noise of a product of floats is no digit.
    let exact = |value: f64| format!("{value:.9e}").parse().unwrap_or(value);
    let word = |value: f64| match value.abs() {
        0.0 if decimals > 3 => "0".into(),
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => exponent(exact(value)),
        _ => format!("{value:.decimals$}"),
    };
    let tick = |i: i64| (i as f64 * step, word(i as f64 * step).replace('-', "−"));
    (first..=last.min(first + 50)).map(tick).collect()
}

/// Powers of ten, with 2 and 5 times them where there are few; the round numbers of a
/// linear axis where even these are too few.
fn log(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    if !(low > 0.0 && high > low && high.is_finite()) {
        return Vec::new();
    }
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = (high / low).log10();
    let factors: &[f64] = if decades < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let skip = ((decades / count.max(1) as f64).ceil() as usize).max(1);
    let powers = (first..=last).step_by(skip);
    let values = powers.flat_map(|p| factors.iter().map(move |f| f * 10f64.powi(p)));
    let inside: Vec<f64> = values.filter(|v| *v >= low * 0.999 && *v <= high * 1.001).collect();
    if inside.len() <= LEAST && decades < 1.0 {
        return linear(low, high, count.min(4));
    }
    inside.into_iter().map(|v| (v, power_word(v))).collect()
}

fn power_word(value: f64) -> String {
    if (1e-3..1e5).contains(&value) { format!("{value}") } else { exponent(value) }
}

fn exponent(value: f64) -> String {
    format!("{value:e}").replace("e-", "e−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(low: f64, high: f64, scale: Scale) -> Vec<String> {
        ticks(low, high, scale, 5).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(words(0.0, 1.0, Scale::Linear), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(words(0.0, 10.0, Scale::Linear), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(words(-3.0, 4.0, Scale::Linear), ["−2", "0", "2", "4"]);
        assert_eq!(words(0.05, 2.3, Scale::Log), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(words(-3e-6, 7e-6, Scale::Linear), ["−2e−6", "0", "2e−6", "4e−6", "6e−6"]);
        assert_eq!(words(1e-8, 1.0, Scale::Log), ["1e−8", "1e−6", "1e−4", "0.01", "1"]);
    }

    #[test]
    fn a_range_without_round_numbers_has_two_at_least() {
        let few = |low, high, scale| {
            ticks(low, high, scale, 3).into_iter().map(|(_, word)| word).collect::<Vec<_>>()
        };
        assert_eq!(few(-9.0, 9.0, Scale::Linear), ["−5", "0", "5"]);
        assert_eq!(few(0.07, 0.13, Scale::Log), ["0.08", "0.10", "0.12"]);
        assert_eq!(few(60.0, 95.0, Scale::Log), ["60", "80"]);
        for i in 0..2000 {
            let low = f64::from(i - 1000) * 0.137;
            for span in [1e-6, 0.37, 1.0, 7.7, 1e6] {
                for count in [2, 3, 4, 6] {
                    let linear = ticks(low, low + span, Scale::Linear, count).len();
                    assert!((2..=2 * count + 1).contains(&linear), "{low} {span}: {linear}");
                    let log = ticks(span, span * (1.5 + low.abs()), Scale::Log, count).len();
                    assert!((2..=3 * count + 1).contains(&log), "{low} {span}: {log}");
                }
            }
        }
    }

    #[test]
    fn senseless_ranges_have_none() {
        assert!(words(1.0, 1.0, Scale::Linear).is_empty());
        assert!(words(f64::NAN, 1.0, Scale::Linear).is_empty());
        assert!(words(-1.0, 1.0, Scale::Log).is_empty());
        assert!(words(0.0, f64::INFINITY, Scale::Linear).is_empty());
    }
}
