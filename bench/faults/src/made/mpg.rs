//! auto-mpg with its seven numbers and the target in several ranges.

use super::{Made, shuffled};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = "mpg,cylinders,displacement,horsepower,weight,acceleration,year,origin\n";

pub(super) fn all(from: &Path, to: &Path) -> Made {
    let text = fs::read_to_string(from.join("tabular/auto-mpg.csv"))?;
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let target = |row: &Vec<&str>| row.first().and_then(|c| c.parse::<f64>().ok()).unwrap_or(0.0);
    let scaled = |row: &Vec<&str>| (target(row) - 9.0) / 37.6;
    let order = shuffled(&(0..rows.len()).collect::<Vec<usize>>(), 1);
    let write = |name: &str, y: &dyn Fn(usize) -> f64| -> Made {
        let mut out = HEAD.to_string();
        for (i, row) in rows.iter().enumerate() {
            writeln!(out, "{},{}", y(i), row.get(1..8).unwrap_or_default().join(","))?;
        }
        Ok(fs::write(to.join(name), out)?)
    };
    write("auto-mpg.csv", &|i| scaled(&rows[i]))?;
    write("auto-mpg-signed.csv", &|i| 2.0 * scaled(&rows[i]) - 1.0)?;
    write("auto-mpg-large.csv", &|i| 1000.0 * target(&rows[i]))?;
    write("auto-mpg-shuffled.csv", &|i| scaled(&rows[order[i]]))
}
