//! Small made-up problems in the plane, for teaching: which network can draw the
//! border?
//!
//! | source | what | arguments, with defaults |
//! |---|---|---|
//! | `circles` | a ring around a ring, radii 0.5 and 1 | rows 1000, noise 0.1 |
//! | `moons` | two half circles that reach into each other | rows 1000, noise 0.1 |
//! | `blobs` | normal clouds around points on a circle of radius 5 | rows 1000, classes 3, deviation 1 |
//! | `spirals` | arms that wind one and a half times around each other | rows 1000, noise 0.05, classes 2 |
//! | `xor` | quadrants: class 1 where x and y differ in sign | rows 1000, noise 0 |
//!
//! Noise is the standard deviation of a normal number added to both coordinates.

use super::Content;
use crate::call::Call;
use crate::error::DataError;
use crate::order::{Purpose, stream};
use crate::table::{Cells, Column};
use std::f64::consts::{PI, TAU};

/// Their names.
pub const NAMES: [&str; 5] = ["circles", "blobs", "moons", "spirals", "xor"];

/// More points than this help nobody and could fill the memory.
const MOST_ROWS: f64 = 1e7;

/// The data set of that name, if there is one.
pub(crate) fn read(name: &str, seed: u64) -> Result<Option<Content>, DataError> {
    let setting = |reason| DataError::setting("source", reason);
    let bare = name.split('(').next().unwrap_or_default().trim();
    if !NAMES.contains(&bare) {
        return Ok(None);
    }
    let call = Call::parse(name).map_err(setting)?;
    let shape = Shape::new(&call).map_err(setting)?;
    Ok(Some(shape.draw(&call, seed)))
}

/// Point `t` in [0, 1) of a class, from two uniform and two normal numbers.
type Point = fn(shape: &Shape, class: usize, uniform: [f64; 2], normal: [f64; 2]) -> [f64; 2];

struct Shape {
    rows: usize,
    classes: usize,
    /// Of the noise added to each coordinate.
    deviation: f64,
    point: Point,
}

impl Shape {
    fn new(call: &Call) -> Result<Self, String> {
        let (point, classes, noise, most): (Point, _, _, _) = match call.name {
            "circles" => (circle, 2.0, call.argument(1, 0.1), 2),
            "moons" => (moon, 2.0, call.argument(1, 0.1), 2),
            "blobs" => (blob, call.argument(1, 3.0), call.argument(2, 1.0), 3),
            "spirals" => (spiral, call.argument(2, 2.0), call.argument(1, 0.05), 3),
            _ => (quadrant, 2.0, call.argument(1, 0.0), 2),
        };
        let rows = call.argument(0, 1000.0);
        if call.arguments.len() > most {
            return Err(format!("{call} has more than {most} arguments"));
        }
        if !(2.0..=MOST_ROWS).contains(&rows) || rows.fract() != 0.0 {
            return Err(format!("{call}: rows are a whole number from 2 to {MOST_ROWS}"));
        }
        if !(2.0..=1000.0).contains(&classes) || classes.fract() != 0.0 {
            return Err(format!("{call}: classes are a whole number from 2 to 1000"));
        }
        if noise < 0.0 {
            return Err(format!("{call}: noise is a deviation, at least 0"));
        }
        Ok(Shape { rows: rows as usize, classes: classes as usize, deviation: noise, point })
    }

    fn draw(&self, call: &Call, seed: u64) -> Content {
        let (points, noise) = (stream(seed, Purpose::Points, 0), stream(seed, Purpose::Noise, 0));
        let mut coordinates = [Vec::new(), Vec::new()];
        let mut codes = Vec::new();
        for row in 0..self.rows {
            let (class, i) = (row % self.classes, 2 * row as u64);
            let uniform = [points.uniform(i), points.uniform(i + 1)];
            let normal = [noise.normal(i), noise.normal(i + 1)];
            let point = (self.point)(self, class, uniform, normal);
            coordinates[0].push((point[0] + self.deviation * normal[0]) as f32);
            coordinates[1].push((point[1] + self.deviation * normal[1]) as f32);
            codes.push(class as u32);
        }
        let [x, y] = coordinates.map(Cells::Numbers);
        let values = (0..self.classes).map(|class| class.to_string()).collect();
        let column = |name: &str, cells| Column { name: name.into(), cells };
        let class = column("class", Cells::Texts { codes, values });
        Content {
            file: call.to_string(),
            columns: vec![column("x1", x), column("x2", y), class],
            array: None,
            target: vec!["class".into()],
        }
    }
}

