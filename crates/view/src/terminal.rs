//! What a person at a terminal sees: live progress, tables, short numbers.
//!
//! Text from data (class names, paths) is cleaned of control characters, so that
//! no file can write to the terminal more than letters.

mod bar;
mod foot;
mod layer_lines;
mod live;
mod numbers;
mod progress;
mod sparkline;
mod table;
mod transfer;

pub use bar::Bar;
pub use numbers::{bytes, count, duration, rounded, significant};
pub use progress::{Progress, introduction};
pub use sparkline::Sparkline;
pub(crate) use table::is_number;
pub use table::{Table, clean};
pub use transfer::Transfer;

use std::io::IsTerminal;

/// The columns of the terminal that standard output is; none where it is a file or a pipe.
pub fn width() -> Option<usize> {
    console::Term::stdout().size_checked().map(|(_, columns)| columns.into())
}

/// Whether progress may be drawn and colours used: standard output and standard
/// error are terminals, and `NO_COLOR` is not set.
pub fn is_live() -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !plain && std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}
