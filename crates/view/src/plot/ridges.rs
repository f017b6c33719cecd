//! Histograms under each other: one for each layer of a network, in columns that
//! are compared.

use super::{Axis, ticks::ticks};
use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, Stroke, text_width};
use crate::terminal::rounded;

/// The distribution of one layer.
#[derive(Clone, Debug, Default)]
pub struct Ridge {
    /// How many values are in each of equal bins between the ends of the axis.
    pub counts: Vec<f64>,
    /// A number to stand beside it, such as the standard deviation.
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
    /// Columns that have a range of their own, in their order; the axis' if empty.
    pub ranges: Vec<(f64, f64)>,
}

const WORD: f32 = 11.0;
const SMALL: f32 = 9.0;
/// The width of a histogram; of one with a note beside it.
const WIDTH: (f32, f32) = (132.0, 104.0);
const ROW: f32 = 26.0;
const GAP: f32 = 24.0;

/// Mean and standard deviation by the middles of the bins; `None` without values.
fn moments(counts: &[f64], (low, high): (f64, f64)) -> Option<(f64, f64)> {
    let middle = |i: usize| low + (high - low) * (i as f64 + 0.5) / counts.len() as f64;
    let total: f64 = counts.iter().sum();
    let mean = |of: &dyn Fn(f64) -> f64| {
        counts.iter().enumerate().map(|(i, count)| count * of(middle(i))).sum::<f64>() / total
    };
    let center = mean(&|x| x);
    let spread = mean(&|x| (x - center).powi(2)).sqrt();
    (center.is_finite() && spread.is_finite()).then_some((center, spread))
}

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

    /// A column in words: the note of each row, else its mean and deviation.
    fn told(&self, (index, (name, ridges)): (usize, &(String, Vec<Ridge>))) -> Option<String> {
        let range = self.ranges.get(index).copied().or(self.axis.range)?;
        let row = |(row, ridge): (&String, &Ridge)| {
            if !ridge.note.is_empty() {
                return Some(format!("{row} {}", ridge.note));
            }
            let (mean, deviation) = moments(&ridge.counts, range)?;
            // Within a bin, nothing is known.
            let width = (range.1 - range.0) / ridge.counts.len() as f64;
            let spread = match deviation < width {
                true => format!("within {}", rounded(width, 1)),
                false => format!("± {}", rounded(deviation, 2)),
            };
            Some(format!("{row} about {} {spread}", rounded(mean, 2)))
        };
        let rows: Vec<String> = self.rows.iter().zip(ridges).filter_map(row).collect();
        (!rows.is_empty()).then(|| format!("{name}: {}", rows.join(", ")))
    }

    /// The histograms, each as high as its row at its highest bin.
    pub fn draw(&self) -> Scene {
        let name = self.rows.iter().map(|name| text_width(name, WORD)).fold(0.0, f32::max);
        let (left, top) = ((name + 20.0).max(60.0), 66.0);
        let (wide, step) = self.widths();
        let width = left + self.columns.len() as f32 * step + 8.0;
        let bottom = top + self.rows.len() as f32 * ROW;
        let words = text_width(&self.axis.label, WORD).max(text_width(&self.title, 15.0)) + 32.0;
        let whole = width.max(300.0).max(words);
        let mut scene = Scene::new(whole, bottom + 46.0, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (16.0, 27.0), 15.0) });
        scene.told = self.columns.iter().enumerate().filter_map(|c| self.told(c)).collect();
        for (index, name) in self.rows.iter().enumerate() {
            let y = top + (index + 1) as f32 * ROW - 3.0;
            let label = Label::new(name.as_str(), (left - 8.0, y), WORD);
            scene.text(Label { anchor: Anchor::End, ink: Ink::Quiet, ..label });
        }
        for (index, (name, ridges)) in self.columns.iter().enumerate() {
            let x = left + index as f32 * step;
            let label = Label::new(name.as_str(), (x + wide / 2.0, top - 8.0), WORD + 1.0);
            scene.text(Label { anchor: Anchor::Middle, bold: true, ..label });
            let range = self.ranges.get(index).copied().or(self.axis.range);
            self.paint_axis(&mut scene, range.unwrap_or((0.0, 1.0)), (x, wide), bottom);
            for (row, ridge) in ridges.iter().enumerate() {
                self.paint_ridge(&mut scene, ridge, (x, wide), top + (row + 1) as f32 * ROW);
            }
        }
        // Below the middle of the columns, but no further out than the picture reaches.
        let half = text_width(&self.axis.label, WORD) / 2.0;
        let middle = ((left + width) / 2.0).min(whole - half - 16.0).max(half + 16.0);
        let below = Label::new(self.axis.label.as_str(), (middle, bottom + 35.0), WORD);
        scene.text(Label { anchor: Anchor::Middle, ..below });
        scene
    }

    /// The width of a histogram, and that of its column, with its notes beside it.
    fn widths(&self) -> (f32, f32) {
        let ridges = self.columns.iter().flat_map(|(_, ridges)| ridges);
        let note = ridges.map(|ridge| text_width(&ridge.note, SMALL)).fold(0.0, f32::max);
        match note > 0.0 {
            true => (WIDTH.1, WIDTH.1 + 4.0 + note + 0.5 * GAP),
            false => (WIDTH.0, WIDTH.0 + GAP),
        }
    }

    fn paint_axis(
        &self,
        scene: &mut Scene,
        (low, high): (f64, f64),
        (left, wide): (f32, f32),
        bottom: f32,
    ) {
        let mut free = f32::NEG_INFINITY;
        for (value, word) in ticks(low, high, self.axis.scale, 3) {
            let x = left + ((value - low) / (high - low)) as f32 * wide;
            let rule = Stroke::solid(Ink::Rule, 1.0);
            scene.push(Mark::line([(x, 62.0), (x, bottom + 3.0)], rule));
            let half = text_width(&word, WORD) / 2.0;
            if x - half < free {
                continue;
            }
            free = x + half + 3.0;
            let label = Label::new(word, (x, bottom + 15.0), WORD);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
    }

    fn paint_ridge(&self, scene: &mut Scene, ridge: &Ridge, (left, wide): (f32, f32), base: f32) {
        let ink = Ink::Series(self.series.unwrap_or(Series::Blue));
        let highest = ridge.counts.iter().copied().fold(0.0, f64::max);
        let bin = wide / ridge.counts.len().max(1) as f32;
        if highest > 0.0 {
            let mut outline = vec![(left, base)];
            for (i, count) in ridge.counts.iter().enumerate() {
                let y = base - (count / highest) as f32 * (ROW - 5.0);
                outline.extend([(left + i as f32 * bin, y), (left + (i + 1) as f32 * bin, y)]);
            }
            outline.push((left + wide, base));
            scene.push(Mark::area(outline, Fill { ink, opacity: 0.75 }));
        }
        let line = [(left, base), (left + wide, base)];
        scene.push(Mark::line(line, Stroke::solid(Ink::Rule, 1.0)));
        let place = (left + wide + 4.0, base - 3.0);
        scene.text(Label { ink: Ink::Quiet, ..Label::new(ridge.note.as_str(), place, SMALL) });
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
    fn notes_stand_beside_the_histograms() {
        let ridge = |note: &str| Ridge { counts: vec![1.0], note: note.into() };
        let ridges = |note: &str| Ridges {
            columns: vec![("a".into(), vec![ridge(note)])],
            rows: vec!["1".into()],
            ..Ridges::default()
        };
        assert_eq!(ridges("").widths(), (WIDTH.0, WIDTH.0 + GAP));
        let (wide, step) = ridges("1.23e-4").widths();
        assert!(step - wide > text_width("1.23e-4", SMALL) + 4.0);
    }

    #[test]
    fn words_are_never_cut() {
        let ridges = Ridges {
            title: "t".into(),
            axis: Axis { label: "a label that is longer ".repeat(4), ..Axis::default() },
            rows: vec!["step 1234567".into()],
            columns: vec![("a".into(), vec![Ridge::default()])],
            ..Ridges::default()
        };
        let scene = ridges.draw();
        for mark in &scene.marks {
            let Mark::Text(label) = mark else { continue };
            let width = text_width(&label.text, label.size);
            let start = match label.anchor {
                Anchor::Start => label.at.0,
                Anchor::Middle => label.at.0 - width / 2.0,
                Anchor::End => label.at.0 - width,
            };
            assert!(start >= 0.0 && start + width <= scene.width, "{}", label.text);
        }
    }

    #[test]
    fn a_column_is_told_by_its_notes_or_by_mean_and_deviation() {
        let ridge = |counts: &[f64], note: &str| Ridge { counts: counts.into(), note: note.into() };
        let column = vec![
            ridge(&[1.0, 0.0, 0.0, 1.0], ""),
            ridge(&[0.0, 0.0, 3.0, 0.0], ""),
            ridge(&[1.0], "1.2e-4"),
            Ridge::default(),
        ];
        let ridges = Ridges {
            axis: Axis { range: Some((-2.0, 2.0)), ..Axis::default() },
            rows: ["a", "b", "c", "d"].map(String::from).into(),
            columns: vec![("tanh".into(), column)],
            ..Ridges::default()
        };
        let told = "tanh: a about 0 ± 1.5, b about 0.50 within 1, c 1.2e-4";
        assert_eq!(ridges.draw().told, [told]);
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
