//! IDX files, the format of MNIST: images and labels as a pair of files.
//!
//! Two zero bytes, the type of the numbers, the number of sizes, the sizes as 32-bit
//! big-endian numbers, then the numbers. Source: LeCun, Cortes & Burges, "The MNIST
//! database of handwritten digits", 1998.

use super::bytes::{self, unpack_error};
use super::{Array, Content, Parts};
use crate::error::DataError;
use crate::schema::Image;
use crate::storage::{Layout, Storage};
use crate::table::{Cells, Column};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Unsigned bytes, the only type that image sets use.
const BYTES: u8 = 0x08;

/// Whether a file starts as an IDX file of bytes does.
pub(crate) fn is_idx(path: &Path) -> Result<bool, DataError> {
    let mut input = bytes::open(path)?;
    let mut start = Vec::new();
    let read = input.bytes.by_ref().take(4).read_to_end(&mut start);
    read.map_err(|e| unpack_error(&input.name, e))?;
    Ok(matches!(start.as_slice(), [0, 0, 0x08..=0x0e, 1..=4]))
}

/// The official names: training images and labels, test images and labels.
const OFFICIAL: [&str; 2] = ["train", "t10k"];

/// Reads a folder with the official files, if it is one.
pub(crate) fn read_folder(folder: &Path, labelled: bool) -> Result<Option<Parts>, DataError> {
    let images = OFFICIAL.map(|part| find(&folder.join(format!("{part}-images-idx3-ubyte"))));
    let [train, test] = images;
    let pair = |images: &PathBuf| read_pair(images, labelled);
    match (train, test) {
        (None, None) => Ok(None),
        (Some(only), None) | (None, Some(only)) => Ok(Some(pair(&only)?.into())),
        (Some(train), Some(test)) => {
            let (main, test) = (pair(&train)?, Some(pair(&test)?));
            Ok(Some(Parts { main, validation: None, test }))
        }
    }
}

/// Reads a pair given by its images (or labels) file, and the official test pair if
/// it lies beside official training files.
pub(crate) fn read_file(path: &Path, labelled: bool) -> Result<Parts, DataError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let images = path.with_file_name(name.replacen("-labels-idx1", "-images-idx3", 1));
    let main = read_pair(&images, labelled)?;
    let test = match name.starts_with("train-") {
        true => find(&path.with_file_name("t10k-images-idx3-ubyte")),
        false => None,
    };
    let test = test.map(|test| read_pair(&test, labelled)).transpose()?;
    Ok(Parts { main, validation: None, test })
}

/// The file of that name, gzipped or not, with `-` or `.` before `idx`.
fn find(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let names = [name.clone(), format!("{name}.gz"), name.replace("-idx", ".idx")];
    names.into_iter().map(|name| path.with_file_name(name)).find(|path| path.is_file())
}

fn read_pair(images: &Path, labelled: bool) -> Result<Content, DataError> {
    let pixels = Idx::read(images)?;
    let (rows, sizes) = match pixels.sizes.as_slice() {
        [rows, sizes @ ..] if !sizes.is_empty() => (*rows, sizes),
        _ => {
            let reason = "it holds labels, not images; name the …-images-idx3-ubyte file";
            return Err(DataError::format(&pixels.file, reason));
        }
    };
    let image = match *sizes {
        [height, width] => Some(Image { channels: 1, height, width }),
        [channels, height, width] => Some(Image { channels, height, width }),
        _ => None,
    };
    let columns = sizes.iter().product();
    let label = match labels_path(images) {
        Some(path) => vec![read_labels(&path, rows)?],
        None if labelled => {
            let reason = "its labels are missing: …-labels-idx1-ubyte beside it";
            return Err(DataError::format(&pixels.file, reason));
        }
        None => Vec::new(),
    };
    let layout = Layout { offset: pixels.start, stride: columns, rows };
    let storage = Storage::bytes(&pixels.file, pixels.bytes, layout, columns)?;
    let (array, target) = (Some(Array { storage, image }), vec!["label".into()]);
    Ok(Content { file: pixels.file, columns: label, array, target })
}

fn labels_path(images: &Path) -> Option<PathBuf> {
    let name = images.file_name()?.to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let labels = name.replacen("images", "labels", 1).replacen("idx3", "idx1", 1);
    find(&images.with_file_name(labels)).filter(|labels| labels != images)
}

fn read_labels(path: &Path, rows: usize) -> Result<Column, DataError> {
    let labels = Idx::read(path)?;
    if labels.sizes != [rows] {
        let reason = format!("it has sizes {:?}, where {rows} images need one each", labels.sizes);
        return Err(DataError::format(&labels.file, reason));
    }
    let codes: Vec<u32> = labels.bytes[labels.start..].iter().map(|b| u32::from(*b)).collect();
    let classes = codes.iter().max().map_or(0, |most| most + 1);
    let values = (0..classes).map(|class| class.to_string()).collect();
    Ok(Column { name: "label".into(), cells: Cells::Texts { codes, values } })
}

