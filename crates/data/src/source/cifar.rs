//! The binary versions of CIFAR-10 and CIFAR-100: records of labels and 32 × 32
//! pixels in three channels.
//!
//! A record of CIFAR-10 is its class and 3,072 bytes: the red channel row by row,
//! then green, then blue. CIFAR-100 has the coarse class before the fine one, which
//! is the one used. Source: Krizhevsky, "Learning multiple layers of features from
//! tiny images", 2009. Records stay in memory as they lie in the files.

use super::files::{Entry, Files};
use super::{Array, Content, Parts};
use crate::error::DataError;
use crate::schema::Image;
use crate::storage::{Layout, Storage};
use crate::table::{Cells, Column};

const IMAGE: Image = Image { channels: 3, height: 32, width: 32 };
const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// One of the two versions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Version {
    classes: usize,
    /// Label bytes before the pixels; the last one is the class.
    labels: usize,
    /// The file of class names.
    names: &'static str,
}

const CIFAR10: Version = Version { classes: 10, labels: 1, names: "batches.meta.txt" };
const CIFAR100: Version = Version { classes: 100, labels: 2, names: "fine_label_names.txt" };

impl Version {
    fn record(self) -> usize {
        self.labels + IMAGE.columns()
    }
}

/// Reads a folder or archive with the official files, if it is one.
pub(crate) fn read(files: &Files) -> Result<Option<Parts>, DataError> {
    let part = |start: &str| -> Vec<&Entry> {
        let is_part = |e: &&Entry| e.path.starts_with(start) && e.path.ends_with(".bin");
        files.entries().iter().filter(is_part).collect()
    };
    let (version, train, test) = match (part("data_batch"), part("train")) {
        (batches, _) if !batches.is_empty() => (CIFAR10, batches, part("test_batch")),
        (_, train) if !train.is_empty() => (CIFAR100, train, part("test")),
        _ => return Ok(None),
    };
    let names = class_names(files, version)?;
    let content = |part: &[&Entry]| read_part(&files.name, part, version, &names);
    let main = content(&train)?;
    let test = if test.is_empty() { None } else { Some(content(&test)?) };
    Ok(Some(Parts { main, validation: None, test }))
}

/// Reads one `.bin` file, whose version its size tells.
pub(crate) fn read_file(files: &Files) -> Result<Content, DataError> {
    let parts: Vec<&Entry> = files.entries().iter().collect();
    let size: u64 = parts.iter().map(|e| e.size()).sum();
    let fits = |v: &Version| size > 0 && size.is_multiple_of(v.record() as u64);
    let version = [CIFAR10, CIFAR100].into_iter().find(fits).ok_or_else(|| {
        let reason = format!(
            "it has {size} bytes, which are neither records of 3,073 (CIFAR-10) nor of 3,074 \
             (CIFAR-100)"
        );
        DataError::format(&files.name, reason)
    })?;
    read_part(&files.name, &parts, version, &class_names(files, version)?)
}

fn class_names(files: &Files, version: Version) -> Result<Vec<String>, DataError> {
    let text = match files.find(version.names) {
        Some(entry) => String::from_utf8_lossy(&entry.read()?).into_owned(),
        None => String::new(),
    };
    let names: Vec<String> =
        text.lines().map(str::trim).filter(|l| !l.is_empty()).map(String::from).collect();
    Ok(match (names.len() == version.classes, version == CIFAR10) {
        (true, _) => names,
        (false, true) => CLASSES.map(String::from).to_vec(),
        (false, false) => (0..version.classes).map(|class| class.to_string()).collect(),
    })
}

fn read_part(
    name: &str,
    parts: &[&Entry],
    version: Version,
    names: &[String],
) -> Result<Content, DataError> {
    let record = version.record();
    let mut bytes = Vec::with_capacity(parts.iter().map(|e| e.size() as usize).sum());
    for part in parts {
        let start = bytes.len();
        part.append(&mut bytes)?;
        let size = bytes.len() - start;
        if size == 0 || !size.is_multiple_of(record) {
            let file = format!("{name}/{}", part.path);
            let reason = format!("its {size} bytes are not whole records of {record}");
            return Err(DataError::format(&file, reason));
        }
    }
    let rows = bytes.len() / record;
    let label = |row: usize| bytes.get(row * record + version.labels - 1).copied();
    let codes: Vec<u32> = (0..rows).filter_map(label).map(u32::from).collect();
    if let Some(row) = codes.iter().position(|code| *code as usize >= version.classes) {
        let reason = format!("{} is no class; there are {}", codes[row], version.classes);
        return Err(DataError::cell(name, row, "label", reason));
    }
    let layout = Layout { offset: version.labels, stride: record, rows };
    let storage = Storage::bytes(name, bytes, layout, IMAGE.columns())?;
    let cells = Cells::Texts { codes, values: names.to_vec() };
    Ok(Content {
        file: name.into(),
        columns: vec![Column { name: "label".into(), cells }],
        array: Some(Array { storage, image: Some(IMAGE) }),
        target: vec!["label".into()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let files = Files::of_folder(folder.path()).unwrap();
        (folder, files)
    }

    fn record(labels: &[u8], first: u8) -> Vec<u8> {
        let mut record = labels.to_vec();
        record.resize(labels.len() + 3072, 0);
        record[labels.len()] = first;
        record
    }

    #[test]
    fn records_are_read_in_place() {
        let (_folder, files) = folder(&[
            ("data_batch_1.bin", record(&[3], 7)),
            ("data_batch_2.bin", record(&[9], 8)),
            ("test_batch.bin", record(&[0], 9)),
        ]);
        let parts = read(&files).unwrap().unwrap();
        assert_eq!((parts.main.rows(), parts.test.unwrap().rows()), (2, 1));
        let mut row = vec![0.0; 3072];
        parts.main.array.unwrap().storage.copy_row(1, None, &mut row);
        assert_eq!(row[0], 8.0);
        let Cells::Texts { codes, values } = &parts.main.columns[0].cells else { panic!() };
        assert_eq!((codes.as_slice(), values[3].as_str()), (&[3, 9][..], "cat"));
    }

    #[test]
    fn a_hundred_classes_use_the_fine_label() {
        let (_folder, files) = folder(&[("train.bin", record(&[1, 99], 7))]);
        let parts = read(&files).unwrap().unwrap();
        let Cells::Texts { codes, .. } = &parts.main.columns[0].cells else { panic!() };
        assert_eq!(codes.as_slice(), &[99]);
        assert_eq!(read_file(&files).unwrap().rows(), 1);
    }

    #[test]
    fn damaged_files_are_refused() {
        let mut short = record(&[3], 7);
        short.pop();
        let (_folder, files) = folder(&[("data_batch_1.bin", short)]);
        assert!(read(&files).unwrap_err().to_string().contains("not whole records of 3073"));
        assert!(read_file(&files).unwrap_err().to_string().contains("neither records"));
        let (_folder, files) = folder(&[("data_batch_1.bin", record(&[10], 7))]);
        let error = read(&files).unwrap_err().to_string();
        assert!(error.contains("row 1, column \"label\": 10 is no class"), "{error}");
        let (_folder, files) = folder(&[("data_batch_1.bin", Vec::new())]);
        assert!(read(&files).is_err());
    }
}
