//! The keys of `[data]`.

use super::key;
use crate::runfile::key::{Fallback, Key, Kind, reads};
use gradwise_data::{Missing, Preprocess, Task};

pub(super) const KEYS: &[Key] = &[
    key(
        "data.source",
        Kind::Text,
        Fallback::Required,
        "A known data set or a path: .csv .tsv .parquet .npz .npy, an IDX pair, CIFAR binaries, \
         a folder of images by class",
    ),
    key(
        "data.target",
        Kind::Texts,
        Fallback::Unset("what the source says is its target"),
        "The target column or columns of a table",
    ),
    key(
        "data.task",
        Kind::Choice("classification, binary, multilabel, regression", reads::<Task>),
        Fallback::Unset("found from the target"),
        "What is to be predicted",
    ),
    key(
        "data.categorical",
        Kind::Texts,
        Fallback::Unset("columns that are not numbers"),
        "Columns of a table whose values are categories even if they look like numbers",
    ),
    key(
        "data.numeric",
        Kind::Texts,
        Fallback::Unset("columns that hold numbers"),
        "Columns of a table that must hold numbers: a cell that is none is an error",
    ),
    key("data.ignore", Kind::Texts, Fallback::Unset("none"), "Columns of a table to leave out"),
    key(
        "data.missing",
        Kind::Choice("indicator, mean, error", reads::<Missing>),
        Fallback::Is("\"indicator\""),
        "What becomes of missing cells: the column's mean with a column that tells, the mean alone",
    ),
    key(
        "data.split",
        Kind::Split,
        Fallback::Is("{ train = 0.8, validation = 0.1, test = 0.1 }"),
        "The shares of the rows, seeded and stratified; a test part or a file of its own comes \
         before its share",
    ),
    key(
        "data.shuffle",
        Kind::Flag,
        Fallback::Is("true"),
        "Whether the split draws rows at random; false takes them in file order",
    ),
    key("data.validation", Kind::Text, Fallback::Unset("split off"), "A file of validation rows"),
    key("data.test", Kind::Text, Fallback::Unset("split off"), "A file of test rows"),
    key(
        "data.fold",
        Kind::Text,
        Fallback::Unset("the split says which rows validate"),
        "Validate on one fold of a cross-validation, such as \"2/5\"; the others train",
    ),
    key(
        "data.seed",
        Kind::Whole(0),
        Fallback::Unset("the seed of the run"),
        "Chooses the random numbers of split, folds and made-up data alone",
    ),
    key(
        "data.preprocess",
        Kind::Choices(
            "none, scale(d), min-max, mean-image, channel-mean, standardize, pca(k), zca(eps)",
            reads::<Preprocess>,
        ),
        Fallback::Is("[\"none\"]"),
        "What is done to the features, in order; fitted on the training rows alone",
    ),
    key(
        "data.scale-target",
        Kind::Flag,
        Fallback::Is("false"),
        "Whether the loss of a regression compares targets in units of their spread over the \
         training rows; outputs and metrics stay in the target's own",
    ),
    key(
        "data.memory",
        Kind::Text,
        Fallback::Unset("half of the memory that is free"),
        "How much memory the data may take, such as \"2 GB\"; a CSV or Parquet table that needs \
         more is converted once and streamed from disk",
    ),
    key(
        "data.cache",
        Kind::Text,
        Fallback::Unset("the folder streamed among the data sets"),
        "The folder where converted tables are kept for the next run; it may be removed at any time",
    ),
    key("data.limit", Kind::Whole(1), Fallback::Unset("all"), "Use this many rows"),
    key(
        "data.image-size",
        Kind::Size,
        Fallback::Unset("32"),
        "Pixels that a folder's images are resized to: a side, or [height, width]",
    ),
];
