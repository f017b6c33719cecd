//! Several charts in one picture, with one legend for all of them.

use super::Chart;
use crate::paint::{Ink, Label, Mark, Scene, Series, Stroke, text_width};

/// Charts in a grid.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    /// What stands above them.
    pub title: String,
    /// Charts in a row.
    pub columns: usize,
    /// Width and height of a chart in pixels.
    pub size: (f32, f32),
    /// What the colours mean in all of them.
    pub legend: Vec<(String, Series)>,
    /// The charts, row by row.
    pub charts: Vec<Chart>,
}

const WORD: f32 = 11.0;
const MARGIN: f32 = 16.0;

impl Panels {
    /// Each chart as a picture of its own: its title, below it the legend.
    pub fn each(self) -> impl Iterator<Item = Scene> {
        let Panels { size, legend, charts, .. } = self;
        charts.into_iter().map(move |mut chart| {
            let legend = legend.clone();
            let title = match legend.is_empty() {
                true => String::new(),
                false => std::mem::take(&mut chart.title),
            };
            Panels { title, columns: 1, size, legend, charts: vec![chart] }.draw()
        })
    }

    /// What those hear who cannot see it: the title, else those of the charts.
    fn name(&self) -> String {
        match self.title.as_str() {
            "" => self.charts.iter().map(|c| c.title.as_str()).collect::<Vec<_>>().join(", "),
            title => title.into(),
        }
    }

    /// The charts under title and legend.
    pub fn draw(&self) -> Scene {
        let columns = self.columns.clamp(1, self.charts.len().max(1));
        let rows = self.charts.len().div_ceil(columns);
        let across = 2.0 * MARGIN + columns as f32 * (self.size.0 + MARGIN) - MARGIN;
        let width = across.max(text_width(&self.title, 15.0) + 3.0 * MARGIN);
        let legend = self.legend_places(width - MARGIN);
        let head = if self.title.is_empty() { 8.0 } else { 44.0 };
        let top = head + legend.last().map_or(0.0, |(_, y)| y + 20.0);
        let height = top + rows as f32 * (self.size.1 + 8.0) + 8.0;
        let mut scene = Scene::new(width, height, self.name());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (MARGIN, 27.0), 15.0) });
        for ((name, series), (x, y)) in self.legend.iter().zip(legend) {
            let y = head + 6.0 + y;
            let stroke = Stroke::dashed(Ink::Series(*series), 2.0, series.dash());
            scene.push(Mark::line([(x, y - 4.0), (x + 23.0, y - 4.0)], stroke));
            scene.text(Label::new(name.as_str(), (x + 28.0, y), WORD));
        }
        for (index, chart) in self.charts.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let corner = (
                MARGIN + column as f32 * (self.size.0 + MARGIN),
                top + row as f32 * (self.size.1 + 8.0),
            );
            chart.paint_named(&mut scene, corner, self.size, &self.legend);
        }
        scene
    }

    /// Where the legend's entries start, in as many lines as they need.
    fn legend_places(&self, right: f32) -> Vec<(f32, f32)> {
        let (mut x, mut y) = (MARGIN, 0.0);
        let mut places = Vec::new();
        for (name, _) in &self.legend {
            let wide = 28.0 + text_width(name, WORD);
            if x + wide > right && x > MARGIN {
                (x, y) = (MARGIN, y + 18.0);
            }
            places.push((x, y));
            x += wide + 22.0;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_its_own_has_its_title_above_the_legend() {
        let charts = vec![Chart { title: "deviation".into(), ..Chart::default() }];
        let legend = vec![("dense1".to_string(), Series::Blue)];
        let panels = Panels { legend, charts, size: (200.0, 150.0), ..Panels::default() };
        let svg = panels.each().next().unwrap().to_svg();
        let place = |word: &str| svg.rfind(&format!(">{word}<")).unwrap();
        assert!(place("deviation") < place("dense1"), "{svg}");
    }

    #[test]
    fn a_long_legend_takes_several_lines() {
        let legend = (0..9).map(|i| (format!("a long name {i}"), Series::at(i))).collect();
        let panels = Panels { legend, size: (200.0, 150.0), ..Panels::default() };
        let places = panels.legend_places(300.0);
        assert!(places.iter().all(|(x, _)| *x < 300.0));
        assert!(places.last().unwrap().1 > 30.0);
        Panels { charts: vec![Chart::default(); 3], columns: 2, ..panels }
            .draw()
            .to_png(1.0)
            .unwrap();
    }
}
