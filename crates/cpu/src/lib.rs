//! Runs a graph on the processor.
//!
//! A [`Plan`] is made once for a graph and a batch size; a [`State`] holds the
//! parameters that plans share; a [`Device`] is an instruction set and threads.
//! Results are the same to the bit for any number of threads.

mod buffer;
mod denormals;
mod device;
mod error;
mod exec;
pub mod isa;
pub mod kernels;
mod lower;
mod memory;
mod peak;
mod plan;
mod pool;
mod sharing;
mod state;

pub use buffer::Buffer;
pub use device::{Device, ISA_VARIABLE};
pub use error::CpuError;
pub use isa::Isa;
pub use kernels::Unit;
pub use lower::arena::stride;
pub use plan::{Feed, Plan, Precision, Request, Stopped};
pub use state::State;
