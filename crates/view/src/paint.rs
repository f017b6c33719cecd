//! One picture, two formats: a list of marks that both SVG and PNG are made from.
//!
//! A mark names its colour by what it is for ([`Ink`]), never by a number, so
//! that light and dark and the colour-blind-safe palette are decided in one file.

mod font;
mod ink;
mod png;
mod raster;
mod scene;
mod svg;

pub use font::{shortened, text_width};
pub use ink::{Ink, Series};
pub use png::PngError;
pub use raster::{Raster, grey, tint};
pub use scene::{Anchor, Dash, Fill, Label, Mark, Scene, Segment, Stroke};
pub use svg::escape;
