//! Histograms under each other: one for each layer of a network, in columns that
//! are compared.

use super::{Axis, ticks::ticks};
use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, Stroke};

/// The distribution of one layer.
#[derive(Clone, Debug, Default)]
pub struct Ridge {
    /// How many values are in each of equal bins between the ends of the axis.
    pub counts: Vec<f64>,
    /// A number to stand at the right, such as the standard deviation.
    pub note: String,
}

/// Columns of histograms.
#[derive(Clone, Debug, Default)]
pub struct Ridges {
    /// What stands above them.
    pub title: String,
    /// What the values are; its range must be given.
    pub axis: Axis,
    /// What a row is called, from top to bottom.
    pub rows: Vec<String>,
    /// The colour.
    pub series: Option<Series>,
    /// The columns: a name and a histogram for each row.
    pub columns: Vec<(String, Vec<Ridge>)>,
}

const WORD: f32 = 11.0;
const SMALL: f32 = 9.0;
const WIDTH: f32 = 132.0;
const ROW: f32 = 26.0;
const GAP: f32 = 24.0;

impl Ridges {
    /// The histogram of values over the axis' range in `bins` bins; what lies beyond
    /// is counted in the outermost ones.
    pub fn counts(values: impl Iterator<Item = f64>, range: (f64, f64), bins: usize) -> Vec<f64> {
        let mut counts = vec![0.0; bins.max(1)];
        let last = counts.len() - 1;
        for value in values.filter(|v| !v.is_nan()) {
            let share = (value - range.0) / (range.1 - range.0);
            counts[((share * bins as f64).max(0.0) as usize).min(last)] += 1.0;
        }
        counts
    }

    /// The histograms, each as high as its row at its highest bin.
    pub fn draw(&self) -> Scene {
        let (left, top) = (60.0, 66.0);
        let width = left + self.columns.len() as f32 * (WIDTH + GAP) + 8.0;
        let bottom = top + self.rows.len() as f32 * ROW;
        let mut scene = Scene::new(width.max(300.0), bottom + 46.0, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (16.0, 27.0), 15.0) });
        for (index, name) in self.rows.iter().enumerate() {
            let y = top + (index + 1) as f32 * ROW - 3.0;
            let label = Label::new(name.as_str(), (left - 8.0, y), WORD);
            scene.text(Label { anchor: Anchor::End, ink: Ink::Quiet, ..label });
        }
        for (index, (name, ridges)) in self.columns.iter().enumerate() {
            let x = left + index as f32 * (WIDTH + GAP);
            let label = Label::new(name.as_str(), (x + WIDTH / 2.0, top - 8.0), WORD + 1.0);
            scene.text(Label { anchor: Anchor::Middle, bold: true, ..label });
            self.paint_axis(&mut scene, x, bottom);
            for (row, ridge) in ridges.iter().enumerate() {
                self.paint_ridge(&mut scene, ridge, x, top + (row + 1) as f32 * ROW);
            }
        }
        let middle = ((left + width) / 2.0, bottom + 35.0);
        let below = Label::new(self.axis.label.as_str(), middle, WORD);
        scene.text(Label { anchor: Anchor::Middle, ..below });
        scene
    }

    fn paint_axis(&self, scene: &mut Scene, left: f32, bottom: f32) {
        let (low, high) = self.axis.range.unwrap_or((0.0, 1.0));
        for (value, word) in ticks(low, high, self.axis.scale, 3) {
            let x = left + ((value - low) / (high - low)) as f32 * WIDTH;
            let rule = Stroke::solid(Ink::Rule, 1.0);
            scene.push(Mark::line([(x, 62.0), (x, bottom + 3.0)], rule));
            let label = Label::new(word, (x, bottom + 15.0), WORD);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
    }

    fn paint_ridge(&self, scene: &mut Scene, ridge: &Ridge, left: f32, base: f32) {
        let ink = Ink::Series(self.series.unwrap_or(Series::Blue));
        let highest = ridge.counts.iter().copied().fold(0.0, f64::max);
        let bin = WIDTH / ridge.counts.len().max(1) as f32;
        if highest > 0.0 {
            let mut outline = vec![(left, base)];
            for (i, count) in ridge.counts.iter().enumerate() {
                let y = base - (count / highest) as f32 * (ROW - 5.0);
                outline.extend([(left + i as f32 * bin, y), (left + (i + 1) as f32 * bin, y)]);
            }
            outline.push((left + WIDTH, base));
            scene.push(Mark::area(outline, Fill { ink, opacity: 0.75 }));
        }
        let line = [(left, base), (left + WIDTH, base)];
        scene.push(Mark::line(line, Stroke::solid(Ink::Rule, 1.0)));
        let label = Label::new(ridge.note.as_str(), (left + WIDTH, base - ROW + 12.0), SMALL);
        scene.text(Label { anchor: Anchor::End, halo: true, ..label });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let values = [-9.0, -1.0, 0.0, 0.99, 1.0, 9.0, f64::NAN, f64::INFINITY];
        let counts = Ridges::counts(values.into_iter(), (-1.0, 1.0), 4);
        assert_eq!(counts, [2.0, 0.0, 1.0, 4.0]);
    }

    #[test]
    fn empty_histograms_can_be_drawn() {
        let ridges = Ridges {
            rows: vec!["1".into(), "2".into()],
            columns: vec![("a".into(), vec![Ridge::default()])],
            ..Ridges::default()
        };
        assert!(!ridges.draw().to_svg().contains("NaN"));
    }
}
