//! HTML documents that need nothing else: one file that can be mailed, light or dark
//! as the reader likes, on a telephone and on paper. Text is escaped here, so that
//! names from data are never markup.

use crate::paint::{Scene, escape};

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
/// to where its words can just be read.
pub fn figure(scene: &Scene, caption: &str) -> String {
    let least = (0.75 * scene.width).min(620.0);
    let caption = match caption {
        "" => String::new(),
        text => format!("<figcaption>{}</figcaption>\n", escape(text)),
    };
    format!(
        "<figure>\n<div class=\"picture\" style=\"--least:{least:.0}px\">{}</div>\n{caption}</figure>\n",
        scene.to_svg(),
    )
}

/// Figures beside each other where there is room.
pub fn grid(figures: impl Iterator<Item = String>) -> String {
    format!("<div class=\"grid\">\n{}</div>\n", figures.collect::<String>())
}

/// A table; the caption, the header or both may be empty.
pub fn table(caption: &str, header: &[String], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, row: &[String]| {
        let one = |cell: &String| match cell.is_empty() {
            // An empty heading says nothing to those who hear it.
            true => "<td></td>".to_string(),
            false => format!("<{tag}>{}</{tag}>", escape(cell)),
        };
        row.iter().map(one).collect::<String>()
    };
    let mut out = String::from("<div class=\"table\"><table>\n");
    if !caption.is_empty() {
        out += &format!("<caption>{}</caption>\n", escape(caption));
    }
    if !header.is_empty() {
        out += &format!("<thead><tr>{}</tr></thead>\n", cells("th", header));
    }
    let rows = rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row)));
    out + "<tbody>\n" + &rows.collect::<String>() + "</tbody>\n</table></div>\n"
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
    }
}
