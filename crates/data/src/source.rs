//! Sources: whatever a name or a path stands for, as columns or as an array of rows.

pub(crate) mod bytes;
mod cifar;
pub(crate) mod csv;
mod embedded;
mod files;
mod idx;
#[cfg(feature = "images")]
mod images;
pub(crate) mod lines;
mod npy;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
mod synthetic;

use crate::error::{DataError, did_you_mean};
use crate::known::{self, FASHION, KNOWN, Known};
use crate::schema::Image;
use crate::storage::Storage;
use crate::table::{Cells, Column, Hints};
use files::Files;
use std::path::{Path, PathBuf};

pub use embedded::NAMES as EMBEDDED;
pub use synthetic::NAMES as SYNTHETIC;

/// Rows as they were read.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// What messages call it.
    pub file: String,
    /// The columns of a table; beside an array, its targets.
    pub columns: Vec<Column>,
    /// The features, if they are images or an array instead of columns.
    pub array: Option<Array>,
    /// The target columns, where the source knows them.
    pub target: Vec<String>,
}

/// Features that are all alike.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    pub storage: Storage,
    pub image: Option<Image>,
}

impl Content {
    pub fn rows(&self) -> usize {
        match &self.array {
            Some(array) => array.storage.rows(),
            None => self.columns.first().map_or(0, Column::rows),
        }
    }
}

/// A source with its official parts.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub main: Content,
    pub validation: Option<Content>,
    pub test: Option<Content>,
}

impl From<Content> for Parts {
    fn from(main: Content) -> Self {
        Parts { main, validation: None, test: None }
    }
}

/// What reading needs to know beside the name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub base_dir: Option<PathBuf>,
    pub hints: Hints,
    pub seed: u64,
    /// Height and width for folders of images.
    #[cfg_attr(not(feature = "images"), expect(dead_code))]
    pub image_size: Option<(usize, usize)>,
    /// Channels for folders of images; found from the images if `None`.
    #[cfg_attr(not(feature = "images"), expect(dead_code))]
    pub channels: Option<usize>,
    /// Whether the rows need answers; without, images may lie in no class folder.
    pub labelled: bool,
    /// Of a table only the first rows, about so many bytes of it; all if `None`.
    pub most: Option<u64>,
}

/// Reads what `name` stands for.
pub(crate) fn read(name: &str, reading: &Reading) -> Result<Parts, DataError> {
    if let Some(content) = embedded::read(name)? {
        return Ok(content.into());
    }
    if let Some(content) = synthetic::read(name, reading.seed)? {
        return Ok(content.into());
    }
    if let Some(known) = known::known(name) {
        return read_known(known, reading);
    }
    let path = match &reading.base_dir {
        Some(base) => base.join(name),
        None => PathBuf::from(name),
    };
    if path.exists() { read_path(&path, reading) } else { Err(not_found(name, &path)) }
}

fn not_found(name: &str, path: &Path) -> DataError {
    // What is written like a path is meant as one.
    if name.contains(['/', '.', std::path::MAIN_SEPARATOR]) && !name.contains('(') {
        return DataError::format(&path.display().to_string(), "there is no such file or folder");
    }
    let downloads = KNOWN.iter().map(|known| known.name);
    let known: Vec<&str> = EMBEDDED.into_iter().chain(SYNTHETIC).chain(downloads).collect();
    let reason = format!(
        "there is no {}, and {name:?} is none of the known data sets {}{}",
        path.display(),
        known.join(", "),
        did_you_mean(name, &known)
    );
    DataError::setting("source", reason)
}

fn read_known(known: &Known, reading: &Reading) -> Result<Parts, DataError> {
    let Some(path) = known::locate(known) else {
        let (name, folder) = (known.name, known::data_folder());
        let reason = format!(
            "{name} is not on this machine (not in {}); `gradwise data {name}` downloads it",
            folder.display()
        );
        return Err(DataError::setting("source", reason));
    };
    let mut parts = read_path(&path, reading)?;
    if known.name == "fashion-mnist" {
        [Some(&mut parts.main), parts.test.as_mut()].into_iter().flatten().for_each(name_classes);
    }
    Ok(parts)
}

/// Names the classes of Fashion-MNIST.
fn name_classes(content: &mut Content) {
    for column in &mut content.columns {
        if let Cells::Texts { values, .. } = &mut column.cells
            && values.len() == FASHION.len()
        {
            *values = FASHION.map(String::from).to_vec();
        }
    }
}

/// Whether a file's name says that it is a text table, gzipped or not.
pub(crate) fn is_text_table(path: &Path) -> bool {
    let lower = path.to_string_lossy().to_lowercase();
    let bare = lower.strip_suffix(".gz").unwrap_or(&lower);
    bare.rsplit_once('.').is_some_and(|(_, extension)| TEXT.contains(&extension))
}

/// How the names of text tables end.
const TEXT: [&str; 5] = ["csv", "tsv", "txt", "data", "tab"];

fn read_path(path: &Path, reading: &Reading) -> Result<Parts, DataError> {
    if path.is_dir() {
        return read_folder(path, reading);
    }
    let lower = path.to_string_lossy().to_lowercase();
    let bare = lower.strip_suffix(".gz").unwrap_or(&lower);
    match bare.rsplit_once('.').map(|(_, extension)| extension) {
        Some(text) if TEXT.contains(&text) => Ok(csv::read_file(path, reading)?.into()),
        Some("tar" | "tgz" | "xz") => read_files(&Files::of_archive(path)?, reading),
        Some("npy") => Ok(npy::read_file(path, reading)?.into()),
        Some("npz") => npy::read_archive(path, reading),
        Some("parquet" | "pq") => read_parquet(path, reading),
        Some("bin") => Ok(cifar::read_file(&Files::of_file(path))?.into()),
        Some("jpg" | "jpeg" | "png") => read_files(&Files::of_file(path), reading),
        _ if idx::is_idx(path)? => idx::read_file(path, reading.labelled),
        _ => {
            let reason = "its kind is not known: .csv, .tsv, .parquet, .npy, .npz, IDX \
                          (…-images-idx3-ubyte), CIFAR binaries and folders of images are";
            Err(DataError::format(&lower, reason))
        }
    }
}

fn read_folder(path: &Path, reading: &Reading) -> Result<Parts, DataError> {
    match idx::read_folder(path, reading.labelled)? {
        Some(parts) => Ok(parts),
        None => read_files(&Files::of_folder(path)?, reading),
    }
}

fn read_files(files: &Files, reading: &Reading) -> Result<Parts, DataError> {
    if let Some(parts) = cifar::read(files)? {
        return Ok(parts);
    }
    if let Some(parts) = read_images(files, reading)? {
        return Ok(parts);
    }
    let reason = "it holds neither IDX files, CIFAR binaries nor images (.jpg, .png) by class";
    Err(DataError::format(&files.name, reason))
}

#[cfg(feature = "images")]
fn read_images(files: &Files, reading: &Reading) -> Result<Option<Parts>, DataError> {
    images::read(files, reading)
}

#[cfg(not(feature = "images"))]
fn read_images(_: &Files, _: &Reading) -> Result<Option<Parts>, DataError> {
    Ok(None)
}

#[cfg(feature = "parquet")]
fn read_parquet(path: &Path, reading: &Reading) -> Result<Parts, DataError> {
    Ok(parquet::read_file(path, reading)?.into())
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(path: &Path, _: &Reading) -> Result<Parts, DataError> {
    let reason = "this build reads no Parquet (feature `parquet`)";
    Err(DataError::format(&path.display().to_string(), reason))
}
