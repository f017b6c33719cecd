//! What the page asks for, as JSON: plain data without a word of markup.

pub mod curves;
pub mod learning;
pub mod list;
pub mod pictures;
pub mod run;
pub mod settings;
pub mod values;
