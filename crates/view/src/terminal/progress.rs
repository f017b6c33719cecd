//! Live progress of a training: one line that moves, one line per epoch that stays.
//!
//! Where output is not a terminal only the lines that stay are written, one per
//! epoch, without colours or control characters.

use super::{Sparkline, clean, count, duration, significant};
use crate::run::headline;
use gradwise_train::folder::event::{Epoch, Finding, LayerInfo, Start};
use gradwise_train::run::{News, Progress as Position};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::Duration;

/// About how many lines stay in a terminal; in a file every epoch has one.
const LINES: u64 = 40;
/// The cells of the loss's curve.
const CELLS: usize = 14;

/// The progress of one training, on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    history: Sparkline,
    start: Start,
    /// Seconds of training at the end of the last epoch.
    seconds: f64,
    /// The newest metric, as it stands in the moving line.
    latest: String,
}

impl Progress {
    /// Progress in a line that is redrawn if `live`; see [`super::is_live`].
    pub fn new(live: bool) -> Self {
        let bar = live.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{prefix}  {bar:10.blue}  {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(1), target).with_style(style.progress_chars("━╸─"))
        });
        let (history, start) = (Sparkline::new(CELLS), Start::default());
        Progress { bar, history, start, seconds: 0.0, latest: String::new() }
    }

    /// Tells of what happened.
    pub fn hear(&mut self, news: &News<'_>) {
        match news {
            News::Start(start) => {
                self.start = (*start).clone();
                self.say(&introduction(start));
            }
            News::Progress(position) => self.move_to(position),
            News::Epoch(epoch) => self.end_epoch(epoch),
            // What ends the run is its error, and told as such.
            News::Finding(finding) if finding.id == "nonfinite" => {}
            News::Finding(finding) => self.say(&finding_text(finding)),
            News::End(_) => self.finish(),
            News::Step(_) | News::Layers(_) | News::Histograms(_) => {}
        }
    }

    fn move_to(&mut self, position: &Position) {
        let Some(bar) = &self.bar else { return };
        self.history.push(position.loss);
        bar.set_length(position.steps);
        bar.set_position(position.step);
        bar.set_prefix(format!("epoch {}/{}", position.epoch, position.epochs));
        bar.set_message(self.moving_text(position));
    }

    /// The most important first: a narrow terminal cuts the rest off.
    fn moving_text(&self, position: &Position) -> String {
        let left = Duration::try_from_secs_f64(position.seconds_left);
        format!(
            "loss {} {}{}  {} left  {} rows/s",
            significant(position.loss),
            self.history.draw(),
            self.latest,
            left.map_or("–".into(), duration),
            count(position.rows_per_second)
        )
    }

    fn end_epoch(&mut self, epoch: &Epoch) {
        let metric = headline(&epoch.validation).and_then(|(name, called)| {
            let value = epoch.validation.get(name)?;
            Some(format!("  {called} {}", significant(value.0)))
        });
        self.latest = metric.unwrap_or_default();
        let text = self.epoch_text(epoch);
        self.seconds = epoch.seconds;
        let every = self.start.epochs.div_ceil(LINES).max(1);
        let kept = epoch.epoch.is_multiple_of(every)
            || epoch.epoch == 1
            || epoch.epoch == self.start.epochs;
        if kept || self.bar.is_none() {
            self.say(&text);
        }
    }

    /// The line of an epoch, every number with its name.
    fn epoch_text(&self, epoch: &Epoch) -> String {
        let (total, mut text) = (self.start.epochs, String::new());
        let digits = total.to_string().len();
        text += &format!("epoch {:>digits$}/{total}", epoch.epoch);
        let mut number = |name: &str, value: f64| {
            text += &format!("  {name} {:<8}", significant(value));
        };
        if let Some(loss) = epoch.train.get("loss") {
            number("loss", loss.0);
        }
        if let Some(loss) = epoch.validation.get("loss") {
            number("validation loss", loss.0);
        }
        let (measures, prefix) = match headline(&epoch.validation) {
            Some(_) => (&epoch.validation, ""),
            None => (&epoch.train, "training "),
        };
        if let Some((name, called)) = headline(measures) {
            let value = measures.get(name).map_or(f64::NAN, |value| value.0);
            number(&format!("{prefix}{called}"), value);
        }
        number("lr", epoch.lr);
        let time = (epoch.seconds - self.seconds).max(0.0);
        let rows = count(self.start.rows as f64 / time.max(1e-9));
        let time = Duration::try_from_secs_f64(time).unwrap_or_default();
        let best = if epoch.best { "  best" } else { "" };
        text + &format!("  {rows:>5} rows/s  {}{best}", duration(time))
    }

    /// Writes a line that stays, above the moving one. An error in writing it is
    /// not an error of the training.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => drop(writeln!(std::io::stderr().lock(), "{text}")),
        }
    }

    /// Removes the moving line.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// What is trained on what, in one line.
