//! Tries the remedies of what is wrong, and keeps those that measurably help.
//!
//! For each root cause in turn every remedy is trained over several seeds, on top of
//! what was kept so far, against the same seeds without it. A remedy is kept if its
//! mean score is higher by more than the seeds differ: Welch's t of the two samples
//! above [`ENOUGH`]. Of several that are, the best is kept. A run in which nothing is
//! wrong is left as it is.

use crate::doctor::{HealthError, Trial, try_out};
use crate::judge::judge;
use crate::run::Run;
use gradwise_train::folder::event::{Remedy, Severity};
use gradwise_train::runfile::{self, Checked};
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// Welch's t from which a difference counts: one-sided 5 % at four degrees of freedom,
/// which two times three seeds have.
pub const ENOUGH: f64 = 2.13;
/// The least spread that seeds are credited with: scores below it are equal to people.
const SPREAD: f64 = 1e-3;

/// How to try.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Seeds of each side.
    pub seeds: u64,
    /// How each training is tried.
    pub trial: Trial,
}

/// What was tried and kept.
#[derive(Clone, Debug, Serialize)]
pub struct Fixed {
    /// The scores as it was, one a seed.
    pub before: Vec<f64>,
    /// The scores with what was kept.
    pub after: Vec<f64>,
    /// Every remedy that was tried.
    pub tried: Vec<Try>,
    /// The kept changes by dotted key, values as `--set` takes them.
    pub kept: Vec<(String, String)>,
    /// Trainings that were made.
    pub trainings: usize,
    /// Seconds that they took.
    pub seconds: f64,
}

/// A remedy with its trainings.
#[derive(Clone, Debug, Serialize)]
pub struct Try {
    /// The finding that it is for.
    pub finding: String,
    /// What it changes.
    pub remedy: Remedy,
    /// Its scores, one a seed; empty if the run file does not take it.
    pub scores: Vec<f64>,
    /// The mean gain over what was kept before.
    pub gain: f64,
    /// Welch's t of that gain.
    pub t: f64,
    /// Whether it was kept.
    pub kept: bool,
}

/// The trainings of one run file.
struct Trials<'a> {
    text: &'a str,
    path: &'a Path,
    sets: &'a [(String, String)],
    effort: Effort,
    trainings: usize,
}

