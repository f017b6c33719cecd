//! `label-noise`: answers that are wrong at random.

use super::rule::prelude::*;
use crate::data::Errors;

/// The part of the rows that counts as those the answers are surest of.
const SUREST_SHARE: f64 = 0.2;

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
const BLUR: Threshold = Threshold {
    of: "how far on the way to 1 that ratio must be from what classes have that overlap, \
         1 − 1.5·(1 − e/e₀) of a share e of errors where chance has e₀",
    value: 0.5,
    source: "worked out for two normal clouds and for a logistic model of any strength: it fits \
             both to 0.05 from e = 0.2 on",
};
const DEVIATIONS: Threshold = Threshold {
    of: "errors of the surest, in their own deviations above what overlapping classes have",
    value: 2.0,
    source: "one set in forty by chance",
};
const ROWS: Threshold = Threshold {
    of: "rows among the surest fifth",
    value: 40.0,
    source: "an error rate of 0.1 then has a deviation below 0.05",
};

const NEIGHBOURS: Threshold = Threshold {
    of: "the same ratio of nearest neighbours, which stand in where the network cannot tell",
    value: 0.7,
    source: "the votes of thirty are a rough confidence: of three clouds that overlap the ratio is \
             up to 0.3, of one label in five wrong at random 0.8",
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
               surest of. It needs a network that is right in most rows. Before training, with few \
               held-out rows, or of another network, nearest neighbours stand in for it. Not where \
               classes overlap: the surest rows are then right far more often than others, and \
               errors among four or more classes are of the one that comes second. And whether \
               neither beats a constant answer though a single feature tells of the answers \
               beyond chance.",
    harm: "The loss cannot fall below what the wrong labels cost, and a large network learns \
           them by heart.",
    thresholds: &[SUREST, FLATNESS, BLUR, DEVIATIONS, ROWS, NEIGHBOURS, SECOND, LEARNT, CHANCE],
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
    let (errors, rows) = (&answers.errors, answers.rows as f64);
    // Right in most rows and better than the largest class, or there is no confidence to
    // speak of.
    let most = answers.recall.iter().map(|(n, _)| *n).max()? as f64 / rows;
    let skilled = errors.all < 0.5 && is_skilled(errors.all, most + 0.05, rows);
    let tells = skilled && SUREST_SHARE * rows >= ROWS.value;
    let flat = || is_flat(errors, answers.recall.len(), rows, FLATNESS.value);
    tells.then(|| flat().then_some((errors.all, errors.surest)))
}

/// The same by the vote of neighbours.
fn by_neighbours(run: &Run) -> Option<(f64, f64)> {
    let probe = run.data.as_ref()?.probe.as_ref()?;
    let (errors, rows) = (&probe.errors, probe.rows as f64);
    let skilled = errors.all < 0.5 && is_skilled(errors.all, probe.chance, rows);
    let tells = skilled && SUREST_SHARE * rows >= ROWS.value;
    let flat = tells && is_flat(errors, probe.recall.len(), rows, NEIGHBOURS.value);
    flat.then_some((errors.all, errors.surest))
}

/// Whether the surest rows are wrong so often, at `least` this share as often as all, that it
/// is not for the classes' overlap.
fn is_flat(errors: &Errors, classes: usize, rows: f64, least: f64) -> bool {
    let Errors { all, surest, .. } = *errors;
    let blurred = blurred(all, classes);
    let least = least.max(blurred + BLUR.value * (1.0 - blurred));
    let deviation = (surest * (1.0 - surest) / (SUREST_SHARE * rows)).sqrt();
    let beyond = surest >= blurred * all + DEVIATIONS.value * deviation;
    surest > SUREST.value && surest >= least * all && beyond && !overlap(errors, classes)
}

/// The errors among the fifth that is surest, relative to all, where classes overlap.
fn blurred(all: f64, classes: usize) -> f64 {
    let chance = 1.0 - 1.0 / classes.max(2) as f64;
    (1.0 - 1.5 * (1.0 - all / chance)).max(0.0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_graph::random::Philox;

    /// Errors of the best answers to two classes whose odds grow with a normal number, of
    /// which a share of labels is turned round.
    fn errors(strength: f64, turned: f64, rows: usize) -> Errors {
        let (x, coin) = (Philox::new(5, 1), Philox::new(5, 2));
        let row = |i: u64| {
            let x = x.normal(i);
            let p = 1.0 / (1.0 + (-strength * x).exp());
            let turned = coin.uniform(2 * i) < turned;
            let class = (coin.uniform(2 * i + 1) < p) != turned;
            (x.abs(), usize::from(class != (x > 0.0)))
        };
        let mut answered: Vec<(f64, usize)> = (0..rows as u64).map(row).collect();
        answered.sort_by(|a, b| b.0.total_cmp(&a.0));
        let ranks: Vec<usize> = answered.into_iter().map(|(_, rank)| rank).collect();
        Errors::of(&ranks, rows / 5)
    }

    #[test]
    fn classes_that_overlap_are_told_from_labels_that_are_wrong() {
        for strength in [0.7, 1.0, 1.5, 2.0, 3.0] {
            let (errors, rows) = (errors(strength, 0.0, 20_000), 20_000.0);
            let ratio = errors.surest / errors.all;
            assert!((blurred(errors.all, 2) - ratio).abs() < 0.06, "{strength}: {errors:?}");
            assert!(!is_flat(&errors, 2, rows, FLATNESS.value), "{strength}: {errors:?}");
        }
        for turned in [0.2, 0.3, 0.35] {
            let errors = errors(8.0, turned, 2_000);
            assert!(is_flat(&errors, 2, 2_000.0, NEIGHBOURS.value), "{turned}: {errors:?}");
        }
    }
}
