//! `model.safetensors`: all that predicting takes.
//!
//! The arrays are the network's parameters and the fitted pre-processing
//! (`preprocess.STAGE.PART`); the metadata hold the run file with every default
//! filled in, the meaning of the columns and the steps of the pre-processing.

use super::error::FolderError;
use super::tensors::{Array, Tensors};
use gradwise_data::{Pipeline, Preprocess, Schema};
use serde::de::DeserializeOwned;
use std::path::Path;

/// The name of the file in a run folder.
pub const FILE: &str = "model.safetensors";
const FORMAT: &str = "gradwise model 1";

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The run file, as text.
    pub run: String,
    /// What the columns mean.
    pub schema: Schema,
    /// The fitted pre-processing.
    pub pipeline: Pipeline,
    /// The parameters.
    pub parameters: Vec<Array>,
}

impl Model {
    /// Writes it into a run folder.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write(self, folder: &Path) -> Result<(), FolderError> {
        let path = folder.join(FILE);
        let text = |json: serde_json::Result<String>| {
            json.map_err(|e| FolderError::content(&path, e.to_string()))
        };
        let metadata = [
            ("format", FORMAT.to_string()),
            ("run", self.run),
            ("schema", text(serde_json::to_string(&self.schema))?),
            ("preprocess", text(serde_json::to_string(&self.pipeline.steps))?),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_string(), value)).into();
        let fitted = self.pipeline.tensors().into_iter();
        let fitted = fitted.map(|t| Array::new(t.name, t.shape, t.values.to_vec()));
        let arrays = self.parameters.into_iter().chain(fitted).collect();
        Tensors { arrays, metadata }.write(&path)
    }

    /// Reads that of a run folder.
    ///
    /// # Errors
    /// A missing or damaged file, or one that is not a gradwise model.
    pub fn read(folder: &Path) -> Result<Model, FolderError> {
        let path = folder.join(FILE);
        let Tensors { arrays, metadata } = Tensors::read(&path)?;
        let get = |key: &str| metadata.get(key).map_or("", String::as_str);
        if get("format") != FORMAT {
            let reason = format!(
                "it is no model of this program: its format is {:?}, not {FORMAT:?}",
                get("format")
            );
            return Err(FolderError::content(&path, reason));
        }
        let steps: Vec<Preprocess> = parse(&path, "preprocess", get("preprocess"))?;
        let (fitted, parameters): (Vec<Array>, Vec<Array>) =
            arrays.into_iter().partition(|a| a.name.starts_with("preprocess."));
        let find = |name: &str| fitted.iter().find(|a| a.name == name).map(|a| a.floats().to_vec());
        let pipeline = Pipeline::from_tensors(&steps, find)
            .map_err(|e| FolderError::content(&path, e.to_string()))?;
        let schema = parse(&path, "schema", get("schema"))?;
        Ok(Model { run: get("run").into(), schema, pipeline, parameters })
    }
}

fn parse<T: DeserializeOwned>(path: &Path, key: &str, text: &str) -> Result<T, FolderError> {
    serde_json::from_str(text)
        .map_err(|e| FolderError::content(path, format!("its {key} cannot be read: {e}")))
}
