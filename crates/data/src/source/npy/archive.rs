//! `.npz` archives: zip files of arrays, of which some are features and some targets.

use super::array::NpyArray;
use super::{Content, Parts, Reading, pair};
use crate::error::{DataError, listed};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use zip::ZipArchive;

/// Names of features and targets that go together: of training, validation and test.
const TRAIN: [(&str, &str); 8] = [
    ("x_train", "y_train"),
    ("train_x", "train_y"),
    ("train_images", "train_labels"),
    ("train_data", "train_labels"),
    ("x", "y"),
    ("data", "target"),
    ("images", "labels"),
    ("features", "labels"),
];
const VALIDATION: [(&str, &str); 4] =
    [("x_val", "y_val"), ("x_valid", "y_valid"), ("val_images", "val_labels"), ("val_x", "val_y")];
const TEST: [(&str, &str); 4] = [
    ("x_test", "y_test"),
    ("test_x", "test_y"),
    ("test_images", "test_labels"),
    ("test_data", "test_labels"),
];

pub(crate) fn read(path: &Path, reading: &Reading) -> Result<Parts, DataError> {
    let mut archive = Archive::open(path)?;
    let Some((x, y)) = archive.find(&TRAIN) else {
        return archive.only(reading).map(Parts::from);
    };
    if y.is_none() && reading.labelled {
        let reason = format!("it has features {x} and no targets such as y or labels");
        return Err(DataError::format(&archive.file, reason));
    }
    let main = archive.pair((x, y), reading)?;
    let mut part = |names: &[(&str, &str)]| match archive.find(names) {
        Some(names) => archive.pair(names, reading).map(Some),
        None => Ok(None),
    };
    let (validation, test) = (part(&VALIDATION)?, part(&TEST)?);
    Ok(Parts { main, validation, test })
}

struct Archive {
    file: String,
    zip: ZipArchive<BufReader<File>>,
    names: Vec<String>,
    size: u64,
}

impl Archive {
    fn open(path: &Path) -> Result<Self, DataError> {
        let file = path.display().to_string();
        let wrap = |e| DataError::io(&file, e);
        let opened = File::open(path).map_err(wrap)?;
        let size = opened.metadata().map_err(wrap)?.len();
        let zip = ZipArchive::new(BufReader::new(opened)).map_err(|e| {
            DataError::format(&file, format!("it is no .npz archive, or a damaged one: {e}"))
        })?;
        let bare = |name: std::borrow::Cow<str>| name.strip_suffix(".npy").map(String::from);
        let names = zip.file_names().flatten().filter_map(bare);
        let names = names.collect();
        Ok(Archive { file, zip, names, size })
    }

    /// The name in the archive, whatever its case.
    fn name(&self, wanted: &str) -> Option<String> {
        self.names.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned()
    }

    /// The first pair whose features are there, with its targets if they are.
    fn find(&self, pairs: &[(&str, &str)]) -> Option<(String, Option<String>)> {
        let found = |(x, y): &(&str, &str)| Some((self.name(x)?, self.name(y)));
        let complete = pairs.iter().filter_map(found).find(|(_, y)| y.is_some());
        complete.or_else(|| pairs.iter().find_map(found))
    }

    /// The only array, as features without targets.
    fn only(&mut self, reading: &Reading) -> Result<Content, DataError> {
        match self.names.as_slice() {
            [name] if !reading.labelled => self.pair((name.clone(), None), reading),
            names => {
                let reason = format!(
                    "it holds {}, where x and y, x_train and y_train, or data and target are needed",
                    listed(names)
                );
                Err(DataError::format(&self.file, reason))
            }
        }
    }

    fn pair(
        &mut self,
        (x, y): (String, Option<String>),
        reading: &Reading,
    ) -> Result<Content, DataError> {
        let features = self.array(&x)?;
        let targets = y.map(|y| self.array(&y)).transpose()?;
        pair(&self.file, features, targets, reading)
    }

    fn array(&mut self, name: &str) -> Result<NpyArray, DataError> {
        let file = format!("{}/{name}.npy", self.file);
        let entry = self.zip.by_name(&format!("{name}.npy"));
        let entry =
            entry.map_err(|e| DataError::format(&file, format!("it cannot be read: {e}")))?;
        NpyArray::read(&file, entry, Some(self.size))
    }
}

#[cfg(test)]
mod tests {
    use super::super::array::tests::file;
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn archive(folder: &Path, arrays: &[(&str, Vec<u8>)]) -> std::path::PathBuf {
        let path = folder.join("a.npz");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (i, (name, bytes)) in arrays.iter().enumerate() {
            let method = [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored][i % 2];
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(format!("{name}.npy"), options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    fn bytes(shape: &str, data: &[u8]) -> Vec<u8> {
        file("'|u1'", "False", shape, data)
    }

    #[test]
    fn parts_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(
            folder.path(),
            &[
                ("X_train", bytes("(3, 2, 2)", &[7; 12])),
                ("y_train", bytes("(3,)", &[0, 1, 0])),
                ("X_test", bytes("(1, 2, 2)", &[7; 4])),
                ("y_test", bytes("(1,)", &[1])),
            ],
        );
        let reading = Reading { labelled: true, ..Reading::default() };
        let parts = read(&path, &reading).unwrap();
        assert_eq!((parts.main.rows(), parts.test.unwrap().rows()), (3, 1));
        assert_eq!(parts.main.target, ["y"]);
        assert!(parts.main.array.unwrap().image.is_some());
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let reading = Reading { labelled: true, ..Reading::default() };
        let error = |arrays: &[(&str, Vec<u8>)]| {
            read(&archive(folder.path(), arrays), &reading).unwrap_err().to_string()
        };
        let x = || bytes("(3, 2)", &[7; 6]);
        assert!(
            error(&[("x", x()), ("y", bytes("(2,)", &[0, 1]))])
                .contains("3 rows of features have 2")
        );
        assert!(error(&[("x", x())]).contains("no targets"));
        assert!(error(&[("a", x()), ("b", x())]).contains("it holds"));
        std::fs::write(folder.path().join("b.npz"), b"PK").unwrap();
        assert!(read(&folder.path().join("b.npz"), &reading).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_archives_end_in_an_error_or_not(place in 0usize..400, byte: u8) {
            let folder = tempfile::tempdir().unwrap();
            let path = archive(folder.path(), &[("x", bytes("(3, 2)", &[7; 6])), ("y", bytes("(3,)", &[0; 3]))]);
            let mut content = std::fs::read(&path).unwrap();
            let length = content.len();
            content[place % length] = byte;
            std::fs::write(&path, content).unwrap();
            let _ = read(&path, &Reading { labelled: true, ..Reading::default() });
        }
    }
}
