//! gradwise-view
#![forbid(unsafe_code)]
