//! Live progress of a training: one line that moves, one line per epoch that stays.
//!
//! Where output is not a terminal only the lines that stay are written, one per
//! epoch, without colours or control characters.

use super::{Sparkline, count, duration, significant};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::{Duration, Instant};

/// What is known before the first step.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The number of epochs.
    pub epochs: usize,
    /// Epochs that were done before, when a run is resumed.
    pub done: usize,
    /// The number of steps of an epoch.
    pub steps: usize,
    /// The number of rows of an epoch.
    pub rows: usize,
    /// What the metric is called.
    pub metric: String,
    /// Whether a line is redrawn in place; see [`super::is_live`].
    pub live: bool,
}

/// What an epoch told.
#[derive(Clone, Copy, Debug, Default)]
pub struct EpochLine {
    /// The number of epochs done.
    pub epoch: usize,
    /// The mean loss over the epoch's batches.
    pub train_loss: f64,
    /// The loss on the validation rows.
    pub validation_loss: Option<f64>,
    /// The metric on the training rows.
    pub train_metric: Option<f64>,
    /// The metric on the validation rows.
    pub validation_metric: Option<f64>,
    /// The learning rate at the end of the epoch.
    pub lr: f64,
    /// How long the epoch took.
    pub seconds: f64,
    /// Whether it is the best so far.
    pub best: bool,
}

/// How often the moving line is drawn.
const EVERY: Duration = Duration::from_millis(100);
/// About how many lines stay in a terminal; in a file every epoch has one.
const LINES: usize = 40;

/// The progress of one training, on standard error.
#[derive(Debug)]
pub struct Progress {
    setup: Setup,
    bar: Option<ProgressBar>,
    history: Sparkline,
    started: Instant,
    drawn: Instant,
    steps: u64,
    latest: String,
}

impl Progress {
    /// Starts the clock; the first line appears with the first step.
    pub fn new(setup: Setup) -> Self {
        let total = (setup.epochs.saturating_sub(setup.done) * setup.steps) as u64;
        let bar = setup.live.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{prefix}  {bar:24.blue}  {msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(total), target)
                .with_style(style.progress_chars("━╸─"))
        });
        let now = Instant::now();
        let drawn = now.checked_sub(EVERY).unwrap_or(now);
        let history = Sparkline::new(25);
        Progress { setup, bar, history, started: now, drawn, steps: 0, latest: String::new() }
    }

    /// Tells of a finished step; cheap enough to be called after each.
    pub fn step(&mut self, epoch: usize, loss: f64) {
        self.steps += 1;
        let Some(bar) = &self.bar else { return };
        self.history.push(loss);
        if self.drawn.elapsed() < EVERY {
            return;
        }
        self.drawn = Instant::now();
        bar.set_position(self.steps);
        bar.set_prefix(format!("epoch {epoch}/{}", self.setup.epochs));
        bar.set_message(self.moving_line(loss));
    }

    fn moving_line(&self, loss: f64) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = self.steps as f64 / seconds.max(1e-9);
        let rows = rate * self.setup.rows as f64 / self.setup.steps.max(1) as f64;
        let total = (self.setup.epochs.saturating_sub(self.setup.done) * self.setup.steps) as f64;
        let left = Duration::try_from_secs_f64((total - self.steps as f64).max(0.0) / rate);
        let left = left.map_or("–".into(), duration);
        format!(
            "loss {} {}{}  {} rows/s  {left} left",
            significant(loss),
            self.history.draw(),
            self.latest,
            count(rows)
        )
    }

    /// Tells of a finished epoch.
    pub fn epoch(&mut self, line: &EpochLine) {
        if let Some(metric) = line.validation_metric.or(line.train_metric) {
            self.latest = format!("  {} {}", self.setup.metric, significant(metric));
        }
        let every = self.setup.epochs.div_ceil(LINES).max(1);
        let skipped = self.bar.is_some()
            && !line.epoch.is_multiple_of(every)
            && line.epoch != 1
            && line.epoch != self.setup.epochs;
        if !skipped {
            self.say(&self.epoch_text(line));
        }
    }

    /// The line of an epoch, every number with its name.
    fn epoch_text(&self, line: &EpochLine) -> String {
        let digits = self.setup.epochs.to_string().len();
        let mut text = format!(
            "epoch {:>digits$}/{}  loss {:<8}",
            line.epoch,
            self.setup.epochs,
            significant(line.train_loss)
        );
        if let Some(loss) = line.validation_loss {
            text += &format!("  validation loss {:<8}", significant(loss));
        }
        match (line.validation_metric, line.train_metric) {
            (Some(metric), _) => {
                text += &format!("  {} {:<7}", self.setup.metric, significant(metric));
            }
            (None, Some(metric)) => {
                text += &format!("  training {} {:<7}", self.setup.metric, significant(metric));
            }
            (None, None) => {}
        }
        let rows = self.setup.rows as f64 / line.seconds.max(1e-9);
        let time = Duration::try_from_secs_f64(line.seconds).unwrap_or_default();
        let best = if line.best { "  best" } else { "" };
        let (lr, rows) = (significant(line.lr), count(rows));
        text + &format!("  lr {lr:<7}  {rows:>5} rows/s  {}{best}", duration(time))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        let metric = "accuracy".into();
        Progress::new(Setup { epochs: 10, steps: 5, rows: 640, metric, ..Setup::default() })
    }

    #[test]
    fn an_epochs_line_names_its_numbers_and_is_plain() {
        let line = EpochLine {
            epoch: 3,
            train_loss: 0.25,
            validation_loss: Some(0.5),
            validation_metric: Some(0.875),
            lr: 0.1,
            seconds: 0.01,
            best: true,
            ..EpochLine::default()
        };
        let text = progress().epoch_text(&line);
        let expected = "epoch  3/10  loss 0.2500    validation loss 0.5000    accuracy 0.8750   \
                        lr 0.1000   64.0k rows/s  0.01 s  best";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_moving_line_tells_speed_and_time_left() {
        let mut progress = progress();
        progress.setup.live = true;
        (0..10).for_each(|_| progress.step(1, 1.0));
        let line = progress.moving_line(f64::NAN);
        assert!(line.starts_with("loss NaN") && line.contains("rows/s") && line.ends_with("left"));
    }
}
