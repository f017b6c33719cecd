//! The experiments, in the order of the lecture.

mod activations;
mod dead_relu;
mod graph;
mod hinge_or_softmax;
mod init_depth;
mod kernel;
mod leaky;
mod logistic;
mod losses;
mod maxout;
mod mean_or_median;
mod one_sided_gradient;
mod preprocess;
mod regularize;
mod saturation;
mod templates;

use crate::experiment::{Experiment, LabError};

/// All experiments.
pub const EXPERIMENTS: [Experiment; 16] = [
    templates::EXPERIMENT,
    kernel::EXPERIMENT,
    logistic::EXPERIMENT,
    losses::EXPERIMENT,
    mean_or_median::EXPERIMENT,
    hinge_or_softmax::EXPERIMENT,
    regularize::EXPERIMENT,
    graph::EXPERIMENT,
    saturation::EXPERIMENT,
    one_sided_gradient::EXPERIMENT,
    dead_relu::EXPERIMENT,
    leaky::EXPERIMENT,
    maxout::EXPERIMENT,
    preprocess::EXPERIMENT,
    init_depth::EXPERIMENT,
    activations::EXPERIMENT,
];

/// The experiment of that name.
///
/// # Errors
/// There is none; the nearest name is told.
pub fn find(name: &str) -> Result<&'static Experiment, LabError> {
    let near = || {
        let names = EXPERIMENTS.iter().map(|e| e.name);
        let near = gradwise_nn::call::nearest(name, names);
        near.map_or(String::new(), |near| format!(" (did you mean {near:?}?)"))
    };
    let found = EXPERIMENTS.iter().find(|e| e.name == name);
    found.ok_or_else(|| LabError::Unknown { name: name.into(), near: near() })
}
