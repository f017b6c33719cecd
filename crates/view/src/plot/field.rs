//! A function of the plane, sampled: its contours and its colour map.

use super::Layer;
use crate::paint::{Ink, Raster, Series, tint};

/// A function's values on a grid.
#[derive(Clone, Debug)]
pub struct Field {
    /// Left and right end.
    pub x: (f64, f64),
    /// Lower and upper end.
    pub y: (f64, f64),
    /// Grid points from left to right.
    pub columns: usize,
    /// The values, row after row from the lower end up.
    pub values: Vec<f64>,
}

impl Field {
    /// The grid points of a square grid of `side` points each way, in the order of
    /// [`Field::values`].
    pub fn places(
        x: (f64, f64),
        y: (f64, f64),
        side: usize,
    ) -> impl Iterator<Item = (f64, f64)> + Clone {
        let at = move |(low, high): (f64, f64), i: usize| {
            low + (high - low) * i as f64 / (side.max(2) - 1) as f64
        };
        (0..side).flat_map(move |row| (0..side).map(move |column| (at(x, column), at(y, row))))
    }

    /// The function `f` on a square grid.
    pub fn sample(
        x: (f64, f64),
        y: (f64, f64),
        side: usize,
        mut f: impl FnMut(f64, f64) -> f64,
    ) -> Field {
        let values = Field::places(x, y, side).map(|(x, y)| f(x, y)).collect();
        Field { x, y, columns: side, values }
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    fn value(&self, column: usize, row: usize) -> f64 {
        self.values.get(row * self.columns + column).copied().unwrap_or(f64::NAN)
    }

    fn place(&self, column: f64, row: f64) -> (f64, f64) {
        let at = |(low, high): (f64, f64), i: f64, count: usize| {
            low + (high - low) * i / (count.max(2) - 1) as f64
        };
        (at(self.x, column, self.columns), at(self.y, row, self.rows()))
    }

    /// Where the function is `level`, by marching squares with linear interpolation
    /// (Lorensen and Cline 1987, in the plane).
    pub fn contour(&self, level: f64) -> Vec<[(f64, f64); 2]> {
        let mut segments = Vec::new();
        for row in 1..self.rows() {
            for column in 1..self.columns {
                let crossings = self.crossings(column - 1, row - 1, level);
                segments.extend(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
            }
        }
        segments
    }

    /// Where a level crosses the sides of one cell, walking around it.
    fn crossings(&self, column: usize, row: usize, level: f64) -> Vec<(f64, f64)> {
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(c, r)| (column + c, row + r));
        let mut found = Vec::new();
        for (i, a) in corners.iter().enumerate() {
            let b = corners[(i + 1) % 4];
            let (low, high) = (self.value(a.0, a.1) - level, self.value(b.0, b.1) - level);
            if (low < 0.0) != (high < 0.0) && (high - low).is_finite() {
                let t = low / (low - high);
                let between = |a: usize, b: usize| a as f64 + t * (b as f64 - a as f64);
                found.push(self.place(between(a.0, b.0), between(a.1, b.1)));
            }
        }
        found
    }

    /// The contours of several levels as a layer.
    pub fn contours(&self, levels: &[f64], ink: Ink, width: f32) -> Layer {
        let segments = levels.iter().flat_map(|level| self.contour(*level)).collect();
        Layer::Segments { segments, ink, width }
    }

    /// The function as a colour map: −1 is `low`'s colour, 1 is `high`'s, 0 is clear;
    /// `strength` is the opacity of the ends.
    pub fn map(&self, (low, high): (Series, Series), strength: f64) -> Layer {
        let raster = Raster::from_fn(self.columns, self.rows(), |column, row| {
            let value = self.value(column, self.rows() - 1 - row);
            let series = if value < 0.0 { low } else { high };
            tint(series, value.abs().min(1.0) * strength)
        });
        Layer::Map { x: self.x, y: self.y, raster }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contour_of_a_cone_is_a_circle() {
        let cone = Field::sample((-1.0, 1.0), (-1.0, 1.0), 41, f64::hypot);
        let segments = cone.contour(0.7);
        assert!(segments.len() > 40);
        assert!(segments.iter().flatten().all(|(x, y)| (x.hypot(*y) - 0.7).abs() < 2e-3));
    }

    #[test]
    fn gaps_and_small_grids_are_no_trouble() {
        let nothing = Field::sample((0.0, 1.0), (0.0, 1.0), 9, |_, _| f64::NAN);
        assert!(nothing.contour(0.0).is_empty());
        for side in [0, 1] {
            let field = Field::sample((0.0, 1.0), (0.0, 1.0), side, |x, _| x);
            assert!(field.contour(0.5).is_empty());
            field.map((Series::Blue, Series::Orange), 0.5);
        }
    }
}
