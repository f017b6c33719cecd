//! `lr-too-high`: steps that throw the network about.

use super::rule::prelude::*;
use super::steps::{ROUGH, early_ratio, late_roughness};

const RISE: Threshold = Threshold {
    of: "largest loss of one of the first ten steps, or of two in a row, over the first loss and \
         over that of a constant answer",
    value: 3.0,
    source: "beyond the edge of stability, 2 over the sharpness, the loss first rises many times \
             over (Cohen et al. 2021; Lewkowycz et al. 2020, the catapult); batch noise alone \
             stays within a factor 2",
};
const LEARNT: Threshold = Threshold {
    of: "share of a constant answer's loss that is gone in the end, above which a rise of a \
         single step explains nothing",
    value: 0.5,
    source: "half of it is gone where rules without data take a run for good",
};
const RATIO: Threshold = Threshold {
    of: "early steps relative to weights, in any layer",
    value: 0.1,
    source: "Karpathy 2019 has 1e-3 for good and 1e-2 for high; at 1e-1 ten steps replace a \
             layer",
};
const MOVES: Threshold = Threshold {
    of: "early steps relative to weights, below which a risen loss is noise of its rows",
    value: 1e-4,
    source: "a tenth of Karpathy's 1e-3 for good: such steps overshoot nothing, but a few rows of \
             heavy tails make one batch's loss many times that of another",
};
const SURGE: Threshold = Threshold {
    of: "loss that five steps in a row did not go below, over the same",
    value: 3.0,
    source: "a loss that stays up for so long cost units (in such runs of ours nine in ten ReLU \
             units died) even where the rest recovered",
};
const LEAP: Threshold = Threshold {
    of: "largest loss as for the rise, that says so of a network that came out well",
    value: 100.0,
    source: "ten times too far beyond the minimum along one direction, where the loss is a \
             parabola: no noise of rows, and units die of less",
};
const RELAPSE: Threshold = Threshold {
    of: "training loss of the last two epochs, of the lower, over that of the lowest",
    value: 1.25,
    source: "gradient descent with steps under 2 over the sharpness lowers the loss it follows \
             (Nesterov 2004, section 1.2.3); by a quarter and for two epochs it does not rise by \
             chance of its rows",
};

