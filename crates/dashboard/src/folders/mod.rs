//! Where runs are, and which of their files may be read.

pub mod discover;
pub mod own_file;
