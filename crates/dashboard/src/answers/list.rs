//! The list of runs: of each what one line of it shows.

use super::learning::{self, Learning};
use crate::series::buckets;
use crate::store::entry::State;
use crate::store::{Entry, Source, Store};
use gradwise_health::Verdict;
use gradwise_train::folder::event::{Measures, Severity};
use gradwise_view::run::{called, headline};
use serde::Serialize;
use std::time::{SystemTime, UNIX_EPOCH};

/// Points of the small curve in a line.
const SPARK: usize = 60;

/// What changed since the page last asked.
#[derive(Debug, Serialize)]
pub struct List {
    /// The server's own number: if it differs from that known, all starts over.
    pub session: String,
    /// The number of the last change.
    pub version: u64,
    /// The runs that there are, in order; left out where that did not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    /// The runs that changed.
    pub runs: Vec<Line>,
}

/// A run in the list.
#[derive(Debug, Serialize)]
pub struct Line {
    id: String,
    name: String,
    version: u64,
    state: State,
    verdict: Option<Verdict>,
    errors: usize,
    warnings: usize,
    learning: Learning,
    /// Seconds since 1970: of the start, else of the last writing.
    time: Option<f64>,
    seconds: f64,
    step: u64,
    steps: u64,
    epoch: u64,
    epochs: u64,
    parameters: u64,
    layers: usize,
    loss: Option<f64>,
    best: Option<Best>,
    test: Option<f64>,
    spark: Vec<f32>,
    problems: usize,
}

/// The best validation result: of the metric that stands for quality, else the loss.
#[derive(Debug, Serialize)]
struct Best {
    called: String,
    value: f64,
    epoch: u64,
}

/// The runs that changed after `since`.
pub fn list(store: &Store, session: &str, since: u64) -> List {
    // Before the runs are looked at: what changes meanwhile is sent again.
    let version = store.version();
    let now = SystemTime::now();
    let all = store.all();
    let relisted = store.listed() > since || since == 0;
    let runs = all.iter().filter_map(|source| {
        let entry = source.read();
        (relisted || entry.version > since).then(|| line(source, &entry, now))
    });
    let runs = runs.collect();
    List { session: session.into(), version, order: relisted.then(|| ids(&all)), runs }
}

fn ids(all: &[std::sync::Arc<Source>]) -> Vec<String> {
    all.iter().map(|source| source.id.clone()).collect()
}

fn line(source: &Source, entry: &Entry, now: SystemTime) -> Line {
    let run = &entry.run;
    let count = |severity| entry.findings().iter().filter(|f| f.severity == severity).count();
    let start = run.start.as_ref();
    let losses: Vec<(u64, f64)> = run.steps.iter().map(|s| (s.step, s.loss.0)).collect();
    Line {
        id: source.id.clone(),
        name: source.name.clone(),
        version: entry.version,
        state: entry.state(now),
        verdict: entry.verdict(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warn),
        learning: learning::of(run),
        time: start.map(|s| s.time).filter(|t| *t > 0.0).or_else(|| written(entry)),
        seconds: run.steps.last().map_or(0.0, |s| s.seconds),
        step: entry.last_step(),
        steps: start.map_or(0, |s| s.steps_per_epoch.saturating_mul(s.epochs)),
        epoch: run.epochs.last().map_or(0, |e| e.epoch),
        epochs: start.map_or(0, |s| s.epochs),
        parameters: start.map_or(0, |s| s.parameters),
        layers: start.map_or(0, |s| s.layers.len()),
        loss: run.steps.last().map(|s| s.loss.0).or_else(|| last_train_loss(entry)),
        best: best(entry),
        test: run.end.as_ref().and_then(|end| quality(&end.test)).map(|(_, value)| value),
        spark: buckets(&losses, SPARK).mean,
        problems: entry.problems.len(),
    }
}

fn written(entry: &Entry) -> Option<f64> {
    let since = entry.written?.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}

fn last_train_loss(entry: &Entry) -> Option<f64> {
    entry.run.epochs.last()?.train.get("loss").map(|n| n.0)
}

/// The measure that stands for quality, with its name.
fn quality(measures: &Measures) -> Option<(&'static str, f64)> {
    let name = headline(measures).map_or("loss", |(name, _)| name);
    measures.get(name).map(|n| (name, n.0))
}

/// The best epoch on the validation rows by the measure that stands for quality.
fn best(entry: &Entry) -> Option<Best> {
    let measured = entry.run.epochs.iter().filter_map(|epoch| {
        let (name, value) = quality(&epoch.validation)?;
        value.is_finite().then(|| Best { called: called(name).into(), value, epoch: epoch.epoch })
    });
    measured.reduce(|a, b| {
        let higher = a.called == called("accuracy");
        let better = if higher { b.value > a.value } else { b.value < a.value };
        if better { b } else { a }
    })
}