pub fn introduction(start: &Start) -> String {
    let alike: Vec<_> = start.layers.chunk_by(|a, b| a.units == b.units).collect();
    let widths: Vec<String> = alike.iter().map(|layers| widths(layers)).collect();
    let outputs = match (start.task.as_str(), start.outputs.len()) {
        ("regression", 1) => String::new(),
        ("regression" | "multilabel", n) => format!(", {n} targets"),
        (_, n) => format!(", {n} classes"),
    };
    // f32 goes without saying.
    let precision = match start.precision.as_str() {
        "" | "f32" => String::new(),
        other => format!("; products in {}", clean(other)),
    };
    format!(
        "{} training rows, {} validation, {} test; {} features{outputs}; layers {}, {} parameters{precision}",
        start.rows,
        start.validation_rows,
        start.test_rows,
        start.features,
        widths.join("-"),
        count(start.parameters as f64)
    )
}

/// The widths of layers that are all as wide; many are counted.
fn widths(alike: &[LayerInfo]) -> String {
    let units: Vec<String> = alike.iter().map(|layer| layer.units.to_string()).collect();
    match (units.len(), units.first()) {
        (4.., Some(width)) => format!("{}×{width}", units.len()),
        _ => units.join("-"),
    }
}

fn finding_text(finding: &Finding) -> String {
    let place = finding.layer.as_ref().map_or(String::new(), |layer| format!(" in {layer}"));
    clean(&format!("{:?}{place}: {}", finding.severity, finding.message).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Measures;

    fn progress(live: bool) -> Progress {
        let mut progress = Progress::new(live);
        progress.start = Start { epochs: 10, rows: 640, ..Start::default() };
        progress
    }

    fn measures(loss: f64, accuracy: f64) -> Measures {
        [("loss".into(), loss.into()), ("accuracy".into(), accuracy.into())].into()
    }

    #[test]
    fn an_epochs_line_names_its_numbers_and_is_plain() {
        let epoch = Epoch {
            epoch: 3,
            train: measures(0.25, 0.9),
            validation: measures(0.5, 0.875),
            lr: 0.1,
            seconds: 1.01,
            best: true,
            ..Epoch::default()
        };
        let mut progress = progress(false);
        progress.seconds = 1.0;
        let expected = "epoch  3/10  loss 0.2500    validation loss 0.5000    accuracy 0.8750    \
                        lr 0.1000    64.0k rows/s  0.01 s  best";
        assert_eq!(progress.epoch_text(&epoch), expected);
    }

    #[test]
    fn the_moving_line_tells_speed_and_time_left() {
        let position = Position {
            loss: f64::NAN,
            rows_per_second: 12_345.0,
            seconds_left: 75.0,
            ..Position::default()
        };
        let line = progress(true).moving_text(&position);
        assert_eq!(line, "loss NaN   1:15 left  12.3k rows/s");
    }
}
