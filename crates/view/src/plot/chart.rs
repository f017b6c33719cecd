//! One set of axes with lines, bands, dots and bars in it.

use super::ticks::ticks;
use super::told::told;
use crate::paint::{
    Anchor, Dash, Fill, Ink, Label, Mark, Raster, Scene, Series, Stroke, text_width,
};

/// The size of words on axes.
const WORD: f32 = 11.0;

/// How numbers become lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps for equal differences.
    #[default]
    Linear,
    /// Equal steps for equal ratios; numbers that are not positive leave gaps.
    Log,
}

/// One axis.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// What the numbers are, with their unit.
    pub label: String,
    /// How numbers become lengths.
    pub scale: Scale,
    /// From where to where; found from the numbers if absent.
    pub range: Option<(f64, f64)>,
    /// Of an axis from left to right: what stands at 1, 2, 3, … instead of numbers.
    pub names: Vec<String>,
}

/// One thing in a chart.
#[derive(Clone, Debug)]
pub enum Layer {
    /// A line in the series' colour and dash.
    Line {
        /// What the legend calls it; nothing if empty.
        name: String,
        /// Its points, left to right.
        points: Vec<(f64, f64)>,
        /// Its colour and dash.
        series: Series,
        /// Whether each point is marked by a dot.
        dots: bool,
    },
    /// A pale line behind the others: what a smooth line was made from.
    Trace {
        /// Its points, left to right.
        points: Vec<(f64, f64)>,
        /// Its colour.
        series: Series,
    },
    /// The area between two lines: (x, low, high).
    Band {
        /// Its borders.
        points: Vec<(f64, f64, f64)>,
        /// Its colour.
        series: Series,
    },
    /// Separate points.
    Dots {
        /// Where they are.
        points: Vec<(f64, f64)>,
        /// Their colour.
        series: Series,
        /// From 0, clear, to 1, solid.
        opacity: f32,
    },
    /// Bars from zero: (left, right, height).
    Bars {
        /// Where they are.
        bars: Vec<(f64, f64, f64)>,
        /// Their colour.
        series: Series,
    },
    /// Separate points, marked by crosses: told from dots without colour.
    Crosses {
        /// Where they are.
        points: Vec<(f64, f64)>,
        /// Their colour.
        series: Series,
    },
    /// A picture made of dots that fills a part of the plane.
    Map {
        /// From where to where it reaches from left to right.
        x: (f64, f64),
        /// From where to where it reaches from bottom to top.
        y: (f64, f64),
        /// Its dots, the first row at the top.
        raster: Raster,
    },
    /// Many short lines, such as the contours of a surface.
    Segments {
        /// The two ends of each.
        segments: Vec<[(f64, f64); 2]>,
        /// Their colour.
        ink: Ink,
        /// How wide they are, in pixels.
        width: f32,
    },
    /// A word at a place.
    Word {
        /// The word.
        text: String,
        /// Where its middle is.
        at: (f64, f64),
    },
    /// A quiet line for comparison, such as where prediction equals truth.
    Guide {
        /// Its two ends.
        ends: [(f64, f64); 2],
        /// What the legend calls it; nothing if empty.
        name: String,
    },
}

/// One set of axes.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// What stands above it.
    pub title: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// What is in it, the first at the bottom.
    pub layers: Vec<Layer>,
}

impl Chart {
    /// Paints the chart into a rectangle: its left upper corner and its size.
    pub fn paint(&self, scene: &mut Scene, corner: (f32, f32), size: (f32, f32)) {
        self.paint_named(scene, corner, size, &[]);
    }

