//! `uninformative-labels`: answers that have nothing to do with the features.

use super::rule::prelude::*;

const DEVIATIONS: Threshold = Threshold {
    of: "score of nearest neighbours, in deviations above chance",
    value: 3.0,
    source: "chance exceeds it once in 700 sets; a little information is enough to say nothing",
};
const ROWS: Threshold = Threshold {
    of: "rows that were answered",
    value: 100.0,
    source: "with fewer, what can be learnt may not stand out from chance",
};
const OTHERS: Threshold = Threshold {
    of: "rows that are not of the largest class",
    value: 40.0,
    source: "the same, where one class has nearly all rows",
};

pub(super) const RULE: Rule = Rule {
    id: "uninformative-labels",
    group: Group::Data,
    title: "the answers have nothing to do with the features",
    looks_at: "Whether ten nearest neighbours answer better than the best constant, or are more \
               often of a row's own class than shuffled labels have it, and, after training, \
               whether the network answers better on held-out rows, or recognizes classes more \
               evenly. All must fail.",
    harm: "There is nothing to learn. A large network learns the rows by heart.",
    thresholds: &[DEVIATIONS, ROWS, OTHERS],
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
    if probe.rows as f64 * (1.0 - probe.chance) < OTHERS.value {
        return None;
    }
    // Before training the neighbours alone do not decide: the answer may hang on few
    // of many features.
    let network = held_out.and_then(|a| Some((a.score?, a.rows)))?;
    let deviation = 1.0 / (2.0 * (network.1 as f64).sqrt());
    let even = held_out.is_some_and(|a| evenness(&a.recall) > DEVIATIONS.value);
    if network.0 > probe.chance + DEVIATIONS.value * deviation || even {
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

/// The mean recall of the classes above what chance has, in deviations: a network that
/// weighs classes may know the rare ones and still be wrong more often than a constant.
fn evenness(recall: &[(u64, u64)]) -> f64 {
    let known: Vec<(f64, f64)> =
        recall.iter().filter(|(n, _)| *n > 0).map(|(n, hits)| (*n as f64, *hits as f64)).collect();
    let classes = known.len() as f64;
    let mean = known.iter().map(|(n, hits)| hits / n).sum::<f64>() / classes;
    let chance = 1.0 / classes;
    let variance: f64 = known.iter().map(|(n, _)| chance * (1.0 - chance) / n).sum();
    if variance > 0.0 { (mean - chance) * classes / variance.sqrt() } else { 0.0 }
}
