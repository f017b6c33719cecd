//! The marks that a picture is made of. Lengths are CSS pixels, y grows downward.

use super::{Ink, PngError, Raster, png, svg};

/// A picture: a size and marks, painted in order.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Width in pixels.
    pub width: f32,
    /// Height in pixels.
    pub height: f32,
    /// What it is called, for screen readers.
    pub title: String,
    /// The numbers that it shows, in words, for those who cannot see them.
    pub told: Vec<String>,
    /// The marks, the first at the bottom.
    pub marks: Vec<Mark>,
}

/// One thing that is painted.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line or an area.
    Path {
        /// Where it goes.
        segments: Vec<Segment>,
        /// The inside.
        fill: Option<Fill>,
        /// The line.
        stroke: Option<Stroke>,
    },
    /// Many circles that look alike.
    Dots {
        /// Their middles.
        centers: Vec<(f32, f32)>,
        /// Their radius.
        radius: f32,
        /// Their inside.
        fill: Fill,
    },
    /// A piece of text.
    Text(Label),
    /// A picture made of dots.
    Image {
        /// The dots.
        raster: Raster,
        /// Where the left upper corner is.
        corner: (f32, f32),
        /// How wide and high it is.
        size: (f32, f32),
    },
    /// Marks that belong together and explain themselves when pointed at.
    Group {
        /// The explanation.
        title: String,
        /// The marks.
        marks: Vec<Mark>,
    },
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Go there without drawing.
    Move(f32, f32),
    /// A straight line to there.
    Line(f32, f32),
    /// A cubic Bézier curve by two control points to the last point.
    Curve([f32; 6]),
    /// A straight line to where it began.
    Close,
}

/// How the inside of a path is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The colour.
    pub ink: Ink,
    /// From 0, clear, to 1, solid.
    pub opacity: f32,
}

/// How a line is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The colour.
    pub ink: Ink,
    /// The width in pixels.
    pub width: f32,
    /// The pattern.
    pub dash: Dash,
    /// From 0, clear, to 1, solid.
    pub opacity: f32,
}

/// The pattern of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// No gaps.
    Solid,
    /// Even dashes.
    Dashed,
    /// Dash, dot, dash, dot.
    DashDot,
    /// Dots.
    Dotted,
    /// Long dashes.
    Long,
}

/// Which point of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// A piece of text on one line.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text as it is; writers escape it.
    pub text: String,
    /// Where the anchor stands on the base line.
    pub at: (f32, f32),
    /// The size in pixels.
    pub size: f32,
    /// Which end stands at `at`.
    pub anchor: Anchor,
    /// The colour.
    pub ink: Ink,
    /// Whether letters are heavy.
    pub bold: bool,
    /// Whether the text runs upward.
    pub upward: bool,
    /// Whether a rim of paper keeps it readable over lines.
    pub halo: bool,
}

impl Stroke {
    /// A solid line.
    pub fn solid(ink: Ink, width: f32) -> Self {
        Stroke { ink, width, dash: Dash::Solid, opacity: 1.0 }
    }

    /// A line with a pattern.
    pub fn dashed(ink: Ink, width: f32, dash: Dash) -> Self {
        Stroke { ink, width, dash, opacity: 1.0 }
    }
}

impl Fill {
    /// A solid area.
    pub fn solid(ink: Ink) -> Self {
        Fill { ink, opacity: 1.0 }
    }
}

impl Dash {
    /// Lengths of line and gap, in turn, for a line of width 1; none if solid.
    pub(crate) fn lengths(self) -> &'static [f32] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[4.0, 2.5],
            Dash::DashDot => &[5.0, 2.0, 1.2, 2.0],
            Dash::Dotted => &[1.2, 2.2],
            Dash::Long => &[8.0, 3.0],
        }
    }
}

impl Label {
    /// Text in its usual looks, starting at a position.
    pub fn new(text: impl Into<String>, at: (f32, f32), size: f32) -> Self {
        Label {
            text: text.into(),
            at,
            size,
            anchor: Anchor::Start,
            ink: Ink::Text,
            bold: false,
            upward: false,
            halo: false,
        }
    }
}

impl Mark {
    /// An open line through points.
    pub fn line(points: impl IntoIterator<Item = (f32, f32)>, stroke: Stroke) -> Mark {
        let segments = open(points);
        Mark::Path { segments, fill: None, stroke: Some(stroke) }
    }

    /// A closed area by its corners.
    pub fn area(points: impl IntoIterator<Item = (f32, f32)>, fill: Fill) -> Mark {
        let mut segments = open(points);
        segments.push(Segment::Close);
        Mark::Path { segments, fill: Some(fill), stroke: None }
    }

    /// A rectangle with round corners, by its left upper corner and its size.
    pub fn rectangle(
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        radius: f32,
        fill: Option<Fill>,
        stroke: Option<Stroke>,
    ) -> Mark {
        let r = radius.min(width / 2.0).min(height / 2.0).max(0.0);
        let (right, bottom, c) = (x + width, y + height, r * (1.0 - CIRCLE));
        let segments = vec![
            Segment::Move(x + r, y),
            Segment::Line(right - r, y),
            Segment::Curve([right - c, y, right, y + c, right, y + r]),
            Segment::Line(right, bottom - r),
            Segment::Curve([right, bottom - c, right - c, bottom, right - r, bottom]),
            Segment::Line(x + r, bottom),
            Segment::Curve([x + c, bottom, x, bottom - c, x, bottom - r]),
            Segment::Line(x, y + r),
            Segment::Curve([x, y + c, x + c, y, x + r, y]),
            Segment::Close,
        ];
        Mark::Path { segments, fill, stroke }
    }

    /// A filled circle.
    pub fn dot((x, y): (f32, f32), radius: f32, fill: Fill) -> Mark {
        let corner = (x - radius, y - radius);
        Mark::rectangle(corner, (2.0 * radius, 2.0 * radius), radius, Some(fill), None)
    }
}

/// Length of a Bézier handle that makes a quarter of a unit circle.
const CIRCLE: f32 = 0.552_284_8;

fn open(points: impl IntoIterator<Item = (f32, f32)>) -> Vec<Segment> {
    let to_segment = |(i, (x, y))| if i == 0 { Segment::Move(x, y) } else { Segment::Line(x, y) };
    points.into_iter().enumerate().map(to_segment).collect()
}

impl Scene {
    /// An empty picture.
    pub fn new(width: f32, height: f32, title: impl Into<String>) -> Self {
        Scene { width, height, title: title.into(), ..Scene::default() }
    }

    /// Paints one more mark over the others.
    pub fn push(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// Paints text over the others.
    pub fn text(&mut self, label: Label) {
        self.marks.push(Mark::Text(label));
    }

    /// The picture as an SVG document that follows the reader's light or dark.
    pub fn to_svg(&self) -> String {
        svg::document(self)
    }

    /// The picture as a PNG file on light paper, with `scale` dots per pixel.
    ///
    /// # Errors
    /// The picture has no area, or more dots than an image may have.
    pub fn to_png(&self, scale: f32) -> Result<Vec<u8>, PngError> {
        png::encode(self, scale)
    }
}
