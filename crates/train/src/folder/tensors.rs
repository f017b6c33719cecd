//! safetensors files: named f32 arrays with text metadata.

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
    pub values: Vec<f32>,
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
            let view = TensorView::new(Dtype::F32, array.sizes.clone(), bytes).map_err(wrong)?;
            views.push((array.name.as_str(), view));
        }
        let metadata: HashMap<String, String> = self.metadata.clone().into_iter().collect();
        let file = safetensors::serialize(views, Some(metadata)).map_err(wrong)?;
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

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn array_of(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Array, FolderError> {
    if view.dtype() != Dtype::F32 {
        let reason = format!("{name} is of type {}; only F32 is read", view.dtype());
        return Err(FolderError::content(path, reason));
    }
    let (words, _) = view.data().as_chunks::<4>();
    let values = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
    Ok(Array { name: name.into(), sizes: view.shape().to_vec(), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Tensors {
        let array = |name: &str, sizes: &[usize], values: &[f32]| Array {
            name: name.into(),
            sizes: sizes.to_vec(),
            values: values.to_vec(),
        };
        let arrays = vec![
            array("dense1.bias", &[0], &[]),
            array("dense1.weight", &[2, 1], &[f32::MIN_POSITIVE, f32::NAN]),
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
        let bits = |t: &Tensors| t.find("dense1.weight").unwrap().values.clone();
        let equal =
            bits(&read).iter().zip(bits(&example())).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(equal && read.find("dense1.bias").unwrap().sizes == [0]);
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
