//! Runs the examples: what a reader copies has to work.

#[path = "../examples/custom_loss.rs"]
mod custom_loss;
#[path = "../examples/custom_operation.rs"]
mod custom_operation;
#[path = "../examples/deep_net.rs"]
mod deep_net;
#[path = "../examples/softmax_regression.rs"]
mod softmax_regression;

#[test]
fn softmax_regression_learns_the_digits() {
    softmax_regression::main().unwrap();
}

#[test]
fn a_deep_net_untangles_the_spirals() {
    deep_net::main().unwrap();
}

#[test]
fn a_custom_loss_finds_a_quantile() {
    custom_loss::main().unwrap();
}

#[test]
fn a_custom_operation_is_checked_and_learns() {
    custom_operation::main().unwrap();
}
