//! Writes tables of texts and numbers as Apache Parquet, for pandas, Spark and the like.

use crate::error::DataError;
use std::io::Write;

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Texts.
    Texts(Vec<String>),
    /// Numbers; NaN stays NaN.
    Numbers(Vec<f32>),
}

/// A Parquet file of columns by name, all of the same length: no nulls, one row group,
/// compressed by snappy, which every reader knows. `file` is what errors call it.
///
/// # Errors
/// Columns of different lengths; a build without the feature `parquet`.
pub fn parquet(file: &str, columns: &[(&str, Cells)]) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let mut table = ParquetTable::new(file, &mut bytes);
    table.add(columns)?;
    table.finish()?;
    Ok(bytes)
}

/// A Parquet file that is written piece by piece, each a row group.
pub struct ParquetTable<W: Write + Send> {
    file: String,
    /// Where it goes, until the first piece says what the columns are.
    to: Option<W>,
    #[cfg(feature = "parquet")]
    writer: Option<SerializedFileWriter<W>>,
}

#[cfg(feature = "parquet")]
impl<W: Write + Send> ParquetTable<W> {
    /// A file without columns yet; `file` is what errors call it.
    pub fn new(file: &str, to: W) -> Self {
        ParquetTable { file: file.into(), to: Some(to), writer: None }
    }

    /// Adds rows of columns, the same ones each time.
    ///
    /// # Errors
    /// Columns of different lengths, what the system refused, a build without the feature
    /// `parquet`.
    pub fn add(&mut self, columns: &[(&str, Cells)]) -> Result<(), DataError> {
        self.added(columns).map_err(|e| failed(&self.file, &e))
    }

    fn added(&mut self, columns: &[(&str, Cells)]) -> Result<(), ParquetError> {
        if let Some(to) = self.to.take() {
            self.writer = Some(started(to, columns)?);
        }
        match &mut self.writer {
            Some(writer) => add_group(writer, columns),
            None => Ok(()),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the system refused.
    pub fn finish(mut self) -> Result<(), DataError> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.close().map(drop).map_err(|e| failed(&self.file, &e))
    }
}

/// Of a build that cannot.
#[cfg(not(feature = "parquet"))]
impl<W: Write + Send> ParquetTable<W> {
    /// A file that cannot be written.
    pub fn new(file: &str, to: W) -> Self {
        ParquetTable { file: file.into(), to: Some(to) }
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn add(&mut self, _: &[(&str, Cells)]) -> Result<(), DataError> {
        let reason = "this build writes no Parquet (feature `parquet`)";
        Err(DataError::format(&self.file, reason))
    }

    /// Nothing.
    ///
    /// # Errors
    /// None.
    pub fn finish(self) -> Result<(), DataError> {
        drop(self.to);
        Ok(())
    }
}

#[cfg(feature = "parquet")]
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, FloatType},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};
#[cfg(feature = "parquet")]
use std::sync::Arc;

#[cfg(feature = "parquet")]
fn failed(file: &str, error: &ParquetError) -> DataError {
    DataError::format(file, format!("it cannot be written: {error}"))
}

#[cfg(feature = "parquet")]
fn started<W: Write + Send>(
    to: W,
    columns: &[(&str, Cells)],
) -> Result<SerializedFileWriter<W>, ParquetError> {
    let fields = columns.iter().map(|(name, cells)| field(name, cells));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
    let settings = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    SerializedFileWriter::new(to, schema, Arc::new(settings))
}

#[cfg(feature = "parquet")]
fn add_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    columns: &[(&str, Cells)],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for (_, cells) in columns {
        let Some(mut column) = group.next_column()? else { break };
        match cells {
            Cells::Texts(texts) => {
                let texts: Vec<ByteArray> =
                    texts.iter().map(|text| ByteArray::from(text.as_str())).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
            }
            Cells::Numbers(numbers) => {
                column.typed::<FloatType>().write_batch(numbers, None, None)?;
            }
        }
        column.close()?;
    }
    group.close().map(drop)
}

#[cfg(feature = "parquet")]
fn field(name: &str, cells: &Cells) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match cells {
        Cells::Texts(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Cells::Numbers(_) => (Physical::FLOAT, None),
    };
    let builder = Type::primitive_type_builder(name, physical);
    let builder = builder.with_repetition(Repetition::REQUIRED).with_logical_type(logical);
    Ok(Arc::new(builder.build()?))
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use super::*;

    #[test]
    fn our_own_reader_reads_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let texts = ["cat", "日本, \"x\"", "cat", "dog"].map(String::from).to_vec();
        let numbers = vec![0.1, 2.0, -1e30, 4.0];
        let columns = [("kind", Cells::Texts(texts)), ("a.b", Cells::Numbers(numbers))];
        std::fs::write(&path, parquet("a.parquet", &columns).unwrap()).unwrap();
        let spec = crate::DataSpec::new(path.to_str().unwrap());
        let described = crate::describe(&spec).unwrap();
        assert_eq!(described.rows, 4);
        let names: Vec<&str> = described.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["kind", "a.b"]);
    }

    #[test]
    fn ragged_columns_are_an_error() {
        let columns = [("a", Cells::Numbers(vec![1.0])), ("b", Cells::Numbers(vec![1.0, 2.0]))];
        let text = parquet("a.parquet", &columns).unwrap_err().to_string();
        assert!(text.contains("a.parquet") && text.contains("cannot be written"), "{text}");
        assert!(parquet("a.parquet", &[("a", Cells::Numbers(Vec::new()))]).is_ok());
    }
}
