//! Data of the cases that no public set has: made from public ones, or drawn, with a
//! fixed seed, so that they are the same for everybody.

mod copied;
mod drawn;
mod everyday;
mod images;
mod known;
mod measured;
mod mpg;
mod noise;
mod photos;
mod spoilt;
mod tables;
mod trades;

use gradwise_graph::random::Philox;
use std::error::Error;
use std::fmt::{Display, Write};
use std::fs;
use std::path::Path;

/// Tells that all files were written; its name changes when files are added.
const COMPLETE: &str = "complete-8";

type Made = Result<(), Box<dyn Error>>;

/// Writes all files into `to`; public ones come from `from`.
pub fn all(from: &Path, to: &Path) -> Made {
    if to.join(COMPLETE).exists() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for name in ["adult-train.csv.gz", "california-housing.csv.gz"] {
        fs::copy(from.join("tabular").join(name), to.join(name))?;
    }
    mpg::all(from, to)?;
    drawn::all(to)?;
    images::all(to)?;
    known::all(to)?;
    tables::all(to)?;
    photos::all(from, to)?;
    spoilt::all(from, to)?;
    noise::all(to)?;
    everyday::all(to)?;
    copied::all(to)?;
    measured::all(to)?;
    trades::all(to)?;
    Ok(fs::write(to.join(COMPLETE), "")?)
}

fn random(stream: u64) -> Philox {
    Philox::new(4, stream)
}

/// A shuffled copy.
fn shuffled<T: Clone>(items: &[T], stream: u64) -> Vec<T> {
    let (mut items, random) = (items.to_vec(), random(stream));
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i as u64, i as u64 + 1) as usize);
    }
    items
}

/// Labels of which a share is drawn anew among `classes`.
fn noisy(labels: &[u8], share: f64, classes: u64, stream: u64) -> Vec<u8> {
    let (coin, draw) = (random(stream), random(stream + 1000));
    let wrong = |(i, y): (usize, &u8)| match coin.uniform(i as u64) < share {
        true => draw.below(i as u64, classes) as u8,
        false => *y,
    };
    labels.iter().enumerate().map(wrong).collect()
}

/// A CSV file: rows of features with an answer, called `y`.
fn table<'a, Y: Display>(
    path: &Path,
    names: &[String],
    rows: impl Iterator<Item = (&'a Vec<f64>, Y)>,
) -> Made {
    let mut out = format!("{},y\n", names.join(","));
    for (row, y) in rows {
        for x in row {
            write!(out, "{x},")?;
        }
        writeln!(out, "{y}")?;
    }
    Ok(fs::write(path, out)?)
}

/// Names x1, x2, ….
fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("x{i}")).collect()
}
