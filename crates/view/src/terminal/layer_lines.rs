//! The health of each layer, a line each, for the lines of a training that move.
//!
//! What is most important stands first, as a narrow terminal cuts the rest off, and what
//! no layer has takes no room.

use super::{Sparkline, clean};
use gradwise_train::folder::event::{Finding, Layer, Severity};

/// The cells of a layer's curve.
const CELLS: usize = 8;
/// The most characters of a layer's name.
const NAME: usize = 16;
/// More layers than these are not shown: the first and the last ones are.
const LAYERS: usize = 14;

/// A column's name, its width and what it shows of a layer.
type Column = (&'static str, usize, fn(&State) -> String);

/// What is told of a layer: the head of the column, its width, the value in words.
const COLUMNS: [Column; 6] = [
    ("dead", 5, |s| share(s.dead)),
    ("satur.", 6, |s| share(s.saturated)),
    ("gradient", 8, |s| short(s.gradient)),
    ("update", 7, |s| short(s.update)),
    ("zeros", 5, |s| share(s.zeros)),
    ("activation", 12, |s| moments(s.mean, s.deviation)),
];

/// The lines of a network's layers.
#[derive(Debug, Default)]
pub(super) struct LayerLines {
    layers: Vec<Line>,
    /// What was found, also before the first measures.
    found: Vec<Finding>,
}

/// The line of one layer.
#[derive(Debug)]
struct Line {
    /// Its name in the records.
    layer: String,
    state: State,
    gradient: Sparkline,
}

/// What is known of a layer at a step; NaN where it was not measured.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The share of units that are dead.
    dead: f64,
    /// The share of activations that are saturated.
    saturated: f64,
    /// The root mean square of the gradient of its weights.
    gradient: f64,
    /// The size of its step relative to its weights.
    update: f64,
    zeros: f64,
    mean: f64,
    deviation: f64,
}

impl LayerLines {
    /// Takes in all measures of one step.
    pub fn measured(&mut self, measures: &[Layer]) {
        if self.layers.is_empty() {
            self.layers = names(measures).into_iter().map(Line::new).collect();
        }
        for line in &mut self.layers {
            line.state = State::of(measures, &line.layer);
            line.gradient.push(line.state.gradient);
        }
    }

    /// Something was found: the layer's line tells of it from now on.
    pub fn found(&mut self, finding: &Finding) {
        self.found.push(finding.clone());
    }

    /// The head and a line for each layer; nothing before the first measures.
    pub fn draw(&self) -> Vec<String> {
        let name = |line: &Line| clean(&line.layer).chars().take(NAME).collect::<String>();
        let width = self.layers.iter().map(|line| name(line).chars().count()).max().unwrap_or(0);
        let width = width.max("layer".len());
        let known = |(_, _, told): &&(&str, usize, fn(&State) -> String)| {
            self.layers.iter().any(|line| told(&line.state) != UNKNOWN)
        };
        let columns: Vec<_> = COLUMNS.iter().filter(known).collect();
        let heads = columns.iter().map(|(head, width, _)| format!("  {head:>width$}"));
        let head = format!("  {:<width$}{}", "layer", heads.collect::<String>());
        let line = |line: &Line| {
            let cells =
                columns.iter().map(|(_, width, told)| format!("  {:>width$}", told(&line.state)));
            let cells = cells.collect::<String>();
            let own = self.found.iter().filter(|f| f.layer.as_ref() == Some(&line.layer));
            let found: Vec<String> = own.clone().map(|f| clean(&f.id)).collect();
            let rest = if found.is_empty() { line.gradient.draw() } else { found.join(", ") };
            let sign = sign(own.map(|f| f.severity).max());
            format!("{sign} {:<width$}{cells}  {rest}", name(line))
        };
        let lines = self.layers.iter().map(line);
        std::iter::once(head).filter(|_| !self.layers.is_empty()).chain(lines).collect()
    }
}

/// The layers in the order of the measures; of many the first and the last ones.
fn names(measures: &[Layer]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for measure in measures.iter().filter(|m| m.measure.starts_with("activation.")) {
        if !names.contains(&measure.layer.as_str()) {
            names.push(&measure.layer);
        }
    }
    if names.len() > LAYERS {
        names.drain(LAYERS / 2..names.len() - LAYERS / 2);
    }
    names
}

impl Line {
    fn new(layer: &str) -> Line {
        Line { layer: layer.into(), state: State::of(&[], layer), gradient: Sparkline::new(CELLS) }
    }
}

