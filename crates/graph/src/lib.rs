//! Values, operations, shapes, derivatives and probes: *what* is computed.
//!
//! A [`Graph`] is built with plain Rust expressions on [`Value`] handles,
//! differentiated by [`Graph::gradients`] into more graph, and evaluated by the
//! slow, obvious f64 evaluator of [`evaluate`] that every backend is judged by.
//! Nothing here knows how a processor works, what a layer is, or what a file is.
//!
//! One step of linear softmax regression, and the loss before and after it:
//!
//! ```
//! use gradwise_graph::{BATCH, Feeds, Graph, Initializer, Role, Shape, Tensor};
//!
//! let graph = Graph::new();
//! let x = graph.input("x", Shape::batch_by(2));
//! let y = graph.input("y", [BATCH]);
//! let w = graph.parameter("w", [2, 3], Role::Weight, Initializer::constant(0.0));
//! let loss = x.matmul(w).softmax_cross_entropy(y).mean();
//! let gradient = graph.gradients(loss, &[w])?[0];
//!
//! let x = Tensor::rows(&[[1.0, 2.0], [-1.0, 0.5]]);
//! let mut feeds = Feeds::new().with("x", x).with("y", Tensor::vector([0.0, 2.0]));
//! assert!((graph.evaluate(&[loss], &feeds)?[0].item() - 3f64.ln()).abs() < 1e-15);
//! let stepped = graph.evaluate(&[w - gradient * 0.1], &feeds)?.remove(0);
//! feeds.set("w", stepped);
//! assert!(graph.evaluate(&[loss], &feeds)?[0].item() < 3f64.ln());
//! # Ok::<(), gradwise_graph::GraphError>(())
//! ```
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
