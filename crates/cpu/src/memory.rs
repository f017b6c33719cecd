//! Aligned memory for parameters and intermediate values.
//!
//! Big buffers ask for huge pages: a product walks down columns of matrices whose
//! rows are pages apart, and would otherwise miss the address cache at every row.

use crate::CpuError;
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

const HUGE: usize = 2 << 20;
const LINE: usize = 64;

/// A zeroed block of f32, aligned to a cache line, or to a huge page if large.
#[derive(Debug)]
pub(crate) struct Memory {
    start: NonNull<f32>,
    len: usize,
    layout: Layout,
}

// SAFETY: the block is owned and plain data; sharing follows &/&mut as for Vec.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// `len` zeros.
    pub fn new(len: usize, what: &str) -> Result<Self, CpuError> {
        let bytes = len.saturating_mul(4);
        let refused = || CpuError::Memory { what: what.into(), bytes };
        let align = if bytes >= HUGE { HUGE } else { LINE };
        let layout = Layout::from_size_align(bytes.max(LINE), align).map_err(|_| refused())?;
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc(layout) };
        let start = NonNull::new(start.cast::<f32>()).ok_or_else(refused)?;
        // Before anything is written: a small page, once there, stays small.
        advise_huge(start, layout);
        // SAFETY: the block is that large, and nobody else's.
        unsafe { start.as_ptr().cast::<u8>().write_bytes(0, layout.size()) };
        Ok(Memory { start, len, layout })
    }

    /// The first element.
    pub fn start(&self) -> *mut f32 {
        self.start.as_ptr()
    }

    /// All elements.
    pub fn as_slice(&self) -> &[f32] {
        // SAFETY: `len` initialized elements start here, borrowed as self is.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// All elements, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as above, and self is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.start.as_ptr().cast(), self.layout) }
    }
}

#[cfg(target_os = "linux")]
fn advise_huge(start: NonNull<f32>, layout: Layout) {
    if layout.align() == HUGE {
        // SAFETY: the range was just allocated; the advice changes no content, and
        // that it may be refused does not matter.
        unsafe { libc::madvise(start.as_ptr().cast(), layout.size(), libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge(_: NonNull<f32>, _: Layout) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_zeroed_aligned_and_of_the_right_length() {
        for len in [0, 1, 1000, 1 << 20] {
            let mut memory = Memory::new(len, "a test").unwrap();
            assert_eq!(memory.as_mut_slice().len(), len);
            assert!(memory.as_slice().iter().all(|x| *x == 0.0));
            assert_eq!(memory.start() as usize % LINE, 0);
        }
    }

    #[test]
    fn too_much_is_an_error() {
        assert!(matches!(Memory::new(usize::MAX / 8, "a test"), Err(CpuError::Memory { .. })));
    }
}
