//! What can be wrong with a network, its loss or its optimizer.

use gradwise_graph::GraphError;

/// A description that cannot be made into a graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// A layer's setting is out of range.
    #[error("{layer}: {reason}")]
    Layer {
        /// The layer's name, such as `dense2`.
        layer: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The feature map makes too many features, or none.
    #[error("features {features} of {inputs} inputs: {reason}")]
    Features {
        /// The feature map as written.
        features: String,
        /// The number of inputs.
        inputs: usize,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The network needs more memory than there can be.
    #[error("{what} has {elements} numbers, {limit}: use fewer units")]
    TooLarge {
        /// What is too large, such as `dense1.weight`.
        what: String,
        /// How many numbers it holds, or more than can be counted.
        elements: String,
        /// The limit that it breaks.
        limit: String,
    },
    /// The loss does not fit the outputs or targets.
    #[error("loss {loss}: {reason}")]
    Loss {
        /// The loss as written.
        loss: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A setting of the optimizer is wrong.
    #[error("optimizer {optimizer}: {reason}")]
    Optimizer {
        /// The optimizer's name.
        optimizer: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The graph itself is wrong.
    #[error(transparent)]
    Graph(#[from] GraphError),
}
