//! `split-shift`: validation rows unlike the training rows.

use super::rule::prelude::*;
use crate::data::shift::{Shift, What};

const SIZE: Threshold = Threshold {
    of: "distance of class shares (total variation), of means and spreads in deviations, or of shares of \
         rows answered rightly",
    value: 0.2,
    source: "Cohen 1988: 0.2 is a small effect, so anything below is harmless",
};
const SURPRISE: Threshold = Threshold {
    of: "the same, in deviations of chance",
    value: 8.0,
    source: "a random split exceeds it for none of 10,000 features (p < 1e-15 each)",
};

const WORSE: Threshold = Threshold {
    of: "share by which neighbours answer validation rows worse, in a file of their own whose \
         features differ",
    value: 0.05,
    source: "below it the training rows cover the others: copies that were moved or turned to \
             have more of them (Simard et al. 2003) are unlike any validation row, and are right",
};

pub(super) const RULE: Rule = Rule {
    id: "split-shift",
    group: Group::Data,
    title: "validation rows differ from training rows",
    looks_at: "Class shares, mean and spread of every feature, and how well nearest neighbours among the \
               training rows answer the rows of both parts: the difference must be large and \
               beyond chance. The spread along directions that `pca` or `zca` found is left out: \
               they were chosen for what training rows vary in, and new rows vary less along \
               them (Johnstone 2001).",
    harm: "Validation measures another problem than the one that is learnt: scores, early \
           stopping and the kept epoch are arbitrary.",
    thresholds: &[SIZE, SURPRISE, WORSE],
    explains: &[
        "overfitting",
        "class-imbalance",
        "label-noise",
        "suspicious-score",
        "duplicate-rows",
    ],
    remedy: "`data.shuffle = true` draws both parts at random, stratified by class. Without a \
             file of their own, validation rows are drawn from the training file.",
    judge,
};

fn judge(run: &Run) -> Option<Finding> {
    let data = run.data.as_ref()?;
    let shift = data.shift.as_ref().filter(|shift| !is_of_directions(run, shift))?;
    let (what, differs) = match shift.what {
        What::Classes => ("the classes' shares".to_string(), "differ"),
        What::Feature(column) => (format!("feature {}", data.features.name(column)), "differs"),
        What::Spread(column) => {
            (format!("the spread of feature {}", data.features.name(column)), "differs")
        }
        What::Target => ("the target".into(), "differs"),
        What::Answers => ("the answers of rows that are alike".into(), "differ"),
    };
    let own_file = has_own_file(run);
    let because = match shift.what {
        What::Answers => "the answers of one part are wrong, or mean something else",
        _ if own_file => "the rows of that file come from elsewhere, or were prepared differently",
        _ => "rows were split in an order that means something",
    };
    let remedies = match shift.what {
        What::Answers => vec![],
        _ if own_file => remedies::redrawn(run).into_iter().collect(),
        _ => vec![set("data.shuffle", true, "parts drawn at random")],
    };
    let severity = if is_covered(run, shift) { Severity::Info } else { Severity::Error };
    (shift.size > SIZE.value && shift.surprise > SURPRISE.value).then(|| Finding {
        evidence: evidence([("size", shift.size), ("deviations_of_chance", shift.surprise)]),
        because: Some(because.into()),
        remedies,
        ..finding(severity, format!("{what} {differs} between training and validation rows"))
    })
}

/// Whether training rows are unlike the validation rows of another file only because there are
/// more kinds of them; at a first glance nobody has looked.
fn is_covered(run: &Run, shift: &Shift) -> bool {
    let features = matches!(shift.what, What::Feature(_) | What::Spread(_));
    let glance = run.data.as_ref().is_some_and(|data| data.probe.is_none());
    has_own_file(run) && features && shift.worse.map_or(glance, |worse| worse < WORSE.value)
}

/// Whether the validation rows are a file of their own, which no drawing of parts changes.
fn has_own_file(run: &Run) -> bool {
    run.setup.as_ref().is_some_and(|s| s.held_out.contains(&"data.validation"))
}

/// Whether the difference is in the spread along directions that were fitted to the training
/// rows.
fn is_of_directions(run: &Run, shift: &Shift) -> bool {
    let fitted = |step: &String| step.starts_with("pca") || step.starts_with("zca");
    let directions = run.setup.as_ref().is_some_and(|s| s.preprocess.iter().any(fitted));
    directions && matches!(shift.what, What::Spread(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Facts;
    use crate::setup::Setup;

    fn judged(preprocess: &str, what: What) -> bool {
        let text = format!("[data]\nsource = \"iris\"\npreprocess = [{preprocess}]\n");
        let checked = gradwise_train::runfile::parse(&text, "run.toml".as_ref(), &[]).unwrap();
        let read = gradwise_data::open(&checked.data).unwrap();
        let resolved = checked.resolve(&read).unwrap();
        let shift = Some(Shift { what, size: 0.5, surprise: 20.0, worse: None });
        let data = Some(Facts { shift, ..Facts::of(&read, &resolved).unwrap() });
        let setup = Some(Setup::new(&checked, &resolved, read.train.rows()));
        judge(&Run { setup, data, ..Run::default() }).is_some()
    }

    #[test]
    fn new_rows_vary_less_along_directions_of_the_training_rows() {
        assert!(judged("\"standardize\"", What::Spread(0)));
        assert!(judged("\"standardize\", \"pca(2)\"", What::Feature(0)));
        assert!(!judged("\"standardize\", \"pca(2)\"", What::Spread(0)));
        assert!(!judged("\"zca(0.1)\"", What::Spread(0)));
    }
}
