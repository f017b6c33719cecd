//! Numbers to be fed to a plan.
//!
//! A plan takes any slice, and reads one that starts at a cache line up to twice as
//! fast: a vector register of AVX-512 is a line wide, and of a `Vec`, which starts
//! anywhere, every load of one would touch two lines.

use crate::CpuError;
use crate::memory::Memory;
use std::ops::{Deref, DerefMut};

/// A growing row of numbers that starts at a cache line, or at a huge page if it is large.
#[derive(Debug, Default)]
pub struct Buffer {
    memory: Option<Memory>,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    ///
    /// # Errors
    /// So much memory is not to be had.
    pub fn zeros(len: usize) -> Result<Self, CpuError> {
        let mut buffer = Buffer::default();
        buffer.resize(len)?;
        Ok(buffer)
    }

    /// Makes it `len` long. What is in it is kept if there is room already; else it is
    /// all zeros.
    ///
    /// # Errors
    /// So much memory is not to be had.
    pub fn resize(&mut self, len: usize) -> Result<(), CpuError> {
        if self.memory.as_ref().is_none_or(|memory| memory.as_slice().len() < len) {
            self.memory = Some(Memory::new(len, "a batch")?);
        }
        self.len = len;
        Ok(())
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.memory.as_ref().map_or(&[], |memory| &memory.as_slice()[..self.len])
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        self.memory.as_mut().map_or(&mut [], |memory| &mut memory.as_mut_slice()[..self.len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_at_a_line_whatever_its_length() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        for len in [1, 15, 16, 17, 3, 0, 1000, 4097] {
            buffer.resize(len).unwrap();
            assert_eq!(buffer.len(), len);
            assert_eq!(buffer.as_ptr().addr() % 64, 0, "{len}");
            buffer.fill(1.0);
        }
        buffer.resize(2).unwrap();
        assert_eq!(*buffer, [1.0, 1.0]);
        assert_eq!(*Buffer::zeros(3).unwrap(), [0.0; 3]);
    }
}
