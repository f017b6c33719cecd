//! `lr-too-low`: steps that lead nowhere.

use super::rule::prelude::*;
use super::steps::walked;

const WALKED: Threshold = Threshold {
    of: "median relative step times the number of steps, of the layer that walked farthest",
    value: 0.1,
    source: "trained layers have moved by their own size or more; a run that ends after a tenth \
             has hardly begun (compare Karpathy's 1e-3 a step: 100 steps)",
};

const FROZEN: Threshold = Threshold {
    of: "rate of most steps over the highest that the run file asks for, of a network that did \
         not come out well or whose rate was cut while its loss fell",
    value: 0.01,
    source: "two step sizes of a tenth (He et al. 2016 take them once the loss has settled); a \
             cosine is below it for the last 6 % of its steps alone",
};

const CUT: Threshold = Threshold {
    of: "mean loss of the last quarter of the steps before the rate was halved over that of the \
         quarter before, of a network that came out well and yet spent most steps like that",
    value: 0.8,
    source: "a rate is cut when the loss has settled (He et al. 2016); it was falling by a fifth",
};
/// A share of a constant's loss that is gone, from which on there is no hurry.
const FITTED: f64 = 0.95;

const CREEPS: Threshold = Threshold {
    of: "fall of the loss over the last quarter, of a network no better than a constant whose \
         loss fell in each of five or more epochs",
    value: 0.05,
    source: "that of `too-few-epochs`, which is for a loss that falls faster",
};

pub(super) const RULE: Rule = Rule {
    id: "lr-too-low",
    group: Group::Steps,
    title: "the learning rate is too low",
    looks_at: "How far the layers have moved in the whole run, relative to their weights, where \
               the network did not come out well and its gradients are alive; and whether the \
               schedule kept the rate at next to nothing for most of the steps.",
    harm: "The run ends long before the network is where it could be.",
    thresholds: &[WALKED, FROZEN, CUT, CREEPS],
    explains: &[
        "too-few-epochs",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "stuck-layer",
        "collapsed-activations",
        "label-noise",
        "class-imbalance",
    ],
    remedy: "Ten times `train.lr`, or more.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    let setup = run.setup.as_ref();
    if run.is_nonfinite() || setup.is_some_and(|s| s.has_no_rate()) {
        return None;
    }
    if run.is_good() {
        return frozen(run)
            .filter(|_| was_cut_short(run))
            .map(|found| Finding { severity: Severity::Warn, ..found });
    }
    let walked = walked(run).filter(|walked| *walked < WALKED.value);
    let Some(walked) = walked else { return frozen(run).or_else(|| creeping(run)) };
    let lr = run.steps.first()?.lr;
    Some(Finding {
        evidence: evidence([("lr", lr), ("walked", walked), ("progress", curve.progress())]),
        because: Some(format!(
            "in {} steps no layer moved by more than {} of its weights",
            run.steps.last()?.step,
            short(walked)
        )),
        remedies: remedies::faster(run),
        ..finding(Severity::Error, format!("steps at lr = {} lead nowhere", short(lr)))
    })
}

/// Where the loss went down epoch by epoch, and yet the answers are a constant's still: the
/// steps are right but for their length. Those of Adagrad grow shorter as it goes, so that the
/// way of its steps says little.
fn creeping(run: &Run) -> Option<Finding> {
    let curve = run.curve.as_ref()?;
    // Where neighbours learn nothing, either, steps may not be what is missing.
    let compared = run.reach().is_some() || run.data.is_none();
    let slow = curve.falls_each_epoch() && curve.recent_gain() <= CREEPS.value;
    (slow && compared && run.is_at_chance() && !run.brief).then(|| Finding {
        evidence: evidence([
            ("lr", run.steps.first().map_or(f64::NAN, |s| s.lr)),
            ("recent_gain", curve.recent_gain()),
            ("epochs", curve.epochs.len() as f64),
        ]),
        because: Some("the loss fell in every epoch, and hardly".into()),
        remedies: remedies::faster(run),
        ..finding(Severity::Error, "the loss creeps down, and nothing is learnt yet")
    })
}

/// Whether the loss was still falling when the rate was first cut, and is not near 0.
fn was_cut_short(run: &Run) -> bool {
    let Some(curve) = &run.curve else { return false };
    let highest = run.steps.iter().map(|s| s.lr).fold(0.0, f64::max);
    let full = run.steps.iter().rposition(|s| s.lr > 0.5 * highest).map_or(0, |last| last + 1);
    let early: Vec<f64> = run.steps.iter().take(full).map(|s| s.data_loss.0).collect();
    let mut quarters = early.rchunks((full / 4).max(1));
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let fell = match (quarters.next(), quarters.next()) {
        (Some(last), Some(before)) => mean(last) < CUT.value * mean(before),
        _ => false,
    };
    fell && curve.progress() < FITTED
}

/// Where the schedule took the rate to next to nothing before the network had learnt.
fn frozen(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    let highest = run.steps.iter().map(|s| s.lr).fold(setup.lr, f64::max);
    let slow = run.steps.iter().filter(|s| s.lr < FROZEN.value * highest).count();
    let share = slow as f64 / run.steps.len().max(1) as f64;
    (share > 0.5).then(|| Finding {
        evidence: evidence([("lr", highest), ("share_of_steps", share)]),
        because: Some("the schedule leaves next to nothing of the rate".into()),
        remedies: vec![
            set("train.schedule", "constant", "the rate stays"),
            set("train.schedule", "cosine", "the rate falls slowly"),
        ],
        ..finding(
            Severity::Error,
            format!("in {} % of the steps the rate is under a hundredth", short(100.0 * share)),
        )
    })
}
