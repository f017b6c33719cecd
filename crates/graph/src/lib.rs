//! Values, operations, shapes, derivatives and probes: *what* is computed.
//!
//! A [`Graph`] is built with plain Rust expressions on [`Value`] handles,
//! differentiated by [`Graph::gradients`] into more graph, and evaluated by the
//! slow, obvious f64 evaluator of [`evaluate`] that every backend is judged by.
//! Nothing here knows how a processor works, what a layer is, or what a file is.
#![forbid(unsafe_code)]

pub mod derive;
pub mod error;
pub mod evaluate;
pub mod finite;
pub mod graph;
pub mod operation;
pub mod ops;
pub mod random;
pub mod shape;
pub mod tensor;
pub mod value;

pub use error::GraphError;
pub use evaluate::Feeds;
pub use graph::{Graph, Initializer, Node, NodeId, Parameter, ParameterId, Pass, Role};
pub use operation::{Custom, Gradient, Op, Operation};
pub use shape::{BATCH, Dim, Shape};
pub use tensor::Tensor;
pub use value::Value;
