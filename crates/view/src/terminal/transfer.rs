//! Progress of a download: a moving line in a terminal, else a line for each file.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;

/// The progress of files that arrive one after the other, on standard error.
#[derive(Debug)]
pub struct Transfer {
    bar: Option<ProgressBar>,
    file: String,
}

impl Transfer {
    /// Progress in a line that is redrawn if `live`; see [`super::is_live`].
    pub fn new(live: bool) -> Self {
        let bar = live.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let template = "{prefix}  {bar:20.blue}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}";
            let style = ProgressStyle::with_template(template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(1), target).with_style(style.progress_chars("━╸─"))
        });
        Transfer { bar, file: String::new() }
    }

    /// Tells how many of the bytes of a file are there.
    pub fn show(&mut self, file: &str, done: u64, size: u64) {
        let is_new = self.file != file;
        if is_new {
            self.file = file.into();
        }
        let Some(bar) = &self.bar else {
            if is_new {
                let megabytes = size as f64 / 1e6;
                // Progress that cannot be told does not stop the download.
                let _ = writeln!(std::io::stderr().lock(), "fetching {file} ({megabytes:.1} MB)");
            }
            return;
        };
        if is_new {
            bar.reset();
            bar.set_length(size);
            bar.set_prefix(self.file.clone());
        }
        bar.set_position(done);
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
