//! gradwise-nn
#![forbid(unsafe_code)]
