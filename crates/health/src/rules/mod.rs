//! The rules: one file each, with what it looks at, its numbers and their sources,
//! what follows from it, and what helps.
//!
//! The order of the registry is that of causes: where two findings could explain each
//! other, the earlier one does.

mod bottleneck;
mod class_imbalance;
mod clipped_output;
mod collapsed_activations;
mod constant_feature;
mod constant_prediction;
mod dead_units;
mod double_softmax;
mod duplicate_rows;
mod exploding_activations;
mod exploding_gradient;
mod hidden_softmax;
mod idle_maxout_pieces;
mod init;
mod init_too_large;
mod init_too_small;
mod initial_loss_off;
mod label_noise;
mod lr_too_high;
mod lr_too_low;
mod missing_activation;
mod noisy_gradient;
mod nonfinite;
mod nonfinite_data;
mod not_learning;
mod one_sided_input;
mod oscillating_loss;
mod output_loss_mismatch;
mod over_regularized;
mod overfitting;
mod prelu_drift;
mod remedies;
mod rule;
mod satisfied_margins;
mod saturated_units;
mod single_unit_softmax;
mod split_leak;
mod split_shift;
mod steps;
mod stuck_layer;
mod sum_reduction;
mod suspicious_score;
mod symmetric_init;
mod target_out_of_range;
mod tiny_input;
mod too_few_epochs;
mod uncentered_input;
mod underfitting;
mod uninformative_labels;
mod unscaled_input;
mod unscaled_target;
mod unstable_optimizer;
mod vanishing_gradient;

pub(crate) use nonfinite_data::refused;
pub use rule::{Group, Rule, Threshold};

/// Every rule, causes before what follows from them.
pub static ALL: [Rule; 49] = [
    nonfinite_data::RULE,
    unscaled_input::RULE,
    tiny_input::RULE,
    uncentered_input::RULE,
    constant_feature::RULE,
    duplicate_rows::RULE,
    split_leak::RULE,
    split_shift::RULE,
    class_imbalance::RULE,
    label_noise::RULE,
    uninformative_labels::RULE,
    unscaled_target::RULE,
    single_unit_softmax::RULE,
    double_softmax::RULE,
    hidden_softmax::RULE,
    target_out_of_range::RULE,
    clipped_output::RULE,
    output_loss_mismatch::RULE,
    sum_reduction::RULE,
    symmetric_init::RULE,
    missing_activation::RULE,
    bottleneck::RULE,
    init_too_large::RULE,
    init_too_small::RULE,
    unstable_optimizer::RULE,
    over_regularized::RULE,
    exploding_activations::RULE,
    exploding_gradient::RULE,
    saturated_units::RULE,
    vanishing_gradient::RULE,
    lr_too_high::RULE,
    dead_units::RULE,
    lr_too_low::RULE,
    collapsed_activations::RULE,
    oscillating_loss::RULE,
    noisy_gradient::RULE,
    idle_maxout_pieces::RULE,
    prelu_drift::RULE,
    nonfinite::RULE,
    stuck_layer::RULE,
    one_sided_input::RULE,
    satisfied_margins::RULE,
    initial_loss_off::RULE,
    overfitting::RULE,
    not_learning::RULE,
    constant_prediction::RULE,
    underfitting::RULE,
    too_few_epochs::RULE,
    suspicious_score::RULE,
];

/// The rule of that name.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}
