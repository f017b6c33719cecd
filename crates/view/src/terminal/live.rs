//! The lines of a training that move: where it stands, how the loss falls, and how each
//! layer is, a line each.
//!
//! All lines are drawn by one write, ten times a second at most, so that nothing
//! flickers. What is most important stands first, as a narrow terminal cuts the rest off.

use super::{Sparkline, clean, count, duration, significant};
use crate::run::headline;
use gradwise_train::folder::event::{Epoch, Finding, Layer};
use gradwise_train::run::Progress as Position;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// The cells of a curve.
const CELLS: usize = 16;
/// The cells of a layer's curve.
const SMALL: usize = 8;
/// More layers than these are not shown: the first and the last ones are.
const LAYERS: usize = 14;
/// Between two looks at the layers: they are measured more often than anyone can read.
const PAUSE: Duration = Duration::from_millis(100);

/// What stands in a layer's line.
const COLUMNS: [&str; 5] = ["layer", "gradient", "update/weight", "zeros", "activation"];

/// The lines that move.
#[derive(Debug)]
pub(super) struct Live {
    all: MultiProgress,
    head: ProgressBar,
    curves: ProgressBar,
    /// The names of what stands in the layers' lines.
    columns: Option<ProgressBar>,
    training: Sparkline,
    validation: Sparkline,
    /// The newest measures on validation rows, as they stand in the line.
    latest: String,
    loss: f64,
    layers: Vec<LayerLine>,
    looked: Option<Instant>,
}

/// The line of one layer.
#[derive(Debug)]
struct LayerLine {
    bar: ProgressBar,
    /// Its name in the records.
    layer: String,
    /// Its name without what could steer a terminal.
    name: String,
    gradient: Sparkline,
    /// What was found in it.
    found: Vec<String>,
}

impl Live {
    /// The first two lines, on standard error.
    pub fn new() -> Live {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{prefix}  {bar:10.blue}  {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let head = all.add(ProgressBar::new(1).with_style(style.progress_chars("━╸─")));
        let curves = all.add(words());
        let (training, validation) = (Sparkline::new(CELLS), Sparkline::new(CELLS));
        Live {
            all,
            head,
            curves,
            columns: None,
            training,
            validation,
            latest: String::new(),
            loss: f64::NAN,
            layers: Vec::new(),
            looked: None,
        }
    }

    /// Where the training stands.
    pub fn move_to(&mut self, position: &Position) {
        self.loss = position.loss;
        self.training.push(position.loss);
        self.head.set_length(position.steps);
        self.head.set_position(position.step);
        self.head.set_prefix(format!("epoch {}/{}", position.epoch, position.epochs));
        self.head.set_message(pace(position));
        self.curves.set_message(self.curves_text());
    }

    /// The measures of an epoch.
    pub fn end_epoch(&mut self, epoch: &Epoch) {
        let loss = epoch.validation.get("loss").map(|loss| loss.0);
        loss.into_iter().for_each(|loss| self.validation.push(loss));
        let metric = headline(&epoch.validation).and_then(|(name, called)| {
            Some(format!("  {called} {}", significant(epoch.validation.get(name)?.0)))
        });
        let loss =
            loss.map(|x| format!("  validation {} {}", significant(x), self.validation.draw()));
        self.latest = loss.unwrap_or_default() + &metric.unwrap_or_default();
        self.curves.set_message(self.curves_text());
    }

    fn curves_text(&self) -> String {
        format!("loss {} {}{}", significant(self.loss), self.training.draw(), self.latest)
    }

    /// All measures of one step.
    pub fn measured(&mut self, measures: &[Layer]) {
        if self.looked.is_some_and(|then| then.elapsed() < PAUSE) {
            return;
        }
        self.looked = Some(Instant::now());
        if self.layers.is_empty() {
            self.add_layers(measures);
        }
        let width = self.layers.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        // A line that is set once only may miss its turn to be drawn.
        self.columns.iter().for_each(|head| head.set_message(row(COLUMNS, width)));
        for line in &mut self.layers {
            let state = State::of(measures, &line.layer);
            line.gradient.push(state.gradient);
            line.bar.set_message(line.text(&state, width));
        }
    }

    /// A head, and a line for each layer in the order of the measures.
    fn add_layers(&mut self, measures: &[Layer]) {
        let mut names: Vec<&str> = Vec::new();
        for measure in measures.iter().filter(|m| m.measure.starts_with("activation.")) {
            if names.last() != Some(&measure.layer.as_str()) {
                names.push(&measure.layer);
            }
        }
        if names.len() > LAYERS {
            names.drain(LAYERS / 2..names.len() - LAYERS / 2);
        }
        let width = names.iter().map(|name| clean(name).chars().count()).max().unwrap_or(0);
        let head = self.all.add(words());
        head.set_message(row(COLUMNS, width));
        self.columns = Some(head);
        self.layers = names
            .into_iter()
            .map(|name| LayerLine {
                bar: self.all.add(words()),
                layer: name.into(),
                name: clean(name),
                gradient: Sparkline::new(SMALL),
                found: Vec::new(),
            })
            .collect();
    }

    /// Something was found: the layer's line tells of it from now on.
    pub fn found(&mut self, finding: &Finding) {
        let own = |line: &&mut LayerLine| Some(&line.layer) == finding.layer.as_ref();
        for line in self.layers.iter_mut().filter(own) {
            line.found.push(clean(&finding.id));
        }
    }

    /// Writes a line that stays, above the moving ones.
    pub fn say(&self, text: &str) {
        // An error in writing it is not an error of the training.
        drop(self.all.println(text));
    }

    /// Removes the moving lines: each must be finished, or it is drawn again when it is
    /// dropped.
    pub fn finish(&self) {
        let layers = self.layers.iter().map(|line| &line.bar);
        let lines = [&self.head, &self.curves].into_iter().chain(&self.columns).chain(layers);
        lines.for_each(ProgressBar::finish_and_clear);
        drop(self.all.clear());
    }
}

/// A line of words, cut where the terminal ends.
fn words() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_msg}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn pace(position: &Position) -> String {
    let left = Duration::try_from_secs_f64(position.seconds_left);
    let left = left.map_or("–".into(), duration);
    format!("{left} left  {} rows/s", count(position.rows_per_second))
}

