//! What colours are for, and what they look like in light and in dark.
//!
//! The series colours are those of Okabe and Ito, *Color Universal Design* (2008),
//! made lighter on dark paper; they are told apart with every common colour
//! deficiency. Colour never stands alone: a series has a dash as well.

use super::Dash;

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The background.
    Paper,
    /// A quiet area on the background, such as a layer's box.
    Panel,
    /// Lines that guide the eye: grids, frames.
    Rule,
    /// Text and marks of second importance.
    Quiet,
    /// Text and marks.
    Text,
    /// One of several things that are compared.
    Series(Series),
}

/// One of several things that are compared, told apart by colour and dash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Solid blue: training, the forward pass.
    Blue,
    /// Dashed vermilion: validation, the backward pass.
    Vermilion,
    /// Dash-dotted green: updates, a third thing.
    Green,
    /// Dotted purple.
    Purple,
    /// Long-dashed orange.
    Orange,
    /// Solid sky blue.
    Sky,
}

impl Series {
    /// All of them, in the order in which they are used.
    pub const ALL: [Series; 6] = [
        Series::Blue,
        Series::Vermilion,
        Series::Green,
        Series::Purple,
        Series::Orange,
        Series::Sky,
    ];

    /// The series at a position, starting again after the last.
    pub fn at(position: usize) -> Series {
        Series::ALL[position % Series::ALL.len()]
    }

    /// The line style that goes with the colour.
    pub fn dash(self) -> Dash {
        match self {
            Series::Blue | Series::Sky => Dash::Solid,
            Series::Vermilion => Dash::Dashed,
            Series::Green => Dash::DashDot,
            Series::Purple => Dash::Dotted,
            Series::Orange => Dash::Long,
        }
    }
}

impl Ink {
    /// All colours, for the style sheet.
    pub(crate) fn all() -> impl Iterator<Item = Ink> {
        [Ink::Paper, Ink::Panel, Ink::Rule, Ink::Quiet, Ink::Text]
            .into_iter()
            .chain(Series::ALL.map(Ink::Series))
    }

    /// Red, green and blue on light paper.
    pub(crate) fn light(self) -> [u8; 3] {
        match self {
            Ink::Paper => [255, 255, 255],
            Ink::Panel => [245, 246, 248],
            Ink::Rule => [221, 224, 229],
            Ink::Quiet => [99, 106, 117],
            Ink::Text => [27, 31, 36],
            Ink::Series(Series::Blue) => [0, 103, 163],
            Ink::Series(Series::Vermilion) => [197, 83, 0],
            Ink::Series(Series::Green) => [0, 122, 90],
            Ink::Series(Series::Purple) => [168, 84, 134],
            Ink::Series(Series::Orange) => [181, 125, 0],
            Ink::Series(Series::Sky) => [56, 142, 196],
        }
    }

    /// Red, green and blue on dark paper.
    pub(crate) fn dark(self) -> [u8; 3] {
        match self {
            Ink::Paper => [20, 22, 27],
            Ink::Panel => [30, 33, 40],
            Ink::Rule => [58, 63, 73],
            Ink::Quiet => [154, 162, 175],
            Ink::Text => [230, 233, 238],
            Ink::Series(Series::Blue) => [91, 176, 236],
            Ink::Series(Series::Vermilion) => [255, 143, 79],
            Ink::Series(Series::Green) => [61, 200, 156],
            Ink::Series(Series::Purple) => [226, 152, 196],
            Ink::Series(Series::Orange) => [240, 185, 70],
            Ink::Series(Series::Sky) => [140, 205, 245],
        }
    }

    /// The class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Ink::Paper => "paper",
            Ink::Panel => "panel",
            Ink::Rule => "rule",
            Ink::Quiet => "quiet",
            Ink::Text => "text",
            Ink::Series(Series::Blue) => "blue",
            Ink::Series(Series::Vermilion) => "vermilion",
            Ink::Series(Series::Green) => "green",
            Ink::Series(Series::Purple) => "purple",
            Ink::Series(Series::Orange) => "orange",
            Ink::Series(Series::Sky) => "sky",
        }
    }
}
