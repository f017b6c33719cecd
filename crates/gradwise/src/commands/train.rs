//! `gradwise train`: from a run file to a run folder.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::pictures::{self, PictureError};
use crate::{interrupt, output, page, report};
use clap::Args;
use gradwise_health::{Judgement, Verdict, Watch};
use gradwise_train::folder::event::Reason;
use gradwise_train::folder::summary::Summary;
use gradwise_train::run::{News, Options, Outcome, TrainError, train};
use gradwise_train::runfile::{Checked, keys};
use gradwise_view::findings;
use gradwise_view::terminal::{self, Progress};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Trains a network as a run file says, and writes a run folder.
///
/// Ctrl-C ends the training after the current step, with a checkpoint to go on
/// from; a second Ctrl-C ends it at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise train run.toml\n  \
    gradwise train run.toml --set train.lr=0.01 --set 'model.activation=leaky-relu(0.1)'\n  \
    gradwise train --resume runs/run-1")]
pub struct Train {
    /// The run file.
    #[arg(value_name = "RUN.toml", required_unless_present_any = ["resume", "keys"])]
    run: Option<PathBuf>,
    /// Puts a value over that of the run file; --keys lists the keys.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = options::pair)]
    sets: Vec<Pair>,
    /// The run folder to write [default: a new one, runs/NAME-1, -2, …].
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Goes on with the run in this folder, by the run file in it.
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// How many threads compute; results are the same for any number [default: one
    /// for each core].
    #[arg(long, value_name = "N", value_parser = options::threads)]
    threads: Option<usize>,
    /// Shows the run in a browser meanwhile, and afterwards until Ctrl-C.
    #[cfg(feature = "dashboard")]
    #[arg(long)]
    view: bool,
    /// Writes neither pictures nor report.html into the run folder.
    #[arg(long)]
    no_pictures: bool,
    /// Prints the summary as one JSON document instead of a table.
    #[arg(long)]
    json: bool,
    /// Prints every key of the run file with its values, default and meaning.
    #[arg(long)]
    keys: bool,
}

impl Train {
    /// Trains.
    pub fn run(self) -> Result<(), Failure> {
        if self.keys {
            return output::print(&(keys::help() + "\n"));
        }
        let checked = self.checked()?;
        #[cfg(feature = "dashboard")]
        if self.view {
            super::view::beside(self.resume.as_deref().or(self.out.as_deref()))?;
        }
        let stop = interrupt::stop_flag();
        let mut progress = Progress::new(terminal::is_live());
        let mut told = false;
        let mut observer = |news: News<'_>| {
            progress.hear(&news);
            if stop.load(Ordering::Relaxed) && !told {
                told = true;
                progress.say("stopping after this step; Ctrl-C again ends at once");
            }
        };
        let mut watch = Watch::new(&checked);
        let mut watcher = |news: News<'_>| watch.hear(&news);
        let options = Options {
            out: self.out.clone(),
            resume: self.resume.clone(),
            threads: self.threads,
            data: None,
            stop: stop.clone(),
            observer: Some(&mut observer),
            watcher: Some(&mut watcher),
        };
        let outcome = train(checked, options);
        progress.finish();
        if let Err(TrainError::Nonfinite { folder: Some(folder), .. }) = &outcome {
            if !self.no_pictures {
                let page = || page::of_records(folder, None).map(|_| ());
                warn(pictures::of_records(folder).and_then(|()| page()));
            }
            let quoted = output::quoted_path(folder);
            output::say(&format!("{quoted}; why it ended: gradwise doctor {quoted}"));
            if self.json {
                output::json(&report::RunReport { folder, summary: &Summary::read(folder)? })?;
            }
        }
        let concluded = outcome.map_err(Failure::from).and_then(|outcome| self.conclude(outcome));
        // A training that failed is the one to look at.
        #[cfg(feature = "dashboard")]
        if self.view {
            super::view::stay(&stop);
        }
        concluded
    }

    /// The run file; of a run that is resumed, the one in its folder, since another
    /// would not give the same bits.
    fn checked(&self) -> Result<Checked, Failure> {
        match (&self.resume, &self.run) {
            (Some(folder), run) => {
                if !folder.is_dir() {
                    let what = format!("there is no run folder {} to go on with", folder.display());
                    return Err(Failure::usage(what));
                }
                if run.is_some() {
                    let file = options::run_file(folder);
                    output::say(&format!("going on by {}", file.display()));
                }
                options::load(folder, &self.sets)
            }
            (None, Some(run)) => options::load(run, &self.sets),
            (None, None) => Err(Failure::usage("a run file is needed")),
        }
    }

    fn conclude(&self, outcome: Outcome) -> Result<(), Failure> {
        let folder = output::quoted_path(&outcome.folder);
        let mut judgement = None;
        if !self.no_pictures {
            let page = || page::of_records(&outcome.folder, outcome.evaluation.as_ref());
            let drawn = pictures::of_run(&outcome).and_then(|()| page());
            warn(drawn.map(|judged| judgement = Some(judged)));
        }
        if self.json {
            let (folder, summary) = (&outcome.folder, &outcome.summary);
            output::json(&report::RunReport { folder, summary })?;
        } else {
            output::print(&report::summary(&outcome))?;
        }
        if let Some(judgement) = judgement {
            tell(&judgement, &folder);
        }
        match outcome.summary.reason {
            Reason::Interrupted => {
                output::say(&format!("stopped; go on with: gradwise train --resume {folder}"));
                Err(Failure::Stopped)
            }
            Reason::Finding => Err(stopped(&outcome, &folder)),
            _ => Ok(()),
        }
    }
}

/// Says what the records show to be wrong: the loss alone does not tell whoever reads it.
fn tell(judgement: &Judgement, folder: &str) {
    if judgement.verdict == Verdict::Healthy {
        return;
    }
    let first = judgement.roots().next().map_or(String::new(), |finding| {
        format!(": {}{}: {}", finding.id, findings::place(finding), finding.message)
    });
    let headline = findings::headline(judgement);
    output::say(&format!("{headline}{first}; what would help: gradwise doctor {folder}"));
}

/// A picture that is missing is no failure of the training.
fn warn(drawn: Result<(), PictureError>) {
    if let Err(error) = drawn {
        output::say(&format!("warning: pictures and report could not be written: {error}"));
    }
}

/// A run that `health.stop-on` ended.
fn stopped(outcome: &Outcome, folder: &str) -> Failure {
    let worst = outcome.summary.findings.iter().max_by_key(|finding| finding.severity);
    let what = worst.map_or(String::new(), |f| format!(": {} ({})", f.message, f.id));
    let (last, doctor) = (outcome.summary.steps, format!("gradwise doctor {folder}"));
    Failure::work(format!(
        "stopped after step {last} by health.stop-on{what}\n  help: {doctor} says what would help; \
         gradwise train --resume {folder} goes on all the same"
    ))
}
