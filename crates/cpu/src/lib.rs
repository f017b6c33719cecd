//! gradwise-cpu

pub mod isa;
pub mod kernels;
