//! The lecture's vocabulary as graph fragments: layers, activations, outputs,
//! losses, penalties, initializers, feature maps, optimizers and schedules.
//!
//! Each choice of a run file is a type here that reads and writes the text of
//! that choice, such as `leaky-relu(0.01)`, and knows the graph fragment behind
//! it. Nothing here knows how a graph is run or where data comes from.
//!
//! ```
//! use gradwise_graph::{BATCH, Graph};
//! use gradwise_nn::{Activation, Init, LayerSpec, Loss, LossOptions, Mode, NetworkSpec};
//!
//! let spec = NetworkSpec {
//!     inputs: 64,
//!     features: "none".parse()?,
//!     layers: vec![LayerSpec::new(32, "leaky-relu(0.01)".parse()?, Init::He)],
//!     output: LayerSpec::new(10, Activation::Softmax, Init::Xavier),
//! };
//! let graph = Graph::new();
//! let network = spec.build(&graph, 0, Mode::Evaluation)?;
//! let y = graph.input("y", [BATCH]);
//! let loss = Loss::CrossEntropy.build(&network.output, y, &LossOptions::default())?;
//! let gradients = graph.gradients(loss.data_loss, &graph.learnt())?;
//! assert_eq!(gradients.len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod activation;
pub mod call;
pub mod draw;
pub mod error;
pub mod features;
pub mod init;
pub mod layer;
pub mod lbfgs;
pub mod loss;
pub mod network;
pub mod optimizer;
pub mod orthogonal;
pub mod penalty;
pub mod schedule;
pub mod summary;
pub mod targets;
pub mod update;

pub use activation::{Activation, Sharing};
pub use call::ParseError;
pub use error::BuildError;
pub use features::Features;
pub use init::{Init, lsuv};
pub use layer::{Layer, LayerSpec, Mode};
pub use lbfgs::Lbfgs;
pub use loss::{Loss, LossNodes, LossOptions, Reduction};
pub use network::{Network, NetworkSpec};
pub use optimizer::{Adam, Optimizer, Setting};
pub use schedule::{Decay, Plateau, Progress, Schedule};
pub use summary::SummaryRow;
pub use targets::balanced_weights;
pub use update::Rates;
