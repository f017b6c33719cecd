//! Trains one case and has it judged, before and after.

use crate::Arguments;
use crate::case::Case;
use crate::foreign;
use crate::mend::mend;
use crate::record::{Cost, Record};
use gradwise_health::doctor::examine;
use gradwise_health::{Run, Verdict, Watch, judge};
use gradwise_train::folder::event::{Finding, Reason, Severity};
use gradwise_train::run::{News, Options, TrainError, train};
use gradwise_train::runfile;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// Trains and judges; with `--fix` also mends.
pub fn run(case: &Case, seed: u64, arguments: &Arguments) -> Result<Record, Box<dyn Error>> {
    let data = std::path::absolute(arguments.out.join("data"))?;
    let data = data.display().to_string();
    let text = case.text(seed, &data)?;
    let folder = arguments.out.join("runs").join(format!("{}-{seed}", case.slug()));
    if !(arguments.keep && folder.join("summary.json").exists()) {
        trained(&text, &folder, arguments.seconds)?;
        if case.curves_only {
            foreign::rewrite(&folder)?;
        }
    }
    let start = Instant::now();
    let mut run = examine(&folder, Some(1))?;
    let ended = run.end.as_ref().map(|end| end.reason);
    run.brief = run.brief || ended == Some(Reason::OutOfTime);
    let (before, after) = (judge(&foreseen(&run)), judge(&run));
    let mut record = Record::new(case, seed, &before, &after);
    record.reach = run.reach();
    record.cost = cost(&run, &record, start.elapsed().as_secs_f64());
    // Data decide whether such a network is sick; see faults.md, case 22.
    record.sick &= !(case.by_curve && record.reach.is_some_and(|reach| reach >= 0.9));
    if arguments.fix && record.sick {
        record.mended = Some(mend(case, seed, &data, &folder, arguments)?);
    }
    if !arguments.keep {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(record)
}

/// Trains a run file in a folder of its own.
fn trained(text: &str, folder: &Path, seconds: f64) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder.parent().unwrap_or(Path::new(".")))?;
    let mut checked = runfile::parse(text, Path::new("case.toml"), &[])?;
    checked.train.max_seconds = Some(seconds);
    let mut watch = Watch::new(&checked);
    let mut watcher = |news: News<'_>| watch.hear(&news);
    let options = Options {
        out: Some(folder.into()),
        threads: Some(1),
        watcher: Some(&mut watcher),
        ..Options::default()
    };
    match train(checked, options) {
        Ok(_) => Ok(()),
        // It is diagnosed.
        Err(TrainError::Nonfinite { .. }) => Ok(std::fs::write(folder.join("summary.json"), "{}")?),
        Err(error) => Err(error.into()),
    }
}

/// The same before its first step: what `gradwise check` sees.
fn foreseen(run: &Run) -> Run {
    Run {
        setup: run.setup.clone(),
        data: run.data.clone(),
        initial: run.initial.clone(),
        ..Run::default()
    }
}

fn cost(run: &Run, record: &Record, judging: f64) -> Cost {
    let last = run.steps.last();
    let steps = last.map_or(0, |s| s.step);
    let said = run.recorded.iter().filter(|f| f.severity > Severity::Info);
    // What is wrong with the setup is said before the first step.
    let first = said.min_by_key(|f| f.step.unwrap_or(0));
    let live = first.map(|f| f.step.unwrap_or(0));
    let alarm = match (record.before, record.verdict) {
        (Verdict::Healthy, Verdict::Healthy) => live,
        (Verdict::Healthy, _) => Some(live.unwrap_or(steps)),
        _ => Some(0),
    };
    let training = last.map_or(0.0, |s| s.seconds);
    let live_id = first.map(|f: &Finding| f.id.clone());
    let planned = run.start.as_ref().map_or(0, |s| s.epochs * s.steps_per_epoch);
    let measuring = measuring(run);
    let diverged = diverged(run);
    Cost { steps, planned, diverged, alarm, live, live_id, training, measuring, judging }
}

/// Whether the loss ended in no number, or ten times as high as it began.
fn diverged(run: &Run) -> bool {
    let ends = run.steps.first().zip(run.steps.last());
    let (first, last) = ends.map_or((1.0, 1.0), |(a, b)| (a.data_loss.0, b.data_loss.0));
    run.is_nonfinite() || last > 10.0 * first
}

/// The seconds by which steps that layers were measured in exceed the median of the
/// others.
fn measuring(run: &Run) -> f64 {
    let measured: BTreeSet<u64> = run.measures.steps().collect();
    let times = run.steps.windows(2).map(|w| (w[1].step, w[1].seconds - w[0].seconds));
    let (with, without): (Vec<_>, Vec<_>) = times.partition(|(step, _)| measured.contains(step));
    let mut without: Vec<f64> = without.into_iter().map(|(_, seconds)| seconds).collect();
    without.sort_by(f64::total_cmp);
    let usual = without.get(without.len() / 2).copied().unwrap_or(f64::NAN);
    with.iter().map(|(_, seconds)| (seconds - usual).max(0.0)).filter(|s| s.is_finite()).sum()
}
