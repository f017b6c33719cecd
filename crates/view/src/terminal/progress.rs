//! Progress of a training: lines that move in a terminal, one line per epoch that stays.
//!
//! Where output is not a terminal only the lines that stay are written, one per
//! epoch, without colours or control characters.

use super::live::Live;
use super::{clean, count, duration, significant};
use crate::findings::{place, severity};
use crate::run::headline;
use gradwise_train::folder::event::{Epoch, Finding, LayerInfo, Severity, Start};
use gradwise_train::run::{News, Resume};
use std::io::Write;
use std::time::Duration;

/// About how many lines stay in a terminal; in a file every epoch has one.
const LINES: u64 = 40;
/// The progress of one training, on standard error.
#[derive(Debug)]
pub struct Progress {
    live: Option<Live>,
    start: Start,
    /// Seconds of training at the end of the last epoch.
    seconds: f64,
    /// Rows of the epoch under way that were done before this process.
    done: u64,
}

impl Progress {
    /// Progress in lines that are redrawn if `live`; see [`super::is_live`].
    pub fn new(live: bool) -> Self {
        Progress { live: live.then(Live::default), start: Start::default(), seconds: 0.0, done: 0 }
    }

    /// Tells of what happened.
    pub fn hear(&mut self, news: &News<'_>) {
        match news {
            News::Start(start) => {
                self.start = (*start).clone();
                self.say(&introduction(start));
            }
            News::Resume(at) => {
                (self.seconds, self.done) = (at.seconds, at.rows);
                self.say(&resumption(at));
            }
            News::Unseen(unseen) => self.say(&format!("warning: {unseen}")),
            News::Progress(position) => self.in_live(|live| live.move_to(position)),
            News::Layers(measures) => self.in_live(|live| live.measured(measures)),
            News::Epoch(epoch) => self.end_epoch(epoch),
            // What ends the run is its error, and told as such.
            News::Finding(finding) if finding.id == "nonfinite" => {}
            News::Finding(finding) => {
                self.in_live(|live| live.found(finding));
                self.say(&finding_text(finding, self.live.is_some()));
            }
            News::End(_) => self.finish(),
            News::Rows(..) | News::Step(_) | News::Histograms(_) => {}
        }
    }

    fn in_live(&mut self, tell: impl FnMut(&mut Live)) {
        self.live.iter_mut().for_each(tell);
    }