    /// The same of a chart whose lines have their names elsewhere in the picture.
    pub fn paint_named(
        &self,
        scene: &mut Scene,
        corner: (f32, f32),
        size: (f32, f32),
        names: &[(String, Series)],
    ) {
        scene.told.extend(told(self, names));
        let frame = self.frame(corner, size);
        frame.paint_axes(scene, self);
        let (mut x, y) = (frame.right, corner.1 + 13.0);
        for layer in self.layers.iter().rev() {
            x = legend(scene, layer, x, y);
        }
        self.layers.iter().for_each(|layer| frame.paint_layer(scene, layer));
        if !self.layers.iter().any(|l| l.points().any(|(x, y)| frame.at(x, y).is_some())) {
            let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
            let label = Label::new("no data", middle, WORD);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
    }

    /// Whether a title or names stand above the frame.
    fn has_head(&self) -> bool {
        !self.title.is_empty() || self.layers.iter().any(|layer| layer.name().is_some())
    }

    fn frame(&self, (left, top): (f32, f32), (width, height): (f32, f32)) -> Frame {
        let points = || self.layers.iter().flat_map(Layer::points);
        let x = span(&self.x, points().map(|p| p.0), 0.0);
        let y = span(&self.y, points().map(|p| p.1), 0.06);
        let widest = widest_word(y, self.y.scale);
        let beside = if self.y.label.is_empty() { 0.0 } else { 18.0 };
        Frame {
            left: left + beside + widest + 10.0,
            right: left + width - 8.0,
            top: top + if self.has_head() { 26.0 } else { 12.0 },
            bottom: top + height - if self.x.label.is_empty() { 22.0 } else { 40.0 },
            x: (x, self.x.scale),
            y: (y, self.y.scale),
        }
    }
}

/// The room for the numbers beside an axis; charts under each other mostly get the
/// same, so that their frames align.
fn widest_word((low, high): (f64, f64), scale: Scale) -> f32 {
    let words = ticks(low, high, scale, 5);
    words.iter().map(|(_, word)| text_width(word, WORD)).fold(34.0, f32::max)
}

impl Layer {
    /// What the legend calls it.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Layer::Line { name, .. } | Layer::Guide { name, .. } => Some(name.as_str()),
            _ => None,
        }
        .filter(|name| !name.is_empty())
    }

    /// All points that must be in the frame.
    fn points(&self) -> Box<dyn Iterator<Item = (f64, f64)> + '_> {
        match self {
            Layer::Line { points, .. }
            | Layer::Trace { points, .. }
            | Layer::Dots { points, .. }
            | Layer::Crosses { points, .. } => Box::new(points.iter().copied()),
            Layer::Map { x, y, .. } => Box::new([(x.0, y.0), (x.1, y.1)].into_iter()),
            Layer::Segments { segments, .. } => Box::new(segments.iter().flatten().copied()),
            Layer::Word { at, .. } => Box::new(std::iter::once(*at)),
            Layer::Band { points, .. } => {
                Box::new(points.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]))
            }
            Layer::Bars { bars, .. } => {
                Box::new(bars.iter().flat_map(|&(l, r, height)| [(l, 0.0), (r, height)]))
            }
            Layer::Guide { ends, .. } => Box::new(ends.iter().copied()),
        }
    }
}

/// The range of an axis: as asked for, or that of the numbers with some air.
fn span(axis: &Axis, numbers: impl Iterator<Item = f64>, air: f64) -> (f64, f64) {
    let usable = |x: &f64| x.is_finite() && (axis.scale == Scale::Linear || *x > 0.0);
    let (low, high) = axis.range.unwrap_or_else(|| {
        numbers
            .filter(usable)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)))
    });
    match axis.scale {
        _ if low.partial_cmp(&high).is_none_or(|order| order.is_gt()) => (0.0, 1.0),
        Scale::Linear if low == high => {
            (low - low.abs().max(1.0) * 0.5, low + low.abs().max(1.0) * 0.5)
        }
        Scale::Log if low == high => (low / 2.0, low * 2.0),
        _ if axis.range.is_some() => (low, high),
        Scale::Linear => (low - air * (high - low), high + air * (high - low)),
        Scale::Log => {
            let factor = (high / low).powf(air);
            (low / factor, high * factor)
        }
    }
}

/// The rectangle between the axes and what its sides stand for.
struct Frame {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
    x: ((f64, f64), Scale),
    y: ((f64, f64), Scale),
}

