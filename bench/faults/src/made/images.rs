//! MNIST and Fashion-MNIST with labels shuffled, wrong, or rare.

use super::{Made, noisy, shuffled};
use gradwise_data::{DataSpec, Set, Split};
use std::fs;
use std::path::Path;

/// Rows of each file.
const IMAGES: usize = 10_000;

pub(super) fn all(to: &Path) -> Made {
    let train = first("mnist", IMAGES)?;
    let labels = super::known::labels(&train)?;
    let all: Vec<u32> = (0..train.rows() as u32).collect();
    pair(to, "shuffled", &train, &all, &shuffled(&labels, 4))?;
    pair(to, "noisy", &train, &all, &noisy(&labels, 0.4, 10, 5))?;
    let kept = |row: &u32| labels[*row as usize] > 4 || row.is_multiple_of(100);
    let rows: Vec<u32> = all.iter().copied().filter(kept).collect();
    let kept: Vec<u8> = rows.iter().map(|r| labels[*r as usize]).collect();
    pair(to, "rare", &train, &rows, &kept)?;
    let fashion = first("fashion-mnist", 6000)?;
    let labels = super::known::labels(&fashion)?;
    let all: Vec<u32> = (0..fashion.rows() as u32).collect();
    pair(to, "fashion-noisy", &fashion, &all, &noisy(&labels, 0.3, 10, 8))?;
    pair(to, "fashion-shuffled", &fashion, &all, &shuffled(&labels, 9))
}

fn first(source: &str, rows: usize) -> Result<Set, Box<dyn std::error::Error>> {
    let mut spec = DataSpec::new(source);
    spec.limit = Some(rows);
    spec.split = Split::new(Some(1.0), None, None)?;
    Ok(gradwise_data::open(&spec)?.train.raw())
}

/// An IDX pair: images of `rows`, and labels.
fn pair(to: &Path, name: &str, set: &Set, rows: &[u32], labels: &[u8]) -> Made {
    let header = |kind: u8, sizes: &[u32]| {
        let mut bytes = vec![0, 0, 8, kind];
        sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes
    };
    let count = rows.len() as u32;
    let mut images = header(3, &[count, 28, 28]);
    let mut row = vec![0.0; set.columns()];
    for index in rows {
        set.gather(&[*index], &mut row, set.columns())?;
        images.extend(row.iter().map(|x| *x as u8));
    }
    fs::write(to.join(format!("{name}-images-idx3-ubyte")), images)?;
    let bytes = [header(1, &[count]), labels.to_vec()].concat();
    Ok(fs::write(to.join(format!("{name}-labels-idx1-ubyte")), bytes)?)
}
