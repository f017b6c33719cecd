//! Plain tables: columns as wide as what is in them, numbers to the right.

use unicode_width::UnicodeWidthStr;

/// A table of words and numbers.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the names of its columns.
    pub fn new(header: &[&str]) -> Self {
        Table { header: header.iter().map(|name| (*name).into()).collect(), rows: Vec::new() }
    }

    /// Adds a row; text from data is cleaned.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        self.rows.push(cells.into_iter().map(|cell| clean(cell.as_ref())).collect());
    }

    /// The table as lines. A column stands to the right if all its cells start
    /// like a number; the header is left out if it is empty.
    pub fn draw(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0).max(self.header.len());
        let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
        let lines = || self.rows.iter().chain((!self.header.is_empty()).then_some(&self.header));
        let widths: Vec<usize> =
            (0..columns).map(|i| lines().map(|r| cell(r, i).width()).max().unwrap_or(0)).collect();
        let right: Vec<bool> =
            (0..columns).map(|i| self.rows.iter().all(|r| is_number(&cell(r, i)))).collect();
        let line = |row: &[String]| {
            let mut out = String::new();
            for i in 0..columns {
                let text = cell(row, i);
                let pad = " ".repeat(widths[i] - text.width());
                let (before, after) =
                    if right[i] { (pad, String::new()) } else { (String::new(), pad) };
                let gap = if i == 0 { "" } else { "  " };
                out += &format!("{gap}{before}{text}{after}");
            }
            out.trim_end().to_string() + "\n"
        };
        let mut out = String::new();
        if !self.header.is_empty() {
            let rule = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            out = line(&self.header) + &"─".repeat(rule) + "\n";
        }
        self.rows.iter().for_each(|row| out += &line(row));
        out
    }

    /// The table as lines of at most so many columns: where it is wider, as its lines would
    /// wrap, each row as a block with a line for each cell that says something. Without a
    /// width it may be as wide as it is.
    pub fn fit(&self, width: Option<usize>) -> String {
        let drawn = self.draw();
        let fits = |width| drawn.lines().all(|line| line.width() <= width);
        match width.is_none_or(fits) || self.header.is_empty() {
            true => drawn,
            false => self.blocks(),
        }
    }

    fn blocks(&self) -> String {
        let names = self.header.iter().skip(1).map(|name| name.width()).max().unwrap_or(0);
        let mut out = String::new();
        for row in &self.rows {
            out += &format!("{}\n", row.first().map_or("", String::as_str));
            for (name, cell) in self.header.iter().zip(row).skip(1) {
                if !matches!(cell.as_str(), "" | "–") {
                    let pad = " ".repeat(names - name.width());
                    out += &format!("  {name}{pad}  {cell}\n");
                }
            }
        }
        out
    }
}

/// Whether a cell is a number, with or without a unit, or nothing at all.
pub(crate) fn is_number(text: &str) -> bool {
    let first = text.trim_start_matches(['-', '−', '+', '.', '<']).chars().next();
    first.is_none_or(|c| c.is_ascii_digit()) || matches!(text, "NaN" | "–")
}

/// Text without control characters, which could steer a terminal.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_left_and_numbers_right() {
        let mut table = Table::new(&["class", "recall"]);
        table.row(["cat", "0.5"]);
        table.row(["horse", "10.25"]);
        let drawn = table.draw();
        assert_eq!(drawn, "class  recall\n─────────────\ncat       0.5\nhorse   10.25\n");
    }

    #[test]
    fn what_is_too_wide_stands_in_blocks() {
        let mut table = Table::new(&["variant", "±", "verdict"]);
        table.row(["relu", "–", "reference"]);
        table.row(["tanh", "0.1", "no difference"]);
        assert_eq!(table.fit(None), table.draw());
        assert_eq!(table.fit(Some(27)), table.draw());
        let blocks = "relu\n  verdict  reference\ntanh\n  ±        0.1\n  verdict  no difference\n";
        assert_eq!(table.fit(Some(26)), blocks);
    }

    #[test]
    fn data_cannot_steer_the_terminal() {
        let mut table = Table::new(&[]);
        table.row(["a\u{1b}[2Jb\n"]);
        assert_eq!(table.draw(), "a\u{fffd}[2Jb\u{fffd}\n");
    }

    #[test]
    fn ragged_rows_and_wide_letters_are_aligned() {
        let mut table = Table::new(&["名", "n"]);
        table.row(["日本"]);
        table.row(["x", "1"]);
        assert_eq!(table.draw(), "名    n\n───────\n日本\nx     1\n");
    }
}
