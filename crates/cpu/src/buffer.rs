//! Numbers to be fed to a plan.
//!
//! A plan takes any slice, and reads one that starts at a cache line up to twice as
//! fast: a vector register of AVX-512 is a line wide, and of a `Vec`, which starts
//! anywhere, every load of one would touch two lines.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;
/// Numbers by which the start may have to move.
const ROOM: usize = LINE / size_of::<f32>() - 1;

/// A growing row of numbers that starts at a cache line.
#[derive(Debug, Default)]
pub struct Buffer {
    numbers: Vec<f32>,
    start: usize,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let mut buffer = Buffer::default();
        buffer.resize(len);
        buffer
    }

    /// Makes it `len` long. What is in it is kept if there is room already; else it is
    /// all zeros.
    pub fn resize(&mut self, len: usize) {
        if self.start + len > self.numbers.len() {
            self.numbers = vec![0.0; len + ROOM];
            // Where an address cannot be known, any start will do.
            self.start = self.numbers.as_ptr().align_offset(LINE).min(ROOM);
        }
        self.len = len;
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[self.start..self.start + self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.start..self.start + self.len]
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
            buffer.resize(len);
            assert_eq!(buffer.len(), len);
            assert_eq!(buffer.as_ptr().addr() % LINE, 0, "{len}");
            buffer.fill(1.0);
        }
        buffer.resize(2);
        assert_eq!(*buffer, [1.0, 1.0]);
        assert_eq!(*Buffer::zeros(3), [0.0; 3]);
    }
}