    fn end_epoch(&mut self, epoch: &Epoch) {
        self.in_live(|live| live.end_epoch(epoch));
        let text = self.epoch_text(epoch);
        (self.seconds, self.done) = (epoch.seconds, 0);
        let every = self.start.epochs.div_ceil(LINES).max(1);
        let kept = epoch.epoch.is_multiple_of(every)
            || epoch.epoch == 1
            || epoch.epoch == self.start.epochs;
        if kept || self.live.is_none() {
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
        let best = if epoch.best { "  best" } else { "" };
        // The moving lines tell rate and speed, and a terminal is narrow.
        if self.live.is_some() {
            return text.trim_end().to_string() + best;
        }
        // L-BFGS has no rate of its own.
        if epoch.lr > 0.0 {
            text += &format!("  lr {:<8}", significant(epoch.lr));
        }
        let time = (epoch.seconds - self.seconds).max(0.0);
        let rows = (self.start.rows as u64).saturating_sub(self.done);
        let rows = count(rows as f64 / time.max(1e-9));
        let time = Duration::try_from_secs_f64(time).unwrap_or_default();
        text + &format!("  {rows:>5} rows/s  {}{best}", duration(time))
    }

    /// Writes a line that stays, above the moving one. An error in writing it is
    /// not an error of the training.
    pub fn say(&mut self, text: &str) {
        match &mut self.live {
            Some(live) => live.say(text),
            None => drop(writeln!(std::io::stderr().lock(), "{text}")),
        }
    }

    /// Removes the moving lines.
    pub fn finish(&mut self) {
        self.live.iter_mut().for_each(Live::finish);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Where a run goes on, and why not later.
fn resumption(at: &Resume) -> String {
    let from = match at.step {
        0 => "no checkpoint was written yet: it starts from its beginning".to_string(),
        step if at.rows > 0 => format!("goes on in epoch {}, after step {step}", at.epoch + 1),
        step => format!("goes on after epoch {}, step {step}", at.epoch),
    };
    match &at.damaged {
        Some(why) => format!("warning: {}; the checkpoint before it is taken\n{from}", clean(why)),
        None => from,
    }
}

/// Unused columns beyond this are counted.
const NAMED: usize = 5;

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
    // Whoever gave a column wants to know that nothing is learnt from it.
    let unused = match start.unused.len() {
        0 => String::new(),
        count if count > NAMED => format!("; {count} columns not used"),
        _ => format!("; not used: {}", clean(&start.unused.join(", "))),
    };
    format!(
        "{} training rows, {} validation, {} test; {} features{outputs}{unused}; layers {}, {} \
         parameters{precision}",
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

/// A finding in one line; in a terminal its severity stands out.
fn finding_text(finding: &Finding, live: bool) -> String {
    let severity = match (finding.severity, live) {
        (Severity::Error, true) => "\u{1b}[1;31merror\u{1b}[0m".into(),
        (Severity::Warn, true) => "\u{1b}[1;33mwarn\u{1b}[0m".into(),
        (other, _) => severity(other).to_string(),
    };
    let (id, place) = (&finding.id, place(finding));
    format!("{severity}  {}", clean(&format!("{id}{place}: {}", finding.message)))
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
        progress.live = Some(Live::default());
        let text = progress.epoch_text(&epoch);
        assert!(text.ends_with("accuracy 0.8750  best") && text.len() < 80, "{text}");
    }

    #[test]
    fn a_run_that_goes_on_says_where_and_counts_what_it_does_itself() {
        let at = |rows, damaged: Option<&str>| Resume {
            step: 25,
            epoch: 2,
            rows,
            seconds: 5.0,
            damaged: damaged.map(String::from),
        };
        assert_eq!(
            resumption(&Resume::default()).split(':').next(),
            Some("no checkpoint was written yet")
        );
        assert_eq!(resumption(&at(320, None)), "goes on in epoch 3, after step 25");
        let text = resumption(&at(0, Some("step-30: torn")));
        assert!(text.starts_with("warning: step-30: torn; the checkpoint before"), "{text}");
        assert!(text.ends_with("goes on after epoch 2, step 25"), "{text}");
        let mut progress = progress(false);
        progress.hear(&News::Resume(&at(320, None)));
        let epoch = Epoch { epoch: 3, seconds: 5.01, ..Epoch::default() };
        assert!(progress.epoch_text(&epoch).contains(" 32.0k rows/s  0.01 s"));
        progress.end_epoch(&epoch);
        assert_eq!(progress.done, 0);
    }

    #[test]
    fn without_a_rate_none_is_told() {
        let epoch = Epoch { epoch: 1, train: measures(0.25, 0.9), ..Epoch::default() };
        assert!(!progress(false).epoch_text(&epoch).contains("lr"));
    }

    #[test]
    fn a_finding_is_one_line_that_cannot_steer_the_terminal() {
        let finding = Finding {
            id: "dead-units".into(),
            severity: Severity::Warn,
            layer: Some("dense1\u{1b}[2J".into()),
            step: Some(40),
            message: "Half\nare dead".into(),
            ..Finding::default()
        };
        let text = finding_text(&finding, false);
        assert_eq!(text, "warn  dead-units in dense1\u{fffd}[2J, by step 40: Half\u{fffd}are dead");
        assert!(finding_text(&finding, true).starts_with("\u{1b}[1;33mwarn\u{1b}[0m  dead"));
    }

    #[test]
    fn many_layers_of_a_width_are_counted() {
        let layer = |units| LayerInfo { units, ..LayerInfo::default() };
        let widths = |units: &[usize]| {
            let layers = units.iter().map(|units| layer(*units)).collect();
            let text = introduction(&Start { layers, ..Start::default() });
            text.split("layers ").nth(1).unwrap().split(',').next().unwrap().to_string()
        };
        assert_eq!(widths(&[100, 100, 100, 100, 10]), "4×100-10");
        assert_eq!(widths(&[64, 64, 10]), "64-64-10");
    }
}
