//! gradwise: trains deep feed-forward nets on the processor and judges the training.
//!
//! The library is the crates below, under one roof: [`graph`] says what is computed,
//! [`nn`] has the vocabulary of networks, [`cpu`] computes, [`data`] reads. Four
//! programs in `examples/` show it, from a linear score to an operation of one's own.
#![forbid(unsafe_code)]

pub use gradwise_cpu as cpu;
pub use gradwise_data as data;
pub use gradwise_graph as graph;
pub use gradwise_nn as nn;

/// What nearly every program needs.
pub mod prelude {
    pub use gradwise_cpu::{Device, Feed, Plan, Request, State};
    pub use gradwise_data::{DataSpec, Preprocess, Set, open, order};
    pub use gradwise_graph::{
        BATCH, Feeds, Gradient, Graph, Initializer, Operation, Role, Shape, Tensor, Value,
    };
    pub use gradwise_nn::{
        Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Optimizer,
        Rates,
    };
}
