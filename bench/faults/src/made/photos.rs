//! Photographs: the first of CIFAR-10, and those of Imagenette as thumbnails.

use super::{Made, numbered, table};
use gradwise_data::{DataError, DataSpec, Set, Split};
use std::error::Error;
use std::fs;
use std::path::Path;

pub(super) fn all(from: &Path, to: &Path) -> Made {
    let cifar = images(DataSpec::new("cifar10"), 4000)?;
    let mut bytes = Vec::new();
    for (row, label) in rows(&cifar)?.iter().zip(super::known::labels(&cifar)?) {
        bytes.push(label);
        bytes.extend(row.iter().map(|x| *x as u8));
    }
    fs::write(to.join("cifar.bin"), bytes)?;
    let mut spec = DataSpec::new(from.join("imagenette-small.tar").display().to_string());
    spec.image_size = Some((12, 12));
    let set = images(spec, 1000)?;
    let labels = super::known::labels(&set)?.into_iter().map(super::known::named);
    let rows = rows(&set)?;
    table(&to.join("imagenette.csv"), &numbered(set.columns()), rows.iter().zip(labels))
}

fn images(mut spec: DataSpec, limit: usize) -> Result<Set, Box<dyn Error>> {
    spec.limit = Some(limit);
    spec.split = Split::new(Some(1.0), None, None)?;
    Ok(gradwise_data::open(&spec)?.train.raw())
}

fn rows(set: &Set) -> Result<Vec<Vec<f64>>, DataError> {
    let row = |i: u32| {
        let mut row = vec![0.0; set.columns()];
        set.gather(&[i], &mut row, set.columns())?;
        Ok(row.into_iter().map(f64::from).collect())
    };
    (0..set.rows() as u32).map(row).collect()
}