/// How bad it is, told without colour too.
fn sign(worst: Option<Severity>) -> &'static str {
    match worst {
        Some(Severity::Error) => "\u{1b}[1;31m✕\u{1b}[0m",
        Some(Severity::Warn) => "\u{1b}[1;33m!\u{1b}[0m",
        Some(Severity::Info) => "i",
        None => " ",
    }
}

impl State {
    /// From all measures of a step.
    fn of(measures: &[Layer], layer: &str) -> State {
        let own: Vec<&Layer> = measures.iter().filter(|m| m.layer == layer).collect();
        let get =
            |name: &str| own.iter().find(|m| m.measure == name).map_or(f64::NAN, |m| m.value.0);
        let size = |of: &str| get(&format!("{of}.mean")).hypot(get(&format!("{of}.std")));
        State {
            dead: get("units.dead"),
            saturated: get("activation.saturated"),
            gradient: size("weight-gradient"),
            update: size("update") / size("weight"),
            zeros: get("activation.zeros"),
            mean: get("activation.mean"),
            deviation: get("activation.std"),
        }
    }
}

/// What stands for a value that was not measured.
const UNKNOWN: &str = "–";

fn short(x: f64) -> String {
    match x {
        x if x.is_nan() => UNKNOWN.into(),
        0.0 => "0".into(),
        x => format!("{x:.1e}"),
    }
}

fn share(x: f64) -> String {
    if x.is_nan() { UNKNOWN.into() } else { format!("{:.0} %", 100.0 * x) }
}

fn moments(mean: f64, deviation: f64) -> String {
    let number = |x: f64| match x.abs() {
        size if size == 0.0 || (0.01..1000.0).contains(&size) => format!("{x:.2}"),
        _ => format!("{x:.0e}"),
    };
    if mean.is_nan() {
        UNKNOWN.into()
    } else {
        format!("{} ± {}", number(mean), number(deviation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(layers: &[&str]) -> Vec<Layer> {
        let mut all = Vec::new();
        for layer in layers {
            for (measure, value) in [
                ("activation.mean", 0.28),
                ("activation.std", 0.42),
                ("activation.zeros", 0.52),
                ("units.dead", 0.125),
                ("weight.mean", 0.03),
                ("weight.std", 0.04),
                ("weight-gradient.mean", 0.0),
                ("weight-gradient.std", 0.0031),
                ("update.mean", 0.0),
                ("update.std", 0.0001),
            ] {
                let (layer, measure) = ((*layer).into(), measure.into());
                all.push(Layer { step: 1, layer, measure, value: value.into() });
            }
        }
        all
    }

    #[test]
    fn a_line_has_what_is_known_and_what_was_found() {
        let mut lines = LayerLines::default();
        lines.measured(&measures(&["dense1", "output\u{1b}[2J"]));
        let drawn = lines.draw();
        assert_eq!(drawn[0], "  layer        dead  gradient   update  zeros    activation");
        let cells = " 12 %    3.1e-3   2.0e-3   52 %   0.28 ± 0.42";
        assert_eq!(drawn[1], format!("  dense1      {cells}  ▁"));
        assert!(!drawn[2].contains('\u{1b}'));
        for (id, severity) in [("dead-units", Severity::Warn), ("stuck-layer", Severity::Info)] {
            let (id, layer) = (id.to_string(), Some("dense1".into()));
            lines.found(&Finding { id, severity, layer, ..Finding::default() });
        }
        let found = &lines.draw()[1];
        assert!(found.contains("!\u{1b}[0m dense1") && found.ends_with("dead-units, stuck-layer"));
    }

    #[test]
    fn the_most_important_fits_into_forty_columns() {
        let mut lines = LayerLines::default();
        let mut all = measures(&["dense1"]);
        let (layer, measure) = ("dense1".into(), "activation.saturated".into());
        all.push(Layer { step: 1, layer, measure, value: 1.0.into() });
        lines.measured(&all);
        let line: String = lines.draw()[1].chars().take(39).collect();
        assert_eq!(line, "  dense1   12 %   100 %    3.1e-3   2.0");
    }

    #[test]
    fn what_was_not_measured_is_no_line_and_many_are_the_outer_ones() {
        let mut lines = LayerLines::default();
        lines.measured(&[]);
        assert!(lines.draw().is_empty());
        let names: Vec<String> = (1..=60).map(|i| format!("dense{i}")).collect();
        lines.measured(&measures(&names.iter().map(String::as_str).collect::<Vec<_>>()));
        let drawn = lines.draw();
        assert_eq!(drawn.len(), 1 + LAYERS);
        assert!(drawn[7].contains("dense7 ") && drawn[8].contains("dense54"));
    }
}
