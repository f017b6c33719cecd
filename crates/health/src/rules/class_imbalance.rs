//! `class-imbalance`: classes with hardly any rows.

use super::rule::prelude::*;
use crate::setup::Setup;

const RATIO: Threshold = Threshold {
    of: "rows of the largest class over those of the smallest",
    value: 20.0,
    source: "Buda, Maki and Mazurowski 2018: harm grows with the ratio, clear from 10 to 100; He \
             and Garcia 2009 call 100 to 1 severe",
};
const RECALL: Threshold = Threshold {
    of: "recall of rare classes, relative to the common ones",
    value: 0.95,
    source: "rare classes that are recognized like the others, but for two deviations of chance, \
             need no help",
};

pub(super) const RULE: Rule = Rule {
    id: "class-imbalance",
    group: Group::Data,
    title: "some classes have hardly any rows, and suffer",
    looks_at: "The ratio of the largest to the smallest class of the training rows, unless the \
               loss weighs classes; and how well rare classes are recognized: by the trained \
               network, before training by nearest neighbours.",
    harm: "The loss is made small by answering with the common classes.",
    thresholds: &[RATIO, RECALL],
    explains: &[
        "constant-prediction",
        "underfitting",
        "overfitting",
        "not-learning",
        "too-few-epochs",
    ],
    remedy: "`loss.class-weights = \"balanced\"` lets every class count the same; with \
             `model.dropout` or `train.early-stop` where its few rows are then learnt by heart.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let classes = &run.data.as_ref()?.targets.classes;
    let (most, least) = (*classes.iter().max()?, *classes.iter().min()?);
    let ratio = most as f64 / least.max(1) as f64;
    if ratio < RATIO.value || run.setup.as_ref()?.class_weights || suffer_nothing(run, most) {
        return None;
    }
    let rare = classes.iter().filter(|n| **n * RATIO.value as u64 <= most).count();
    Some(Finding {
        evidence: evidence([("ratio", ratio), ("rare_classes", rare as f64)]),
        because: Some("rows of rare classes hardly move the loss".into()),
        remedies: remedies(run.setup.as_ref()?),
        ..finding(
            Severity::Warn,
            format!("the largest class has {} times the rows of the smallest", short(ratio)),
        )
    })
}

/// Weights; and since few rows that count much are soon learnt by heart (He and Garcia
/// 2009, section 3.1, of copies), with what keeps a network from that.
fn remedies(setup: &Setup) -> Vec<Remedy> {
    let balanced = || set("loss.class-weights", "balanced", "every class counts the same");
    let with = |other: Remedy| {
        let set = balanced().set.into_iter().chain(other.set).collect();
        Remedy { set, why: "every class counts the same, and is not learnt by heart".into() }
    };
    let dropout = remedies::each(setup, "", |l| l.dropout = l.dropout.max(0.5)).map(with);
    let stopped = with(set("train.early-stop", 3, ""));
    [balanced()].into_iter().chain(dropout).chain([stopped]).collect()
}

/// Whether rare classes are recognized like the others.
fn suffer_nothing(run: &Run, most: u64) -> bool {
    let trained = run.trained.as_ref().filter(|_| run.has_trained());
    let network = trained.map(|t| &t.validation.as_ref().unwrap_or(&t.answers).recall);
    let neighbours = || Some(&run.data.as_ref()?.probe.as_ref()?.recall);
    let Some(answers) = network.or_else(neighbours) else { return false };
    let classes = run.data.as_ref().map(|d| d.targets.classes.as_slice()).unwrap_or_default();
    let recall = |rare: bool| {
        let of = answers.iter().zip(classes);
        let of = of.filter(|(_, n)| (**n * RATIO.value as u64 <= most) == rare);
        let (all, hits) = of.fold((0, 0), |(a, h), ((all, hits), _)| (a + all, h + hits));
        (all > 0).then(|| (hits as f64 / all as f64, all as f64))
    };
    match (recall(true), recall(false)) {
        (Some((rare, rows)), Some((common, _))) => {
            // A few rare rows miss one or two by chance.
            let p = common.clamp(0.05, 0.95);
            rare + 2.0 * (p * (1.0 - p) / rows).sqrt() >= RECALL.value * common
        }
        _ => false,
    }
}
