//! Mends a sick case as `doctor --fix` does, and trains its healthy twin beside it: a
//! fix counts for most where it brings back what the fault took away.

use crate::Arguments;
use crate::case::Case;
use gradwise_health::fix::{self, Effort, Fixed, Score};
use gradwise_trials::stats::{Sampling, spread};
use gradwise_trials::{Base, Repeats, Study};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Seeds of every full run, as `doctor --fix` has them by default.
const SEEDS: u32 = 3;
/// A score that is lower than the twin's by less than this reaches it.
const CLOSE: f64 = 0.01;

/// How `doctor --fix` did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Mended {
    /// Whether something is proven to help.
    pub proven: bool,
    /// Changes that were tried; none where no setting could help.
    pub tried: usize,
    /// What was kept, or what came nearest, with its p-value.
    pub change: String,
    /// The scores of the run file as it was, by seed.
    pub before: Vec<f64>,
    /// The scores with what was kept.
    pub after: Vec<f64>,
    /// The scores of the healthy twin, where there is one.
    pub twin: Vec<f64>,
    /// What is wrong after all.
    pub left: Vec<String>,
    /// Whether the budget ended it.
    pub stopped: bool,
    /// Trainings, short and full.
    pub trainings: usize,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Mended {
    /// Whether there was anything to try.
    pub fn has_remedy(&self) -> bool {
        self.tried > 0
    }

    /// Whether the twin's score is reached, as far as the seeds can tell; `None` without
    /// a twin.
    pub fn reaches(&self) -> Option<bool> {
        let of = |scores: &[f64]| spread(scores, Sampling::Seeds);
        let after = if self.after.is_empty() { &self.before } else { &self.after };
        let (after, twin) = (of(after)?, of(&self.twin)?);
        let variance = |s: &gradwise_trials::stats::Spread| {
            s.std.unwrap_or(0.0).powi(2) / s.values.max(1) as f64
        };
        let error = (variance(&after) + variance(&twin)).sqrt();
        Some(after.mean >= twin.mean - CLOSE.max(2.0 * error))
    }

    /// The line of the log.
    pub fn line(&self) -> String {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let mark = match (self.has_remedy(), self.proven, self.reaches()) {
            (false, ..) => "no remedy",
            (_, false, _) if self.stopped => "STOPPED",
            (_, false, _) => "NOT MENDED",
            (_, true, Some(false)) => "mended, BELOW ITS TWIN",
            _ => "mended",
        };
        format!(
            "    {mark}: {:.3} to {:.3}, twin {:.3}, {} changes, {} trainings, {:.0} s{}; {}; left: {}",
            mean(&self.before),
            mean(&self.after),
            mean(&self.twin),
            self.tried,
            self.trainings,
            self.seconds,
            if self.stopped { ", stopped" } else { "" },
            self.change,
            self.left.join(" "),
        )
    }
}

/// Mends a case under a seed.
///
/// # Errors
/// Whatever is wrong with the case's run file or data.
pub fn mend(
    case: &Case,
    seed: u64,
    data: &str,
    folder: &Path,
    arguments: &Arguments,
) -> Result<Mended, Box<dyn Error>> {
    let path = folder.join("run.toml");
    let base = Base { path: path.clone(), text: case.text(seed, data)?, sets: Vec::new() };
    let budget = Some(Duration::try_from_secs_f64(arguments.budget)?);
    let effort = Effort { seeds: SEEDS, budget, threads: Some(1) };
    let fixed = fix::fix(&base, &effort, &folder.join("fix"), &Arc::default(), &|_| ())?;
    let mut mended = told(&fixed);
    if let Some(text) = case.twin_text(seed, data)?.filter(|_| mended.has_remedy()) {
        let twin = Base { path, text, sets: Vec::new() };
        mended.twin = scores(twin, &fixed.metric, &folder.join("twin"))?;
    }
    Ok(mended)
}

fn told(fixed: &Fixed) -> Mended {
    let nearest = fixed.tried.iter().filter(|t| t.p.is_some());
    let nearest = nearest.min_by(|a, b| a.p.unwrap_or(1.0).total_cmp(&b.p.unwrap_or(1.0)));
    let nearest = nearest.map(|t| {
        let (gain, p) = (t.gain.unwrap_or(0.0), t.p.unwrap_or(1.0));
        format!("nearest {} (gain {gain:.3}, p {p:.3})", t.change.words())
    });
    let kept = (!fixed.kept.parts.is_empty()).then(|| fixed.kept.words());
    Mended {
        proven: kept.is_some(),
        tried: fixed.tried.len(),
        change: kept.or(nearest).unwrap_or_default(),
        before: fixed.before.clone(),
        after: fixed.after.clone(),
        twin: Vec::new(),
        left: fixed.left.iter().map(|f| f.id.clone()).collect(),
        stopped: fixed.stopped,
        trainings: fixed.trainings,
        seconds: fixed.seconds,
    }
}

/// The scores of a run file over seeds.
fn scores(base: Base, metric: &str, out: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut study = Study::of_axes(base, &[], out.into())?;
    study.repeats = Repeats::Seeds(SEEDS);
    (study.jobs, study.threads) = (Some(1), Some(1));
    let report = study.run(&|_| ())?;
    let score =
        [Score::Accuracy, Score::Recall, Score::R2].into_iter().find(|s| s.name() == metric);
    let runs = report.variants.iter().flat_map(|variant| &variant.runs);
    Ok(runs.filter_map(|run| score?.of(run)).collect())
}
