//! Things compared by one number each, over several seeds: one line a thing, a dot
//! a seed, a stroke at their mean.

use super::told::number;
use super::{Axis, Scale, ticks::ticks};
use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, Stroke, text_width};

/// One thing that is compared.
#[derive(Clone, Debug, Default)]
pub struct RankingRow {
    /// What it is.
    pub name: String,
    /// Its number for each seed.
    pub values: Vec<f64>,
}

/// Things compared by one number.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// What stands above them.
    pub title: String,
    /// What the number is.
    pub axis: Axis,
    /// The things, from top to bottom.
    pub rows: Vec<RankingRow>,
}

const WORD: f32 = 11.0;
const ROW: f32 = 24.0;

/// A thing's numbers in words.
fn told(row: &RankingRow) -> Option<String> {
    let values: Vec<f64> = row.values.iter().copied().filter(|x| x.is_finite()).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let least = values.iter().copied().reduce(f64::min)?;
    let greatest = values.iter().copied().reduce(f64::max)?;
    let [mean, least, greatest] = [mean, least, greatest].map(number);
    Some(match least == greatest {
        true => format!("{}: {mean}", row.name),
        false => format!("{}: {mean}, from {least} to {greatest}", row.name),
    })
}

impl Ranking {
    /// One line a thing.
    pub fn draw(&self) -> Scene {
        let names = self.rows.iter().map(|row| text_width(&row.name, WORD));
        let left = 30.0 + names.fold(0.0, f32::max);
        let right = left + 430.0;
        let bottom = 46.0 + self.rows.len() as f32 * ROW;
        let mut scene = Scene::new(right + 40.0, bottom + 44.0, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (16.0, 27.0), 15.0) });
        scene.told = self.rows.iter().filter_map(told).collect();
        let range = self.range();
        let at = |value: f64| {
            let share = match self.axis.scale {
                Scale::Linear => (value - range.0) / (range.1 - range.0),
                Scale::Log => (value / range.0).ln() / (range.1 / range.0).ln(),
            };
            share.is_finite().then(|| left + share.clamp(0.0, 1.0) as f32 * (right - left))
        };
        for (value, word) in ticks(range.0, range.1, self.axis.scale, 6) {
            let Some(x) = at(value) else { continue };
            scene.push(Mark::line([(x, 42.0), (x, bottom)], Stroke::solid(Ink::Rule, 1.0)));
            let label = Label::new(word, (x, bottom + 15.0), WORD);
            scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label });
        }
        let middle = ((left + right) / 2.0, bottom + 33.0);
        let below = Label::new(self.axis.label.as_str(), middle, WORD);
        scene.text(Label { anchor: Anchor::Middle, ..below });
        for (index, row) in self.rows.iter().enumerate() {
            let y = 46.0 + (index as f32 + 0.5) * ROW;
            let name = Label::new(row.name.as_str(), (left - 12.0, y + 4.0), WORD);
            scene.text(Label { anchor: Anchor::End, ..name });
            paint_row(&mut scene, row, y, &at);
        }
        scene
    }

    fn range(&self) -> (f64, f64) {
        if let Some(range) = self.axis.range {
            return range;
        }
        let usable = |x: &f64| x.is_finite() && (self.axis.scale == Scale::Linear || *x > 0.0);
        let values = self.rows.iter().flat_map(|row| row.values.iter().copied()).filter(usable);
        let (low, high) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        match self.axis.scale {
            _ if low > high => (0.0, 1.0),
            Scale::Log => (low / 1.2, high * 1.2),
            Scale::Linear => {
                let air = (0.06 * (high - low)).max(1e-9);
                (low - air, high + air)
            }
        }
    }
}

fn paint_row(scene: &mut Scene, row: &RankingRow, y: f32, at: &impl Fn(f64) -> Option<f32>) {
    let ink = Ink::Series(Series::Blue);
    let finite: Vec<f64> = row.values.iter().copied().filter(|v| v.is_finite()).collect();
    for x in finite.iter().filter_map(|v| at(*v)) {
        scene.push(Mark::dot((x, y), 4.0, Fill { ink, opacity: 0.45 }));
    }
    let mean = finite.iter().sum::<f64>() / finite.len() as f64;
    if let Some(x) = at(mean) {
        scene.push(Mark::line([(x, y - 8.0), (x, y + 8.0)], Stroke::solid(Ink::Text, 2.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_broken_numbers_can_be_drawn() {
        Ranking::default().draw().to_png(1.0).unwrap();
        let rows = vec![
            RankingRow { name: "a".into(), values: vec![f64::NAN, 1.0] },
            RankingRow::default(),
        ];
        for scale in [Scale::Linear, Scale::Log] {
            let axis = Axis { scale, ..Axis::default() };
            let svg = Ranking { axis, rows: rows.clone(), ..Ranking::default() }.draw().to_svg();
            assert!(!svg.contains("NaN"));
        }
    }
}