/// A file of bytes: its header and its numbers.
struct Idx {
    file: String,
    sizes: Vec<usize>,
    /// Where the numbers start.
    start: usize,
    bytes: Vec<u8>,
}

impl Idx {
    fn read(path: &Path) -> Result<Self, DataError> {
        let input = bytes::open(path)?;
        let (file, on_disk) = (input.name, (!input.packed).then_some(input.size));
        Self::parse(file, input.bytes, on_disk)
    }

    /// Reads no more than the header claims, and keeps no more than there is.
    fn parse(file: String, mut from: impl Read, on_disk: Option<u64>) -> Result<Self, DataError> {
        let mut bytes = Vec::with_capacity(on_disk.unwrap_or(0) as usize);
        let mut take = |count: u64, bytes: &mut Vec<u8>| {
            let read = from.by_ref().take(count).read_to_end(bytes);
            read.map_err(|e| unpack_error(&file, e))
        };
        take(4, &mut bytes)?;
        let dimensions = match bytes.as_slice() {
            [0, 0, BYTES, n @ 1..=4] => usize::from(*n),
            [0, 0, kind, _] => {
                let reason = format!("its numbers have type 0x{kind:02x}; bytes (0x08) are known");
                return Err(DataError::format(&file, reason));
            }
            _ => {
                let reason = "it is no IDX file: those start with the bytes 0 0 8 and 1 to 4";
                return Err(DataError::format(&file, reason));
            }
        };
        take(4 * dimensions as u64, &mut bytes)?;
        let sizes: Vec<usize> = bytes[4..].chunks_exact(4).map(big_endian).collect();
        let claimed = sizes.iter().try_fold(1u64, |n, size| n.checked_mul(*size as u64));
        let start = bytes.len();
        let got = match claimed {
            Some(claimed) if sizes.len() == dimensions => {
                take(claimed.saturating_add(1), &mut bytes)? as u64
            }
            _ => 0,
        };
        if Some(got) != claimed || sizes.len() != dimensions {
            let more = if claimed.is_some_and(|claimed| got > claimed) { "more" } else { "fewer" };
            let sizes = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            let reason = format!("its header says {sizes} bytes, and {more} follow");
            return Err(DataError::format(&file, reason));
        }
        Ok(Idx { file, sizes, start, bytes })
    }
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(bytes: &[u8]) -> Result<Idx, String> {
        Idx::parse("f".into(), bytes, None).map_err(|e| e.to_string())
    }

    #[test]
    fn a_file_is_its_header_and_its_numbers() {
        let idx = parse(&[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 9]).unwrap();
        assert_eq!((idx.sizes, &idx.bytes[idx.start..]), (vec![2, 1], &[7, 9][..]));
    }

    #[test]
    fn bad_files_are_refused() {
        let error = |bytes: &[u8]| parse(bytes).map(|_| ()).unwrap_err();
        assert!(error(b"").contains("no IDX file"));
        assert!(error(&[0, 0, 9, 1]).contains("type 0x09"));
        assert!(error(&[0, 0, 8, 2, 0, 0]).contains("fewer"));
        assert!(error(&[0, 0, 8, 1, 0, 0, 0, 2, 1]).contains("says 2 bytes, and fewer"));
        assert!(error(&[0, 0, 8, 1, 0, 0, 0, 1, 1, 1]).contains("more follow"));
        let ten_gigabytes = [0, 0, 8, 2, 0, 1, 0, 0, 0, 2, 0, 0, 1];
        assert!(error(&ten_gigabytes).contains("says 65536 × 131072 bytes, and fewer"));
        let beyond = [&[0, 0, 8, 4][..], &[255; 16]].concat();
        assert!(error(&beyond).contains("fewer"));
    }

    #[test]
    fn a_pair_is_found_from_its_images() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6];
        std::fs::write(at("train-images-idx3-ubyte"), images).unwrap();
        let missing = read_file(&at("train-images-idx3-ubyte"), true).unwrap_err().to_string();
        assert!(missing.contains("labels are missing"), "{missing}");
        std::fs::write(at("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]).unwrap();
        for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
            let parts = read_file(&at(name), true).unwrap();
            assert_eq!((parts.main.rows(), parts.test.is_some()), (2, false));
        }
        assert!(read_folder(folder.path(), true).unwrap().is_some());
        std::fs::write(at("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 1]).unwrap();
        let error = read_folder(folder.path(), true).unwrap_err().to_string();
        assert!(error.contains("2 images need one each"), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_file_or_an_error(
            tail in prop::collection::vec(0u8..4, 0..40),
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let _ = parse(&bytes);
            let _ = parse(&[&[0, 0, 8][..], &tail].concat());
        }
    }
}
