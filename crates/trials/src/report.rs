//! How a study came out, in one document: `compare.json`.

use crate::error::StudyError;
use crate::metric::Metric;
use crate::runs::{Planned, State};
use crate::stats::{Difference, Sampling, Spread, spread};
use crate::study::{Repeats, Study};
use crate::vary::Settings;
use crate::verdict::{Comparison, Rules, Verdict, best, judge};
use gradwise_train::folder::atomic;
use gradwise_train::folder::error::FolderError;
use gradwise_train::folder::event::{Finding, Measures, Reason, Severity};
use gradwise_train::folder::reader;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name of the file in a study's folder.
pub const FILE: &str = "compare.json";
/// The version of its format.
const VERSION: u32 = 1;

/// How a study came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The format's version.
    pub version: u32,
    /// The run file that was varied.
    pub run_file: PathBuf,
    /// The study's folder.
    pub folder: PathBuf,
    /// `seeds` or `folds`.
    pub over: String,
    /// How many of them.
    pub repeats: u32,
    /// What is compared, on the validation rows.
    pub metric: Metric,
    /// Whether all runs ended.
    pub complete: bool,
    /// The variant that the others are compared with.
    pub reference: Option<String>,
    /// The variant with the best mean among those that diverged least.
    pub best: Option<String>,
    /// The variants, in the order asked for.
    pub variants: Vec<VariantReport>,
    /// Seconds of this study, without those of earlier attempts.
    pub seconds: f64,
}

/// How a variant came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VariantReport {
    /// Its name, and its folder in the study's.
    pub name: String,
    /// What it puts over the run file.
    pub settings: BTreeMap<String, String>,
    /// Its metric on the validation rows.
    pub validation: Option<Spread>,
    /// The same on the test rows, which decide nothing.
    pub test: Option<Spread>,
    /// Seconds of a run's training.
    pub seconds: Option<Spread>,
    /// Runs that diverged; they are in no mean.
    pub diverged: usize,
    /// How many runs have each verdict of the judge.
    pub health: BTreeMap<String, usize>,
    /// What is wrong with its runs, without what follows from something else.
    pub findings: Vec<FindingCount>,
    /// How it does beside the reference.
    pub verdict: Verdict,
    /// Its metric minus the reference's.
    pub difference: Option<Difference>,
    /// The p-value corrected for the number of comparisons.
    pub p_corrected: Option<f64>,
    /// Its runs, in the order of seeds or folds.
    pub runs: Vec<Run>,
}

/// A kind of finding and how many runs have it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingCount {
    /// Its name, such as `dead-units`.
    pub id: String,
    /// The worst that it was.
    pub severity: Severity,
    /// Runs that have it.
    pub runs: usize,
}

/// How one run came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// `seed 3` or `fold 1`.
    pub repeat: String,
    /// Its run folder.
    pub folder: PathBuf,
    /// Why it ended; `None` if it did not run to its end.
    pub reason: Option<Reason>,
    /// How many rows validate.
    pub validation_rows: usize,
    /// The model's measures on them.
    pub validation: Measures,
    /// Its measures on the test rows.
    pub test: Measures,
    /// Epochs done.
    pub epochs: u64,
    /// The epoch whose weights the model has.
    pub best_epoch: u64,
    /// Seconds of training.
    pub seconds: f64,
    /// healthy, suspect or broken, if it was judged.
    pub health: Option<String>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Run {
    /// Reads a run from its folder.
    pub(crate) fn read(study: &Study, run: &Planned) -> Result<Run, StudyError> {
        let seed = run.checked.seed.saturating_sub(run.repeat.into());
        let repeat = study.repeats.words(run.repeat, seed);
        let folder = run.folder.clone();
        let State::Ended(summary) = run.state()? else {
            return Ok(Run { repeat, folder, ..Run::default() });
        };
        Ok(Run {
            repeat,
            folder,
            reason: Some(summary.reason),
            validation_rows: reader::start(&run.folder)?.map_or(0, |s| s.validation_rows),
            validation: summary.validation,
            test: summary.test,
            epochs: summary.epochs,
            best_epoch: summary.best_epoch,
            seconds: summary.timings.training,
            health: summary.verdict,
            findings: summary.findings,
        })
    }

    /// Whether it ran to its end, good or bad.
    pub fn has_ended(&self) -> bool {
        self.reason.is_some()
    }

    /// Its metric on the validation rows: `None` if it has not ended, NaN if it
    /// diverged.
    pub fn value(&self, metric: &Metric) -> Option<f64> {
        self.reason.map(|reason| match reason {
            Reason::Nonfinite => f64::NAN,
            _ => metric.of(&self.validation),
        })
    }
}

