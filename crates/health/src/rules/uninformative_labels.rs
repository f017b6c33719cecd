//! `uninformative-labels`: answers that have nothing to do with the features.

use super::rule::prelude::*;

const DEVIATIONS: Threshold = Threshold {
    of: "score of nearest neighbours, in deviations above chance",
    value: 4.0,
    source: "chance exceeds it once in 30,000 sets",
};
const ROWS: Threshold = Threshold {
    of: "rows that were answered",
    value: 100.0,
    source: "with fewer, what can be learnt may not stand out from chance",
};

pub(super) const RULE: Rule = Rule {
    id: "uninformative-labels",
    group: Group::Data,
    title: "the answers have nothing to do with the features",
    looks_at: "Whether ten nearest neighbours answer better than the best constant, and, after \
               training, whether the network does so on held-out rows. Both must fail.",
    harm: "There is nothing to learn. A large network learns the rows by heart.",
    thresholds: &[DEVIATIONS, ROWS],
    explains: &[
        "overfitting",
        "not-learning",
        "constant-prediction",
        "underfitting",
        "lr-too-low",
        "label-noise",
        "too-few-epochs",
        "dead-units",
        "collapsed-activations",
        "stuck-layer",
        "lr-too-high",
        "oscillating-loss",
    ],
    remedy: "Look for a shuffled or shifted target column when the file was made.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let probe = run.data.as_ref()?.probe.as_ref()?;
    let answers = run.trained.as_ref().filter(|_| run.has_trained());
    let held_out = answers.and_then(|t| t.validation.as_ref());
    if probe.is_informative() || (probe.rows as f64) < ROWS.value {
        return None;
    }
    // Before training the neighbours alone do not decide: the answer may hang on few
    // of many features.
    let network = held_out.and_then(|a| Some((a.score?, a.rows)))?;
    let deviation = 1.0 / (2.0 * (network.1 as f64).sqrt());
    if network.0 > probe.chance + DEVIATIONS.value * deviation {
        return None;
    }
    Some(Finding {
        evidence: evidence([
            ("neighbours_score", probe.score),
            ("network_score", network.0),
            ("chance", probe.chance),
        ]),
        because: Some("rows that are alike have unrelated answers".into()),
        ..finding(Severity::Error, "neither neighbours nor network beat a constant answer")
    })
}
