//! `gradwise doctor`: what is wrong with a training, and what mends it.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::pictures::{self, PictureError};
use crate::{diagnosis, mending, output, page};
use clap::Args;
use gradwise_health::doctor::{Examiner, Trial, try_out};
use gradwise_health::fix::Effort;
use gradwise_health::{Judgement, Run, Verdict, judge, measures};
use gradwise_train::folder::event::Histogram;
use gradwise_train::folder::number::Number;
use gradwise_train::folder::summary::Summary;
use gradwise_train::runfile::Checked;
use gradwise_trials::{Base, free_folder};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names what is wrong with a training, with evidence and remedies.
///
/// With `--fix`, tries the remedies, single and together, in short runs and the promising
/// ones in full runs over several seeds; keeps those whose gain exceeds what seeds differ
/// by, and writes the mended run file with a picture of before and after beside it. Exit
/// status 0 then means that nothing is wrong any more.
///
/// Looks at a run folder (finished, under way, or written by another program), or
/// trains a run file for a short while and looks at that. Exit status 3 for errors,
/// 4 for warnings, 0 for a healthy run, 1 where nothing was trained yet. In a run folder it
/// writes report.html and the pictures anew and the verdict into summary.json. The short
/// training of a run file is kept in `runs/trial-NAME-N` or where `--out` says, with report
/// and pictures; with `--json` only where `--out` says.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise doctor runs/run-1\n  \
    gradwise doctor run.toml --seconds 30 --out runs/trial\n  gradwise doctor runs/run-1 --follow\n  \
    gradwise doctor run.toml --fix --seeds 5 --budget 300\n  \
    gradwise doctor runs/run-1 --json | jq '.findings[].id'")]
pub struct Doctor {
    /// The run folder, or a run file.
    #[arg(value_name = "RUN_DIR or RUN.toml")]
    run: PathBuf,
    /// Of a run file: puts a value over its own.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = options::pair)]
    sets: Vec<Pair>,
    /// Of a run file: trains for so many seconds at most.
    #[arg(long, value_name = "S", default_value_t = 20.0)]
    seconds: f64,
    /// Of a run file: where the run folder of the short training goes.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["follow", "fix"])]
    out: Option<PathBuf>,
    /// Of a run that is under way: looks again as it goes on, until it ends.
    #[arg(long)]
    follow: bool,
    /// Tries the remedies and writes a run file with those that help.
    #[arg(long, conflicts_with = "follow")]
    fix: bool,
    /// With --fix: seeds that each remedy is trained with.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..))]
    seeds: u32,
    /// With --fix: seconds that it may take.
    #[arg(long, value_name = "S", default_value_t = 600.0)]
    budget: f64,
    /// With --fix: where the mended run file goes.
    #[arg(short, long, value_name = "FILE", default_value = "fixed.toml")]
    output: PathBuf,
    /// How many threads compute.
    #[arg(long, value_name = "N", value_parser = options::threads)]
    threads: Option<usize>,
    /// Prints one JSON document instead of text.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    judgement: &'a Judgement,
    measured: Measured,
}

/// What the judgement rests on.
#[derive(Debug, Serialize)]
struct Measured {
    steps: usize,
    epochs: usize,
    /// The score between that of a constant answer (0) and of nearest neighbours (1).
    reach: Option<f64>,
    /// The loss of the best constant answer.
    constant_loss: Option<f64>,
    first_loss: Option<f64>,
    last_loss: Option<f64>,
    /// What could not be looked at, and why.
    unknown: Vec<String>,
    /// Every measure of every layer, by their names.
    layers: BTreeMap<String, BTreeMap<String, Summed>>,
    /// The last distribution of each value of each layer.
    histograms: Vec<Histogram>,
}

/// A measure over the run.
#[derive(Debug, Serialize)]
struct Summed {
    /// In how many steps it was taken.
    count: usize,
    first: Number,
    median: Number,
    last: Number,
    /// The step in which it was last taken.
    step: u64,
}

impl Summed {
    fn of(series: &[(u64, f64)]) -> Option<Summed> {
        let ((_, first), (step, last)) = (*series.first()?, *series.last()?);
        let median = measures::median(series).unwrap_or(f64::NAN).into();
        Some(Summed { count: series.len(), first: first.into(), median, last: last.into(), step })
    }
}

/// Every measure of every layer.
fn layers(run: &Run) -> BTreeMap<String, BTreeMap<String, Summed>> {
    let mut layers = BTreeMap::<String, BTreeMap<String, Summed>>::new();
    for (layer, name, series) in run.measures.all() {
        let of_layer = layers.entry(layer.into()).or_default();
        of_layer.extend(Summed::of(series).map(|summed| (name.to_string(), summed)));
    }
    layers
}

/// Between two looks at a run that is under way.
const PAUSE: Duration = Duration::from_secs(3);

/// Looks without a new step after which a person is told so.
const STILL: u32 = 10;

/// Says which roots are new at a step and which are gone; gives those there are.
fn news(judgement: &Judgement, step: u64, known: &[String]) -> Vec<String> {
    let roots: Vec<_> = judgement.roots().collect();
    for finding in roots.iter().filter(|f| !known.contains(&f.id)) {
        output::say(&format!("step {step}: {}: {}", finding.id, finding.message));
    }
    for id in known.iter().filter(|id| !roots.iter().any(|f| f.id == **id)) {
        output::say(&format!("step {step}: no longer {id}"));
    }
    roots.into_iter().map(|f| f.id.clone()).collect()
}

