//! `over-regularized`: a penalty that outweighs the data.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_train::folder::event::Step;

const SHRUNK: Threshold = Threshold {
    of: "size of the weights at the end over that at the start, of the hidden layer in the middle",
    value: 0.3,
    source: "learning alone makes weights larger; a third of their size means that the penalty \
             was the stronger force",
};
const SHARE: Threshold = Threshold {
    of: "loss over that of a constant answer",
    value: 0.3,
    source: "a network that still fits its rows is regularized well, not too much",
};
const OUTWEIGHS: Threshold = Threshold {
    of: "penalty over data loss in most steps or in the last twentieth of them, of a network that \
         did not come out well and whose weights shrank by a tenth",
    value: 10.0,
    source: "a penalty of use is a small part of the loss (Krogh and Hertz 1992); ten times the \
             data loss, it is what is learnt from",
};
const LARGER: Threshold = Threshold {
    of: "the same where weights shrank to half",
    value: 1.0,
    source: "most of the loss is then the penalty's, and most of what the steps did",
};
const SLIGHT: Threshold = Threshold {
    of: "penalty over data loss at the first step and in most, below which weights did not \
         shrink by it",
    value: 0.1,
    source: "where the data's gradient is lost for another reason, a penalty of any size is all \
             that moves the weights, by Adam as fast as a large one; 1e-4 on a hundred \
             inputs is 2 to 3 % of a first loss",
};
const LEAPT: Threshold = Threshold {
    of: "highest loss over the first, above which weights did not shrink by weight decay",
    value: 10.0,
    source: "weights that shrink bring answers nearer to a constant; they make no loss ten times \
             as high, and decay goes by the learning rate",
};
/// Weights that shrank by less were not moved by the penalty, however large it is.
const MOVED: f64 = 0.9;
const HALF: f64 = 0.5;

const DROPPED: Threshold = Threshold {
    of: "share of a layer's units that is left out in each step, of a network that did not come \
         out well",
    value: 0.8,
    source: "Srivastava et al. 2014, Dropout, section 7.3: errors are flat from 20 to 60 % left \
             out and rise beyond, on training rows as well",
};

pub(super) const RULE: Rule = Rule {
    id: "over-regularized",
    group: Group::Steps,
    title: "the penalty on weights outweighs the data, or dropout leaves too few units",
    looks_at: "With a penalty or weight decay set: how far weights shrank over the run, whether \
               the penalty is larger than the data loss, and whether the training rows are still \
               fitted. With dropout: whether most of a layer is left out in each step of a \
               network that did not come out well.",
    harm: "Weights go to 0, and the answers to a constant; or each step sees another network.",
    thresholds: &[SHRUNK, SHARE, OUTWEIGHS, LARGER, SLIGHT, LEAPT, DROPPED],
    explains: &[
        "dead-units",
        "vanishing-gradient",
        "collapsed-activations",
        "constant-prediction",
        "not-learning",
        "underfitting",
        "stuck-layer",
        "too-few-epochs",
        "lr-too-high",
        "lr-too-low",
        "initial-loss-off",
        "label-noise",
        "class-imbalance",
        "oscillating-loss",
        "overfitting",
        "init-too-small",
    ],
    remedy: "A hundredth of `regularize.l2`, or none; `model.dropout = 0.3`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    by_penalty(run).or_else(|| by_dropout(run))
}

fn by_dropout(run: &Run) -> Option<Finding> {
    let hidden = run.setup.as_ref()?.hidden();
    let layer = hidden.into_iter().max_by(|a, b| a.spec.dropout.total_cmp(&b.spec.dropout))?;
    let dropped = layer.spec.dropout;
    (dropped >= DROPPED.value && run.is_poor()).then(|| Finding {
        layer: Some(layer.name),
        evidence: evidence([("model.dropout", dropped)]),
        because: Some(format!(
            "{} % of the units are left out in each step",
            short(100.0 * dropped)
        )),
        remedies: vec![
            set("model.dropout", 0.3, "each step sees most of the network"),
            set("model.dropout", 0.0, "no unit is left out"),
        ],
        ..finding(Severity::Error, format!("dropout of {} leaves too few units", short(dropped)))
    })
}

