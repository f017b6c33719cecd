//! One line that moves, for work in many parts, and lines that stay above it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::{Duration, Instant};

/// The steps of the line: finer than any terminal is wide.
const STEPS: u64 = 1000;

/// How far a work is, on standard error; may be told from many threads.
#[derive(Debug)]
pub struct Bar {
    bar: Option<ProgressBar>,
    start: Instant,
    /// The share that was done at the start.
    before: f64,
}

impl Bar {
    /// A line that is redrawn if `live`; see [`super::is_live`]. The share `before` was
    /// done earlier, and tells nothing about the time left.
    pub fn new(live: bool, before: f64) -> Self {
        let bar = live.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{prefix}  {bar:24.blue}  {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(Some(STEPS), target);
            bar.with_style(style.progress_chars("━╸─"))
        });
        Bar { bar, start: Instant::now(), before }
    }

    /// Moves the line; `prefix` stands before it.
    pub fn set(&self, share: f64, prefix: &str) {
        let Some(bar) = &self.bar else { return };
        bar.set_position((share.clamp(0.0, 1.0) * STEPS as f64) as u64);
        bar.set_prefix(prefix.to_string());
        bar.set_message(
            self.left(share)
                .map_or(String::new(), |left| format!("{} left", super::duration(left))),
        );
    }

    /// The time left if it goes on like this.
    fn left(&self, share: f64) -> Option<Duration> {
        let done = share - self.before;
        let seconds = self.start.elapsed().as_secs_f64() * (1.0 - share) / done;
        Duration::try_from_secs_f64(seconds).ok().filter(|_| done > 0.0)
    }

    /// Writes a line that stays. An error in writing it is not one of the work.
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

impl Drop for Bar {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_counts_what_this_work_did() {
        let start = Instant::now() - Duration::from_secs(10);
        let bar = Bar { bar: None, start, before: 0.5 };
        let left = bar.left(0.75).unwrap().as_secs_f64();
        assert!((left - 10.0).abs() < 0.5, "{left}");
        assert_eq!(bar.left(0.5), None);
        assert_eq!(bar.left(f64::NAN), None);
    }
}
