//! What users of PyTorch, Lightning, Keras and scikit-learn call our keys.
//!
//! None of these names is accepted: one name for one thing keeps run files alike. But
//! whoever writes one is told ours, which no measure of spelling would find.

/// Names as they stand elsewhere, in small letters with hyphens, and the key here.
const NAMES: &[(&str, &[&str])] = &[
    ("seed", &["random-state", "random-seed", "manual-seed", "global-seed"]),
    ("data.source", &["dataset", "path", "file", "filename", "data", "train-data", "csv", "x"]),
    ("data.target", &["label", "labels", "label-column", "target-column", "y", "output-column"]),
    ("data.split", &["validation-split", "val-split", "test-size", "train-size", "val-size"]),
    ("data.validation", &["validation-data", "val-data", "eval-data", "valid"]),
    ("data.test", &["test-data", "test-set"]),
    ("data.preprocess", &["normalize", "normalization", "scaler", "transform", "transforms"]),
    ("data.limit", &["max-rows", "nrows", "n-samples"]),
    ("data.fold", &["cv", "kfold", "folds"]),
    (
        "model.layers",
        &["hidden-layers", "hidden-layer-sizes", "hidden-sizes", "hidden", "hidden-dims"],
    ),
    ("model.width", &["hidden-size", "hidden-dim", "units", "neurons", "hidden-units", "n-units"]),
    ("model.depth", &["num-layers", "n-layers", "num-hidden-layers", "layer-count"]),
    ("model.activation", &["nonlinearity", "activation-function", "act", "activation-fn"]),
    ("model.init", &["weight-init", "kernel-initializer", "initialization", "initializer"]),
    ("model.bias", &["use-bias", "bias-initializer", "fit-intercept"]),
    ("model.dropout", &["dropout-rate", "dropout-p", "drop-rate", "drop-prob"]),
    ("model.features", &["kernel", "feature-map", "gamma"]),
    ("model.output", &["out-activation", "output-activation", "final-activation", "head"]),
    ("loss.kind", &["criterion", "loss-function", "loss-fn", "loss", "objective"]),
    ("loss.class-weights", &["class-weight", "pos-weight", "sample-weight", "weights"]),
    ("regularize.l1", &["l1-ratio", "l1-regularization", "l1-penalty", "l1-lambda", "lasso"]),
    (
        "regularize.l2",
        &["alpha", "l2-regularization", "l2-penalty", "l2-lambda", "ridge", "kernel-regularizer"],
    ),
    ("train.epochs", &["max-iter", "iterations", "n-iter", "num-train-epochs"]),
    ("train.batch", &["bs", "minibatch", "mini-batch-size", "train-batch-size"]),
    ("train.optimizer", &["solver", "optim", "opt", "algorithm"]),
    (
        "train.lr",
        &["learning-rate", "learning-rate-init", "learningrate", "eta", "eta0", "step-size"],
    ),
    ("train.momentum", &["mu"]),
    ("train.nesterov", &["nesterovs-momentum"]),
    ("train.beta1", &["betas", "beta-1"]),
    ("train.beta2", &["beta-2"]),
    ("train.weight-decay", &["wd", "decay"]),
    ("train.epsilon", &["eps"]),
    ("train.schedule", &["scheduler", "lr-scheduler", "lr-schedule", "lr-decay", "warmup"]),
    (
        "train.clip",
        &[
            "grad-clip",
            "clipnorm",
            "clip-norm",
            "max-grad-norm",
            "clip-grad-norm",
            "gradient-clip-val",
        ],
    ),
    ("train.precision", &["dtype", "amp", "mixed-precision", "bf16", "autocast"]),
    ("train.early-stop", &["patience", "early-stopping", "n-iter-no-change"]),
    ("train.keep", &["restore-best-weights", "save-best-only", "save-top-k"]),
    ("train.max-seconds", &["max-time", "timeout"]),
    ("train.checkpoint", &["save-every", "save-steps", "save-freq"]),
    ("health.every", &["log-every", "log-every-n-steps", "logging-steps"]),
];

/// Options of the command line that some expect in a run file.
const OPTIONS: &[(&str, &[&str])] = &[
    ("--threads", &["threads", "num-threads", "n-jobs", "workers", "num-workers"]),
    ("--out", &["out", "output-dir", "save-dir", "log-dir", "logdir"]),
];

/// Sections as they stand elsewhere, and ours.
const SECTIONS: &[(&str, &[&str])] = &[
    ("data", &["dataset", "datasets", "input"]),
    ("model", &["network", "net", "architecture", "layers", "mlp"]),
    ("loss", &["criterion", "objective"]),
    ("regularize", &["regularization", "penalty"]),
    ("train", &["optimizer", "optim", "fit", "scheduler", "hyperparameters"]),
    ("health", &["monitor", "monitoring", "diagnostics"]),
];

/// The section that is called `name` elsewhere.
pub fn section(name: &str) -> Option<&'static str> {
    find(SECTIONS, name)
}

/// The key that is called `name` elsewhere.
pub fn key(name: &str) -> Option<&'static str> {
    find(NAMES, name)
}

/// The option of `train` that is called `name` elsewhere.
pub fn option(name: &str) -> Option<&'static str> {
    find(OPTIONS, name)
}

fn find(table: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    let plain = gradwise_nn::call::plain(name);
    table.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(own, _)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::keys;
    use std::collections::HashSet;

    #[test]
    fn every_name_leads_to_a_key_that_exists_and_to_one_alone() {
        let mut seen = HashSet::new();
        for (own, names) in NAMES {
            assert!(keys::find(own).is_some(), "{own}");
            for name in *names {
                assert!(seen.insert(*name), "{name} twice");
                assert_eq!(gradwise_nn::call::plain(name), *name);
                assert!(keys::find(name).is_none(), "{name} is a key itself");
            }
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        assert_eq!(key("Learning_Rate"), Some("train.lr"));
        assert_eq!(option("n_jobs"), Some("--threads"));
        assert_eq!(key("colour"), None);
    }
}