fn by_penalty(run: &Run) -> Option<Finding> {
    let (setup, curve) = (run.setup.as_ref()?, run.curve.as_ref()?);
    let (l1, l2) = setup.penalties();
    let decay = decay(setup);
    // What can be reached says more than the loss, where it is known: on noisy targets
    // that stays near a constant's however well a network does.
    let fits = match run.reach() {
        Some(_) => run.is_good(),
        None => curve.last() < SHARE.value * curve.nothing(),
    };
    if (l1 == 0.0 && l2 == 0.0 && decay == 0.0) || fits || run.is_nonfinite() {
        return None;
    }
    let shrunk = shrunk(run)?;
    let share = Shares::of(run);
    let most = if shrunk < HALF { LARGER.value } else { OUTWEIGHS.value };
    let outweighs = share.last.max(share.usual) > most && shrunk < MOVED && run.is_poor();
    if shrunk > SHRUNK.value && !outweighs {
        return None;
    }
    let slight = share.first.max(share.usual) < SLIGHT.value;
    let leapt = curve.highest() > LEAPT.value * curve.first;
    if slight && (decay == 0.0 || leapt) {
        return None;
    }
    let (key, value) = match (l1, l2, decay) {
        (l1, l2, decay) if l2 >= l1 && l2 >= decay => ("regularize.l2", l2),
        (l1, _, decay) if l1 >= decay => ("regularize.l1", l1),
        (_, _, decay) => ("train.weight-decay", decay),
    };
    let penalty = run.steps.first().map_or(f64::NAN, |s| s.penalty.0);
    Some(Finding {
        evidence: evidence([
            (key, value),
            ("weights_end_over_start", shrunk),
            ("first_penalty", penalty),
            ("first_data_loss", curve.first),
            ("last_penalty_over_data_loss", share.last),
        ]),
        because: Some(format!("weights shrank to {} of what they were", short(shrunk))),
        remedies: remedies(setup, key, value),
        ..finding(Severity::Error, format!("{key} = {} outweighs the data", short(value)))
    })
}

/// A hundredth and a thousandth of the factor, and none of any kind; of layers that have
/// their own too.
fn remedies(setup: &Setup, key: &str, value: f64) -> Vec<Remedy> {
    let part = |part: f64, why: &str| {
        let lower = |own: f64| if part == 0.0 { 0.0 } else { own.min(value / part) };
        let own = remedies::each(setup, why, |l| match key {
            "regularize.l1" if setup.own.contains("l1") => l.l1 = lower(l.l1),
            "regularize.l2" if setup.own.contains("l2") => l.l2 = lower(l.l2),
            _ => {}
        });
        let all = set(key, one_digit(lower(value)), why);
        Remedy { set: own.into_iter().flat_map(|own| own.set).chain(all.set).collect(), ..all }
    };
    let why = "the data outweigh the penalty";
    vec![part(100.0, why), part(1000.0, why), part(0.0, "no penalty")]
}

/// The penalty over the data loss.
struct Shares {
    first: f64,
    usual: f64,
    last: f64,
}

impl Shares {
    fn of(run: &Run) -> Shares {
        let of = |part: &[Step]| {
            let sums =
                part.iter().fold((0.0, 0.0), |(p, d), s| (p + s.penalty.0, d + s.data_loss.0));
            sums.0 / sums.1
        };
        let mut each: Vec<f64> = run.steps.chunks(1).map(of).collect();
        let first = each.first().copied().unwrap_or(f64::INFINITY);
        each.sort_by(f64::total_cmp);
        // Single batches, of which one may have no row that is hard, say little of the end.
        let stretch = run.steps.len().div_ceil(20).max(1);
        let last = run.steps.rchunks(stretch).next().map_or(0.0, of);
        Shares {
            first,
            usual: each.get(each.len() / 2).copied().unwrap_or(0.0),
            last: if last.is_finite() { last } else { 0.0 },
        }
    }
}

fn decay(setup: &Setup) -> f64 {
    setup.optimizer.number("weight-decay").unwrap_or(0.0)
}

/// The median over layers of the last over the first size of weights.
fn shrunk(run: &Run) -> Option<f64> {
    let of_surveys = || -> Option<Vec<f64>> {
        let (first, last) = (run.initial.as_ref()?, run.trained.as_ref()?);
        let pairs = first.layers.iter().zip(&last.layers);
        Some(pairs.map(|(a, b)| b.weight_rms / a.weight_rms).collect())
    };
    let of_records = || -> Vec<f64> {
        let layer = |layer: &String| {
            let sizes = run.measures.rms(layer, "weight");
            Some(sizes.last()?.1 / sizes.first()?.1)
        };
        run.measures.layers.iter().filter_map(layer).collect()
    };
    let mut ratios = of_surveys().unwrap_or_else(of_records);
    ratios.retain(|ratio| !ratio.is_nan());
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}
