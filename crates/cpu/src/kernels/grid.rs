//! The rows that a kernel works on.
//!
//! A block of a wide matrix is many short rows. Called once for each, a kernel
//! would spend more time on its constants than on the numbers.

/// `rows` rows of `n` numbers in each of some matrices.
#[derive(Clone, Copy, Debug)]
pub struct Rows<const MATRICES: usize> {
    /// Number of rows.
    pub rows: usize,
    /// Numbers in a row.
    pub n: usize,
    /// Of each matrix the first number, and the distance of the rows.
    pub matrices: [(*mut f32, usize); MATRICES],
}

impl<const MATRICES: usize> Rows<MATRICES> {
    /// A single row of each. Kernels write only where they say so.
    pub fn one(n: usize, starts: [*const f32; MATRICES]) -> Self {
        Rows { rows: 1, n, matrices: starts.map(|start| (start.cast_mut(), n)) }
    }

    /// The starts of row `i`.
    #[inline(always)]
    pub(super) fn row(&self, i: usize) -> [*mut f32; MATRICES] {
        self.matrices.map(|(start, step)| start.wrapping_add(i * step))
    }
}
