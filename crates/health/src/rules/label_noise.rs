//! `label-noise`: answers that are wrong at random.

use super::rule::prelude::*;
use crate::data::Errors;

const SUREST: Threshold = Threshold {
    of: "errors among the fifth of held-out rows that the network is surest of",
    value: 0.1,
    source: "of right labels the surest fifth is nearly free of error even where the problem is \
             hard; a label wrong at random is wrong there as often as anywhere (Northcutt, Jiang \
             and Chuang 2021, confident learning)",
};
const FLATNESS: Threshold = Threshold {
    of: "the same, relative to the errors among all held-out rows",
    value: 0.5,
    source: "confidence that tells nothing has ratio 1; on clean sets it is below 0.2",
};
const ROWS: Threshold = Threshold {
    of: "rows among the surest fifth",
    value: 40.0,
    source: "an error rate of 0.1 then has a deviation below 0.05",
};

const NEIGHBOURS: Threshold = Threshold {
    of: "the same of nearest neighbours, which stand in where held-out rows are too few",
    value: 0.75,
    source: "votes of ten are a rough confidence: of normal clouds that overlap by a third the \
             ratio is 0.55, of labels wrong at random 0.9",
};

const SECOND: Threshold = Threshold {
    of: "of the wrong answers among the surest, the share whose class came second, on the way \
         from what chance makes it (one in the other classes) to all",
    value: 0.5,
    source: "where classes overlap, a row is of the class that comes second; a label drawn at \
             random is of any of the others",
};
const LEARNT: Threshold = Threshold {
    of: "fall of the training loss below that of a constant answer, of a network that is no \
         better than it on held-out rows",
    value: 0.02,
    source: "less is the noise of a stretch's mean, and says nothing of the labels",
};
const CHANCE: Threshold = Threshold {
    of: "share of the largest class in that case",
    value: 0.8,
    source: "with more, a constant answer is hard to beat with right labels, too",
};

pub(super) const RULE: Rule = Rule {
    id: "label-noise",
    group: Group::Data,
    title: "many labels are wrong",
    looks_at: "The trained network's errors on held-out rows, among all and among those it is \
               surest of. It needs a network that is right in most rows. Before training, or with \
               few held-out rows, nearest neighbours stand in for it. Not where four or more \
               classes overlap: errors are then of the class that comes second. And whether \
               neither beats a constant answer though a single feature tells of the answers \
               beyond chance.",
    harm: "The loss cannot fall below what the wrong labels cost, and a large network learns \
           them by heart.",
    thresholds: &[SUREST, FLATNESS, ROWS, NEIGHBOURS, SECOND, LEARNT, CHANCE],
    explains: &["overfitting", "underfitting", "oscillating-loss", "noisy-gradient"],
    remedy: "Mend the labels; until then stop early and regularize.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let by_confidence = || by_network(run).unwrap_or_else(|| by_neighbours(run));
    let (all, surest) = by_confidence().or_else(|| by_feature(run))?;
    Some(Finding {
        evidence: evidence([("errors_of_surest", surest), ("errors", all)]),
        because: Some("errors are as frequent where the network is sure as elsewhere".into()),
        remedies: vec![
            set("train.early-stop", 3, "stop before wrong labels are learnt by heart"),
            set("regularize.l2", 1e-3, "wrong labels need large weights"),
            set("model.dropout", 0.3, "no unit can learn rows by heart"),
        ],
        ..finding(
            Severity::Warn,
            format!("about {} % of the labels are wrong", short(100.0 * surest)),
        )
    })
}

/// The errors of all and of the surest, where the latter are suspiciously many; the outer
/// `None` where the network cannot tell.
fn by_network(run: &Run) -> Option<Option<(f64, f64)>> {
    let answers = run.trained.as_ref().filter(|_| run.has_trained())?.validation.as_ref()?;
    let Errors { all, surest, .. } = answers.errors;
    let rows = answers.rows as f64;
    if 0.2 * rows < ROWS.value {
        return None;
    }
    // Right in most rows and better than the largest class, or there is no confidence to
    // speak of.
    let most = answers.recall.iter().map(|(n, _)| *n).max()? as f64 / rows;
    let skilled = all < 0.5 && is_skilled(all, most + 0.05, rows);
    let many = surest > SUREST.value && surest >= FLATNESS.value * all;
    let many = many && !overlap(&answers.errors, answers.recall.len());
    Some((skilled && many).then_some((all, surest)))
}

/// The same by the vote of neighbours.
fn by_neighbours(run: &Run) -> Option<(f64, f64)> {
    let probe = run.data.as_ref()?.probe.as_ref()?;
    let Errors { all, surest, .. } = probe.errors;
    let skilled = all < 0.5 && is_skilled(all, probe.chance, probe.rows as f64);
    let many = surest > SUREST.value && surest >= NEIGHBOURS.value * all;
    let many = many && !overlap(&probe.errors, probe.recall.len());
    (skilled && many && 0.2 * probe.rows as f64 >= ROWS.value).then_some((all, surest))
}

/// The network's errors, where they are as many as a constant's, as those of neighbours
/// are, though a feature tells of the answers, and the network has learnt something.
fn by_feature(run: &Run) -> Option<(f64, f64)> {
    let probe = run.data.as_ref()?.probe.as_ref()?;
    let answers = run.trained.as_ref().filter(|_| run.has_trained())?.validation.as_ref()?;
    let learns = run.curve.as_ref()?.progress() > LEARNT.value && probe.chance < CHANCE.value;
    let Errors { all, surest, .. } = answers.errors;
    let deviation = 1.0 / (2.0 * (answers.rows as f64).sqrt());
    let bad = 1.0 - all <= probe.chance + 3.0 * deviation && !probe.neighbours_tell();
    let flat = surest > SUREST.value && surest >= FLATNESS.value * all;
    (learns && bad && flat && probe.a_feature_tells()).then_some((all, surest))
}

/// Whether the surest of the wrong answers are mistaken for the next likely class, as where
/// classes overlap. Of three classes every other label comes second by chance: too often to
/// tell anything by as many rows as there are.
fn overlap(errors: &Errors, classes: usize) -> bool {
    let by_chance = 1.0 / classes.saturating_sub(1).max(1) as f64;
    classes > 3 && errors.second > by_chance + SECOND.value * (1.0 - by_chance)
}

/// Whether errors are fewer than those of the largest class, beyond chance.
fn is_skilled(errors: f64, most: f64, rows: f64) -> bool {
    let deviation = (most * (1.0 - most).max(0.0) / rows).sqrt();
    1.0 - errors >= most + 5.0 * deviation
}