/// Where a number lies between two others, 0 to 1; `None` if nowhere.
fn share(value: f64, ((low, high), scale): ((f64, f64), Scale)) -> Option<f32> {
    let share = match scale {
        Scale::Linear => (value - low) / (high - low),
        Scale::Log => (value / low).ln() / (high / low).ln(),
    };
    share.is_finite().then_some(share.clamp(-0.02, 1.02) as f32)
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> Option<(f32, f32)> {
        let (x, y) = (share(x, self.x)?, share(y, self.y)?);
        let across = self.left + x * (self.right - self.left);
        Some((across, self.bottom - y * (self.bottom - self.top)))
    }

    fn paint_axes(&self, scene: &mut Scene, chart: &Chart) {
        let rule = Stroke::solid(Ink::Rule, 1.0);
        for (value, word) in ticks(self.y.0.0, self.y.0.1, self.y.1, 5) {
            let Some(share) = share(value, self.y) else { continue };
            let y = self.bottom - share * (self.bottom - self.top);
            scene.push(Mark::line([(self.left, y), (self.right, y)], rule));
            let label = Label::new(word, (self.left - 6.0, y + 4.0), WORD);
            scene.text(Label { anchor: Anchor::End, ink: Ink::Quiet, ..label });
        }
        for (value, word) in self.positions(&chart.x.names) {
            let Some(share) = share(value, self.x) else { continue };
            let x = self.left + share * (self.right - self.left);
            scene.push(Mark::line([(x, self.bottom), (x, self.bottom + 4.0)], rule));
            let label = Label::new(word, (x, self.bottom + 16.0), WORD);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
        let axis = Stroke::solid(Ink::Quiet, 1.0);
        scene.push(Mark::line([(self.left, self.bottom), (self.right, self.bottom)], axis));
        self.paint_words(scene, chart);
    }

    /// What stands below the frame: names at whole numbers, as many as there is room
    /// for, or else round numbers.
    fn positions(&self, names: &[String]) -> Vec<(f64, String)> {
        let width = self.right - self.left;
        if names.is_empty() {
            return ticks(self.x.0.0, self.x.0.1, self.x.1, (width / 64.0).max(2.0) as usize);
        }
        let widest = names.iter().map(|name| text_width(name, WORD)).fold(1.0, f32::max);
        let every = ((widest + 8.0) * names.len() as f32 / width).ceil().max(1.0) as usize;
        let places = names.iter().enumerate().step_by(every);
        places.map(|(i, name)| (i as f64 + 1.0, name.clone())).collect()
    }

    fn paint_words(&self, scene: &mut Scene, chart: &Chart) {
        let title = Label::new(chart.title.as_str(), (self.left, self.top - 13.0), 13.0);
        scene.text(Label { bold: true, ..title });
        let middle = ((self.left + self.right) / 2.0, self.bottom + 33.0);
        let below = Label::new(chart.x.label.as_str(), middle, WORD);
        scene.text(Label { anchor: Anchor::Middle, ..below });
        let widest = widest_word(self.y.0, self.y.1);
        let place = (self.left - widest - 14.0, (self.top + self.bottom) / 2.0);
        let beside = Label::new(chart.y.label.as_str(), place, WORD);
        scene.text(Label { anchor: Anchor::Middle, upward: true, ..beside });
    }

    fn paint_layer(&self, scene: &mut Scene, layer: &Layer) {
        match layer {
            Layer::Line { points, series, dots, .. } => {
                let stroke = Stroke::dashed(Ink::Series(*series), 2.0, series.dash());
                self.paint_line(scene, points, stroke);
                if *dots {
                    self.paint_dots(scene, points, 2.6, Fill::solid(Ink::Series(*series)));
                }
            }
            Layer::Trace { points, series } => {
                let stroke = Stroke::solid(Ink::Series(*series), 1.0);
                self.paint_line(scene, points, Stroke { opacity: 0.3, ..stroke });
            }
            Layer::Band { points, series } => self.paint_band(scene, points, *series),
            Layer::Dots { points, series, opacity } => {
                let fill = Fill { ink: Ink::Series(*series), opacity: *opacity };
                self.paint_dots(scene, points, 2.4, fill);
            }
            Layer::Bars { bars, series } => self.paint_bars(scene, bars, *series),
            Layer::Crosses { points, series } => self.paint_crosses(scene, points, *series),
            Layer::Map { x, y, raster } => self.paint_map(scene, (*x, *y), raster),
            Layer::Segments { segments, ink, width } => {
                let stroke = Stroke::solid(*ink, *width);
                segments.iter().for_each(|ends| self.paint_line(scene, ends, stroke));
            }
            Layer::Word { text, at } => self.paint_word(scene, text, *at),
            Layer::Guide { ends, .. } => {
                self.paint_line(scene, ends, Stroke::dashed(Ink::Quiet, 1.0, Dash::Dashed));
            }
        }
    }

    /// A line with gaps where there is nothing to draw.
    fn paint_line(&self, scene: &mut Scene, points: &[(f64, f64)], stroke: Stroke) {
        let places: Vec<Option<(f32, f32)>> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        for piece in places.split(Option::is_none) {
            let piece: Vec<(f32, f32)> = piece.iter().flatten().copied().collect();
            if piece.len() > 1 {
                scene.push(Mark::line(piece, stroke));
            }
        }
    }

    fn paint_dots(&self, scene: &mut Scene, points: &[(f64, f64)], radius: f32, fill: Fill) {
        let centers = points.iter().filter_map(|&(x, y)| self.at(x, y)).collect();
        scene.push(Mark::Dots { centers, radius, fill });
    }

    fn paint_crosses(&self, scene: &mut Scene, points: &[(f64, f64)], series: Series) {
        const ARM: f32 = 2.4;
        let stroke = Stroke::solid(Ink::Series(series), 1.3);
        for (x, y) in points.iter().filter_map(|&(x, y)| self.at(x, y)) {
            for rise in [ARM, -ARM] {
                scene.push(Mark::line([(x - ARM, y - rise), (x + ARM, y + rise)], stroke));
            }
        }
    }

    fn paint_map(&self, scene: &mut Scene, (x, y): ((f64, f64), (f64, f64)), raster: &Raster) {
        if let Some((corner, end)) = self.at(x.0, y.1).zip(self.at(x.1, y.0)) {
            let size = (end.0 - corner.0, end.1 - corner.1);
            scene.push(Mark::Image { raster: raster.clone(), corner, size });
        }
    }

    fn paint_word(&self, scene: &mut Scene, text: &str, at: (f64, f64)) {
        if let Some((x, y)) = self.at(at.0, at.1) {
            // Within the frame: outside stand the numbers of the axes.
            let half = text_width(text, WORD) / 2.0 + 2.0;
            let x = x.min(self.right - half).max(self.left + half);
            let label = Label::new(text, (x, y - 5.0), WORD);
            scene.text(Label { anchor: Anchor::Middle, halo: true, ..label });
        }
    }

    fn paint_band(&self, scene: &mut Scene, points: &[(f64, f64, f64)], series: Series) {
        let low: Option<Vec<_>> = points.iter().map(|&(x, low, _)| self.at(x, low)).collect();
        let high: Option<Vec<_>> = points.iter().rev().map(|&(x, _, y)| self.at(x, y)).collect();
        if let Some((low, high)) = low.zip(high).filter(|(low, _)| !low.is_empty()) {
            let fill = Fill { ink: Ink::Series(series), opacity: 0.18 };
            scene.push(Mark::area(low.into_iter().chain(high), fill));
        }
    }

    fn paint_bars(&self, scene: &mut Scene, bars: &[(f64, f64, f64)], series: Series) {
        for &(left, right, height) in bars {
            let corners = self.at(left, height).zip(self.at(right, self.y.0.0.max(0.0)));
            if let Some(((x, y), (end, base))) = corners {
                let fill = Some(Fill { ink: Ink::Series(series), opacity: 0.75 });
                let size = ((end - x - 1.0).max(0.5), (base - y).max(0.0));
                scene.push(Mark::rectangle((x + 0.5, y), size, 0.0, fill, None));
            }
        }
    }
}

/// Paints a layer's sample and name to the left of `right`; what is left of it.
fn legend(scene: &mut Scene, layer: &Layer, right: f32, y: f32) -> f32 {
    let Some(name) = layer.name() else { return right };
    let stroke = match layer {
        Layer::Line { series, .. } => Stroke::dashed(Ink::Series(*series), 2.0, series.dash()),
        _ => Stroke::dashed(Ink::Quiet, 1.0, Dash::Dashed),
    };
    let start = right - text_width(name, WORD);
    scene.text(Label { ink: Ink::Quiet, ..Label::new(name, (start, y), WORD) });
    scene.push(Mark::line([(start - 28.0, y - 4.0), (start - 5.0, y - 4.0)], stroke));
    start - 40.0
}
