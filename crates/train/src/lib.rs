//! gradwise-train
#![forbid(unsafe_code)]
