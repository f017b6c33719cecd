//! What can be wrong with a plan or a run, and what would be right.

use gradwise_graph::GraphError;

/// A mistake found when a device, a state or a plan is made, or data is fed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CpuError {
    /// `GRADWISE_ISA` or a caller asked for an instruction set that is not there.
    #[error("{0}")]
    Isa(String),
    /// The graph itself is wrong.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The request names something that the graph does not have.
    #[error("the plan needs the input {0:?}, which the request does not list")]
    MissingInput(String),
    /// The request lists an input that the graph does not have.
    #[error("the graph has no input {0:?}")]
    UnknownInput(String),
    /// A parameter was written with the wrong number of elements.
    #[error("parameter {name:?} has {expected} elements, not {found}")]
    Length {
        /// The parameter.
        name: String,
        /// How many elements it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A feed is too short for its input.
    #[error(
        "input {name:?} needs {rows} rows of {columns} at stride {stride}: {needed} numbers, but {found} were fed"
    )]
    Feed {
        /// The input.
        name: String,
        /// Rows of the input.
        rows: usize,
        /// Columns of the input.
        columns: usize,
        /// The stride that was fed.
        stride: usize,
        /// How many numbers that takes.
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// The number of feeds differs from the number of inputs.
    #[error("the plan takes {expected} inputs, but {found} were fed")]
    FeedCount {
        /// Inputs of the plan.
        expected: usize,
        /// Feeds given.
        found: usize,
    },
    /// A state of another graph was given.
    #[error("the state belongs to another graph: it has {found} parameters, the plan {expected}")]
    OtherState {
        /// Parameters of the plan's graph.
        expected: usize,
        /// Parameters of the state.
        found: usize,
    },
    /// More memory than the machine can give.
    #[error("{what} needs {bytes} bytes, which could not be had")]
    Memory {
        /// What the memory is for.
        what: String,
        /// How much.
        bytes: usize,
    },
}
