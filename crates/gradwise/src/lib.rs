//! gradwise
#![forbid(unsafe_code)]
