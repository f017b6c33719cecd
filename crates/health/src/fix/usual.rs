//! The last resort: the settings that one starts with where nothing is known
//! (Karpathy 2019, A recipe for training neural networks: a baseline that is known to
//! work, then one change at a time).
//!
//! Each is a part of its own, so that those that are not missed are left out again: what
//! stays is what was wrong.

use super::change::{Change, Part};
use super::workshop::Workshop;
use gradwise_data::{Preprocess, Task};
use gradwise_nn::{Activation, Init, Optimizer, Reduction};
use gradwise_train::folder::event::Finding;
use gradwise_train::runfile::Checked;

/// Hidden layers of so many units train on anything small.
const WIDTH: usize = 64;
/// More hidden layers than this need more care.
const DEPTH: usize = 3;
/// An usual batch.
const BATCH: usize = 32;

/// The usual settings on top of what was kept, with and without another way of
/// preparing the features. Nothing where nothing is wrong that settings could mend.
pub(super) fn changes(workshop: &Workshop<'_>, kept: &Change, left: &[Finding]) -> Vec<Change> {
    // Of causes that no setting mends, settings are not what is wrong.
    let Some(cause) = left.iter().find(|f| !f.remedies.is_empty()) else { return Vec::new() };
    let Some(checked) = workshop.checked(kept) else { return Vec::new() };
    let parts = [
        network(&checked),
        output(&checked, workshop.task),
        steps(&checked),
        penalties(&checked),
        targets(&checked, workshop.task),
    ];
    let part = |(set, why): Usual| Part {
        finding: cause.id.clone(),
        set: set.into_iter().map(|(key, value)| (key.to_string(), value)).collect(),
        why: format!("the usual setting: {why}"),
    };
    let differ = |(set, why): Usual| {
        let mut on = kept.clone();
        let mut new = Vec::new();
        for (key, value) in set {
            let one = (vec![(key, value)], why);
            if workshop.differs(&on, &part(one.clone())) {
                on = on.then(&part(one.clone()));
                new.extend(one.0);
            }
        }
        (!new.is_empty()).then(|| part((new, why)))
    };
    let parts: Vec<Part> = parts.into_iter().filter_map(differ).collect();
    let usual = parts.iter().fold(kept.clone(), |all, part| all.then(part));
    let features = features(&checked).map(|features| usual.then(&part(features)));
    [usual].into_iter().chain(features).collect()
}

/// Settings, and why they are usual.
type Usual = (Vec<(&'static str, String)>, &'static str);

/// ReLU with He's first weights, wide enough and not too deep.
fn network(checked: &Checked) -> Usual {
    let hidden = &checked.model.hidden;
    let widest = hidden.iter().map(|l| l.units).max().unwrap_or(0);
    let narrowest = hidden.iter().map(|l| l.units).min().unwrap_or(0);
    let fine = |l: &gradwise_nn::LayerSpec| {
        l.activation == Activation::Relu && l.init == Init::He && l.bias == Some(0.0)
    };
    let small = (1..=DEPTH).contains(&hidden.len()) && narrowest >= WIDTH / 2;
    if small && hidden.iter().all(fine) && !checked.gives("model.output-init") {
        return (Vec::new(), "");
    }
    let depth = hidden.len().clamp(2, DEPTH);
    let mut set = vec![
        ("model.width", widest.max(WIDTH).to_string()),
        ("model.depth", depth.to_string()),
        ("model.activation", quoted("relu")),
        ("model.init", quoted("he")),
        ("model.bias", "0.0".into()),
        ("model.dropout", "0.0".into()),
    ];
    if checked.gives("model.output-init") {
        set.push(("model.output-init", quoted("xavier")));
    }
    (set, "ReLU layers whose first weights keep the size of signals")
}

/// Output and loss of maximum likelihood, the mean over the batch.
fn output(checked: &Checked, task: Task) -> Usual {
    let (output, loss) = match task {
        Task::Classification => ("softmax", "cross-entropy"),
        Task::Binary | Task::Multilabel => ("sigmoid", "binary-cross-entropy"),
        Task::Regression => ("linear", "l2"),
    };
    let (own, kind) = checked.output_and_loss(task);
    let mut set = Vec::new();
    if (own.to_string(), kind.to_string()) != (output.into(), loss.into()) {
        set.extend([("model.output", quoted(output)), ("loss.kind", quoted(loss))]);
    }
    if checked.loss.reduction != Reduction::Mean {
        set.push(("loss.reduction", quoted("mean")));
    }
    (set, "the output and loss of maximum likelihood")
}

/// Adam at its usual rate, batches of some rows.
fn steps(checked: &Checked) -> Usual {
    let train = &checked.train;
    let mut set = Vec::new();
    let is_usual = matches!(train.optimizer, Optimizer::Adam(adam) if adam.epsilon >= 1e-9);
    if !is_usual || !(5e-4..=5e-3).contains(&train.lr) {
        set.extend([("train.optimizer", quoted("adam")), ("train.lr", "0.001".into())]);
        set.extend([("train.beta1", "0.9".into()), ("train.beta2", "0.999".into())]);
        set.push(("train.epsilon", "1e-8".into()));
    }
    if train.batch.is_none_or(|batch| batch < 8) {
        set.push(("train.batch", BATCH.to_string()));
    }
    (set, "Adam at the rate that it was published with")
}

/// No penalties.
fn penalties(checked: &Checked) -> Usual {
    let large = |x: f64| x > 1e-4;
    let mut set = Vec::new();
    if large(checked.model.l1) {
        set.push(("regularize.l1", "0.0".into()));
    }
    if large(checked.model.l2) {
        set.push(("regularize.l2", "0.0".into()));
    }
    (set, "no penalty before the data are learnt")
}

/// Targets in units of their spread.
fn targets(checked: &Checked, task: Task) -> Usual {
    let scaled = task != Task::Regression || checked.loss.scale_target;
    let set = if scaled { Vec::new() } else { vec![("data.scale-target", "true".into())] };
    (set, "targets of mean 0 and deviation 1")
}

/// Features of mean 0 and deviation 1.
fn features(checked: &Checked) -> Option<Usual> {
    let is_usual = checked.data.preprocess == [Preprocess::Standardize];
    let set = vec![("data.preprocess", "[\"standardize\"]".into())];
    (!is_usual).then_some((set, "features of mean 0 and deviation 1"))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
