//! Pictures made of dots: images of data, colour maps behind a chart.
//!
//! Their colours are data, not style, and so stay the same in light and dark; a
//! raster that shall suit both is transparent where it says little.

use super::png::Dots;
use super::{Ink, PngError, Series};
use base64::Engine;
use png::{ColorType, DeflateCompression, Filter};
use tiny_skia::{ColorU8, FilterQuality, Pixmap, PixmapPaint, Transform};

/// Rows of dots, each of red, green, blue and opacity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raster {
    /// Dots in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// The dots from left to right, then from top to bottom.
    pub dots: Vec<[u8; 4]>,
}

impl Raster {
    /// A raster by a function of column and row.
    pub fn from_fn(
        columns: usize,
        rows: usize,
        mut dot: impl FnMut(usize, usize) -> [u8; 4],
    ) -> Self {
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let dots = places.map(|(column, row)| dot(column, row)).collect();
        Raster { columns, rows, dots }
    }

    /// The same picture in at most so many columns and rows: means of whole dots.
    pub fn within(self, most: usize) -> Raster {
        let side = self.columns.max(self.rows).div_ceil(most.max(1));
        if side <= 1 {
            return self;
        }
        let (columns, rows) = (self.columns.div_ceil(side), self.rows.div_ceil(side));
        Raster::from_fn(columns, rows, |column, row| {
            let inside = |from: usize, end: usize| (from * side)..((from + 1) * side).min(end);
            let places = inside(row, self.rows)
                .flat_map(|row| inside(column, self.columns).map(move |column| (row, column)));
            let dots =
                places.filter_map(|(row, column)| self.dots.get(row * self.columns + column));
            let (mut sums, mut count) = ([0; 4], 0);
            for dot in dots {
                sums.iter_mut().zip(dot).for_each(|(sum, part)| *sum += u32::from(*part));
                count += 1;
            }
            sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
        })
    }

    /// Its PNG file, one pixel a dot.
    pub(crate) fn to_png(&self) -> Result<Vec<u8>, PngError> {
        let (width, height) = (self.columns as f32, self.rows as f32);
        let size = u32::try_from(self.columns).ok().zip(u32::try_from(self.rows).ok());
        let size = size.filter(|_| self.columns * self.rows == self.dots.len());
        let size = size.ok_or(PngError::Size { width, height })?;
        let dots = self.dots.iter().flatten().copied().collect();
        let picture = Dots { size, color: ColorType::Rgba, dots };
        picture.compress(DeflateCompression::Level(6), Filter::Adaptive)
    }

    /// Its PNG file as an address that can stand in a document.
    pub(crate) fn to_address(&self) -> Option<String> {
        let png = self.to_png().ok()?;
        let text = base64::engine::general_purpose::STANDARD.encode(png);
        Some(format!("data:image/png;base64,{text}"))
    }

    /// Paints it into a rectangle, every dot a hard-edged cell.
    pub(crate) fn draw(
        &self,
        pixmap: &mut Pixmap,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        transform: Transform,
    ) {
        let Some(own) = self.pixmap() else { return };
        let place = transform
            .pre_translate(x, y)
            .pre_scale(width / self.columns as f32, height / self.rows as f32);
        let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
        pixmap.draw_pixmap(0, 0, own.as_ref(), &paint, place, None);
    }

    fn pixmap(&self) -> Option<Pixmap> {
        let (columns, rows) = (u32::try_from(self.columns).ok()?, u32::try_from(self.rows).ok()?);
        let mut pixmap = Pixmap::new(columns, rows)?;
        for (to, &[r, g, b, a]) in pixmap.pixels_mut().iter_mut().zip(&self.dots) {
            *to = ColorU8::from_rgba(r, g, b, a).premultiply();
        }
        Some(pixmap)
    }
}

/// The dot of a series' colour with an opacity from 0 to 1.
pub fn tint(series: Series, opacity: f64) -> [u8; 4] {
    let [r, g, b] = Ink::Series(series).light();
    [r, g, b, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8]
}

/// The grey dot of a brightness from 0, black, to 1, white.
pub fn grey(brightness: f64) -> [u8; 4] {
    let level = (brightness.clamp(0.0, 1.0) * 255.0).round() as u8;
    [level, level, level, 255]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::{Mark, Scene};

    #[test]
    fn dots_become_hard_cells() {
        let raster = Raster::from_fn(2, 1, |column, _| grey(column as f64));
        let mut scene = Scene::new(20.0, 10.0, "");
        scene.push(Mark::Image { raster, corner: (0.0, 0.0), size: (20.0, 10.0) });
        let (_, _, reds) = crate::paint::png::tests::reds(&scene.to_png(1.0).unwrap());
        let red = |x: usize| reds[5 * 20 + x];
        assert_eq!([red(1), red(8), red(11), red(18)], [0, 0, 255, 255]);
        assert!(scene.to_svg().contains("href=\"data:image/png;base64,iVBOR"));
    }

    #[test]
    fn a_large_picture_becomes_the_mean_of_its_dots() {
        let large = Raster::from_fn(5, 3, |column, _| grey(if column < 2 { 1.0 } else { 0.0 }));
        let small = large.clone().within(3);
        assert_eq!((small.columns, small.rows), (3, 2));
        assert_eq!(small.dots[..3], [grey(1.0), grey(0.0), grey(0.0)]);
        assert_eq!(large.clone().within(5), large);
        assert_eq!(Raster::default().within(0), Raster::default());
    }

    #[test]
    fn empty_or_ragged_rasters_do_not_stop_a_picture() {
        let mut scene = Scene::new(20.0, 10.0, "");
        for raster in [Raster::default(), Raster { columns: 3, rows: 3, dots: vec![grey(0.5)] }] {
            scene.push(Mark::Image { raster, corner: (0.0, 0.0), size: (9.0, 9.0) });
        }
        scene.to_png(1.0).unwrap();
        scene.to_svg();
    }
}
