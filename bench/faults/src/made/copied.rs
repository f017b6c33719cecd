//! Digits made more by changed copies, before and after the split; and a validation file
//! that was scaled when the training file was not: for the fifth set of cases.

use super::{Made, numbered, random, shuffled, table};
use gradwise_data::{DataSpec, Split};
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    let mut spec = DataSpec::new("digits");
    spec.split = Split::new(Some(1.0), None, None)?;
    let set = gradwise_data::open(&spec)?.train.raw();
    let labels = super::known::labels(&set)?;
    let mut row = vec![0.0; set.columns()];
    let mut rows = Vec::new();
    for i in shuffled(&(0..set.rows() as u32).collect::<Vec<u32>>(), 470) {
        set.gather(&[i], &mut row, set.columns())?;
        let pixels: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
        rows.push((pixels, format!("d{}", labels[i as usize])));
    }
    let write = |name: &str, rows: &[(Vec<f64>, String)]| {
        table(&to.join(name), &numbered(64), rows.iter().map(|(x, y)| (x, y)))
    };
    let (train, rest) = rows.split_at(1300);
    let more: Vec<_> = train.iter().flat_map(|r| [r.clone(), moved(r, 1), moved(r, -1)]).collect();
    write("digits-moved.csv", &more)?;
    write("digits-rest.csv", rest)?;
    // Each image and four others of it that differ by some grey, all in one file.
    let n = random(471);
    let grey = |(at, copy): (usize, usize)| {
        let change = |(p, x): (usize, &f64)| {
            let grey = 0.7 * n.normal(((at * 5 + copy) * 64 + p) as u64);
            (x + if copy == 0 { 0.0 } else { grey }).clamp(0.0, 16.0)
        };
        (rows[at].0.iter().enumerate().map(change).collect(), rows[at].1.clone())
    };
    let copies: Vec<(Vec<f64>, String)> =
        (0..360).flat_map(|at| (0..5).map(move |copy| (at, copy))).map(grey).collect();
    write("digits-jittered.csv", &shuffled(&copies, 472))?;
    let scaled: Vec<(Vec<f64>, String)> =
        rest.iter().map(|(x, y)| (x.iter().map(|x| x / 16.0).collect(), y.clone())).collect();
    write("digits-rest-scaled.csv", &scaled)?;
    write("digits-first.csv", train)
}

/// The image a pixel further right, or left.
fn moved((row, label): &(Vec<f64>, String), by: isize) -> (Vec<f64>, String) {
    let pixel = |p: usize| {
        let from = (p % 8) as isize - by;
        if (0..8).contains(&from) { row[(p as isize - by) as usize] } else { 0.0 }
    };
    ((0..64).map(pixel).collect(), label.clone())
}
