//! The lines of a training that move: where it stands, how the loss falls, and how each
//! layer is, a line each.
//!
//! They are drawn whenever the trainer tells where it stands; see [`Foot`]. What is most important stands
//! first, as a narrow terminal cuts the rest off.

use super::foot::Foot;
use super::layer_lines::LayerLines;
use super::{Sparkline, count, duration, significant};
use crate::run::headline;
use gradwise_train::folder::event::{Epoch, Finding, Layer};
use gradwise_train::run::Progress as Position;
use std::time::{Duration, Instant};

/// The cells of a curve.
const CELLS: usize = 16;
/// The cells of the bar.
const BAR: usize = 10;
/// Between two looks at the layers.
const PAUSE: Duration = Duration::from_millis(100);

/// The lines that move.
#[derive(Debug, Default)]
pub(super) struct Live {
    foot: Foot,
    head: String,
    curves: Option<Curves>,
    layers: LayerLines,
    looked: Option<Instant>,
}

/// Training and validation loss.
#[derive(Debug)]
struct Curves {
    training: Sparkline,
    validation: Sparkline,
    /// The newest measures on validation rows, as they stand in the line.
    latest: String,
    /// The newest training loss, of a step or of an epoch.
    loss: Option<f64>,
}

impl Live {
    /// Where the training stands.
    pub fn move_to(&mut self, position: &Position) {
        let curves = self.curves.get_or_insert_with(Curves::new);
        curves.loss = Some(position.loss);
        curves.training.push(position.loss);
        self.head = head(position);
        self.draw("");
    }

    /// The measures of an epoch.
    pub fn end_epoch(&mut self, epoch: &Epoch) {
        self.curves.get_or_insert_with(Curves::new).end_epoch(epoch);
    }

    /// All measures of one step: they are taken more often than anyone can read.
    pub fn measured(&mut self, measures: &[Layer]) {
        if self.looked.is_none_or(|then| then.elapsed() >= PAUSE) {
            self.looked = Some(Instant::now());
            self.layers.measured(measures);
        }
    }

    /// Something was found.
    pub fn found(&mut self, finding: &Finding) {
        self.layers.found(finding);
    }

    /// Writes a line that stays, above the moving ones.
    pub fn say(&mut self, text: &str) {
        self.draw(text);
    }

    /// Removes the moving lines.
    pub fn finish(&mut self) {
        self.foot.draw("", &[]);
    }

    fn draw(&mut self, stays: &str) {
        let head = Some(self.head.clone()).filter(|head| !head.is_empty());
        let curves = self.curves.iter().map(Curves::text);
        let lines: Vec<String> = head.into_iter().chain(curves).chain(self.layers.draw()).collect();
        self.foot.draw(stays, &lines);
    }
}

impl Curves {
    fn new() -> Curves {
        let (training, validation) = (Sparkline::new(CELLS), Sparkline::new(CELLS));
        Curves { training, validation, latest: String::new(), loss: None }
    }

    fn end_epoch(&mut self, epoch: &Epoch) {
        self.loss = epoch.train.get("loss").map(|loss| loss.0).or(self.loss);
        let loss = epoch.validation.get("loss").map(|loss| loss.0);
        loss.into_iter().for_each(|loss| self.validation.push(loss));
        let metric = headline(&epoch.validation).and_then(|(name, called)| {
            Some(format!("  {called} {}", significant(epoch.validation.get(name)?.0)))
        });
        let loss =
            loss.map(|x| format!("  validation {} {}", significant(x), self.validation.draw()));
        self.latest = loss.unwrap_or_default() + &metric.unwrap_or_default();
    }

    fn text(&self) -> String {
        let loss = self.loss.map_or("–".into(), significant);
        format!("loss {loss} {}{}", self.training.draw(), self.latest)
    }
}

/// The epoch, a bar, time left, speed and rate.
fn head(position: &Position) -> String {
    let share = position.step as f64 / position.steps.max(1) as f64;
    let full = ((share * BAR as f64) as usize).min(BAR);
    let bar = format!("{}{}", "━".repeat(full), "─".repeat(BAR - full));
    let left = Duration::try_from_secs_f64(position.seconds_left).map_or("–".into(), duration);
    // L-BFGS has no rate of its own.
    let rate = Some(position.lr).filter(|lr| *lr > 0.0);
    let rate = rate.map_or(String::new(), |lr| format!("  lr {}", significant(lr)));
    format!(
        "epoch {}/{}  \u{1b}[34m{bar}\u{1b}[0m  {left} left  {} rows/s{rate}",
        position.epoch,
        position.epochs,
        count(position.rows_per_second)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_that_ended_before_anything_was_told_has_its_loss() {
        let mut live = Live::default();
        let epoch = |loss: f64| Epoch {
            train: [("loss".to_string(), loss.into())].into(),
            ..Epoch::default()
        };
        live.end_epoch(&epoch(0.5));
        live.end_epoch(&epoch(0.25));
        assert_eq!(live.curves.as_ref().unwrap().text(), "loss 0.2500 ");
    }

    #[test]
    fn the_moving_lines_tell_speed_time_left_and_losses() {
        let position = Position {
            epoch: 2,
            epochs: 4,
            step: 5,
            steps: 10,
            loss: 0.5,
            rows_per_second: 12_345.0,
            lr: 0.1,
            seconds_left: 75.0,
            ..Position::default()
        };
        let words = head(&position);
        assert!(words.starts_with("epoch 2/4  ") && words.contains("m━━━━━─────\u{1b}"), "{words}");
        assert!(words.ends_with("1:15 left  12.3k rows/s  lr 0.1000"));
        let lost = Position { seconds_left: f64::NAN, ..position };
        assert!(head(&lost).contains("– left"));
        let mut live = Live::default();
        live.move_to(&position);
        let validation = [("loss".to_string(), 0.25.into()), ("accuracy".into(), 0.875.into())];
        live.end_epoch(&Epoch { validation: validation.into(), ..Epoch::default() });
        let text = live.curves.as_ref().unwrap().text();
        assert_eq!(text, "loss 0.5000 ▁  validation 0.2500 ▁  accuracy 0.8750");
    }
}