fn circle(_: &Shape, class: usize, [t, _]: [f64; 2], _: [f64; 2]) -> [f64; 2] {
    let radius = [1.0, 0.5][class.min(1)];
    [radius * (TAU * t).cos(), radius * (TAU * t).sin()]
}

fn moon(_: &Shape, class: usize, [t, _]: [f64; 2], _: [f64; 2]) -> [f64; 2] {
    let (x, y) = ((PI * t).cos(), (PI * t).sin());
    if class == 0 { [x, y] } else { [1.0 - x, 0.5 - y] }
}

fn blob(shape: &Shape, class: usize, _: [f64; 2], _: [f64; 2]) -> [f64; 2] {
    let angle = TAU * class as f64 / shape.classes as f64;
    [5.0 * angle.cos(), 5.0 * angle.sin()]
}

fn spiral(shape: &Shape, class: usize, [t, _]: [f64; 2], _: [f64; 2]) -> [f64; 2] {
    // The square root spreads the points evenly along the arm.
    let (radius, turn) = (t.sqrt(), class as f64 / shape.classes as f64);
    let angle = TAU * (1.5 * radius + turn);
    [radius * angle.cos(), radius * angle.sin()]
}

fn quadrant(_: &Shape, class: usize, [u, v]: [f64; 2], _: [f64; 2]) -> [f64; 2] {
    let x = 2.0 * u - 1.0;
    let side = if class == 0 { x.signum() } else { -x.signum() };
    [x, side * v]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(content: &Content, column: usize) -> Vec<f32> {
        match &content.columns[column].cells {
            Cells::Numbers(numbers) => numbers.clone(),
            Cells::Texts { codes, .. } => codes.iter().map(|c| *c as f32).collect(),
        }
    }

    #[test]
    fn circles_have_their_radii() {
        let content = read("circles(100, 0)", 1).unwrap().unwrap();
        let (x, y, class) = (numbers(&content, 0), numbers(&content, 1), numbers(&content, 2));
        for i in 0..100 {
            let radius = if class[i] == 0.0 { 1.0 } else { 0.5 };
            assert!((x[i].hypot(y[i]) - radius).abs() < 1e-6);
        }
    }

    #[test]
    fn xor_is_xor() {
        let content = read("xor(100)", 1).unwrap().unwrap();
        let (x, y, class) = (numbers(&content, 0), numbers(&content, 1), numbers(&content, 2));
        assert!((0..100).all(|i| (x[i] * y[i] < 0.0) == (class[i] == 1.0)));
    }

    #[test]
    fn seeds_and_arguments_count() {
        let rows = |name: &str, seed| read(name, seed).unwrap().unwrap();
        assert_eq!(numbers(&rows("moons", 1), 0), numbers(&rows("moons", 1), 0));
        assert_ne!(numbers(&rows("moons", 1), 0), numbers(&rows("moons", 2), 0));
        let blobs = rows("blobs(90, 4, 0.5)", 0);
        assert_eq!((blobs.rows(), numbers(&blobs, 2)[3]), (90, 3.0));
        assert_eq!(rows("spirals(30, 0, 3)", 0).rows(), 30);
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for name in
            ["xor(1)", "xor(1e9)", "blobs(10, 1.5)", "moons(10, -1)", "xor(1, 2, 3)", "xor("]
        {
            assert!(read(name, 0).is_err(), "{name}");
        }
    }
}
