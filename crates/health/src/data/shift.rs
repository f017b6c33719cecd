//! How validation rows differ from training rows.

use super::{Probe, Sample, Targets};

/// The largest difference found.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// What differs: `classes`, or a column's number.
    pub what: What,
    /// Half the sum of the differences of class shares (total variation), or the
    /// difference of means in standard deviations.
    pub size: f64,
    /// The same, in standard deviations of what chance makes.
    pub surprise: f64,
    /// How many more of the training rows than of the validation rows their neighbours answer
    /// rightly, as a share; `None` where neighbours were not asked, and of numbers.
    pub worse: Option<f64>,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The shares of the classes.
    Classes,
    /// The mean of a feature.
    Feature(usize),
    /// How far a feature lies from its mean.
    Spread(usize),
    /// The mean of the answer.
    Target,
    /// The answers of rows that are alike.
    Answers,
}

/// Validation rows whose answers are compared with those of training rows like them.
const COMPARED: usize = 400;
/// Deviations of chance from which on a mean has moved.
const MOVED: f64 = 8.0;
/// With fewer nothing is said.
const LEAST_ROWS: usize = 30;

impl Shift {
    /// The most surprising difference of validation rows from training rows; `known` are
    /// some of these with what their neighbours make of them, if anybody asked these.
    pub(super) fn of(
        train: &Sample,
        validation: &Sample,
        targets: &Targets,
        known: Option<(&Sample, &Probe)>,
    ) -> Option<Shift> {
        let mut shifts: Vec<Shift> = (0..train.columns)
            .flat_map(|c| of_feature(c, values(train, c), values(validation, c)))
            .collect();
        match targets.classes.len() {
            0 => shifts.extend(of_means(What::Target, answers(train), answers(validation))),
            n => {
                shifts.push(of_classes(train, validation, n));
                let answers = |known| of_answers(known, &validation.thinned(COMPARED));
                shifts.extend(known.and_then(answers));
            }
        }
        let worse = shifts.iter().find(|s| s.what == What::Answers).map(|s| s.size);
        let most = shifts.into_iter().max_by(|a, b| a.surprise.total_cmp(&b.surprise))?;
        Some(Shift { worse, ..most })
    }
}

fn values(sample: &Sample, column: usize) -> Vec<f64> {
    sample.x.iter().skip(column).step_by(sample.columns.max(1)).map(|x| f64::from(*x)).collect()
}

fn answers(sample: &Sample) -> Vec<f64> {
    super::targets::first_answers(sample)
}

/// Differences of a feature's mean and of its spread: of the distances from the mean of
/// the training rows (Levene 1960). One that is far off in the mean is so in both; the mean
/// is then the plainer thing to say.
fn of_feature(column: usize, a: Vec<f64>, b: Vec<f64>) -> Vec<Shift> {
    let mean = a.iter().sum::<f64>() / a.len().max(1) as f64;
    let distances = |v: &[f64]| v.iter().map(|x| (x - mean).abs()).collect();
    let spread = of_means(What::Spread(column), distances(&a), distances(&b));
    let mean = of_means(What::Feature(column), a, b);
    let moved = mean.as_ref().is_some_and(|mean| mean.surprise > MOVED);
    mean.into_iter().chain(spread.filter(|_| !moved)).collect()
}

/// Welch's t of two means.
fn of_means(what: What, a: Vec<f64>, b: Vec<f64>) -> Option<Shift> {
    let moments = |v: &[f64]| {
        let n = v.len().max(1) as f64;
        let mean = v.iter().sum::<f64>() / n;
        (mean, v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n, n)
    };
    let ((ma, va, na), (mb, vb, nb)) = (moments(&a), moments(&b));
    let spread = (0.5 * (va + vb)).sqrt();
    let error = (va / na + vb / nb).sqrt();
    (spread > 0.0 && error > 0.0).then(|| {
        let distance = (ma - mb).abs();
        Shift { what, size: distance / spread, surprise: distance / error, worse: None }
    })
}

/// How much worse validation rows are answered by their neighbours among training rows
/// than these are by theirs: of rows drawn alike, both are answered equally well.
fn of_answers((train, probe): (&Sample, &Probe), validation: &Sample) -> Option<Shift> {
    if train.outputs != 1 || validation.rows < LEAST_ROWS {
        return None;
    }
    let known = probe.score;
    let new = super::neighbours::answered(train, validation);
    let (a, b) = (train.rows as f64, validation.rows as f64);
    let all = ((known * a + new * b) / (a + b)).clamp(0.05, 0.95);
    let error = (all * (1.0 - all) * (1.0 / a + 1.0 / b)).sqrt();
    let size = known - new;
    Some(Shift { what: What::Answers, size, surprise: size / error, worse: None })
}

/// The χ² statistic of the two rows of counts as a normal deviate (Wilson and
/// Hilferty 1931).
fn of_classes(train: &Sample, validation: &Sample, classes: usize) -> Shift {
    let count = |sample: &Sample| {
        let mut counts = vec![0.0; classes];
        for y in answers(sample) {
            if let Some(count) = counts.get_mut(y as usize) {
                *count += 1.0;
            }
        }
        counts
    };
    let (a, b) = (count(train), count(validation));
    let (na, nb) = (a.iter().sum::<f64>().max(1.0), b.iter().sum::<f64>().max(1.0));
    let (mut chi, mut size, mut freedom) = (0.0, 0.0, -1.0f64);
    for (a, b) in a.iter().zip(&b) {
        size += 0.5 * (a / na - b / nb).abs();
        let expected = (a + b) / (na + nb);
        if expected > 0.0 {
            freedom += 1.0;
            chi += (a - expected * na).powi(2) / (expected * na);
            chi += (b - expected * nb).powi(2) / (expected * nb);
        }
    }
    let k = freedom.max(1.0);
    let surprise = ((chi / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt();
    Shift { what: What::Classes, size, surprise, worse: None }
}
