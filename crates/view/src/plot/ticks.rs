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

/// Steps of 1, 2 or 5 times a power of ten.
fn linear(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let raw = span / count.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * power).find(|s| *s >= raw * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    let word = |value: f64| match value.abs() {
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => exponent(value),
        _ => format!("{value:.decimals$}"),
    };
    let tick = |i: i64| (i as f64 * step, word(i as f64 * step).replace('-', "−"));
    (first..=last.min(first + 50)).map(tick).collect()
}

/// Powers of ten, with 2 and 5 times them where there are few.
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
    let inside = values.filter(|v| *v >= low * 0.999 && *v <= high * 1.001);
    inside.map(|v| (v, power_word(v))).collect()
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
        assert_eq!(words(1e-8, 1.0, Scale::Log), ["1e−8", "1e−6", "1e−4", "0.01", "1"]);
    }

    #[test]
    fn senseless_ranges_have_none() {
        assert!(words(1.0, 1.0, Scale::Linear).is_empty());
        assert!(words(f64::NAN, 1.0, Scale::Linear).is_empty());
        assert!(words(-1.0, 1.0, Scale::Log).is_empty());
        assert!(words(0.0, f64::INFINITY, Scale::Linear).is_empty());
    }
}
