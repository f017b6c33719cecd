//! gradwise-data
#![forbid(unsafe_code)]
