//! Where the rows of features lie: in memory, where bytes stay bytes, or in a file.
//!
//! A CIFAR-10 record is one label byte and 3,072 pixels; an IDX file has a header
//! before its pixels. Both are kept as they were read: `offset` and `stride` say
//! where a row is, and nothing is copied.

use crate::affine::Affine;
use crate::error::DataError;
use crate::stream::FileRows;
use crate::unseen::Unseen;

/// The numbers of a [`Storage`].
#[derive(Clone, Debug)]
pub(crate) enum Values {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
    File(FileRows),
}

/// Rows of features. Row r has its first feature at `offset + r · stride`.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    values: Values,
    offset: usize,
    stride: usize,
    rows: usize,
    columns: usize,
    unseen: Vec<Unseen>,
}

impl Storage {
    /// Bytes as read from a file; every row must lie inside them.
    pub fn bytes(
        file: &str,
        bytes: Vec<u8>,
        layout: Layout,
        columns: usize,
    ) -> Result<Self, DataError> {
        let Layout { offset, stride, rows } = layout;
        let end = match rows {
            0 => Some(0),
            _ => stride.checked_mul(rows - 1).and_then(|n| n.checked_add(offset + columns)),
        };
        if end.is_none_or(|end| end > bytes.len()) {
            let claim = format!("{rows} rows of {columns} bytes");
            let reason = format!("{claim} do not fit into its {} bytes", bytes.len());
            return Err(DataError::format(file, reason));
        }
        let (values, unseen) = (Values::Bytes(bytes), Vec::new());
        Ok(Storage { values, offset, stride, rows, columns, unseen })
    }

    /// Numbers, row after row.
    pub fn floats(values: Vec<f32>, columns: usize) -> Self {
        let rows = values.len().checked_div(columns).unwrap_or(0);
        let (values, unseen) = (Values::Floats(values), Vec::new());
        Storage { values, offset: 0, stride: columns, rows, columns, unseen }
    }

    /// Rows in a file, which become `columns` features each.
    pub fn file(rows: FileRows, columns: usize) -> Self {
        let (count, unseen) = (rows.rows, Vec::new());
        let values = Values::File(rows);
        Storage { values, offset: 0, stride: columns, rows: count, columns, unseen }
    }

    /// The same of a table that has categories which the training data did not have.
    pub fn with_unseen(self, unseen: Vec<Unseen>) -> Self {
        Storage { unseen, ..self }
    }

    /// Categories that the training data did not have.
    pub fn unseen(&self) -> &[Unseen] {
        &self.unseen
    }

    /// The rows in a file, if they lie in one.
    pub fn as_file(&self) -> Option<&FileRows> {
        match &self.values {
            Values::File(rows) => Some(rows),
            Values::Bytes(_) | Values::Floats(_) => None,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn is_bytes(&self) -> bool {
        matches!(self.values, Values::Bytes(_))
    }

    /// Every row `times` times behind itself: grey pixels as red, green and blue.
    #[cfg(feature = "images")]
    pub fn repeated(&self, times: usize) -> Self {
        let columns = self.columns * times;
        let mut bytes = Vec::with_capacity(self.rows * columns);
        if let Values::Bytes(own) = &self.values {
            for row in 0..self.rows {
                let start = self.offset + row * self.stride;
                bytes.extend_from_slice(&own[start..][..self.columns].repeat(times));
            }
        }
        let values = Values::Bytes(bytes);
        let unseen = Vec::new();
        Storage { values, offset: 0, stride: columns, rows: self.rows, columns, unseen }
    }

    /// Writes rows through `affine` to `to`, row i at `i · stride`.
    pub fn copy_rows(
        &self,
        rows: impl Iterator<Item = usize>,
        affine: Option<&Affine>,
        to: &mut [f32],
        stride: usize,
    ) -> Result<(), DataError> {
        if let Values::File(file) = &self.values {
            return file.gather(&rows.collect::<Vec<_>>(), affine, self.columns, (to, stride));
        }
        for (i, row) in rows.enumerate() {
            self.copy_row(row, affine, &mut to[i * stride..][..self.columns]);
        }
        Ok(())
    }

    /// Writes a row in memory through `affine` to `to`, which has one place per column.
    pub fn copy_row(&self, row: usize, affine: Option<&Affine>, to: &mut [f32]) {
        let start = self.offset + row * self.stride;
        match (&self.values, affine) {
            (Values::File(_), _) => {}
            (Values::Bytes(v), None) => widen(&v[start..][..self.columns], to),
            (Values::Bytes(v), Some(a)) => a.apply_bytes(&v[start..][..self.columns], to),
            (Values::Floats(v), None) => to.copy_from_slice(&v[start..][..self.columns]),
            (Values::Floats(v), Some(a)) => a.apply(&v[start..][..self.columns], to),
        }
    }
}

/// Where rows lie in a byte buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// The first row's place.
    pub offset: usize,
    /// From a row to the next.
    pub stride: usize,
    /// How many there are.
    pub rows: usize,
}

fn widen(from: &[u8], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = f32::from(*from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_behind_header_and_labels() {
        let bytes = vec![9, 9, 7, 1, 2, 8, 3, 4];
        let layout = Layout { offset: 3, stride: 3, rows: 2 };
        let storage = Storage::bytes("f", bytes, layout, 2).unwrap();
        let mut row = [0.0; 2];
        storage.copy_rows([1].into_iter(), None, &mut row, 2).unwrap();
        assert_eq!(row, [3.0, 4.0]);
    }

    #[test]
    fn rows_outside_the_file_are_refused() {
        for (rows, stride) in [(3, 3), (usize::MAX, 3), (2, usize::MAX)] {
            let layout = Layout { offset: 3, stride, rows };
            assert!(Storage::bytes("f", vec![0; 8], layout, 2).is_err());
        }
    }
}
