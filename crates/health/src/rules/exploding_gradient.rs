//! `exploding-gradient`: gradients that grow on their way down.

use super::rule::prelude::*;

const RATIO: Threshold = Threshold {
    of: "gradient size at the first hidden layer over that at the last",
    value: 1e3,
    source: "the reverse of `vanishing-gradient`: six depth scales of the chaotic phase \
             (Schoenholz et al. 2017)",
};

pub(super) const RULE: Rule = Rule {
    id: "exploding-gradient",
    group: Group::Backward,
    title: "the gradient grows on its way down",
    looks_at: "The size of a row's loss gradient by the weighted sums of the first and of the \
               last hidden layer at the first weights; and whether it is finite.",
    harm: "A step that is right for upper layers throws the lower ones away.",
    thresholds: &[RATIO],
    explains: &[
        "nonfinite",
        "lr-too-high",
        "oscillating-loss",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "dead-units",
        "unstable-optimizer",
        "stuck-layer",
        "noisy-gradient",
    ],
    remedy: "`model.init` at the critical point; `train.clip = 1`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    if run.has_trained() && run.is_good() {
        return None;
    }
    let sizes = super::vanishing_gradient::sizes(run)?;
    let ((first, low), (_, high)) = (sizes.first()?, sizes.last()?);
    let ratio = low / high;
    let infinite = !low.is_finite();
    (infinite || ratio > RATIO.value && sizes.len() > 2).then(|| Finding {
        layer: Some(first.clone()),
        step: Some(0),
        evidence: evidence([("gradient_rms_first", *low), ("gradient_rms_last", *high)]),
        because: Some("each layer makes it larger".into()),
        remedies: remedies::start(run, "keeps the variance")
            .into_iter()
            .chain([set("train.clip", 1.0, "no step is then longer than the learning rate")])
            .collect(),
        ..finding(Severity::Error, format!("the gradient at {first} has size {}", short(*low)))
    })
}
