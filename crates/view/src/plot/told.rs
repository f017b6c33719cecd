//! What a chart shows, in words: the numbers for those who cannot see it.

use super::{Axis, Chart, Layer};
use crate::paint::Series;
use crate::terminal::significant;

/// A sentence without its full stop: each line from its first to its last number and in
/// between, separate points and bars by where they lie. `names` are those of lines that
/// have none of their own. `None` if there is nothing to tell.
pub(super) fn told(chart: &Chart, names: &[(String, Series)]) -> Option<String> {
    let parts: Vec<String> =
        chart.layers.iter().filter_map(|layer| layer_told(chart, layer, names)).collect();
    let what = [chart.title.as_str(), chart.y.label.as_str()];
    let what = what.into_iter().find(|text| !text.is_empty());
    let what = what.map_or(String::new(), |what| format!("{what}: "));
    (!parts.is_empty()).then(|| what + &parts.join("; "))
}

fn layer_told(chart: &Chart, layer: &Layer, names: &[(String, Series)]) -> Option<String> {
    match layer {
        Layer::Line { points, series, .. } => {
            let named = || names.iter().find(|(_, of)| of == series).map(|(name, _)| name.as_str());
            let lines = chart.layers.iter().filter(|layer| matches!(layer, Layer::Line { .. }));
            let name = match layer.name().or_else(named) {
                Some(name) => format!("{name} "),
                // Which of several lines it is, nobody could tell.
                None if lines.count() > 1 => return None,
                None => String::new(),
            };
            Some(name + &line(&chart.x, points)?)
        }
        Layer::Dots { points, .. } | Layer::Crosses { points, .. } => {
            let (x, y) = (range(points.iter().map(|p| p.0))?, range(points.iter().map(|p| p.1))?);
            Some(format!("{} points, from left to right {x}, from bottom to top {y}", points.len()))
        }
        Layer::Bars { bars, .. } => {
            let highest = bars.iter().filter(|bar| bar.2.is_finite());
            let (left, right, height) = highest.max_by(|a, b| a.2.total_cmp(&b.2))?;
            let [left, right, height] = [left, right, height].map(|x| number(*x));
            Some(format!("{} bars, the highest {height}, from {left} to {right}", bars.len()))
        }
        _ => None,
    }
}

/// A line in words.
fn line(axis: &Axis, points: &[(f64, f64)]) -> Option<String> {
    let finite = || points.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
    let (first, last) = (finite().next()?, finite().next_back()?);
    // Names stand at 1, 2, 3, …
    let named = |x: f64| axis.names.get((x as usize).checked_sub(1)?);
    let at = |x: f64| match (named(x), axis.label.as_str()) {
        (Some(name), _) => format!("at {name}"),
        (None, "") => format!("at {}", number(x)),
        (None, label) => format!("at {label} {}", number(x)),
    };
    if first == last {
        return Some(format!("{} {}", number(first.1), at(first.0)));
    }
    let ends =
        format!("from {} {} to {} {}", number(first.1), at(first.0), number(last.1), at(last.0));
    let least = finite().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let greatest = finite().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let between = |(what, point): (&str, &(f64, f64))| {
        let inner = point.1 != first.1 && point.1 != last.1;
        inner.then(|| format!(", {what} {} {}", number(point.1), at(point.0)))
    };
    let more = [("least", least), ("greatest", greatest)].into_iter().filter_map(between);
    Some(ends + &more.collect::<String>())
}

/// A number with few digits; a whole one without a fraction.
pub(super) fn number(x: f64) -> String {
    match x.fract() == 0.0 && x.abs() < 1e6 {
        true => format!("{x}"),
        false => match significant(x) {
            text if text.contains('.') && !text.contains('e') => {
                text.trim_end_matches('0').trim_end_matches('.').to_string()
            }
            text => text,
        },
    }
}

/// The least and the greatest of numbers that are finite.
fn range(numbers: impl Iterator<Item = f64>) -> Option<String> {
    let (low, high) = numbers
        .filter(|x| x.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    (low <= high).then(|| format!("from {} to {}", number(low), number(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(name: &str, points: &[(f64, f64)], series: Series) -> Layer {
        Layer::Line { name: name.into(), points: points.into(), series, dots: false }
    }

    #[test]
    fn lines_are_told_by_their_ends_and_what_lies_beyond_them() {
        let chart = Chart {
            title: "loss".into(),
            x: Axis { label: "epoch".into(), ..Axis::default() },
            layers: vec![
                line_of("training", &[(1.0, 2.0), (2.0, f64::NAN), (3.0, 0.5)], Series::Blue),
                line_of("", &[(1.0, 2.0), (2.0, 0.25), (3.0, 0.5)], Series::Vermilion),
                line_of("", &[(1.0, 2.0)], Series::Green),
            ],
            ..Chart::default()
        };
        let told = told(&chart, &[("validation".into(), Series::Vermilion)]).unwrap();
        assert_eq!(
            told,
            "loss: training from 2 at epoch 1 to 0.5 at epoch 3; validation from 2 at epoch 1 \
             to 0.5 at epoch 3, least 0.25 at epoch 2"
        );
    }

    #[test]
    fn a_place_with_a_name_is_called_so() {
        let names = ["dense1", "output"].map(String::from).into();
        let chart = Chart {
            x: Axis { names, ..Axis::default() },
            layers: vec![line_of("", &[(1.0, 0.125), (2.0, 3e-7)], Series::Blue)],
            ..Chart::default()
        };
        assert_eq!(told(&chart, &[]).unwrap(), "from 0.125 at dense1 to 3.000e-7 at output");
    }

    #[test]
    fn points_and_bars_are_told_and_nothing_is_not() {
        assert_eq!(told(&Chart::default(), &[]), None);
        let broken = line_of("a", &[(f64::NAN, 1.0)], Series::Blue);
        assert_eq!(told(&Chart { layers: vec![broken], ..Chart::default() }, &[]), None);
        let bars = vec![(0.0, 1.0, 2.0), (1.0, 2.0, 5.0)];
        let points = vec![(0.0, -1.0), (3.0, 4.0)];
        let layers = vec![
            Layer::Bars { bars, series: Series::Blue },
            Layer::Crosses { points, series: Series::Blue },
        ];
        let told = told(&Chart { layers, ..Chart::default() }, &[]).unwrap();
        assert!(told.starts_with("2 bars, the highest 5, from 1 to 2; 2 points"), "{told}");
    }
}
