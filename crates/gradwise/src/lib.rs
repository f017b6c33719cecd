//! gradwise trains deep feed-forward networks on the CPU, and judges the training.
//!
//! This crate is the face of the others: each is a module here, and [`prelude`]
//! has the names that most programs begin with. Four programs in `examples/` show
//! it, from a linear score to an operation of one's own.
//!
//! ```
//! use gradwise::prelude::*;
//!
//! // Softmax regression, L = −log softmax(xW + b) at the label, and its gradients.
//! let graph = Graph::new();
//! let (x, y) = (graph.input("x", (BATCH, 2)), graph.input("y", [BATCH]));
//! let weight = graph.parameter("weight", [2, 3], Role::Weight, Initializer::constant(0.0));
//! let bias = graph.parameter("bias", [3], Role::Bias, Initializer::constant(0.0));
//! let loss = (x.matmul(weight) + bias).softmax_cross_entropy(y).mean();
//! let gradients = graph.gradients(loss, &[weight, bias])?;
//!
//! let feeds = Feeds::new()
//!     .with("x", Tensor::rows(&[[1.0, 2.0], [3.0, 4.0]]))
//!     .with("y", Tensor::vector([0.0, 2.0]));
//! let values = graph.evaluate(&[loss, gradients[1]], &feeds)?;
//! assert!((values[0].item() - 3f64.ln()).abs() < 1e-12);
//! # Ok::<(), GraphError>(())
//! ```
#![forbid(unsafe_code)]

pub use gradwise_cpu as cpu;
pub use gradwise_data as data;
pub use gradwise_graph as graph;
pub use gradwise_health as health;
pub use gradwise_nn as nn;
pub use gradwise_train as train;
pub use gradwise_trials as trials;
pub use gradwise_view as view;

/// The names that most programs begin with: `use gradwise::prelude::*`.
pub mod prelude {
    pub use gradwise_cpu::{Buffer, Device, Feed, Plan, Request, State};
    pub use gradwise_data::{DataError, DataSpec, Preprocess, Set, Split, Task, open, order};
    pub use gradwise_graph::{
        BATCH, Custom, Dim, Feeds, Gradient, Graph, GraphError, Initializer, Operation, Pass, Role,
        Shape, Tensor, Value,
    };
    pub use gradwise_nn::{
        Activation, Features, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec, Optimizer,
        Rates, Reduction, Schedule,
    };
}
