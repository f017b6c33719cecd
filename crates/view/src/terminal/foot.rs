//! Lines at the foot of a terminal that are drawn anew in place.
//!
//! Nothing flickers: lines are written over, not cleared first, and a drawing is one
//! write that terminals which know synchronized output show at once. Nothing is left over
//! when the window becomes narrower and its lines wrap: how many rows the last drawing
//! takes is counted at the width that the window has now. (`indicatif` clears each line
//! before it writes it, and fills lines up, so that they wrap at any change.)

use super::is_live;
use console::{Term, measure_text_width, truncate_str};
use std::io::Write;

/// Begin and end of what a terminal shows at once: Contour's "Synchronized Output", DEC
/// private mode 2026. A terminal that does not know it does nothing.
const AT_ONCE: (&str, &str) = ("\u{1b}[?2026h", "\u{1b}[?2026l");
/// Clears from the cursor to the end of the line; of the screen.
const REST: (&str, &str) = ("\u{1b}[K", "\u{1b}[J");

/// The lines that stand at the foot of the screen.
#[derive(Debug, Default)]
pub(super) struct Foot {
    /// How wide each line is that is there.
    drawn: Vec<usize>,
}

impl Foot {
    /// Puts lines in place of those that are there, below text that stays. What is wider
    /// than the window is cut off; so is what is higher, at its end.
    pub fn draw(&mut self, stays: &str, lines: &[String]) {
        if stays.is_empty() && lines.is_empty() && self.drawn.is_empty() {
            return;
        }
        let (height, width) = Term::stderr().size();
        let text = self.drawing(stays, lines, (height.into(), width.into()));
        if is_live() {
            // An error in writing it is not one of the training.
            drop(std::io::stderr().lock().write_all(text.as_bytes()));
        }
    }

    /// What is written for it in a window of so many rows and columns.
    fn drawing(
        &mut self,
        stays: &str,
        lines: &[String],
        (height, width): (usize, usize),
    ) -> String {
        // A line that reaches the last column would wrap in some terminals.
        let width = width.max(2) - 1;
        let rows: usize = self.drawn.iter().map(|w| w.div_ceil(width + 1).max(1)).sum();
        let mut text = String::from(AT_ONCE.0);
        // No further up than the window reaches: what is above has moved away for good.
        match rows.min(height.saturating_sub(1)) {
            0 => text.push('\r'),
            up => text += &format!("\u{1b}[{up}A\r"),
        }
        let stays = stays.lines().map(str::to_string);
        let shown = lines.iter().take(height.saturating_sub(1));
        let lines: Vec<String> =
            shown.map(|line| truncate_str(line, width, "…").into_owned()).collect();
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
        for line in stays.chain(lines) {
            text += &format!("{line}{}\n", REST.0);
        }
        text + REST.1 + AT_ONCE.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_written_over_in_one_piece_and_never_cleared_before() {
        let mut foot = Foot::default();
        foot.drawing("", &lines(&["one", "two"]), (24, 80));
        let text = foot.drawing("said", &lines(&["three"]), (24, 80));
        assert_eq!(
            text,
            "\u{1b}[?2026h\u{1b}[2A\rsaid\u{1b}[K\nthree\u{1b}[K\n\u{1b}[J\u{1b}[?2026l"
        );
    }

    #[test]
    fn a_window_that_became_narrower_has_more_rows_to_write_over() {
        let mut foot = Foot::default();
        foot.drawing("", &lines(&[&"x".repeat(70), "short"]), (24, 80));
        assert!(foot.drawing("", &[], (24, 20)).contains("\u{1b}[5A"), "4 rows of 70, and 1");
        assert_eq!(foot.drawn, [0; 0]);
    }

    #[test]
    fn nothing_is_wider_or_higher_than_the_window() {
        let mut foot = Foot::default();
        let wide = format!("\u{1b}[34m{}\u{1b}[0m", "x".repeat(70));
        let text = foot.drawing("", &vec![wide; 30], (10, 40));
        assert_eq!(text.matches('\n').count(), 9);
        assert!(foot.drawn.iter().all(|width| *width == 39));
        // Colours end where the line is cut.
        assert_eq!(text.matches("\u{1b}[0m").count(), 9);
        foot.drawing("", &[String::new()], (0, 0));
    }
}
