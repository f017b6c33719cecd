//! Numbers with noise of heavy tails, and three classes on rings with what goes wrong with
//! such a file: for the fourth set of cases.

use super::{Made, noisy, numbered, random, shuffled, table};
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    tails(to)?;
    rings(to)
}

/// Six features, and an answer whose noise is Student's t with three degrees of freedom:
/// a few rows lie far off.
fn tails(to: &Path) -> Made {
    let (n, noise) = (random(300), random(301));
    let rows: Vec<Vec<f64>> =
        (0..1200).map(|i| (0..6).map(|c| n.normal(i * 6 + c)).collect()).collect();
    let t = |i: u64| {
        let z = |c: u64| noise.normal(i * 4 + c);
        let chi = (z(1).powi(2) + z(2).powi(2) + z(3).powi(2)) / 3.0;
        z(0) / chi.max(1e-3).sqrt()
    };
    let y = |i: usize| {
        let x = &rows[i];
        2.0 * x[0] - 1.5 * x[1] * x[2] + (2.0 * x[3]).sin() + 0.5 * t(i as u64)
    };
    let write = |name: &str, of: &[usize], value: &dyn Fn(usize) -> f64| {
        table(&to.join(name), &numbered(6), of.iter().map(|i| (&rows[*i], value(*i))))
    };
    let every: Vec<usize> = (0..rows.len()).collect();
    write("tails.csv", &every, &y)?;
    write("tails-huge.csv", &every, &|i| 1e4 * y(i) + 3e5)?;
    // Every row but the first hundred stands there twice.
    let twice: Vec<usize> = every.iter().copied().chain(100..rows.len()).collect();
    write("tails-twice.csv", &shuffled(&twice, 302), &y)
}

/// Two of eight features place a row on one of three rings around each other.
fn rings(to: &Path) -> Made {
    let (n, u) = (random(310), random(311));
    let class = |i: usize| (i % 3) as u8;
    let row = |i: usize| -> Vec<f64> {
        let radius = 1.0 + f64::from(class(i)) + 0.2 * n.normal(i as u64 * 8);
        let angle = std::f64::consts::TAU * u.uniform(i as u64);
        let others = (1..7).map(|c| n.normal(i as u64 * 8 + c));
        [radius * angle.cos(), radius * angle.sin()].into_iter().chain(others).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1800).map(row).collect();
    let labels: Vec<u8> = (0..1800).map(class).collect();
    let write = |name: &str, rows: &[Vec<f64>], labels: &[u8]| {
        table(&to.join(name), &numbered(rows[0].len()), rows.iter().zip(labels))
    };
    write("rings.csv", &rows, &labels)?;
    write("rings-noisy.csv", &rows, &noisy(&labels, 0.4, 3, 312))?;
    write("rings-shuffled.csv", &rows, &shuffled(&labels, 313))?;
    write("rings-first.csv", &rows[..1400], &labels[..1400])?;
    write("rings-leaked.csv", &rows[1200..1600], &labels[1200..1600])?;
    let changed = |change: &dyn Fn(usize, &[f64]) -> Vec<f64>| -> Vec<Vec<f64>> {
        rows.iter().enumerate().map(|(i, row)| change(i, row)).collect()
    };
    let constant = changed(&|_, row| row.iter().copied().chain([7.0, 0.0, 12.5]).collect());
    write("rings-constant.csv", &constant, &labels)?;
    let lifted = changed(&|_, row| row.iter().map(|x| x + 40.0).collect());
    write("rings-lifted.csv", &lifted, &labels)?;
    let answer = |i: usize| f64::from(labels[i]) + 0.1 * n.normal(i as u64 * 8 + 7);
    let told = changed(&|i, row| row.iter().copied().chain([answer(i)]).collect());
    write("rings-told.csv", &told, &labels)?;
    // The outermost ring in one row of a hundred, and so near that rows of two rings meet.
    let rare: Vec<usize> = (0..1800).filter(|i| class(*i) != 2 || i % 90 == 2).collect();
    let near = |i: &usize| -> Vec<f64> {
        rows[*i].iter().map(|x| x + 0.6 * n.normal(*i as u64)).collect()
    };
    let (near, kept): (Vec<_>, Vec<_>) = rare.iter().map(|i| (near(i), labels[*i])).unzip();
    write("rings-rare.csv", &near, &kept)?;
    // The instrument drifts as rows are taken.
    let drift = changed(&|i, row| row.iter().map(|x| x * (1.0 + i as f64 / 600.0)).collect());
    write("rings-drift.csv", &drift, &labels)
}
