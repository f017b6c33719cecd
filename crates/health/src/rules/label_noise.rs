//! `label-noise`: answers that are wrong at random.

use super::rule::prelude::*;

const SUREST: Threshold = Threshold {
    of: "errors among the fifth of held-out rows that the network is surest of",
    value: 0.1,
    source: "of right labels the surest fifth is nearly free of error even where the problem is \
             hard; a label wrong at random is wrong there as often as anywhere (Northcutt, Jiang \
             and Chuang 2021, confident learning)",
};
const FLATNESS: Threshold = Threshold {
    of: "the same, relative to the errors among all held-out rows",
    value: 0.5,
    source: "confidence that tells nothing has ratio 1; on clean sets it is below 0.2",
};
const ROWS: Threshold = Threshold {
    of: "rows among the surest fifth",
    value: 40.0,
    source: "an error rate of 0.1 then has a deviation below 0.05",
};

pub(super) const RULE: Rule = Rule {
    id: "label-noise",
    group: Group::Data,
    title: "many labels are wrong",
    looks_at: "The trained network's errors on held-out rows, among all and among those it is \
               surest of. It needs a network that has learnt something.",
    harm: "The loss cannot fall below what the wrong labels cost, and a large network learns \
           them by heart.",
    thresholds: &[SUREST, FLATNESS, ROWS],
    explains: &["overfitting", "underfitting", "oscillating-loss", "noisy-gradient"],
    remedy: "Mend the labels; until then stop early and regularize.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let answers = run.trained.as_ref().filter(|_| run.has_trained())?.validation.as_ref()?;
    let (all, surest) = answers.errors;
    let rows = answers.rows as f64;
    if surest <= SUREST.value || surest < FLATNESS.value * all || 0.2 * rows < ROWS.value {
        return None;
    }
    // Answers better than the largest class, or there is no confidence to speak of.
    let most = answers.recall.iter().map(|(n, _)| *n).max()? as f64 / rows;
    let deviation = (most * (1.0 - most) / rows).sqrt();
    if 1.0 - all < most + 5.0 * deviation + 0.05 {
        return None;
    }
    Some(Finding {
        evidence: evidence([("errors_of_surest", surest), ("errors", all)]),
        because: Some("errors are as frequent where the network is sure as elsewhere".into()),
        remedies: vec![
            set("train.early-stop", 3, "stop before wrong labels are learnt by heart"),
            set("regularize.l2", 1e-4, "wrong labels need large weights"),
        ],
        ..finding(
            Severity::Warn,
            format!("about {} % of the labels are wrong", short(100.0 * surest)),
        )
    })
}
