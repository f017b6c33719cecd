//! Pictures beside each other, each with its name: templates, samples, mistakes.

use crate::paint::{Anchor, Ink, Label, Mark, Raster, Scene, Stroke, shortened, text_width};

/// Pictures in a grid.
#[derive(Clone, Debug, Default)]
pub struct Gallery {
    /// What stands above them.
    pub title: String,
    /// Pictures in a row.
    pub columns: usize,
    /// The width of a picture in pixels.
    pub width: f32,
    /// The pictures with their names, row by row; a name may have several lines.
    pub pictures: Vec<(String, Raster)>,
}

const WORD: f32 = 11.0;
const GAP: f32 = 10.0;
const LINE: f32 = 15.0;

impl Gallery {
    /// How many pictures there are, and their names.
    fn told(&self) -> String {
        let mut names: Vec<String> =
            self.pictures.iter().map(|(name, _)| name.replace('\n', ", ")).collect();
        names.dedup();
        format!("{} pictures: {}", self.pictures.len(), names.join("; "))
    }

    /// The pictures, every dot a hard-edged cell.
    pub fn draw(&self) -> Scene {
        let columns = self.columns.clamp(1, self.pictures.len().max(1));
        let rows = self.pictures.len().div_ceil(columns);
        let ratio = |r: &Raster| r.rows as f32 / r.columns.max(1) as f32;
        let height = self.pictures.iter().map(|(_, r)| self.width * ratio(r)).fold(1.0, f32::max);
        let lines = self.pictures.iter().map(|(name, _)| name.lines().count()).max().unwrap_or(0);
        let cell = (self.width + GAP, height + GAP + lines as f32 * LINE);
        let across = 32.0 - GAP + columns as f32 * cell.0;
        let width = across.max(text_width(&self.title, 15.0) + 40.0);
        let mut scene = Scene::new(width, 50.0 + rows as f32 * cell.1, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (16.0, 27.0), 15.0) });
        scene.told.push(self.told());
        for (index, (name, raster)) in self.pictures.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let corner = (16.0 + column as f32 * cell.0, 44.0 + row as f32 * cell.1);
            let size = (self.width, self.width * ratio(raster));
            scene.push(Mark::Image { raster: raster.clone(), corner, size });
            let rim = Some(Stroke::solid(Ink::Rule, 1.0));
            scene.push(Mark::rectangle(corner, size, 0.0, None, rim));
            let middle = corner.0 + self.width / 2.0;
            for (line, text) in name.lines().enumerate() {
                let below = (middle, corner.1 + size.1 + 13.0 + line as f32 * LINE);
                let label = Label::new(shortened(text, WORD, self.width + GAP), below, WORD);
                scene.text(Label { anchor: Anchor::Middle, ..label });
            }
        }
        scene
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::grey;

    #[test]
    fn any_number_of_pictures_can_be_drawn() {
        Gallery::default().draw().to_png(1.0).unwrap();
        let picture = Raster::from_fn(4, 8, |column, _| grey(column as f64 / 3.0));
        let pictures = vec![("<a>".to_string(), picture); 7];
        let gallery = Gallery { title: "t".into(), columns: 3, width: 40.0, pictures };
        let scene = gallery.draw();
        assert!(scene.height > 3.0 * 80.0);
        assert!(scene.to_svg().contains("&lt;a&gt;"));
    }
}
