//! `initial-loss-off`: a first loss far from what an ignorant network should have.

use super::rule::prelude::*;
use crate::setup::Setup;
use gradwise_nn::Loss;

const RATIO: Threshold = Threshold {
    of: "first loss over that of a constant answer",
    value: 5.0,
    source: "Karpathy 2019, A recipe for training neural networks: the first loss should be ln C; \
             weights that keep variances start within a factor 1.5 of it",
};

pub(super) const RULE: Rule = Rule {
    id: "initial-loss-off",
    group: Group::Setup,
    title: "the first loss is far above that of a constant answer",
    looks_at: "The loss of the first weights against that of a constant answer: ln C for \
               cross-entropy with C classes, the variance for a squared error. A warning where the \
               network did not come out well, or its loss is above that of a constant at the \
               end; of a regression only if its output starts with a bias.",
    harm: "The network starts out sure and wrong. The first steps are spent on unlearning.",
    thresholds: &[RATIO],
    explains: &["exploding-gradient", "not-learning", "constant-prediction", "too-few-epochs"],
    remedy: "`model.output-init = \"zeros\"` starts at the constant answer; `model.output-bias` \
             at a regression's mean.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let setup = run.setup.as_ref()?;
    // Of unequal classes an ignorant network knows nothing, either: ln C is as it should be.
    let uniform = setup.constant_bound().unwrap_or(0.0);
    let baseline = run.data.as_ref()?.targets.baseline(setup)?;
    let ignorant = baseline.max(uniform);
    let loss = match (&run.initial, &run.curve) {
        (Some(survey), _) => survey.loss,
        (None, Some(curve)) => curve.first,
        (None, None) => return None,
    };
    let classes = matches!(setup.loss, Loss::CrossEntropy | Loss::BinaryCrossEntropy);
    if ignorant <= 0.0 || loss < RATIO.value * ignorant || loss.is_nan() {
        return None;
    }
    // A regression may start far off because its targets are, which has a finding of its own.
    let chosen = classes || is_preferred(setup);
    let spent = classes && run.curve.as_ref().is_some_and(|curve| curve.last() > baseline);
    let severity = match chosen && run.is_poor() || spent {
        true => Severity::Warn,
        false => Severity::Info,
    };
    Some(Finding {
        step: Some(0),
        layer: Some("output".into()),
        evidence: evidence([("first_loss", loss), ("constant_answer", baseline)]),
        because: Some("the first scores are not about 0".into()),
        remedies: remedies(run),
        ..finding(
            severity,
            format!("the first loss is {}, a constant answer has {}", short(loss), short(baseline)),
        )
    })
}

/// Whether the run file has the output prefer an answer.
fn is_preferred(setup: &Setup) -> bool {
    setup.network.output.bias.is_some_and(|bias| bias.abs() > 1.0)
}

/// Weights of the output that start at the constant answer, or near it; then hidden
/// layers that keep the size of signals.
fn remedies(run: &Run) -> Vec<Remedy> {
    let mut all = vec![set("model.output-init", "zeros", "starts at the constant answer")];
    let Some(setup) = &run.setup else { return all };
    all.extend(remedies::output_start(setup, "first scores of size 1"));
    if is_preferred(setup) {
        all.push(set("model.output-bias", 0.0, "no answer is preferred"));
    }
    all.extend(remedies::start(run, "keeps the size of signals"));
    all
}
