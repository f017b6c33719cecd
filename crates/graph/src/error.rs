//! What can be wrong with a graph, said with both shapes and both places.

use crate::shape::Shape;
use std::fmt;
use std::panic::Location;

/// Where in the user's code something was written.
pub type Place = &'static Location<'static>;

/// A value as an error message names it: name, shape and where it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// The name given by the user, or the operation that made it.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Where it was made.
    pub place: Place,
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} was made at {}", self.name, self.shape, self.place)
    }
}

/// A mistake in building, differentiating or evaluating a graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// An operation was given shapes that it cannot combine.
    #[error("{operation} at {place}: {reason}{}", listed(operands))]
    Shape {
        /// The operation's name.
        operation: String,
        /// Where the operation was written.
        place: Place,
        /// What does not fit, and what would.
        reason: String,
        /// The values it was given.
        operands: Vec<Operand>,
    },
    /// Values of two different graphs were combined.
    #[error("{operation} at {place}: its operands belong to different graphs")]
    OtherGraph {
        /// The operation's name.
        operation: String,
        /// Where the operation was written.
        place: Place,
    },
    /// Two inputs or parameters have one name.
    #[error("the name {name:?} is taken: {place} wants it again, {first} had it first")]
    NameTaken {
        /// The name.
        name: String,
        /// Where it was asked for again.
        place: Place,
        /// Where it was first used.
        first: Place,
    },
    /// A gradient was asked of a value that is not a scalar.
    #[error(
        "the gradient of {0} cannot be taken: it is not a scalar; reduce it with mean() or sum()"
    )]
    NotScalar(Operand),
    /// An operation without a derivative lies between a loss and a parameter.
    #[error(
        "{operation} at {place} has no derivative, but lies on the path from {loss} to the parameter \
         {parameter}: use another operation, or detach() its input to say that no gradient shall pass"
    )]
    NoDerivative {
        /// The operation without a derivative.
        operation: String,
        /// Where it was written.
        place: Place,
        /// The loss's name: one end of the path.
        loss: String,
        /// The parameter's name: the other end.
        parameter: String,
    },
    /// An input was not fed, or fed with the wrong sizes.
    #[error("input {name:?} {shape}: {reason}")]
    Feed {
        /// The input's name.
        name: String,
        /// The shape it was declared with.
        shape: Shape,
        /// What is wrong.
        reason: String,
    },
    /// A value would need more elements than the machine can address.
    #[error("{0} has too many elements")]
    TooLarge(Operand),
    /// A custom operation broke its contract.
    #[error("custom operation {operation} at {place}: {reason}")]
    Custom {
        /// The operation's name.
        operation: String,
        /// Where it was written.
        place: Place,
        /// What it did wrong.
        reason: String,
    },
}

fn listed(operands: &[Operand]) -> String {
    operands.iter().map(|o| format!("\n  {o}")).collect()
}