impl Doctor {
    /// Judges, or mends.
    pub fn run(self) -> Result<(), Failure> {
        if self.fix {
            return self.mend();
        }
        let (run, kept) = match self.run.is_dir() {
            true => (self.folder()?, Some(self.run.clone())),
            false => {
                let checked = options::load(&self.run, &self.sets)?;
                let kept = self.kept();
                (self.trial(&checked, kept.clone())?, kept)
            }
        };
        let judgement = judge(&run);
        if !run.has_trained() && judgement.findings.is_empty() {
            let name = output::quoted_path(&self.run);
            return Err(Failure::work(format!(
                "{name}: nothing was trained yet, so nothing is judged"
            )));
        }
        self.tell(&run, &judgement)?;
        if let Some(folder) = kept {
            self.report_on(&folder, &run, &judgement);
        }
        match judgement.verdict {
            Verdict::Healthy => Ok(()),
            verdict => Err(Failure::Found(verdict.status())),
        }
    }

    /// Where the short training of a run file is kept: where runs go if nothing else is
    /// said, unless they cannot go there. A script that reads the document wants no more.
    fn kept(&self) -> Option<PathBuf> {
        let name = self.run.file_stem().map_or("run".into(), |stem| stem.to_string_lossy());
        let free = || (!self.json).then(|| free_folder("trial", &name));
        self.out.clone().or_else(free).filter(|folder| {
            let made = folder.parent().is_none_or(|above| std::fs::create_dir_all(above).is_ok());
            made || self.out.is_some()
        })
    }

    /// Trains the run file for a short while.
    fn trial(&self, checked: &Checked, out: Option<PathBuf>) -> Result<Run, Failure> {
        let (seconds, threads) = (self.seconds, self.threads);
        Ok(try_out(checked, Trial { out, seconds, threads })?)
    }

    /// Tries the remedies.
    fn mend(&self) -> Result<(), Failure> {
        let base = Base::load(&self.run, self.sets.clone())?;
        let budget = Duration::try_from_secs_f64(self.budget)
            .map_err(|_| Failure::usage("--budget takes seconds, such as 600"))?;
        let effort = Effort { seeds: self.seeds, budget: Some(budget), threads: self.threads };
        mending::mend(&base, &effort, &self.output, self.json)
    }

    /// Looks at a run folder; with `--follow` until the run has ended.
    fn folder(&self) -> Result<Run, Failure> {
        if self.out.is_some() {
            return Err(Failure::usage(
                "--out is for a run file: a run folder keeps its own report",
            ));
        }
        let examiner = Examiner::new(self.threads);
        let mut known: Vec<String> = Vec::new();
        let (mut step, mut still) = (None, 0);
        loop {
            let run = examiner.look(&self.run)?;
            if !self.follow || run.end.is_some() {
                return Ok(run);
            }
            let last = run.steps.last().map_or(0, |s| s.step);
            if step.is_none() {
                output::say(&format!("following {}; Ctrl-C ends it", self.run.display()));
            }
            still = if step == Some(last) { still + 1 } else { 0 };
            step = Some(last);
            if still == STILL {
                let seconds = (PAUSE * STILL).as_secs();
                output::say(&format!("no step after {last} for {seconds} s: does it still run?"));
            }
            known = news(&judge(&run), last, &known);
            std::thread::sleep(PAUSE);
        }
    }

    /// Writes report.html and pictures in the run folder, and the verdict into its summary if the run
    /// has ended. A folder that cannot be written to is judged all the same.
    fn report_on(&self, folder: &Path, run: &Run, judgement: &Judgement) {
        let ended = run.end.is_some().then(|| Summary::read(folder).ok()).flatten();
        let noted = ended.map_or(Ok(()), |summary| {
            let verdict = Some(judgement.verdict.to_string());
            Summary { verdict, findings: judgement.findings.clone(), ..summary }.write(folder)
        });
        let evaluation = options::trained(folder, self.threads)
            .and_then(|mut trained| Ok(trained.evaluate(None)?))
            .ok();
        let written = page::of_doctor(folder, (run, judgement), evaluation.as_ref());
        let drawn = pictures::of_folder(folder, evaluation.as_ref());
        match noted.map_err(PictureError::Folder).and(written).and(drawn) {
            Ok(()) => {
                let report = output::quoted_path(&folder.join(page::FILE));
                output::say(&format!("report, with pictures beside it: {report}"));
            }
            Err(error) => {
                output::say(&format!("warning: report and pictures could not be written: {error}"));
            }
        }
    }

    fn tell(&self, run: &Run, judgement: &Judgement) -> Result<(), Failure> {
        if self.json {
            let curve = run.curve.as_ref();
            let measured = Measured {
                steps: run.steps.len(),
                epochs: run.epochs.len(),
                reach: run.reach(),
                constant_loss: curve.and_then(|c| c.baseline),
                first_loss: curve.map(|c| c.first).filter(|x| x.is_finite()),
                last_loss: curve.map(|c| c.last()).filter(|x| x.is_finite()),
                unknown: run.unknown.clone(),
                layers: layers(run),
                histograms: run.measures.histograms().cloned().collect(),
            };
            return output::json(&Document { judgement, measured });
        }
        for what in &run.unknown {
            output::say(&format!("not looked at: {what}"));
        }
        if run.brief {
            output::say("the run has not ended: what takes longer is not judged");
        }
        output::print(&(diagnosis::curve(run).unwrap_or_default() + &diagnosis::text(judgement)))
    }
}
