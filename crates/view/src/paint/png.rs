//! Scenes as PNG: marks filled by tiny-skia, letters as outlines of our own font.

use super::Ink;
use super::font;
use super::scene::{Anchor, Fill, Label, Mark, Scene, Segment, Stroke};
use png::{ColorType, DeflateCompression, Encoder, Filter};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, StrokeDash, Transform,
};

/// Why a picture could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PngError {
    /// The size is not that of an image.
    #[error(
        "a picture of {width} × {height} dots cannot be made: it must have some, but at most 100 million"
    )]
    Size {
        /// Dots across.
        width: f32,
        /// Dots down.
        height: f32,
    },
    /// The encoder failed.
    #[error("the picture could not be encoded as PNG: {0}")]
    Encode(String),
}

const MOST_DOTS: f32 = 1e8;
/// Of the levels of deflate, from 1 to 9, the one that makes drawings about as small as
/// the slow ones do. Rows as they are, without PNG's filters, repeat each other, so that
/// flat drawings come out smaller than filtered ones, and in half the time.
const LEVEL: u8 = 3;

pub(crate) fn encode(scene: &Scene, scale: f32) -> Result<Vec<u8>, PngError> {
    let (width, height) = ((scene.width * scale).ceil(), (scene.height * scale).ceil());
    let sound = width >= 1.0 && height >= 1.0 && width * height <= MOST_DOTS;
    let pixmap = if sound { Pixmap::new(width as u32, height as u32) } else { None };
    let mut pixmap = pixmap.ok_or(PngError::Size { width, height })?;
    pixmap.fill(colour(Ink::Paper, 1.0));
    let transform = Transform::from_scale(scale, scale);
    scene.marks.iter().for_each(|mark| draw(&mut pixmap, mark, transform));
    // The paper below the dots made them opaque.
    let dots = pixmap.data().chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]]).collect();
    let drawing = Dots { size: (pixmap.width(), pixmap.height()), color: ColorType::Rgb, dots };
    drawing.compress(DeflateCompression::Level(LEVEL), Filter::NoFilter)
}

/// Dots to be compressed, row after row.
pub(super) struct Dots {
    /// Across and down.
    pub size: (u32, u32),
    /// What the bytes of a dot are.
    pub color: ColorType,
    /// The bytes.
    pub dots: Vec<u8>,
}

impl Dots {
    /// The dots as a PNG file.
    pub fn compress(self, level: DeflateCompression, filter: Filter) -> Result<Vec<u8>, PngError> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.size.0, self.size.1);
        encoder.set_color(self.color);
        encoder.set_deflate_compression(level);
        encoder.set_filter(filter);
        let written = encoder.write_header().and_then(|mut w| w.write_image_data(&self.dots));
        written.map_err(|error| PngError::Encode(error.to_string()))?;
        Ok(file)
    }
}

fn draw(pixmap: &mut Pixmap, mark: &Mark, transform: Transform) {
    match mark {
        Mark::Path { segments, fill, stroke } => {
            let Some(path) = path(segments) else { return };
            if let Some(fill) = fill {
                fill_path(pixmap, &path, *fill, transform);
            }
            if let Some(stroke) = stroke {
                stroke_path(pixmap, &path, *stroke, transform);
            }
        }
        Mark::Dots { centers, radius, fill } => {
            for path in
                centers.iter().filter_map(|(x, y)| PathBuilder::from_circle(*x, *y, *radius))
            {
                fill_path(pixmap, &path, *fill, transform);
            }
        }
        Mark::Text(label) => draw_label(pixmap, label, transform),
        Mark::Image { raster, corner, size } => raster.draw(pixmap, *corner, *size, transform),
        Mark::Group { marks, .. } => marks.iter().for_each(|mark| draw(pixmap, mark, transform)),
    }
}

