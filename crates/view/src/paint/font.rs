//! The font in the binary: PNG text must not depend on what a machine has.
//!
//! A subset of DejaVu Sans (see `fonts/LICENSE-DejaVu.txt`) with Latin, Greek,
//! Cyrillic, arrows and mathematical signs; other characters show its empty box.

use std::sync::LazyLock;
use ttf_parser::{Face, GlyphId};

static DATA: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(DATA, 0).ok());

/// The font; `None` cannot happen with the data in the binary.
pub(crate) fn face() -> Option<&'static Face<'static>> {
    FACE.as_ref()
}

/// The glyph of a character, the empty box if there is none.
pub(crate) fn glyph(face: &Face<'_>, c: char) -> GlyphId {
    face.glyph_index(c).unwrap_or(GlyphId(0))
}

/// The width of a text at a font size, both in pixels. Readers of an SVG may use
/// another font, but hardly one that is wider.
pub fn text_width(text: &str, size: f32) -> f32 {
    let Some(face) = face() else { return 0.6 * size * text.chars().count() as f32 };
    let advance = |c| f32::from(face.glyph_hor_advance(glyph(face, c)).unwrap_or(0));
    text.chars().map(advance).sum::<f32>() * size / f32::from(face.units_per_em())
}

/// A text that is at most so wide at a font size, cut with an ellipsis if need be.
pub fn shortened(text: &str, size: f32, widest: f32) -> String {
    if text_width(text, size) <= widest {
        return text.into();
    }
    let mut short = String::new();
    for c in text.chars() {
        if text_width(&short, size) > widest - 1.3 * size {
            break;
        }
        short.push(c);
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_pictures_use() {
        let face = face().unwrap();
        for c in "azÄéñ∂∇×·−±→←≥√²ᵀσμλЖ…∞●".chars() {
            assert!(face.glyph_index(c).is_some(), "{c}");
        }
        assert!(text_width("matmul", 12.0) > 30.0);
        assert_eq!(text_width("", 12.0), 0.0);
    }
}
