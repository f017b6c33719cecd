//! Data drawn from random numbers: functions of one number, and tables of numbers with
//! an answer that is known.

use super::{Made, numbered, random, table};
use gradwise_graph::random::Philox;
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    curves(to)?;
    numbers(to)?;
    classes(to)?;
    labels(to)
}

/// Functions of one number.
fn curves(to: &Path) -> Made {
    let (points, noise) = (random(2), random(3));
    let write = |name: &str, low: f64, high: f64, f: &dyn Fn(f64, f64) -> f64| -> Made {
        let rows: Vec<(Vec<f64>, f64)> = (0..1000)
            .map(|i| {
                let x = low + (high - low) * points.uniform(i);
                (vec![x], f(x, noise.normal(i)))
            })
            .collect();
        table(&to.join(name), &["x".into()], rows.iter().map(|(x, y)| (x, *y)))
    };
    write("square.csv", 0.0, 5.0, &|x, e| 5.0 * x * x + e)?;
    write("square-plus.csv", -2.0, 2.0, &|x, _| x * x + 3.0)?;
    write("fourth.csv", -100.0, 100.0, &|x, _| x.powi(4))?;
    write("sine.csv", -3.0, 3.0, &|x, e| (2.0 * x).sin() + 0.1 * e)
}

/// `rows` of normal numbers.
fn normals(rows: usize, columns: usize, stream: u64) -> Vec<Vec<f64>> {
    let random = random(stream);
    let at = |i: usize, c: usize| random.normal((i * columns + c) as u64);
    (0..rows).map(|i| (0..columns).map(|c| at(i, c)).collect()).collect()
}

/// Friedman's first function of five of ten numbers (Friedman 1991), about 14 ± 5.
fn friedman(row: &[f64]) -> f64 {
    let u: Vec<f64> = row.iter().map(|x| 0.5 * (1.0 + (x * 0.8).tanh())).collect();
    10.0 * (std::f64::consts::PI * u[0] * u[1]).sin()
        + 20.0 * (u[2] - 0.5).powi(2)
        + 10.0 * u[3]
        + 5.0 * u[4]
}

/// Tables whose answer is a number.
fn numbers(to: &Path) -> Made {
    let (x, noise) = (normals(1500, 10, 20), random(21));
    let write = |name: &str, rows: &[Vec<f64>], y: &dyn Fn(usize, &[f64]) -> f64| -> Made {
        let rows = rows.iter().zip(&x).enumerate().map(|(i, (row, x))| (row, y(i, x)));
        table(&to.join(name), &numbered(10), rows)
    };
    let e = |i: usize| noise.normal(i as u64);
    // A normal number over the root of a squared one is Student's t: tails that squares feel.
    let heavy = |i: usize| e(i) / (0.3 + 0.5 * noise.normal(i as u64 + 5000).abs());
    write("friedman.csv", &x, &|i, x| 0.2 * (friedman(x) - 14.0) + 0.2 * e(i))?;
    write("friedman-large.csv", &x, &|i, x| 5e4 * (friedman(x) + e(i)))?;
    write("friedman-noisy.csv", &x, &|i, x| 0.2 * (friedman(x) - 14.0) + 1.5 * e(i))?;
    write("heavy.csv", &x, &|i, x| 0.2 * (friedman(x) - 14.0) + 0.3 * heavy(i))?;
    write("unrelated.csv", &x, &|i, _| e(i))?;
    let lifted = |by: f64, to: f64| -> Vec<Vec<f64>> {
        x.iter().map(|row| row.iter().map(|v| by * v + to).collect()).collect()
    };
    write("offset.csv", &lifted(0.04, 1.5), &|i, x| 0.2 * (friedman(x) - 14.0) + 0.1 * e(i))?;
    write("years.csv", &lifted(5.0, 2000.0), &|i, x| 0.2 * (friedman(x) - 14.0) + 0.1 * e(i))?;
    write("grams.csv", &lifted(0.001, 0.0), &|i, x| 0.2 * (friedman(x) - 14.0) + 0.1 * e(i))
}

/// Two classes of normal numbers in eight dimensions.
fn classes(to: &Path) -> Made {
    let x = normals(3000, 8, 30);
    let (coin, step) = (random(31), random(32));
    let write = |name: &str, share: f64, apart: f64, how: &dyn Fn(f64) -> f64| -> Made {
        let class = |i: usize| coin.uniform(i as u64) < share;
        let rows: Vec<(Vec<f64>, &str)> = x
            .iter()
            .enumerate()
            .map(|(i, row)| {
                let moved = |x: &f64| how(x + if class(i) { apart } else { 0.0 });
                (row.iter().map(moved).collect(), if class(i) { "yes" } else { "no" })
            })
            .collect();
        table(&to.join(name), &numbered(8), rows.iter().map(|(x, y)| (x, *y)))
    };
    write("rare-apart.csv", 0.03, 3.0, &|x| x)?;
    write("rare-mixed.csv", 0.02, 0.5, &|x| x)?;
    write("even.csv", 0.5, 0.8, &|x| x)?;
    write("offset-classes.csv", 0.5, 0.8, &|x| 1.0 + 0.03 * x)?;
    write("outliers.csv", 0.4, 0.8, &|x| (1.2 * x).sinh())?;
    proxy(to, &x, &step)
}

/// A hard problem of which a column gives the answer away.
fn proxy(to: &Path, x: &[Vec<f64>], coin: &Philox) -> Made {
    let names: Vec<String> = numbered(8).into_iter().chain(["code".into()]).collect();
    let yes = |i: usize| x[i][0] + x[i][1] * x[i][2] + 1.5 * coin.normal(i as u64) > 0.0;
    let rows: Vec<Vec<f64>> = (0..x.len())
        .map(|i| x[i].iter().copied().chain([if yes(i) { 4.0 } else { 7.0 }]).collect())
        .collect();
    let answer = |i: usize| if yes(i) { "yes" } else { "no" };
    table(&to.join("proxy.csv"), &names, rows.iter().enumerate().map(|(i, r)| (r, answer(i))))
}

/// Three labels a row.
fn labels(to: &Path) -> Made {
    let x = normals(1200, 6, 40);
    let names: Vec<String> = numbered(6).into_iter().chain(["a".into(), "b".into()]).collect();
    let bit = |is: bool| f64::from(u8::from(is));
    let rows: Vec<Vec<f64>> = x
        .iter()
        .map(|r| {
            let labels = [bit(r[0] + r[1] > 0.0), bit(r[2] * r[3] > 0.0)];
            r.iter().copied().chain(labels).collect()
        })
        .collect();
    let third = |r: &[f64]| bit(r[4] > r[5]);
    table(&to.join("labels.csv"), &names, rows.iter().map(|r| (r, third(r))))
}