fn fill_path(pixmap: &mut Pixmap, path: &Path, fill: Fill, transform: Transform) {
    pixmap.fill_path(path, &paint(fill.ink, fill.opacity), FillRule::Winding, transform, None);
}

fn stroke_path(pixmap: &mut Pixmap, path: &Path, stroke: Stroke, transform: Transform) {
    let unit = stroke.width.max(1.0);
    let lengths: Vec<f32> = stroke.dash.lengths().iter().map(|l| l * unit).collect();
    let style = tiny_skia::Stroke {
        width: stroke.width,
        line_cap: LineCap::Butt,
        line_join: LineJoin::Round,
        dash: StrokeDash::new(lengths, 0.0),
        ..Default::default()
    };
    pixmap.stroke_path(path, &paint(stroke.ink, stroke.opacity), &style, transform, None);
}

fn draw_label(pixmap: &mut Pixmap, label: &Label, transform: Transform) {
    let width = font::text_width(&label.text, label.size);
    let shift = match label.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -width / 2.0,
        Anchor::End => -width,
    };
    let turn = if label.upward { -90.0 } else { 0.0 };
    let place =
        transform.pre_translate(label.at.0, label.at.1).pre_rotate(turn).pre_translate(shift, 0.0);
    let Some(path) = outline(&label.text, label.size) else { return };
    if label.halo {
        stroke_path(pixmap, &path, Stroke::solid(Ink::Paper, 3.0), place);
    }
    fill_path(pixmap, &path, Fill::solid(label.ink), place);
    if label.bold {
        stroke_path(pixmap, &path, Stroke::solid(label.ink, label.size / 28.0), place);
    }
}

/// The letters of a text as one path on a base line from (0, 0).
fn outline(text: &str, size: f32) -> Option<Path> {
    let face = font::face()?;
    let scale = size / f32::from(face.units_per_em());
    let mut pen = Pen { builder: PathBuilder::new(), scale, x: 0.0 };
    for c in text.chars() {
        let id = font::glyph(face, c);
        face.outline_glyph(id, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(id).unwrap_or(0)) * scale;
    }
    pen.builder.finish()
}

struct Pen {
    builder: PathBuilder,
    scale: f32,
    x: f32,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.builder.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.builder.quad_to(x1, y1, x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.builder.cubic_to(x1, y1, x2, y2, x, y);
    }
    fn close(&mut self) {
        self.builder.close();
    }
}

fn path(segments: &[Segment]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for segment in segments {
        match *segment {
            Segment::Move(x, y) => builder.move_to(x, y),
            Segment::Line(x, y) => builder.line_to(x, y),
            Segment::Curve([a, b, c, d, x, y]) => builder.cubic_to(a, b, c, d, x, y),
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

fn paint(ink: Ink, opacity: f32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Default::default() };
    paint.set_color(colour(ink, opacity));
    paint
}

fn colour(ink: Ink, opacity: f32) -> Color {
    let [r, g, b] = ink.light();
    Color::from_rgba8(r, g, b, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Dots across, dots down, and the red of each, of a drawing's file.
    pub fn reds(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        assert_eq!(info.color_type, ColorType::Rgb);
        (info.width, info.height, dots.into_iter().step_by(3).collect())
    }

    #[test]
    fn a_picture_has_the_size_asked_for_and_dark_letters() {
        let mut scene = Scene::new(40.0, 20.0, "");
        scene.text(Label::new("Wx", (2.0, 15.0), 14.0));
        let (width, height, reds) = reds(&scene.to_png(2.0).unwrap());
        assert_eq!((width, height), (80, 40));
        assert!(reds.iter().filter(|red| **red < 60).count() > 40);
    }

    #[test]
    fn absurd_sizes_are_errors() {
        assert!(Scene::new(0.0, 5.0, "").to_png(1.0).is_err());
        assert!(Scene::new(1e6, 1e6, "").to_png(1.0).is_err());
        assert!(Scene::new(f32::NAN, 5.0, "").to_png(1.0).is_err());
    }
}
