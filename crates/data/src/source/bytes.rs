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

/// The mark at the start of a UTF-8 text that some programs write.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

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

#[cfg(feature = "archive")]
impl Input {
    /// Undoes xz too, which is known by its first bytes.
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

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(bytes: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        bytes.for_each(|bytes| encoder.write_all(&bytes).unwrap());
        encoder.finish().unwrap()
    }

    fn unpack(content: &[u8]) -> Result<usize, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let mut input = open(file.path()).unwrap();
        let copied = io::copy(&mut input.bytes, &mut io::sink());
        copied.map(|n| n as usize).map_err(|e| unpack_error(&input.name, e).to_string())
    }

    #[test]
    fn gzip_is_undone_and_its_damage_said() {
        let content = packed([vec![7; 1000]].into_iter());
        assert_eq!(unpack(&content), Ok(1000));
        assert_eq!(unpack(b"plain"), Ok(5));
        assert!(unpack(&content[..content.len() - 9]).unwrap_err().contains("end early"));
        let mut damaged = content.clone();
        damaged[12] ^= 0x55;
        assert!(unpack(&damaged).is_err());
    }

    #[test]
    fn a_bomb_is_stopped() {
        let content = packed(std::iter::repeat_n(vec![0; 1 << 20], 300));
        assert!(unpack(&content).unwrap_err().contains("times its size"));
    }
}
