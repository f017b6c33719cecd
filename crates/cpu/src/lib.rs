//! gradwise-cpu
