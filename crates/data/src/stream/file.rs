//! Rows of the same width in a file, read where they are needed.

use super::decode::Decode;
use crate::affine::Affine;
use crate::error::DataError;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Bytes that are read at once at most where rows lie near each other.
const SPAN: u64 = 1 << 20;
/// Bytes between two rows that are rather read than jumped over: a jump costs a disk
/// more than they do.
const GAP: u64 = 16 << 10;

/// Rows in a file.
#[derive(Clone, Debug)]
pub(crate) struct FileRows {
    /// What messages call the file.
    pub name: String,
    pub file: Arc<File>,
    /// Where the first row starts.
    pub offset: u64,
    /// Bytes of a row.
    pub width: usize,
    /// How many rows there are.
    pub rows: usize,
    /// Bytes of rows that training holds in memory to draw from.
    pub window: usize,
    /// How bytes become features.
    pub decode: Decode,
    /// Where files are made that are gone with the process.
    pub scratch: Arc<Path>,
}

impl FileRows {
    /// The bytes of `count` rows from `first` on, appended to `to`.
    pub fn read(&self, first: usize, count: usize, to: &mut Vec<u8>) -> Result<(), DataError> {
        let start = to.len();
        to.resize(start + count * self.width, 0);
        let offset = self.offset + first as u64 * self.width as u64;
        read_at(&self.file, &mut to[start..], offset).map_err(|e| DataError::io(&self.name, e))
    }

    /// Writes the `columns` features of rows, `places` in the file, to `to`, row i at
    /// `i · stride`.
    pub fn gather(
        &self,
        places: &[usize],
        affine: Option<&Affine>,
        columns: usize,
        (to, stride): (&mut [f32], usize),
    ) -> Result<(), DataError> {
        let mut start = 0;
        self.each_span(places, |bytes, inside| {
            for place in inside {
                let row = &bytes[place * self.width..][..self.width];
                self.decode.row(row, affine, &mut to[start..][..columns]);
                start += stride;
            }
        })
    }

    /// Reads spans of neighbouring rows one after the other, and tells which of their
    /// rows were asked for.
    pub fn each_span(
        &self,
        places: &[usize],
        mut visit: impl FnMut(&[u8], &mut dyn Iterator<Item = usize>),
    ) -> Result<(), DataError> {
        let (mut bytes, mut left) = (Vec::new(), places);
        while let Some(first) = left.first() {
            let (span, rest) = left.split_at(self.span(left));
            let last = span.last().unwrap_or(first);
            bytes.clear();
            self.read(*first, last - first + 1, &mut bytes)?;
            visit(&bytes, &mut span.iter().map(|place| place - first));
            left = rest;
        }
        Ok(())
    }

    /// How many of the rows are best read at once: ascending ones with small gaps.
    fn span(&self, places: &[usize]) -> usize {
        let width = self.width as u64;
        let near = |i: &usize| {
            let (first, before, place) = (places[0], places[i - 1], places[*i]);
            place > before
                && (place - before - 1) as u64 * width <= GAP
                && (place - first + 1) as u64 * width <= SPAN
        };
        1 + (1..places.len()).take_while(near).count()
    }
}

/// Fills `to` with the bytes from `offset` on.
#[cfg(unix)]
fn read_at(file: &File, to: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, to, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut to: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !to.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, to, offset)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => {
                to = &mut to[count..];
                offset += count as u64;
            }
        }
    }
    Ok(())
}
