//! `gradwise doctor --fix`: tries the remedies, tells how they did, writes the mended
//! run file and the picture beside it.

use crate::failure::Failure;
use crate::progress::Progress;
use crate::{comparison, interrupt, output, pictures};
use gradwise_health::Verdict;
use gradwise_health::doctor::HealthError;
use gradwise_health::fix::{self, Effort, Fixed, Told, Tried};
use gradwise_trials::Base;
use gradwise_view::terminal::{Table, significant};
use std::path::Path;
use std::sync::Mutex;

/// Mends a run file: `output` is where the mended one goes.
///
/// # Errors
/// Whatever is wrong with it; and the verdict, if something is wrong that nothing
/// helped against.
pub fn mend(base: &Base, effort: &Effort, output: &Path, json: bool) -> Result<(), Failure> {
    let place = tempfile::tempdir().map_err(HealthError::Temporary)?;
    let stop = interrupt::stop_flag();
    // One study follows another, each with a line of its own.
    let progress = Mutex::new(Progress::default());
    let listener = |told: Told<'_>| {
        let mut progress = progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match told {
            Told::Stage(what) => {
                progress.finish();
                *progress = Progress::default();
                output::say(what);
            }
            Told::Runs(news) => progress.hear(&news),
        }
    };
    let fixed = fix::fix(base, effort, place.path(), &stop, &listener)?;
    listener(Told::Stage(&format!("{} ({})", ending(&fixed), spent(&fixed, effort))));
    if ran_out(&fixed, effort) {
        output::say("  help: --budget gives it more seconds");
    }
    if let Some(study) = &fixed.study {
        output::write(output, fix::written(&fixed, base)?.as_bytes())?;
        if output != Path::new("-") {
            match pictures::of_mending(study, output) {
                Ok(()) => {
                    let picture = output::quoted_path(&output.with_extension("svg"));
                    output::say(&format!("before and after: {picture}, also as .png"));
                }
                Err(error) => {
                    output::say(&format!("warning: the picture could not be written: {error}"));
                }
            }
        }
    }
    match json {
        true => output::json(&fixed)?,
        false => output::print(&text(&fixed, output))?,
    }
    match Verdict::of(&fixed.left) {
        Verdict::Healthy => Ok(()),
        verdict => Err(Failure::Found(verdict.status())),
    }
}

/// How it ended, in words.
fn ending(fixed: &Fixed) -> &'static str {
    match (fixed.findings.is_empty(), fixed.stopped, fixed.study.is_some()) {
        (_, true, _) => "stopped before everything was tried",
        (true, ..) => "nothing to mend: no finding that costs anything",
        (_, _, false) if fixed.tried.is_empty() => "there is no remedy that settings could bring",
        (_, _, false) => "no remedy helped by more than the seeds differ",
        _ => "mended",
    }
}

/// Whether it was the budget that ended it, not the user.
fn ran_out(fixed: &Fixed, effort: &Effort) -> bool {
    fixed.stopped && effort.budget.is_some_and(|budget| fixed.seconds >= budget.as_secs_f64())
}

/// What it took.
fn spent(fixed: &Fixed, effort: &Effort) -> String {
    let trainings = match fixed.trainings {
        1 => "1 training".to_string(),
        n => format!("{n} trainings"),
    };
    let budget = effort.budget.map_or(String::new(), |budget| {
        format!(" of {} allowed", comparison::seconds(budget.as_secs_f64()))
    });
    format!("{trainings} in {}{budget}", comparison::seconds(fixed.seconds))
}

fn text(fixed: &Fixed, output: &Path) -> String {
    let mut text = String::new();
    if !fixed.tried.is_empty() {
        text += &format!("{}\n", table(fixed).draw());
    }
    if fixed.study.is_some() {
        let mean = |v: &[f64]| significant(v.iter().sum::<f64>() / v.len().max(1) as f64);
        text += &format!(
            "{}: {} {} before, {} after, over {} seeds\n",
            output.display(),
            gradwise_view::run::called(&fixed.metric),
            mean(&fixed.before),
            mean(&fixed.after),
            fixed.after.len()
        );
    }
    for finding in &fixed.left {
        text += &format!("still there: {}: {}\n", finding.id, finding.message);
    }
    text
}

fn table(fixed: &Fixed) -> Table {
    let metric = gradwise_view::run::called(&fixed.metric);
    let mut table = Table::new(&["change", "for", "short runs", metric, "gain", "p", ""]);
    for tried in &fixed.tried {
        let causes: Vec<&str> =
            tried.change.parts.iter().map(|part| part.finding.as_str()).collect();
        let mean = tried.full.iter().sum::<f64>() / tried.full.len() as f64;
        let number = |x: Option<f64>| x.map_or("–".into(), significant);
        table.row([
            tried.change.words(),
            causes.join(", "),
            number(tried.short),
            number(Some(mean).filter(|x| x.is_finite())),
            number(tried.gain),
            tried.p.map_or("–".into(), comparison::p_value),
            remark(tried).into(),
        ]);
    }
    table
}

fn remark(tried: &Tried) -> &'static str {
    match (tried.kept, tried.honest, tried.by_loss) {
        (_, true, _) => "kept: the score before was not honest",
        (true, _, true) => "kept, by its validation loss",
        (true, ..) => "kept",
        _ => "",
    }
}
