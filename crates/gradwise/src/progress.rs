//! The progress of a study: a line for each run, and how far all of them are.

use crate::comparison;
use gradwise_train::folder::event::Reason;
use gradwise_trials::{News, Run};
use gradwise_view::terminal::{self, Bar, significant};
use std::sync::OnceLock;

/// The progress of a study, made when it starts.
#[derive(Default)]
pub struct Progress {
    bar: OnceLock<Bar>,
}

impl Progress {
    /// Takes news.
    pub fn hear(&self, news: &News<'_>) {
        match news {
            News::Start { runs, ended, jobs, threads } => {
                let before = *ended as f64 / (*runs).max(1) as f64;
                let bar = self.bar.get_or_init(|| Bar::new(terminal::is_live(), before));
                let known = match ended {
                    0 => String::new(),
                    ended => format!(", {ended} of them done before"),
                };
                let many =
                    |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
                let (runs, threads) = (many(*runs, "run"), many(*threads, "thread"));
                bar.say(&format!("{runs}{known}; {jobs} at a time, {threads} each"));
            }
            News::Progress(share) => {
                if let Some(bar) = self.bar.get() {
                    bar.set(*share, "all runs");
                }
            }
            News::Run { variant, repeat, run, ended, runs } => {
                if let Some(bar) = self.bar.get() {
                    let (value, time) = (shown(run), comparison::seconds(run.seconds));
                    bar.say(&format!("{ended}/{runs}  {variant}  {repeat}: {value}  {time}"));
                }
            }
        }
    }

    /// Removes the moving line.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish();
        }
    }
}

/// The headline metric of a run, and the judge's verdict where it is not healthy.
fn shown(run: &Run) -> String {
    let ill = run.health.as_ref().filter(|health| *health != "healthy");
    let ill = ill.map_or(String::new(), |health| format!(", {health}"));
    match (run.reason, gradwise_view::run::headline(&run.validation)) {
        (Some(Reason::Nonfinite), _) => "diverged".into(),
        (_, Some((name, called))) => {
            let value = run.validation.get(name).map_or(f64::NAN, |n| n.0);
            format!("{called} {}{ill}", significant(value))
        }
        (_, None) => ill,
    }
}
