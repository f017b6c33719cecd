//! Small data sets that are part of the program, for first steps and for tests.
//!
//! All four are from the UCI machine learning repository (CC BY 4.0): optical
//! recognition of handwritten digits (Alpaydin & Kaynak 1998), iris (Fisher 1936),
//! wine (Aeberhard & Forina 1991), breast cancer Wisconsin (Wolberg et al. 1993).

use super::{Array, Content, csv};
use crate::error::DataError;
use crate::schema::Image;
use crate::storage::{Layout, Storage};
use crate::table::{Cells, Column, Hints};
use flate2::read::GzDecoder;

/// Their names.
pub const NAMES: [&str; 4] = ["digits", "iris", "wine", "breast-cancer"];

const DIGITS: &[u8] = include_bytes!("../../embedded/digits.csv.gz");
const IRIS: &[u8] = include_bytes!("../../embedded/iris.csv");
const WINE: &[u8] = include_bytes!("../../embedded/wine.csv");
const BREAST_CANCER: &[u8] = include_bytes!("../../embedded/breast-cancer.csv");

/// The data set of that name, if there is one.
pub(crate) fn read(name: &str) -> Result<Option<Content>, DataError> {
    let bytes = match name {
        "digits" => return digits().map(Some),
        "iris" => IRIS,
        "wine" => WINE,
        "breast-cancer" => BREAST_CANCER,
        _ => return Ok(None),
    };
    let content = csv::read(name, bytes, &Hints::default())?;
    Ok(Some(Content { target: vec!["target".into()], ..content }))
}

/// The digits as images of bytes, 0 to 16.
fn digits() -> Result<Content, DataError> {
    let image = Image { channels: 1, height: 8, width: 8 };
    let table = csv::read("digits", GzDecoder::new(DIGITS), &Hints::default())?;
    let (targets, pixels): (Vec<Column>, Vec<Column>) =
        table.columns.into_iter().partition(|c| c.name == "digit");
    let rows = targets.first().map_or(0, Column::rows);
    let mut bytes = vec![0; rows * image.columns()];
    for (place, column) in pixels.iter().enumerate() {
        let Cells::Numbers(numbers) = &column.cells else { continue };
        for (line, x) in bytes.chunks_exact_mut(image.columns()).zip(numbers) {
            line[place] = *x as u8;
        }
    }
    let layout = Layout { offset: 0, stride: image.columns(), rows };
    let storage = Storage::bytes("digits", bytes, layout, image.columns())?;
    Ok(Content {
        file: "digits".into(),
        columns: targets,
        array: Some(Array { storage, image: Some(image) }),
        target: vec!["digit".into()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_have_their_rows() {
        for (name, rows) in [("digits", 1797), ("iris", 150), ("wine", 178), ("breast-cancer", 569)]
        {
            assert_eq!(read(name).unwrap().unwrap().rows(), rows, "{name}");
        }
        assert!(read("moons").unwrap().is_none());
    }
}