/// Tries the remedies of a run file's text; `path` is where it stands, `sets` are put
/// over it.
///
/// # Errors
/// Whatever is wrong with run file, data or machine.
pub fn fix(
    text: &str,
    path: &Path,
    sets: &[(String, String)],
    effort: Effort,
    mut tell: impl FnMut(&str),
) -> Result<Fixed, HealthError> {
    let start = Instant::now();
    let mut trials = Trials { text, path, sets, effort, trainings: 0 };
    let (first, before) = trials.scores(&[])?;
    let judgement = judge(&first);
    let (mut kept, mut best, mut tried) = (Vec::new(), before.clone(), Vec::new());
    for root in judgement.roots().filter(|f| f.severity > Severity::Info) {
        let mut winner: Option<usize> = None;
        let start = tried.len();
        for remedy in &root.remedies {
            tell(&format!("{}: trying {}", root.id, names(remedy)));
            let scores = trials.with(&kept, remedy)?;
            let (gain, t) = compare(&best, &scores);
            tried.push(Try {
                finding: root.id.clone(),
                remedy: remedy.clone(),
                scores,
                gain,
                t,
                kept: false,
            });
            let better = winner.is_none_or(|w: usize| tried.get(w).is_some_and(|w| gain > w.gain));
            if t > ENOUGH && better {
                winner = Some(tried.len() - 1);
            }
        }
        if let Some(won) = winner.filter(|w| *w >= start).and_then(|w| tried.get_mut(w)) {
            won.kept = true;
            best = won.scores.clone();
            add(&mut kept, &won.remedy);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Fixed { before, after: best, tried, kept, trainings: trials.trainings, seconds })
}

impl Trials<'_> {
    /// The run file with changes, under the `seed`-th seed.
    fn checked(
        &self,
        changes: &[(String, String)],
        seed: u64,
    ) -> Result<Checked, runfile::RunFileError> {
        let own = runfile::parse(self.text, self.path, self.sets)?.seed;
        let mut sets = self.sets.to_vec();
        sets.extend(changes.iter().cloned());
        sets.push(("seed".into(), own.wrapping_add(seed).to_string()));
        runfile::parse(self.text, self.path, &sets)
    }

    /// The first run and the scores of all seeds.
    fn scores(&mut self, changes: &[(String, String)]) -> Result<(Run, Vec<f64>), HealthError> {
        let (mut first, mut scores) = (None, Vec::new());
        for seed in 0..self.effort.seeds.max(2) {
            let checked = self.checked(changes, seed)?;
            let run = try_out(&checked, self.effort.trial)?;
            self.trainings += 1;
            scores.push(score(&run));
            first.get_or_insert(run);
        }
        Ok((first.unwrap_or_default(), scores))
    }

    /// The scores with a remedy on top of what is kept; none where the run file does
    /// not take it.
    fn with(
        &mut self,
        kept: &[(String, String)],
        remedy: &Remedy,
    ) -> Result<Vec<f64>, HealthError> {
        let mut changes = kept.to_vec();
        add(&mut changes, remedy);
        match self.scores(&changes) {
            Ok((_, scores)) => Ok(scores),
            Err(HealthError::RunFile(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// Puts a remedy over changes. Hidden layers have a short and a long form, which
/// exclude each other.
fn add(changes: &mut Vec<(String, String)>, remedy: &Remedy) {
    for (key, value) in &remedy.set {
        changes.retain(|(k, _)| k != key);
        if key == "model.layers" {
            for short in ["model.width", "model.depth"] {
                changes.retain(|(k, _)| k != short);
                changes.push((short.into(), "none".into()));
            }
        }
        changes.push((key.clone(), toml(value)));
    }
}

/// A value as `--set` takes it.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(pairs) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", toml(value));
            format!("{{ {} }}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn names(remedy: &Remedy) -> String {
    let pair = |(key, value): (&String, &Value)| format!("{key} = {}", toml(value));
    remedy.set.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// Accuracy or R² on held-out rows at the end, or else on training rows, not below
/// what a constant answer is worth: a diverged run has −1, the same for all losses.
fn score(run: &Run) -> f64 {
    let held_out =
        run.trained.as_ref().and_then(|t| t.validation.as_ref().unwrap_or(&t.answers).score);
    match held_out {
        Some(score) if score.is_finite() && !run.is_nonfinite() => score.max(-1.0),
        _ => -1.0,
    }
}

/// The mean gain of `b` over `a`, and Welch's t of it.
fn compare(a: &[f64], b: &[f64]) -> (f64, f64) {
    if b.is_empty() || a.is_empty() {
        return (0.0, 0.0);
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let error = |v: &[f64]| {
        let m = mean(v);
        let variance =
            v.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0).max(1.0);
        variance.max(SPREAD * SPREAD) / v.len() as f64
    };
    let gain = mean(b) - mean(a);
    (gain, gain / (error(a) + error(b)).sqrt())
}

/// The text of the fixed run file, with comments that say why.
///
/// # Errors
/// Whatever is wrong with run file or data.
pub fn written(
    fixed: &Fixed,
    text: &str,
    path: &Path,
    sets: &[(String, String)],
) -> Result<String, HealthError> {
    let all: Vec<(String, String)> = sets.iter().chain(&fixed.kept).cloned().collect();
    let checked = runfile::parse(text, path, &all)?;
    let resolved = checked.resolve(&gradwise_data::open(&checked.data)?)?;
    let mut comments = String::new();
    for won in fixed.tried.iter().filter(|t| t.kept) {
        comments += &format!(
            "# {}: {}, since it {}; mean score {:+.3} over {} seeds\n",
            won.finding,
            names(&won.remedy),
            won.remedy.why,
            won.gain,
            won.scores.len()
        );
    }
    Ok(format!("{comments}{}", checked.render(&resolved)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_must_exceed_the_spread() {
        let (gain, t) = compare(&[0.1, 0.1, 0.1], &[0.9, 0.9, 0.9]);
        assert!((gain - 0.8).abs() < 1e-12 && t > 100.0);
        assert!(compare(&[0.80, 0.90, 0.85], &[0.82, 0.91, 0.87]).1 < ENOUGH);
        assert_eq!(compare(&[0.5], &[]), (0.0, 0.0));
    }

    #[test]
    fn values_are_written_as_the_command_line_takes_them() {
        let layers = serde_json::json!([{ "units": 5, "activation": "relu" }]);
        let text = toml(&layers);
        assert!(
            text == "[{ units = 5, activation = \"relu\" }]"
                || text == "[{ activation = \"relu\", units = 5 }]"
        );
    }

    #[test]
    fn a_wrong_rate_is_mended_and_a_healthy_run_left_alone() {
        let text = "[data]\nsource = \"digits\"\npreprocess = [\"standardize\"]\n[model]\nwidth = 32\ndepth = 2\n\
                    [train]\noptimizer = \"adam\"\nlr = 1.0\nepochs = 8\nbatch = 32\n";
        let trial = Trial { seconds: 10.0, threads: Some(1) };
        let effort = Effort { seeds: 3, trial };
        let path = Path::new("run.toml");
        let fixed = fix(text, path, &[], effort, |_| {}).unwrap();
        assert!(fixed.kept.iter().any(|(key, _)| key == "train.lr"), "{fixed:?}");
        assert!(written(&fixed, text, path, &[]).unwrap().contains("lr = 0.01"));
        let healthy = text.replace("lr = 1.0", "lr = 0.003");
        let fixed = fix(&healthy, path, &[], effort, |_| {}).unwrap();
        assert!(fixed.kept.is_empty() && fixed.tried.is_empty(), "{fixed:?}");
    }
}
