//! Which classes are taken for which.

use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, shortened, text_width};

/// A confusion matrix: a row for each true class, a column for each predicted one.
#[derive(Clone, Debug, Default)]
pub struct Confusion {
    /// What stands above it.
    pub title: String,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// How many rows of each true class were predicted as each class.
    pub counts: Vec<Vec<u64>>,
}

const WORD: f32 = 11.0;
/// The longest class name that is written out, in pixels.
const LONGEST: f32 = 130.0;

impl Confusion {
    /// The matrix: a cell is the darker the larger its share of its row.
    pub fn draw(&self) -> Scene {
        let count = self.counts.len().max(1) as f32;
        let cell = (520.0 / count).clamp(6.0, 46.0);
        let named = cell >= 11.0;
        let names: Vec<String> =
            self.classes.iter().map(|name| shortened(name, WORD, LONGEST)).collect();
        let widest = names.iter().map(|name| text_width(name, WORD)).fold(0.0, f32::max);
        let beside = if named { widest } else { 0.0 };
        let (left, top) = (beside + 52.0, beside.max(10.0) + 74.0);
        let width = (left + count * cell + 24.0).max(text_width(&self.title, 15.0) + 40.0);
        let mut scene = Scene::new(width, top + count * cell + 24.0, self.title.as_str());
        let title = Label::new(self.title.as_str(), (16.0, 28.0), 15.0);
        scene.text(Label { bold: true, ..title });
        for (row, counts) in self.counts.iter().enumerate() {
            self.paint_row(&mut scene, row, counts, (left, top + row as f32 * cell), cell);
        }
        if named {
            paint_names(&mut scene, &names, (left, top), cell);
        }
        let middle = count * cell / 2.0;
        let across = Label::new("predicted", (left + middle, 52.0), WORD);
        scene.text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..across });
        let down = Label::new("true", (22.0, top + middle), WORD);
        scene.text(Label { anchor: Anchor::Middle, upward: true, ink: Ink::Quiet, ..down });
        scene
    }

    fn paint_row(
        &self,
        scene: &mut Scene,
        row: usize,
        counts: &[u64],
        (left, y): (f32, f32),
        cell: f32,
    ) {
        let total = counts.iter().sum::<u64>().max(1) as f32;
        let name = |i: usize| self.classes.get(i).map_or("?", String::as_str);
        for (column, &count) in counts.iter().enumerate() {
            let (x, share) = (left + column as f32 * cell, count as f32 / total);
            let series = if row == column { Series::Blue } else { Series::Vermilion };
            // The root makes the few mistakes of a good model visible.
            let strength = if count == 0 { 0.0 } else { 0.08 + 0.92 * share.sqrt() };
            let fill = match count {
                0 => Fill::solid(Ink::Panel),
                _ => Fill { ink: Ink::Series(series), opacity: strength },
            };
            let size = (cell - 1.0, cell - 1.0);
            let mut marks = vec![Mark::rectangle((x, y), size, 1.0, Some(fill), None)];
            let word = count.to_string();
            if count > 0 && text_width(&word, 10.0) < cell - 3.0 && cell >= 15.0 {
                let ink = if strength > 0.55 { Ink::Paper } else { Ink::Text };
                let label = Label::new(word, (x + size.0 / 2.0, y + cell / 2.0 + 3.0), 10.0);
                marks.push(Mark::Text(Label { anchor: Anchor::Middle, ink, ..label }));
            }
            let title = format!("{} taken for {}: {count}", name(row), name(column));
            scene.push(Mark::Group { title, marks });
        }
    }
}

fn paint_names(scene: &mut Scene, names: &[String], (left, top): (f32, f32), cell: f32) {
    let upright = names.iter().any(|name| text_width(name, WORD) > cell - 2.0);
    let shift = if upright { 3.5 } else { 0.0 };
    for (i, name) in names.iter().enumerate() {
        let at = i as f32 * cell + cell / 2.0;
        let row = Label::new(name.as_str(), (left - 6.0, top + at + 3.5), WORD);
        scene.text(Label { anchor: Anchor::End, ..row });
        let column = Label::new(name.as_str(), (left + at + shift, top - 7.0), WORD);
        let anchor = if upright { Anchor::Start } else { Anchor::Middle };
        scene.text(Label { anchor, upward: upright, ..column });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_data_are_cut_and_never_markup() {
        let classes = vec!["<b>".to_string(), "x".repeat(400)];
        let plot = Confusion { title: "t".into(), classes, counts: vec![vec![3, 1], vec![0, 5]] };
        let scene = plot.draw();
        assert!(scene.width < 500.0);
        let svg = scene.to_svg();
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>") && svg.contains("…"));
    }

    #[test]
    fn odd_sizes_can_be_drawn() {
        Confusion::default().draw().to_png(1.0).unwrap();
        let counts = vec![vec![1; 1000]; 3];
        Confusion { counts, ..Confusion::default() }.draw();
    }
}
