//! One run: what it is, what is wrong with it and where.

use super::curves::plain;
use super::learning::{self, Learning};
use super::pictures;
use crate::folders::own_file;
use crate::series::thinned;
use crate::store::entry::State;
use crate::store::opinion::Full;
use crate::store::{Entry, Source};
use gradwise_health::rules::{self, Rule};
use gradwise_health::{Run, Verdict};
use gradwise_train::folder::event::{Finding, LayerInfo, Reason, Severity, Start};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Points of a layer's small curves.
const POINTS: usize = 80;

/// A run.
#[derive(Debug, Serialize)]
pub struct Detail {
    id: String,
    name: String,
    version: u64,
    state: State,
    verdict: Option<Verdict>,
    learning: Learning,
    start: Option<Start>,
    end: Option<Ended>,
    findings: Vec<Found>,
    layers: Vec<LayerHealth>,
    examined: Examined,
    problems: Vec<String>,
    /// Whether there is a report to read.
    report: bool,
}

/// How a run ended.
#[derive(Debug, Serialize)]
struct Ended {
    reason: Reason,
    seconds: f64,
    best_epoch: u64,
    test: BTreeMap<String, f64>,
    validation: BTreeMap<String, f64>,
}

/// A finding with what its rule says.
#[derive(Debug, Serialize)]
struct Found {
    #[serde(flatten)]
    finding: Finding,
    rule: Option<RuleText>,
}

/// What a rule says of itself.
#[derive(Debug, Serialize)]
struct RuleText {
    title: &'static str,
    looks_at: &'static str,
    harm: &'static str,
    remedy: &'static str,
    thresholds: Vec<Bound>,
}

/// A threshold of a rule.
#[derive(Debug, Serialize)]
struct Bound {
    of: &'static str,
    value: f64,
    source: &'static str,
}

/// A layer with its health.
#[derive(Debug, Serialize)]
struct LayerHealth {
    #[serde(flatten)]
    info: LayerInfo,
    /// The worst that was found in it; none if nothing was.
    severity: Option<Severity>,
    findings: Vec<String>,
    flows: Flows,
}

/// What goes through a layer, over time.
#[derive(Debug, Serialize)]
struct Flows {
    /// Spread of the activation.
    activation: Small,
    /// Size of the weights' gradient.
    gradient: Small,
    /// Size of the steps relative to the weights.
    ratio: Small,
    /// Share of units that are dead.
    dead: Small,
    /// Share of activations that are saturated.
    saturated: Small,
}

/// A small curve.
#[derive(Debug, Default, Serialize)]
struct Small {
    step: Vec<u64>,
    value: Vec<f32>,
}

/// Whether the run was examined with its data and weights.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Examined {
    No,
    Underway,
    Done { unknown: Vec<String>, current: bool },
    Failed { reason: String },
}

/// What is known of a run.
pub fn detail(source: &Source, now: SystemTime) -> Detail {
    let entry = source.read();
    let run = &entry.run;
    Detail {
        id: source.id.clone(),
        name: source.name.clone(),
        version: entry.version,
        state: entry.state(now),
        verdict: entry.verdict(),
        learning: learning::of(run),
        start: run.start.clone(),
        end: run.end.as_ref().map(|end| Ended {
            reason: end.reason,
            seconds: end.seconds,
            best_epoch: end.best_epoch,
            test: plain(&end.test),
            validation: plain(&end.validation),
        }),
        findings: entry.findings().into_iter().map(found).collect(),
        layers: layers(&entry),
        examined: examined(&entry),
        problems: entry.problems.clone(),
        report: own_file::is_there(&source.folder, pictures::REPORT),
    }
}

fn found(finding: &Finding) -> Found {
    Found { finding: finding.clone(), rule: rules::find(&finding.id).map(text) }
}

fn text(rule: &Rule) -> RuleText {
    let bound = |t: &rules::Threshold| Bound { of: t.of, value: t.value, source: t.source };
    RuleText {
        title: rule.title,
        looks_at: rule.looks_at,
        harm: rule.harm,
        remedy: rule.remedy,
        thresholds: rule.thresholds.iter().map(bound).collect(),
    }
}

/// The layers from the input on: as the start says, else as they were measured.
fn layers(entry: &Entry) -> Vec<LayerHealth> {
    let run = &entry.run;
    let told = run.start.as_ref().map_or(&[][..], |start| &start.layers);
    let mut infos = told.to_vec();
    for name in &run.measures.layers {
        if !infos.iter().any(|info| info.name == *name) {
            infos.push(LayerInfo { name: name.clone(), ..LayerInfo::default() });
        }
    }
    let findings = entry.findings();
    infos.into_iter().map(|info| layer(run, info, &findings)).collect()
}

fn layer(run: &Run, info: LayerInfo, findings: &[&Finding]) -> LayerHealth {
    let own = || findings.iter().filter(|f| f.layer.as_ref() == Some(&info.name));
    let measures = &run.measures;
    LayerHealth {
        severity: own().map(|f| f.severity).max(),
        findings: own().map(|f| f.id.clone()).collect(),
        flows: Flows {
            activation: small(measures.of(&info.name, "activation.std")),
            gradient: small(&measures.rms(&info.name, "weight-gradient")),
            ratio: small(&measures.update_ratio(&info.name)),
            dead: small(measures.of(&info.name, "units.dead")),
            saturated: small(measures.of(&info.name, "activation.saturated")),
        },
        info,
    }
}

fn small(series: &[(u64, f64)]) -> Small {
    let kept = thinned(series.len(), POINTS);
    let kept = kept.into_iter().filter_map(|i| series.get(i));
    let (step, value) = kept.map(|(step, x)| (*step, *x as f32)).unzip();
    Small { step, value }
}

fn examined(entry: &Entry) -> Examined {
    match &entry.opinion.full {
        Full::No => Examined::No,
        Full::Underway => Examined::Underway,
        Full::Failed(reason) => Examined::Failed { reason: reason.clone() },
        Full::Done { unknown, step, .. } => {
            let last = entry.run.steps.last().map_or(0, |s| s.step);
            Examined::Done { unknown: unknown.clone(), current: *step == last }
        }
    }
}
