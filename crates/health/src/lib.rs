//! Is a network training correctly? Measures → findings → remedies.
//!
//! [`theory`] predicts from a network's description how signals go through its
//! depth.
#![forbid(unsafe_code)]

pub mod theory;
