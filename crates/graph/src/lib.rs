//! gradwise-graph
#![forbid(unsafe_code)]
