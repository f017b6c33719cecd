//! Bytes of a file, unpacked where they are gzipped; memory grows as data arrive.

use crate::error::DataError;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Bytes that a file of any size may unpack to.
const ALWAYS_ALLOWED: u64 = 256 << 20;
/// Beyond that, how many times its size a file may unpack to. Real tables and images
/// stay under 100; deflate cannot pass 1,032.
const MOST_RATIO: u64 = 400;

/// A file opened for reading, gzip undone.
pub(crate) struct Input {
    /// What messages call it.
    pub name: String,
    /// The file's size on disk.
    pub size: u64,
    /// Whether it was gzipped.
    pub packed: bool,
    /// Its bytes, unpacked.
    pub bytes: Box<dyn Read>,
}

/// Opens a file; gzip is known by its first two bytes.
pub(crate) fn open(path: &Path) -> Result<Input, DataError> {
    let name = path.display().to_string();
    let wrap = |source| DataError::io(&name, source);
    let mut file = File::open(path).map_err(wrap)?;
    let size = file.metadata().map_err(wrap)?.len();
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic).map_err(wrap)?;
    let packed = magic == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).chain(file);
    let bytes: Box<dyn Read> = match packed {
        true => Box::new(Guard::new(
            MultiGzDecoder::new(BufReader::with_capacity(1 << 16, whole)),
            size,
        )),
        false => Box::new(whole),
    };
    Ok(Input { name, size, packed, bytes })
}

impl Input {
    /// Undoes xz too, which is known by its first bytes.
    #[cfg(feature = "archive")]
    pub fn unpack_xz(mut self) -> Result<Self, DataError> {
        let mut start = Vec::new();
        let read = self.bytes.by_ref().take(6).read_to_end(&mut start);
        read.map_err(|e| unpack_error(&self.name, e))?;
        let is_xz = start == *b"\xfd7zXZ\0";
        let whole = io::Cursor::new(start).chain(self.bytes);
        let bytes: Box<dyn Read> = match is_xz {
            true => Box::new(Guard::new(lzma_rust2::XzReader::new(whole, true), self.size)),
            false => Box::new(whole),
        };
        Ok(Input { packed: self.packed || is_xz, bytes, ..self })
    }

    /// All bytes.
    pub fn read_all(mut self) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        if !self.packed {
            bytes.reserve_exact(self.size as usize);
        }
        self.bytes.read_to_end(&mut bytes).map_err(|e| unpack_error(&self.name, e))?;
        Ok(bytes)
    }
}

/// An error of reading, with what a broken gzip file means.
pub(crate) fn unpack_error(name: &str, error: io::Error) -> DataError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            DataError::format(name, "the compressed data end early; copy or download it again")
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            DataError::format(name, format!("the compressed data are damaged: {error}"))
        }
        _ => DataError::io(name, error),
    }
}

/// Stops unpacking when it yields more than the file's size can mean in earnest.
struct Guard<R> {
    inner: R,
    left: u64,
}

impl<R> Guard<R> {
    fn new(inner: R, size: u64) -> Self {
        Guard { inner, left: ALWAYS_ALLOWED.max(size.saturating_mul(MOST_RATIO)) }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let reason = format!("it unpacks to over {MOST_RATIO} times its size");
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })?;
        Ok(count)
    }
}