/// What is told of a layer.
struct State {
    /// The root mean square of the gradient of its weights.
    gradient: f64,
    /// The size of its step relative to its weights.
    update: f64,
    zeros: f64,
    mean: f64,
    deviation: f64,
}

impl State {
    /// From all measures of a step.
    fn of(measures: &[Layer], layer: &str) -> State {
        let own: Vec<&Layer> = measures.iter().filter(|m| m.layer == layer).collect();
        let get =
            |name: &str| own.iter().find(|m| m.measure == name).map_or(f64::NAN, |m| m.value.0);
        let size = |of: &str| get(&format!("{of}.mean")).hypot(get(&format!("{of}.std")));
        State {
            gradient: size("weight-gradient"),
            update: size("update") / size("weight"),
            zeros: get("activation.zeros"),
            mean: get("activation.mean"),
            deviation: get("activation.std"),
        }
    }
}

impl LayerLine {
    fn text(&self, state: &State, width: usize) -> String {
        let short = |x: f64| if x.is_nan() { "–".into() } else { format!("{x:.1e}") };
        let zeros = match state.zeros {
            x if x.is_nan() => "–".into(),
            share => format!("{:.0} %", 100.0 * share),
        };
        let activation = format!("{:.2} ± {:.2}", state.mean, state.deviation);
        let (gradient, update) = (short(state.gradient), short(state.update));
        let cells = row([&self.name, &gradient, &update, &zeros, &activation], width);
        match self.found.as_slice() {
            [] => format!("{cells}  {}", self.gradient.draw()),
            found => format!("! {}  {cells}", found.join(", ")),
        }
    }
}

/// Cells under each other, the name as wide as the widest.
fn row([name, gradient, update, zeros, activation]: [&str; 5], width: usize) -> String {
    format!("{name:<width$}  {gradient:>8}  {update:>13}  {zeros:>5}  {activation:<12}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Severity;

    fn measures() -> Vec<Layer> {
        let mut all = Vec::new();
        for layer in ["dense1", "output\u{1b}[2J"] {
            for (measure, value) in [
                ("activation.mean", 0.28),
                ("activation.std", 0.42),
                ("activation.zeros", 0.52),
                ("weight.mean", 0.03),
                ("weight.std", 0.04),
                ("weight-gradient.mean", 0.0),
                ("weight-gradient.std", 0.0031),
                ("update.mean", 0.0),
                ("update.std", 0.0001),
            ] {
                let (layer, measure) = (layer.into(), measure.into());
                all.push(Layer { step: 1, layer, measure, value: value.into() });
            }
        }
        all
    }

    #[test]
    fn a_layers_line_has_its_numbers_and_what_was_found() {
        let mut live = Live::new();
        live.measured(&measures());
        let text = |live: &Live, at: usize| live.layers[at].bar.message();
        assert_eq!(text(&live, 0), "dense1        3.1e-3         2.0e-3   52 %  0.28 ± 0.42   ▁");
        assert!(!text(&live, 1).contains('\u{1b}'));
        let layer = Some("dense1".to_string());
        let finding = Finding {
            id: "dead-units".into(),
            severity: Severity::Warn,
            layer,
            ..Finding::default()
        };
        live.found(&finding);
        live.looked = None;
        live.measured(&measures());
        assert!(text(&live, 0).starts_with("! dead-units  dense1"), "{}", text(&live, 0));
    }

    #[test]
    fn what_was_not_measured_is_a_dash() {
        let line = State::of(&[], "a");
        assert!(line.gradient.is_nan());
        let mut live = Live::new();
        live.measured(&[]);
        assert!(live.layers.is_empty());
    }

    #[test]
    fn the_moving_lines_tell_speed_time_left_and_losses() {
        let position = Position {
            loss: 0.5,
            rows_per_second: 12_345.0,
            seconds_left: 75.0,
            ..Position::default()
        };
        assert_eq!(pace(&position), "1:15 left  12.3k rows/s");
        let lost = Position { seconds_left: f64::NAN, ..position };
        assert_eq!(pace(&lost), "– left  12.3k rows/s");
        let mut live = Live::new();
        live.move_to(&position);
        let validation = [("loss".to_string(), 0.25.into()), ("accuracy".into(), 0.875.into())];
        live.end_epoch(&Epoch { validation: validation.into(), ..Epoch::default() });
        assert_eq!(live.curves_text(), "loss 0.5000 ▁  validation 0.2500 ▁  accuracy 0.8750");
    }
}
