//! HTML documents that need nothing else: one file that can be mailed, light or dark
//! as the reader likes, on a telephone and on paper. Text is escaped here, so that
//! names from data are never markup.

use crate::paint::{Scene, escape};
use crate::terminal::is_number;

const STYLE: &str = include_str!("page.css");

/// A whole document around the elements of its body.
pub fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// A picture with a caption, which may be empty. It shrinks to a narrow screen, down
/// to where its words can just be read; then it scrolls, and a shadow says so.
pub fn figure(scene: &Scene, caption: &str) -> String {
    let least = (0.66 * scene.width).min(620.0);
    // On paper, two of the others are beside each other.
    let wide = if scene.width > 560.0 { " class=\"wide\"" } else { "" };
    let caption = match caption {
        "" => String::new(),
        text => format!("<figcaption>{}</figcaption>\n", escape(text)),
    };
    format!(
        "<figure{wide}>\n<div class=\"picture\" style=\"--least:{least:.0}px\">{}</div>\n{caption}</figure>\n",
        scene.to_svg(),
    )
}

/// Figures beside each other where there is room.
pub fn grid(figures: impl Iterator<Item = String>) -> String {
    format!("<div class=\"grid\">\n{}</div>\n", figures.collect::<String>())
}

/// A table; the caption, the header or both may be empty. Columns of numbers stand right,
/// so that digits of one place are under each other.
pub fn table(caption: &str, header: &[String], rows: &[Vec<String>]) -> String {
    Table { caption, header, rows, records: false }.html()
}

/// A table of things with many properties, the first of which is a thing's name. It
/// wraps where it is tight; on a narrow screen each thing is a card, a line a property.
pub fn records(caption: &str, header: &[String], rows: &[Vec<String>]) -> String {
    Table { caption, header, rows, records: true }.html()
}

struct Table<'a> {
    caption: &'a str,
    header: &'a [String],
    rows: &'a [Vec<String>],
    records: bool,
}

impl Table<'_> {
    fn html(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0).max(self.header.len());
        let cell = |row: &Vec<String>, i: usize| row.get(i).is_none_or(|cell| is_number(cell));
        let numeric: Vec<bool> =
            (0..columns).map(|i| self.rows.iter().all(|row| cell(row, i))).collect();
        // The first column names its row, on the left, even if by a number.
        let class = |i: usize| if numeric[i] && i > 0 { " class=\"n\"" } else { "" };
        let head = |(i, name): (usize, &String)| match name.is_empty() {
            // An empty heading says nothing to those who hear it.
            true => "<td></td>".to_string(),
            false => format!("<th scope=\"col\"{}>{}</th>", class(i), escape(name)),
        };
        let head: String = self.header.iter().enumerate().map(head).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(i, cell)| match numeric[i] {
                // A line may break after a hyphen, and not after a minus.
                true => self.cell(i, class(i), &cell.replace('-', "−")),
                false => self.cell(i, class(i), cell),
            });
            format!("<tr{}>{}</tr>\n", self.role("row"), cells.collect::<String>())
        };
        let of = if self.records { "table records" } else { "table" };
        let mut out = format!("<div class=\"{of}\"><table{}>\n", self.role("table"));
        if !self.caption.is_empty() {
            out += &format!("<caption>{}</caption>\n", escape(self.caption));
        }
        if !head.is_empty() {
            out += &format!("<thead><tr>{head}</tr></thead>\n");
        }
        let lines: String = self.rows.iter().map(line).collect();
        format!("{out}<tbody{}>\n{lines}</tbody>\n</table></div>\n", self.role("rowgroup"))
    }

    fn cell(&self, i: usize, class: &str, text: &str) -> String {
        let text = escape(text);
        match (self.records, i) {
            (false, _) => format!("<td{class}>{text}</td>"),
            (true, 0) => format!("<th scope=\"row\" role=\"rowheader\">{text}</th>"),
            (true, _) => {
                let name = self.header.get(i).map_or("", String::as_str);
                format!("<td role=\"cell\" data-name=\"{}\"{class}>{text}</td>", escape(name))
            }
        }
    }

    /// Browsers forget what a table is when its rows are laid out as cards.
    fn role(&self, role: &str) -> String {
        if self.records { format!(" role=\"{role}\"") } else { String::new() }
    }
}

/// A paragraph.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let nasty = "<script>alert(1)</script>".to_string();
        let cells = std::slice::from_ref(&nasty);
        let parts = [
            document(&nasty, ""),
            figure(&Scene::new(9.0, 9.0, nasty.as_str()), &nasty),
            table(&nasty, cells, &[vec![nasty.clone()]]),
            paragraph(&nasty),
        ];
        assert!(parts.iter().all(|part| !part.contains("<script") && part.contains("&lt;script")));
        assert!(!table("", &[], &[]).contains("thead"));
        assert!(!records("", cells, &[vec![nasty.clone(), nasty.clone()]]).contains("<script"));
    }

    #[test]
    fn numbers_stand_right_and_names_left() {
        let cells = |row: &[&str]| row.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = [cells(&["9", "0.5", "–"]), cells(&["10", "cat", "-12 ± 3"])];
        let html = table("", &cells(&["class", "said", "loss"]), &rows);
        assert!(html.contains("<td>9</td><td>0.5</td><td class=\"n\">–</td>"), "{html}");
        assert!(html.contains("<th scope=\"col\" class=\"n\">loss</th>"));
        assert!(html.contains("<td class=\"n\">−12 ± 3</td>"), "{html}");
    }

    #[test]
    fn each_cell_of_a_record_knows_its_name() {
        let cells = |row: &[&str]| row.iter().map(ToString::to_string).collect::<Vec<_>>();
        let html = records("", &cells(&["layer", "units"]), &[cells(&["dense1", "10"])]);
        assert!(html.contains("<th scope=\"row\" role=\"rowheader\">dense1</th>"), "{html}");
        assert!(html.contains("<td role=\"cell\" data-name=\"units\" class=\"n\">10</td>"));
    }
}
