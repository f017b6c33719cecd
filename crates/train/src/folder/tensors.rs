//! safetensors files: named arrays of f32, or of f64 where an optimizer needs it,
//! with text metadata.

use super::atomic;
use super::error::FolderError;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A named array.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its name, such as `dense1.weight`.
    pub name: String,
    /// Its sizes, outermost first.
    pub sizes: Vec<usize>,
    /// Its elements, row-major.
    pub values: Elements,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

impl Array {
    /// An array of f32.
    pub fn new(name: impl Into<String>, sizes: Vec<usize>, values: Vec<f32>) -> Array {
        Array { name: name.into(), sizes, values: Elements::F32(values) }
    }

    /// Its elements, if they are f32.
    pub fn floats(&self) -> &[f32] {
        match &self.values {
            Elements::F32(values) => values,
            Elements::F64(_) => &[],
        }
    }

    /// Its elements, if they are f64.
    pub fn doubles(&self) -> &[f64] {
        match &self.values {
            Elements::F64(values) => values,
            Elements::F32(_) => &[],
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// The arrays.
    pub arrays: Vec<Array>,
    /// The metadata.
    pub metadata: BTreeMap<String, String>,
}

impl Tensors {
    /// The array of that name.
    pub fn find(&self, name: &str) -> Option<&Array> {
        self.arrays.iter().find(|a| a.name == name)
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write(&self, path: &Path) -> Result<(), FolderError> {
        let bytes: Vec<Vec<u8>> = self.arrays.iter().map(|a| bytes_of(&a.values)).collect();
        let wrong = |e: safetensors::SafeTensorError| FolderError::content(path, e.to_string());
        let mut views = Vec::with_capacity(bytes.len());
        for (array, bytes) in self.arrays.iter().zip(&bytes) {
            let kind = match array.values {
                Elements::F32(_) => Dtype::F32,
                Elements::F64(_) => Dtype::F64,
            };
            let view = TensorView::new(kind, array.sizes.clone(), bytes).map_err(wrong)?;
            views.push((array.name.as_str(), view));
        }
        let metadata: HashMap<String, String> = self.metadata.clone().into_iter().collect();
        let file = safetensors::serialize(views, Some(metadata)).map_err(wrong)?;
        let file =
            in_order(&file).ok_or_else(|| FolderError::content(path, "its header is lost"))?;
        atomic::write(path, &file)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that is missing, damaged, or holds other than f32.
    pub fn read(path: &Path) -> Result<Tensors, FolderError> {
        let bytes = std::fs::read(path).map_err(FolderError::io("read", path))?;
        let damaged = |e: safetensors::SafeTensorError| {
            FolderError::content(path, format!("it is not a whole safetensors file: {e}"))
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
        let file = SafeTensors::deserialize(&bytes).map_err(damaged)?;
        let arrays = file.iter().map(|(name, view)| array_of(path, name, &view));
        let mut arrays = arrays.collect::<Result<Vec<_>, _>>()?;
        arrays.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Tensors { arrays, metadata })
    }
}

/// The same file with the keys of its header in alphabetical order: the library
/// keeps metadata in a hash map, and the same run is to give the same bytes.
fn in_order(file: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = file.split_first_chunk::<8>()?;
    let (header, data) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    let header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let mut text = serde_json::to_vec(&header).ok()?;
    // Data start at a multiple of eight bytes; the format pads with spaces.
    text.resize(text.len().next_multiple_of(8), b' ');
    let length = (text.len() as u64).to_le_bytes();
    Some([&length[..], &text, data].concat())
}

fn bytes_of(values: &Elements) -> Vec<u8> {
    match values {
        Elements::F32(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Elements::F64(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

fn array_of(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Array, FolderError> {
    let values = match view.dtype() {
        Dtype::F32 => {
            let (words, _) = view.data().as_chunks::<4>();
            Elements::F32(words.iter().map(|w| f32::from_le_bytes(*w)).collect())
        }
        Dtype::F64 => {
            let (words, _) = view.data().as_chunks::<8>();
            Elements::F64(words.iter().map(|w| f64::from_le_bytes(*w)).collect())
        }
        other => {
            let reason = format!("{name} is of type {other}; only F32 and F64 are read");
            return Err(FolderError::content(path, reason));
        }
    };
    Ok(Array { name: name.into(), sizes: view.shape().to_vec(), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Tensors {
        let arrays = vec![
            Array::new("dense1.bias", vec![0], vec![]),
            Array::new("dense1.weight", vec![2, 1], vec![f32::MIN_POSITIVE, f32::NAN]),
            Array { name: "point".into(), sizes: vec![1], values: Elements::F64(vec![0.1]) },
        ];
        Tensors { arrays, metadata: [("run".to_string(), "seed = 0\n".to_string())].into() }
    }

    #[test]
    fn arrays_come_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        example().write(&path).unwrap();
        let read = Tensors::read(&path).unwrap();
        assert_eq!(read.metadata, example().metadata);
        let weight = read.find("dense1.weight").unwrap().floats();
        assert_eq!((weight[0], weight[1].to_bits()), (f32::MIN_POSITIVE, f32::NAN.to_bits()));
        assert_eq!(read.find("dense1.bias").unwrap().sizes, [0]);
        assert_eq!(read.find("point").unwrap().doubles(), [0.1]);
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let written = |i: usize| {
            let path = folder.path().join(i.to_string());
            let mut tensors = example();
            let more = (0..9).map(|key| (key.to_string(), String::new()));
            tensors.metadata.extend(more);
            tensors.write(&path).unwrap();
            std::fs::read(path).unwrap()
        };
        assert!((1..9).all(|i| written(i) == written(0)));
    }

    #[test]
    fn a_cut_file_is_refused_by_name_at_every_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        example().write(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let text = Tensors::read(&path).unwrap_err().to_string();
            assert!(text.contains("model.safetensors: it is not a whole"), "{text}");
        }
    }
}
