//! Curves of any number of runs: losses by step in buckets, measures by epoch.

use crate::series::{Buckets, buckets, thinned};
use crate::store::Source;
use gradwise_train::folder::event::{Epoch, Measures, Step};
use gradwise_view::noise;
use gradwise_view::run::called;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Points of a curve, at most, whatever the page asks for.
const MOST: usize = 4000;

/// The curves of a run.
#[derive(Debug, Serialize)]
pub struct Curves {
    id: String,
    version: u64,
    steps_per_epoch: u64,
    /// What is made small, in buckets of steps.
    loss: Buckets,
    /// The learning rate in the same buckets.
    lr: Vec<f32>,
    /// Seconds of training at each bucket's end.
    seconds: Vec<f32>,
    /// The first step whose loss is not finite.
    nonfinite: Option<u64>,
    gradient: Gradient,
    epochs: Epochs,
}

/// The whole gradient in the steps that it was measured in.
#[derive(Debug, Default, Serialize)]
struct Gradient {
    step: Vec<u64>,
    /// Its length.
    norm: Vec<f32>,
    /// How far it may be from that of all rows.
    noise: Vec<f32>,
    /// The batch, in rows, whose gradient is as large as its noise.
    scale: Vec<f32>,
    /// Rows of a step.
    batch: usize,
}

/// Measures after epochs.
#[derive(Debug, Default, Serialize)]
struct Epochs {
    epoch: Vec<u64>,
    step: Vec<u64>,
    seconds: Vec<f64>,
    /// The best epoch so far.
    best: Option<u64>,
    measures: Vec<Measure>,
}

/// One measure after each epoch; null where it was not taken.
#[derive(Debug, Serialize)]
struct Measure {
    name: String,
    called: String,
    train: Vec<Option<f64>>,
    validation: Vec<Option<f64>>,
}

/// The curves of runs, each of at most `points` points in a range of steps.
pub fn curves(runs: &[Arc<Source>], points: usize, range: RangeInclusive<u64>) -> Vec<Curves> {
    runs.iter().map(|source| of(source, points.clamp(2, MOST), &range)).collect()
}

fn of(source: &Source, points: usize, range: &RangeInclusive<u64>) -> Curves {
    let entry = source.read();
    let run = &entry.run;
    let steps = within(&run.steps, range);
    let series = |of: fn(&Step) -> f64| -> Buckets {
        let points_of: Vec<(u64, f64)> = steps.iter().map(|s| (s.step, of(s))).collect();
        buckets(&points_of, points)
    };
    let loss = series(|s| s.loss.0);
    let ends = steps.chunks(loss.size.max(1)).filter_map(<[Step]>::last);
    Curves {
        id: source.id.clone(),
        version: entry.version,
        steps_per_epoch: run.start.as_ref().map_or(1, |s| s.steps_per_epoch.max(1)),
        lr: ends.clone().map(|s| s.lr as f32).collect(),
        seconds: ends.map(|s| s.seconds as f32).collect(),
        nonfinite: run.steps.iter().find(|s| !s.loss.0.is_finite()).map(|s| s.step),
        gradient: gradient(steps, run.start.as_ref().map_or(0, |s| s.batch), points),
        loss,
        epochs: epochs(&run.epochs, points, run.start.as_ref().map_or(1, |s| s.steps_per_epoch)),
    }
}

/// The steps in a range; steps are in order.
fn within<'a>(steps: &'a [Step], range: &RangeInclusive<u64>) -> &'a [Step] {
    let from = steps.partition_point(|s| s.step < *range.start());
    let to = steps.partition_point(|s| s.step <= *range.end());
    steps.get(from..to).unwrap_or_default()
}

fn gradient(steps: &[Step], batch: usize, points: usize) -> Gradient {
    // Without a batch there is no noise of one.
    let rows = if batch == 0 { f64::NAN } else { batch as f64 };
    let all = noise::points(steps.iter(), rows);
    let kept: Vec<noise::Point> =
        thinned(all.len(), points).into_iter().filter_map(|i| all.get(i).copied()).collect();
    Gradient {
        step: kept.iter().map(|p| p.step).collect(),
        norm: kept.iter().map(|p| p.norm as f32).collect(),
        noise: kept.iter().map(|p| p.noise as f32).collect(),
        scale: kept.iter().map(|p| p.scale as f32).collect(),
        batch,
    }
}

/// The measures after epochs; of a log that does not say at which step one ended, as if
/// all had `per_epoch`.
fn epochs(all: &[Epoch], points: usize, per_epoch: u64) -> Epochs {
    let step = |e: &Epoch| match e.step {
        0 => e.epoch.saturating_mul(per_epoch.max(1)),
        step => step,
    };
    let kept: Vec<&Epoch> =
        thinned(all.len(), points).into_iter().filter_map(|i| all.get(i)).collect();
    let names: BTreeSet<&String> =
        kept.iter().flat_map(|e| e.train.keys().chain(e.validation.keys())).collect();
    let measure = |name: &String| {
        let of = |measures: &Measures| measures.get(name).map(|n| n.0);
        Measure {
            name: name.clone(),
            called: called(name).into(),
            train: kept.iter().map(|e| of(&e.train)).collect(),
            validation: kept.iter().map(|e| of(&e.validation)).collect(),
        }
    };
    Epochs {
        epoch: kept.iter().map(|e| e.epoch).collect(),
        step: kept.iter().map(|e| step(e)).collect(),
        seconds: kept.iter().map(|e| e.seconds).collect(),
        best: all.iter().rev().find(|e| e.best).map(|e| e.epoch),
        measures: names.into_iter().map(measure).collect(),
    }
}

/// Named numbers for the page; one that is not finite is null.
pub fn plain(measures: &Measures) -> BTreeMap<String, f64> {
    measures.iter().map(|(name, n)| (called(name).to_string(), n.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_told_where_it_was_measured() {
        let measured = |step, norm: f64| Step {
            step,
            gradient_norm: Some(norm.into()),
            gradient_noise: Some(4.0.into()),
            ..Step::default()
        };
        let steps = [measured(1, 3.0), Step { step: 2, ..Step::default() }, measured(3, 2.0)];
        let told = gradient(&steps, 16, 10);
        assert_eq!(
            (told.step, told.norm, told.noise),
            (vec![1, 3], vec![3.0, 2.0], vec![1.0, 1.0])
        );
        // 16 / (9 − 16/16).
        assert_eq!(told.scale[0], 2.0);
        assert!(gradient(&steps, 0, 10).noise.iter().all(|x| x.is_nan()));
    }

    #[test]
    fn epochs_without_a_step_lie_one_after_the_other() {
        let epoch = |epoch, step| Epoch { epoch, step, ..Epoch::default() };
        assert_eq!(epochs(&[epoch(1, 0), epoch(2, 0)], 10, 5).step, [5, 10]);
        assert_eq!(epochs(&[epoch(1, 7), epoch(2, 0)], 10, 0).step, [7, 2]);
    }
}
