//! `lr-too-low`: steps that lead nowhere.

use super::rule::prelude::*;
use super::steps::walked;

const WALKED: Threshold = Threshold {
    of: "median relative step times the number of steps, of the layer that walked farthest",
    value: 0.1,
    source: "trained layers have moved by their own size or more; a run that ends after a tenth \
             has hardly begun (compare Karpathy's 1e-3 a step: 100 steps)",
};

pub(super) const RULE: Rule = Rule {
    id: "lr-too-low",
    group: Group::Steps,
    title: "the learning rate is too low",
    looks_at: "How far the layers have moved in the whole run, relative to their weights, where \
               the network did not come out well and its gradients are alive.",
    harm: "The run ends long before the network is where it could be.",
    thresholds: &[WALKED],
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
    let walked = walked(run)?;
    if run.is_good() || run.is_nonfinite() || walked >= WALKED.value {
        return None;
    }
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
