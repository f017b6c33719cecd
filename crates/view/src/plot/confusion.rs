//! Which classes are taken for which.

use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, Stroke, shortened, text_width};

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
/// Of more classes than these, the ones most often confused are drawn: nobody reads more.
const CLASSES: usize = 40;

impl Confusion {
    /// The matrix: a cell is the darker the larger its share of its row, much so from one
    /// half on, and the cells of what is right have a frame. Of many classes those that are most often confused, and
    /// all others as one.
    pub fn draw(&self) -> Scene {
        match self.counts.len() {
            0..=CLASSES => self.draw_all(),
            _ => self.most_confused().draw_all(),
        }
    }

    /// The classes with the most mistakes, in their own order, and the rest of them summed
    /// up in a last one.
    fn most_confused(&self) -> Confusion {
        let count = self.counts.len();
        let wrong = mistakes(&self.counts);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|class| std::cmp::Reverse(wrong.get(*class).copied()));
        order.truncate(CLASSES - 1);
        order.sort_unstable();
        let place = |class: usize| order.binary_search(&class).unwrap_or(order.len());
        let mut counts = vec![vec![0; order.len() + 1]; order.len() + 1];
        for (row, own) in self.counts.iter().enumerate() {
            for (column, count) in own.iter().enumerate() {
                counts[place(row)][place(column)] += count;
            }
        }
        let name = |class: &usize| self.classes.get(*class).cloned().unwrap_or_default();
        let others = format!("{} others", count - order.len());
        let classes = order.iter().map(name).chain([others]).collect();
        let title = format!("{}: the classes most often confused, of {count}", self.title);
        Confusion { title, classes, counts }
    }

    fn draw_all(&self) -> Scene {
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
        scene.told = self.counts.iter().enumerate().map(|row| self.told(row)).collect();
        paint_ground(&mut scene, self.counts.len(), (left, top), cell);
        for (row, counts) in self.counts.iter().enumerate() {
            self.paint_row(&mut scene, row, counts, (left, top + row as f32 * cell), cell);
        }
        paint_diagonal(&mut scene, self.counts.len(), (left, top), cell);
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

    /// A true class in words: how many rows of it are right, and what the others are
    /// taken for.
    fn told(&self, (row, counts): (usize, &Vec<u64>)) -> String {
        let name = |i: usize| self.classes.get(i).map_or("?", String::as_str);
        let (right, all) = (counts.get(row).copied().unwrap_or(0), counts.iter().sum::<u64>());
        let wrong = counts.iter().enumerate().filter(|(i, count)| *i != row && **count > 0);
        let wrong = wrong.map(|(i, count)| format!(", {count} taken for {}", name(i)));
        format!("{}: {right} of {all} right{}", name(row), wrong.collect::<String>())
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
        let any = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        for (column, &count) in any {
            let (x, share) = (left + column as f32 * cell, count as f32 / total);
            let series = if row == column { Series::Blue } else { Series::Vermilion };
            let (strength, ink) = shade(share, row == column);
            let fill = Fill { ink: Ink::Series(series), opacity: strength };
            let size = (cell - 1.0, cell - 1.0);
            let mut marks = vec![Mark::rectangle((x, y), size, 1.0, Some(fill), None)];
            let word = count.to_string();
            if text_width(&word, 10.0) < cell - 3.0 && cell >= 15.0 {
                let label = Label::new(word, (x + size.0 / 2.0, y + cell / 2.0 + 3.0), 10.0);
                marks.push(Mark::Text(Label { anchor: Anchor::Middle, ink, ..label }));
            }
            let title = format!("{} taken for {}: {count}", name(row), name(column));
            scene.push(Mark::Group { title, marks });
        }
    }
}

/// How strong a cell's colour is, and what its number is written in. Neither ink can be
/// read on colours between the pale and the strong ones.
fn shade(share: f32, right: bool) -> (f32, Ink) {
    match right {
        // The root makes the few mistakes of a good model visible.
        _ if share < 0.5 => (0.08 + 0.44 * (2.0 * share).sqrt(), Ink::Text),
        true => (0.86 + 0.14 * (2.0 * share - 1.0), Ink::Paper),
        false => (1.0, Ink::Paper),
    }
}

