//! `satisfied-margins`: a hinge loss with nothing left to ask for.

use super::rule::prelude::*;
use gradwise_nn::Loss;

const SMALL: Threshold = Threshold {
    of: "margin",
    value: 0.1,
    source: "scores start about 1 apart (margin 1 is Weston and Watkins's 1999): a tenth is kept \
             by chance",
};
const LEFT: Threshold = Threshold {
    of: "training loss over the margin",
    value: 0.05,
    source: "then nearly every row keeps its margin and has no gradient (lecture row L7)",
};
const KEPT: Threshold = Threshold {
    of: "share of the rows that keep their margin",
    value: 0.8,
    source: "what is left of the loss is then that of the rows that are answered wrongly",
};

pub(super) const RULE: Rule = Rule {
    id: "satisfied-margins",
    group: Group::Steps,
    title: "nearly every row keeps its margin",
    looks_at: "A hinge loss with a small margin, and how much of it is left at the end.",
    harm: "The loss asks for nothing more: classes are told apart, but barely.",
    thresholds: &[SMALL, LEFT, KEPT],
    explains: &[],
    remedy: "`loss.kind = \"hinge(1)\"`.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let (setup, curve) = (run.setup.as_ref()?, run.curve.as_ref()?);
    let Loss::Hinge(margin) = setup.loss else { return None };
    let left = curve.last() / margin;
    let learns = run.reach().is_none_or(|reach| reach > 0.5);
    let severity = if learns { Severity::Info } else { Severity::Warn };
    let kept = satisfied(run).is_some_and(|share| share >= KEPT.value);
    let asked = left < LEFT.value || curve.progress() > 0.9 || kept || !learns;
    (margin <= SMALL.value && asked).then(|| Finding {
        evidence: evidence([("margin", margin), ("loss_over_margin", left)])
            .into_iter()
            .chain(satisfied(run).into_iter().flat_map(|x| evidence([("satisfied", x)])))
            .collect(),
        because: Some(format!("a margin of {} is kept by chance", short(margin))),
        remedies: vec![set("loss.kind", "hinge(1)", "asks for scores that are clearly apart")],
        ..finding(severity, "the margin is so small that hardly any row has a gradient")
    })
}

/// The share of rows that kept their margin when it was last measured.
fn satisfied(run: &Run) -> Option<f64> {
    let output = run.measures.layers.last()?;
    run.measures.of(output, "margin.satisfied").last().map(|(_, share)| *share)
}