pub(super) const RULE: Rule = Rule {
    id: "lr-too-high",
    group: Group::Steps,
    title: "the learning rate is too high",
    looks_at: "Where the network did not come out well (or had lost itself for a while): whether \
               the loss rose far above where it started, whether early steps were a large part of \
               the weights, whether the loss leaps from epoch to epoch instead of settling, \
               or whether what was learnt was lost again.",
    harm: "The loss diverges, leaps about, or dies: one long step throws units to where no row \
           reaches them.",
    thresholds: &[RISE, LEARNT, SURGE, LEAP, RATIO, MOVES, ROUGH, RELAPSE],
    explains: &[
        "dead-units",
        "saturated-units",
        "nonfinite",
        "oscillating-loss",
        "noisy-gradient",
        "not-learning",
        "constant-prediction",
        "stuck-layer",
        "underfitting",
        "collapsed-activations",
        "too-few-epochs",
        "vanishing-gradient",
        "overfitting",
        "prelu-drift",
        "over-regularized",
        "label-noise",
        "idle-maxout-pieces",
        "class-imbalance",
    ],
    remedy: "A tenth of `train.lr`; a warm-up; `train.clip = 1`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    if run.setup.as_ref().is_some_and(|setup| setup.has_no_rate()) {
        return None;
    }
    // A schedule may come to its highest rate late.
    let lr = run.steps.iter().map(|s| s.lr).fold(f64::NAN, f64::max);
    let start = start(run);
    let rise = curve.peak / start;
    let measured = early_ratio(run);
    let ratio = measured.unwrap_or(0.0);
    let rough = late_roughness(curve).unwrap_or(0.0);
    let lost = run.is_nonfinite();
    let moves = measured.is_none_or(|ratio| ratio > MOVES.value);
    // What one early step did and the next undid is not why a network that learnt is no better.
    let passed = curve.progress() >= LEARNT.value && curve.twice <= RISE.value * start;
    let risen = moves && (rise > RISE.value || rise.is_nan()) && !passed;
    let leaping = rough > ROUGH.value && ratio > 0.1 * RATIO.value;
    let relapse = curve.relapse().unwrap_or(0.0);
    let lapsed = moves && relapse > RELAPSE.value;
    let poor = !run.is_good() && (lost || risen || ratio > RATIO.value || leaping || lapsed);
    let surge = curve.stayed / start;
    let surged = moves && (surge > SURGE.value || rise > LEAP.value);
    if !poor && !surged {
        return None;
    }
    let severity = if poor { Severity::Error } else { Severity::Warn };
    let message = match (lost, risen || surged, ratio > RATIO.value) {
        (true, ..) => "the loss diverged".to_string(),
        (_, true, _) => format!("the loss rose to {} times where it started", short(rise)),
        (_, _, true) => format!("a single step was {} of a layer's weights", short(ratio)),
        _ if lapsed => format!("the loss rose again to {} times its lowest", short(relapse)),
        _ => format!("the loss leaps by {} % an epoch", short(100.0 * rough)),
    };
    Some(Finding {
        step: Some(rise_step(run)),
        evidence: evidence([
            ("lr", lr),
            ("largest_over_first_loss", rise),
            ("step_over_weight", ratio),
            ("change_per_epoch", rough),
            ("last_over_lowest_epoch", relapse),
        ]),
        because: Some(match lr > 0.0 {
            true => format!("steps at lr = {} overshoot", short(lr)),
            false => "steps overshoot".into(),
        }),
        remedies: remedies(run),
        ..finding(severity, message)
    })
}

/// What a risen loss is above: that of the first step, of a constant answer, and of the first
/// weights on many rows, as the first batch may be of easy ones.
fn start(run: &Run) -> f64 {
    let Some(curve) = &run.curve else { return f64::INFINITY };
    let surveyed = run.initial.as_ref().map_or(0.0, |survey| survey.loss);
    curve.first.max(curve.nothing()).max(surveyed)
}

/// The step by which the loss had risen, or else that with the largest loss.
fn rise_step(run: &Run) -> u64 {
    let start = start(run);
    let is_high = |loss: f64| !loss.is_finite() || loss > RISE.value * start;
    let risen = run.steps.iter().find(|s| is_high(s.data_loss.0));
    let highest = || run.steps.iter().max_by(|a, b| a.data_loss.0.total_cmp(&b.data_loss.0));
    risen.or_else(highest).map_or(1, |s| s.step)
}

/// Shorter steps; where even a hundredth of the rate is much, also the usual one; and a
/// bound on their length.
fn remedies(run: &Run) -> Vec<Remedy> {
    let mut all = remedies::slower(run);
    if run.setup.as_ref().is_some_and(|s| s.clip.is_none() && !s.is_adaptive()) {
        all.push(set("train.clip", 1.0, "no step is longer than the learning rate"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Step;

    #[test]
    fn a_good_run_that_leapt_is_told_that_it_leapt() {
        let judged = |height: f64| {
            let loss = |i: u64| if i == 1 { height } else { 1.0 / (1.0 + 0.2 * i as f64) };
            let step = |i| Step { step: i + 1, data_loss: loss(i).into(), ..Step::default() };
            let mut run = Run { steps: (0..100).map(step).collect(), ..Run::default() };
            run.prepare();
            judge(&run).map(|f| (f.severity, f.message))
        };
        let told = "the loss rose to 150 times where it started".to_string();
        assert_eq!(judged(150.0), Some((Severity::Warn, told)));
        assert_eq!(judged(20.0), None, "the next step undid it");
    }
}