/// Reads all runs and compares their variants.
pub(crate) fn make(study: &Study, planned: &[Planned]) -> Result<Report, StudyError> {
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); study.variants.len()];
    for run in planned {
        if let Some(own) = runs.get_mut(run.variant) {
            own.push(Run::read(study, run)?);
        }
    }
    let metric = metric(study, runs.iter().flatten())?;
    let of_variant = |runs: &Vec<Run>| runs.iter().map(|r| r.value(&metric)).collect();
    let values: Vec<Vec<Option<f64>>> = runs.iter().map(of_variant).collect();
    let rows = runs.iter().flatten().map(|run| run.validation_rows).filter(|rows| *rows > 0);
    let resolution = metric.resolution(rows.min().unwrap_or(0));
    let rules = Rules { metric: &metric, sampling: study.repeats.sampling(), resolution };
    let (reference, comparisons) = judge(&values, study.reference, &rules);
    let name = |index: usize| study.variants.get(index).map(|v| v.name.clone());
    let best = best(&values, &metric).and_then(name);
    let complete = runs.iter().flatten().all(Run::has_ended);
    let parts = study.variants.iter().zip(runs).zip(comparisons);
    let variants = parts.map(|((variant, runs), comparison)| {
        let settings = variant.settings.clone();
        VariantReport { name: variant.name.clone(), ..of(settings, runs, comparison, &rules) }
    });
    Ok(Report {
        version: VERSION,
        run_file: study.base.path.clone(),
        folder: study.out.clone(),
        over: if matches!(study.repeats, Repeats::Seeds(_)) { "seeds" } else { "folds" }.into(),
        repeats: study.repeats.count(),
        complete,
        reference: reference.and_then(name),
        best,
        variants: variants.collect(),
        seconds: 0.0,
        metric,
    })
}

/// The metric asked for, or the headline of the first run that has one.
pub(crate) fn metric<'r>(
    study: &Study,
    mut runs: impl Iterator<Item = &'r Run> + Clone,
) -> Result<Metric, StudyError> {
    let Some(name) = &study.metric else {
        let found = runs.find_map(|run| Metric::headline(&run.validation));
        return Ok(found.unwrap_or(Metric::new("loss")));
    };
    let measured = || runs.clone().filter(|run| !run.validation.is_empty());
    if measured().next().is_some() && !measured().any(|r| r.validation.contains_key(name)) {
        let known = measured().flat_map(|r| r.validation.keys());
        let mut known: Vec<&str> = known.map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let what = format!("there is no metric {name:?}; there are {}", known.join(", "));
        return Err(StudyError::Usage(what));
    }
    Ok(Metric::new(name))
}

fn of(
    settings: Settings,
    runs: Vec<Run>,
    comparison: Comparison,
    rules: &Rules<'_>,
) -> VariantReport {
    let finite = |values: Vec<f64>, sampling| -> Option<Spread> {
        let values: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
        spread(&values, sampling)
    };
    let ended = || runs.iter().filter(|run| run.has_ended());
    let values: Vec<f64> = ended().filter_map(|run| run.value(rules.metric)).collect();
    let (range, test) = (rules.metric.range(), ended().map(|run| rules.metric.of(&run.test)));
    VariantReport {
        name: String::new(),
        settings: settings.into_iter().collect(),
        diverged: values.iter().filter(|x| !x.is_finite()).count(),
        validation: finite(values, rules.sampling).map(|spread| spread.within(&range)),
        test: finite(test.collect(), rules.sampling).map(|spread| spread.within(&range)),
        seconds: finite(ended().map(|run| run.seconds).collect(), Sampling::Seeds),
        health: health(ended()),
        findings: findings(ended()),
        verdict: comparison.verdict,
        difference: comparison.difference,
        p_corrected: comparison.p_corrected,
        runs,
    }
}

fn health<'r>(runs: impl Iterator<Item = &'r Run>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for verdict in runs.filter_map(|run| run.health.clone()) {
        *all.entry(verdict).or_default() += 1;
    }
    all
}

/// The kinds of root findings of some runs, the worst first.
fn findings<'r>(runs: impl Iterator<Item = &'r Run>) -> Vec<FindingCount> {
    let mut all: BTreeMap<&str, FindingCount> = BTreeMap::new();
    for run in runs {
        let mut own: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in run.findings.iter().filter(|f| f.caused_by.is_none()) {
            let worst = own.entry(&finding.id).or_default();
            *worst = (*worst).max(finding.severity);
        }
        for (id, severity) in own {
            let count = all.entry(id).or_default();
            count.id = id.into();
            count.severity = count.severity.max(severity);
            count.runs += 1;
        }
    }
    let mut all: Vec<FindingCount> = all.into_values().collect();
    all.sort_by_key(|count| std::cmp::Reverse((count.severity, count.runs)));
    all
}

impl Report {
    /// Writes it into the study's folder.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write(&self) -> Result<(), StudyError> {
        let path = self.folder.join(FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| FolderError::Content { path: path.clone(), reason: e.to_string() })?;
        Ok(atomic::write(&path, format!("{text}\n").as_bytes())?)
    }

    /// The variant of that name.
    pub fn variant(&self, name: &str) -> Option<&VariantReport> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}