/// How often each class was taken for another, or another for it.
fn mistakes(counts: &[Vec<u64>]) -> Vec<u64> {
    let mut wrong = vec![0; counts.len()];
    for (row, own) in counts.iter().enumerate() {
        for (column, count) in own.iter().enumerate().filter(|(column, _)| *column != row) {
            wrong[row] += count;
            wrong.get_mut(column).into_iter().for_each(|sum| *sum += count);
        }
    }
    wrong
}

/// Empty cells, as one ground with lines across.
fn paint_ground(scene: &mut Scene, count: usize, (left, top): (f32, f32), cell: f32) {
    let all = count as f32 * cell - 1.0;
    let ground = Some(Fill::solid(Ink::Panel));
    scene.push(Mark::rectangle((left, top), (all, all), 1.0, ground, None));
    let paper = Stroke::solid(Ink::Paper, 1.0);
    for at in (1..count).map(|i| i as f32 * cell - 0.5) {
        scene.push(Mark::line([(left + at, top), (left + at, top + all)], paper));
        scene.push(Mark::line([(left, top + at), (left + all, top + at)], paper));
    }
}

/// Frames around the cells of what is right: in grey, blue and vermilion are alike.
fn paint_diagonal(scene: &mut Scene, count: usize, (left, top): (f32, f32), cell: f32) {
    let frame = Some(Stroke::solid(Ink::Text, if cell >= 15.0 { 1.5 } else { 0.75 }));
    for at in (0..count).map(|i| i as f32 * cell) {
        let size = (cell - 1.0, cell - 1.0);
        scene.push(Mark::rectangle((left + at, top + at), size, 1.0, None, frame));
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
    fn what_is_right_has_a_frame_even_where_nothing_is() {
        let frame = "s-text";
        let plot = Confusion { counts: vec![vec![0, 4], vec![4, 0]], ..Confusion::default() };
        assert_eq!(plot.draw().to_svg().matches(&format!("class=\"{frame}\"")).count(), 2);
    }

    #[test]
    fn odd_sizes_can_be_drawn() {
        Confusion::default().draw().to_png(1.0).unwrap();
        let counts = vec![vec![1; 1000]; 3];
        Confusion { counts, ..Confusion::default() }.draw();
        let counts = vec![vec![1; 3]; 1000];
        Confusion { counts, ..Confusion::default() }.draw();
    }

    #[test]
    fn of_many_classes_the_most_confused_are_drawn_and_no_row_is_lost() {
        let mut counts = vec![vec![0; 300]; 300];
        (0..300).for_each(|i| counts[i][i] = 10);
        counts[250][7] = 5;
        let classes = (0..300).map(|i| format!("class {i}")).collect();
        let few = Confusion { title: "t".into(), classes, counts }.most_confused();
        assert_eq!(few.counts.len(), 40);
        assert!(
            few.classes.contains(&"class 250".into()) && few.classes.contains(&"class 7".into())
        );
        assert_eq!(few.classes[39], "261 others");
        assert_eq!(few.counts.iter().flatten().sum::<u64>(), 3005);
        assert!(few.draw().to_svg().contains("class 250 taken for class 7: 5"));
    }

    /// The contrast of two colours (WCAG 2.2).
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |colour: [f64; 3]| {
            let linear = |c: f64| match c / 255.0 {
                c if c <= 0.04045 => c / 12.92,
                c => ((c + 0.055) / 1.055).powf(2.4),
            };
            let [r, g, b] = colour.map(linear);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        (a / b).max(b / a)
    }

    #[test]
    fn every_number_can_be_read_on_its_cell() {
        let colour = |look: fn(Ink) -> [u8; 3], ink| look(ink).map(f64::from);
        for (right, series) in [(true, Series::Blue), (false, Series::Vermilion)] {
            for share in (0..=100).map(|percent| percent as f32 / 100.0) {
                let (strength, ink) = shade(share, right);
                for look in [Ink::light, Ink::dark] {
                    let (ground, own) =
                        (colour(look, Ink::Panel), colour(look, Ink::Series(series)));
                    let mix = |i: usize| ground[i] + f64::from(strength) * (own[i] - ground[i]);
                    let contrast = contrast([mix(0), mix(1), mix(2)], colour(look, ink));
                    assert!(contrast >= 4.5, "{right} {share}: {contrast}");
                }
            }
        }
    }
}
