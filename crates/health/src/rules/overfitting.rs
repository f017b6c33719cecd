//! `overfitting`: rows learnt by heart.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_data::Task;

const GAP: Threshold = Threshold {
    of: "accuracy (or R²) on training rows over that on validation rows",
    value: 0.1,
    source: "ten points between known and new rows",
};
const RISE: Threshold = Threshold {
    of: "validation loss of the last two epochs, of either, over its lowest",
    value: 1.2,
    source: "Prechelt 1998, Early stopping, but when?: generalization loss of 5 % is a common \
             point to stop at; four times that is past doubt",
};

const HEART: Threshold = Threshold {
    of: "accuracy (or R²) on training rows from which on they are known by heart",
    value: 0.99,
    source: "a network can learn any rows by heart, even with random labels (Zhang et al. 2017)",
};
const WIDE: Threshold = Threshold {
    of: "gap of the scores that is overfitting whether or not the validation loss rises far, if \
         it was lowest in the first half of the run",
    value: 0.2,
    source: "one row in five; the loss of steps without momentum may stand still once all rows \
             are fitted (Soudry et al. 2018: it grows with the logarithm of time)",
};
const LONG: Threshold = Threshold {
    of: "validation loss over training loss from which on a gap of ten points is enough for \
         that, and a validation loss that fell by under 2 % in the second half",
    value: 100.0,
    source: "Guo et al. 2017, On calibration of modern neural networks: rows are fitted ever more \
             surely long after the error on new ones stands still",
};
/// A validation loss whose second half is no lower than this share of the first stands still.
const STILL: f64 = 0.98;

pub(super) const RULE: Rule = Rule {
    id: "overfitting",
    group: Group::Outcome,
    title: "the network learns its rows by heart",
    looks_at: "The gap between training and validation score, beyond three deviations of chance, \
               together with a validation loss that has risen well above its lowest, or rows known \
               by heart long after it was lowest or stood still.",
    harm: "The longer it trains, the worse it does on new rows.",
    thresholds: &[GAP, RISE, HEART, WIDE, LONG],
    explains: &["suspicious-score"],
    remedy: "`train.early-stop`, more rows, `regularize.l2`, `model.dropout`, fewer units.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (curve, task) = (run.curve.as_ref()?, run.task()?);
    let lowest = curve.validation.iter().copied().fold(f64::INFINITY, f64::min);
    // A single epoch may end in a leap.
    let last = curve.validation.iter().rev().take(2).copied().fold(f64::INFINITY, f64::min);
    let (train, validation, rows) = scores(run, task)?;
    let gap = train - validation;
    let chance = match rows {
        Some(rows) => 3.0 * (variance(validation.clamp(0.05, 0.95), task) / rows).sqrt(),
        None => 3.0 * unsteadiness(run, task),
    };
    let risen = last > RISE.value * lowest;
    let early = curve.validation.iter().position(|loss| *loss == lowest);
    let early = early.is_some_and(|at| 2 * (at + 1) <= curve.validation.len());
    let late = early && last > lowest;
    let long = curve.epochs.last().is_some_and(|loss| last > LONG.value * loss);
    let idle = long && (late || stands_still(&curve.validation));
    let known = train >= HEART.value && (idle || late && gap > WIDE.value);
    (gap > GAP.value.max(chance) && (risen || known)).then(|| Finding {
        evidence: evidence([
            ("train", train),
            ("validation", validation),
            ("validation_loss", last),
            ("lowest_validation_loss", lowest),
        ]),
        because: sizes(run),
        remedies: run.setup.as_ref().map_or_else(general, remedies),
        ..finding(
            Severity::Warn,
            format!("{} on training rows, {} on new ones", short(train), short(validation)),
        )
    })
}

/// The variance of a row's share in the score: of a right answer that of a coin.
fn variance(score: f64, task: Task) -> f64 {
    score * if task.has_classes() { 1.0 - score } else { 0.25 }
}

/// Whether the second half of the epochs did not lower the loss on new rows.
fn stands_still(losses: &[f64]) -> bool {
    let (before, after) = losses.split_at(losses.len() / 2);
    let least = |part: &[f64]| part.iter().copied().fold(f64::INFINITY, f64::min);
    !before.is_empty() && least(after) > STILL * least(before)
}

/// Less time, smaller weights, no unit that relies on another.
fn remedies(setup: &Setup) -> Vec<Remedy> {
    let l2 = (10.0 * setup.penalties().1).max(1e-3);
    let why = "no unit can rely on another";
    let dropout = remedies::each(setup, why, |l| l.dropout = l.dropout.max(0.3));
    let stop = set("train.early-stop", 3, "ends before the validation loss rises far");
    let penalty = set("regularize.l2", one_digit(l2), "keeps weights small");
    let parts = [&stop, &penalty].into_iter().chain(&dropout);
    let set = parts.flat_map(|part| part.set.clone()).collect();
    let all = Remedy { set, why: "less time, smaller weights, no unit to rely on".into() };
    [stop, penalty].into_iter().chain(dropout).chain([all]).collect()
}

/// What helps whatever the layers are.
fn general() -> Vec<Remedy> {
    vec![
        set("train.early-stop", 3, "ends before the validation loss rises far"),
        set("regularize.l2", 1e-3, "keeps weights small"),
    ]
}

/// How many parameters there are for how many rows, if both are known.
fn sizes(run: &Run) -> Option<String> {
    let start = run.start.as_ref().filter(|s| s.parameters > 0 && s.rows > 0)?;
    Some(format!("{} parameters for {} rows", start.parameters, start.rows))
}

/// By how much validation scores differ from epoch to epoch over the last half: what they
/// owe to chance, where nobody says how many rows they are of.
fn unsteadiness(run: &Run, task: Task) -> f64 {
    let late = run.epochs.get(run.epochs.len() / 2..).unwrap_or_default();
    let scores: Vec<f64> =
        late.iter().filter_map(|e| e.validation.get(key(task))).map(|n| n.0).collect();
    let squares: f64 = scores.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
    (squares / scores.len().saturating_sub(1).max(1) as f64).sqrt()
}

fn key(task: Task) -> &'static str {
    if task == Task::Regression { "r2" } else { "accuracy" }
}

/// The last scores on training and validation rows, and how many the latter are, if that is
/// known.
fn scores(run: &Run, task: Task) -> Option<(f64, f64, Option<f64>)> {
    let last = run.epochs.last()?;
    let rows = run.start.as_ref().map(|s| s.validation_rows as f64).filter(|rows| *rows > 0.0);
    let key = key(task);
    let of = |m: &gradwise_train::folder::event::Measures| m.get(key).map(|n| n.0);
    match (of(&last.train), of(&last.validation)) {
        (Some(train), Some(validation)) => Some((train, validation, rows)),
        (_, validation) => {
            let surveyed = || {
                let trained = run.trained.as_ref()?;
                Some((trained.score?, trained.validation.as_ref()?.score?, rows))
            };
            let of_curves = || Some((run.train_r2()?, validation?, rows));
            surveyed().or_else(of_curves)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_that_falls_on_in_the_second_half_does_not_stand_still() {
        assert!(stands_still(&[2.0, 0.9, 0.8, 0.79, 0.80, 0.79]));
        assert!(stands_still(&[2.0, 0.5, 0.9, 0.8]));
        assert!(!stands_still(&[2.0, 0.9, 0.8, 0.75, 0.7, 0.68]));
        assert!(!stands_still(&[]) && !stands_still(&[1.0]));
    }
}
