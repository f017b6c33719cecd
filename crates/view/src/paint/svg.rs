//! Scenes as SVG. Light colours stand in attributes, which every reader knows;
//! dark ones in a style sheet under `prefers-color-scheme`, for screens alone: paper is white.

use super::scene::{Anchor, Fill, Label, Mark, Scene, Segment, Stroke};
use super::{Ink, Raster};
use std::fmt::Write;

/// The fonts asked of the reader; the last is always there.
const FONTS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif";

/// A whole SVG document.
pub(crate) fn document(scene: &Scene) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" class=\"gradwise\" \
         font-family=\"{FONTS}\">\n<title>{}</title>\n{}<style>{}</style>\n\
         <rect width=\"100%\" height=\"100%\"{}/>\n",
        escape(&scene.title),
        description(&scene.told),
        style_sheet(),
        paint("fill", Ink::Paper, 1.0),
    );
    scene.marks.iter().for_each(|mark| write_mark(&mut out, mark));
    out.push_str("</svg>\n");
    out
}

fn description(told: &[String]) -> String {
    match told.is_empty() {
        true => String::new(),
        false => format!("<desc>{}.</desc>\n", escape(&told.join(". "))),
    }
}

fn style_sheet() -> String {
    let mut sheet = String::from("@media screen and (prefers-color-scheme:dark){");
    for ink in Ink::all() {
        let (class, colour) = (ink.class(), hex(ink.dark()));
        let _ = write!(
            sheet,
            ".gradwise .f-{class}{{fill:{colour}}}.gradwise .s-{class}{{stroke:{colour}}}"
        );
    }
    sheet.push('}');
    sheet
}

fn write_mark(out: &mut String, mark: &Mark) {
    match mark {
        Mark::Path { segments, fill, stroke } => write_path(out, segments, *fill, *stroke),
        Mark::Dots { centers, radius, fill } => write_dots(out, centers, *radius, *fill),
        Mark::Text(label) => write_label(out, label),
        Mark::Image { raster, corner, size } => write_image(out, raster, *corner, *size),
        Mark::Group { title, marks } => {
            let _ = writeln!(out, "<g><title>{}</title>", escape(title));
            marks.iter().for_each(|mark| write_mark(out, mark));
            out.push_str("</g>\n");
        }
    }
}

fn write_path(out: &mut String, segments: &[Segment], fill: Option<Fill>, stroke: Option<Stroke>) {
    let mut classes = Vec::new();
    let mut rest = String::new();
    match fill {
        Some(fill) => {
            classes.push(format!("f-{}", fill.ink.class()));
            let _ = write!(rest, " fill=\"{}\"", hex(fill.ink.light()));
            opacity(&mut rest, "fill-opacity", fill.opacity);
        }
        None => rest.push_str(" fill=\"none\""),
    }
    if let Some(stroke) = stroke {
        classes.push(format!("s-{}", stroke.ink.class()));
        let width = number(stroke.width);
        let _ = write!(rest, " stroke=\"{}\" stroke-width=\"{width}\"", hex(stroke.ink.light()));
        rest.push_str(" stroke-linejoin=\"round\"");
        opacity(&mut rest, "stroke-opacity", stroke.opacity);
        let lengths = stroke.dash.lengths().iter().map(|l| number(l * stroke.width.max(1.0)));
        let lengths = lengths.collect::<Vec<_>>().join(" ");
        if !lengths.is_empty() {
            let _ = write!(rest, " stroke-dasharray=\"{lengths}\"");
        }
    }
    let (classes, data) = (classes.join(" "), path_data(segments));
    let _ = writeln!(out, "<path class=\"{classes}\"{rest} d=\"{data}\"/>");
}

fn write_dots(out: &mut String, centers: &[(f32, f32)], radius: f32, fill: Fill) {
    let mut rest = String::new();
    opacity(&mut rest, "fill-opacity", fill.opacity);
    let (class, colour) = (fill.ink.class(), hex(fill.ink.light()));
    let _ = writeln!(out, "<g class=\"f-{class}\" fill=\"{colour}\"{rest}>");
    for (x, y) in centers {
        let [x, y, r] = [*x, *y, radius].map(number);
        let _ = write!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
    }
    out.push_str("</g>\n");
}

fn path_data(segments: &[Segment]) -> String {
    let mut data = String::new();
    for segment in segments {
        let _ = match segment {
            Segment::Move(x, y) => write!(data, "M{} {}", number(*x), number(*y)),
            Segment::Line(x, y) => write!(data, "L{} {}", number(*x), number(*y)),
            Segment::Curve(points) => {
                let points: Vec<String> = points.iter().map(|p| number(*p)).collect();
                write!(data, "C{}", points.join(" "))
            }
            Segment::Close => write!(data, "Z"),
        };
    }
    data
}

fn write_label(out: &mut String, label: &Label) {
    let (x, y) = (number(label.at.0), number(label.at.1));
    let anchor = match label.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let mut rest = String::from(anchor);
    if label.bold {
        rest.push_str(" font-weight=\"600\"");
    }
    if label.upward {
        let _ = write!(rest, " transform=\"rotate(-90 {x} {y})\"");
    }
    let halo = if label.halo { " s-paper" } else { "" };
    if label.halo {
        let paper = hex(Ink::Paper.light());
        let _ = write!(
            rest,
            " stroke=\"{paper}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        );
    }
    let (class, colour) = (label.ink.class(), hex(label.ink.light()));
    let (size, text) = (number(label.size), escape(&label.text));
    let _ = writeln!(
        out,
        "<text class=\"f-{class}{halo}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" \
         fill=\"{colour}\"{rest}>{text}</text>"
    );
}

fn write_image(out: &mut String, raster: &Raster, (x, y): (f32, f32), (width, height): (f32, f32)) {
    let Some(address) = raster.to_address() else { return };
    let [x, y, width, height] = [x, y, width, height].map(number);
    let _ = writeln!(
        out,
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{address}\"/>"
    );
}

fn paint(property: &str, ink: Ink, alpha: f32) -> String {
    let mut rest = format!(" class=\"f-{}\" {property}=\"{}\"", ink.class(), hex(ink.light()));
    opacity(&mut rest, "fill-opacity", alpha);
    rest
}

fn opacity(out: &mut String, property: &str, alpha: f32) {
    if alpha < 1.0 {
        let _ = write!(out, " {property}=\"{}\"", number(alpha));
    }
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A number with at most two decimals; what is not a number becomes 0, so that a
/// document is always well formed.
fn number(value: f32) -> String {
    if !value.is_finite() {
        return "0".into();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// Text that cannot become markup, without the characters that XML forbids.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut scene = Scene::new(10.0, 10.0, "a<b>&\"'\u{0}");
        scene.text(Label::new("</text><script>", (0.0, 0.0), 10.0));
        let svg = scene.to_svg();
        assert!(!svg.contains("<script>") && !svg.contains('\u{0}'));
        assert!(svg.contains("a&lt;b&gt;&amp;&quot;&#39; "));
    }

    #[test]
    fn what_is_told_is_a_description() {
        let mut scene = Scene::new(10.0, 10.0, "loss");
        assert!(!scene.to_svg().contains("<desc>"));
        scene.told = vec!["from 2 to 1".into(), "a < b".into()];
        assert!(scene.to_svg().contains("<desc>from 2 to 1. a &lt; b.</desc>"));
    }

    #[test]
    fn numbers_are_short_and_always_numbers() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(2.345), "2.35");
        assert_eq!(number(f32::NAN), "0");
    }
}
