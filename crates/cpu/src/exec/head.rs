//! Fills a tile of a loop: the product, row function or other head that its
//! element-wise program then works on.

use super::Frame;
use super::block::Area;
use super::step::{Head, LoopStep, Place, Product, Slot};
use crate::kernels::{Kernels, ProductTile, Rows, Scores};
use crate::lower::ir::RowFunction;
use gradwise_graph::ops::Binary;

/// A tile's place: row i at `start + i·step`.
#[derive(Clone, Copy)]
struct Target {
    start: *mut f32,
    step: usize,
}

/// How much scratch memory the head of a loop needs: its tile, the transposed tile
/// of a product that is computed so, and what the product kernel packs into.
pub(crate) fn scratch_len(step: &LoopStep, kernels: &Kernels) -> usize {
    let tile = (step.tile_rows * step.tile_cols).next_multiple_of(16);
    match &step.head {
        Head::None => 0,
        Head::PackedProduct(p) => super::packed::scratch_len(step, p),
        Head::Product(p) => {
            let (_, n) = oriented(p, step.tile_rows, step.tile_cols);
            let packed = match p.narrow {
                true => kernels.narrow_scratch(n, p.inner),
                false => kernels.product_scratch(n, p.inner),
            };
            2 * tile + packed
        }
        _ => tile,
    }
}

/// The kernel's rows and columns for a tile of the loop.
fn oriented(product: &Product, rows: usize, cols: usize) -> (usize, usize) {
    if product.result_transposed { (cols, rows) } else { (rows, cols) }
}

impl Frame<'_> {
    /// Fills the tile `area`, in `scratch` or where the head's result belongs.
    pub(super) fn fill_head(&self, step: &LoopStep, area: &Area, scratch: *mut f32) {
        let target = match step.head_place {
            Place::Slot(slot) => {
                // SAFETY: the area lies in the loop's matrix.
                let start = unsafe { self.at(slot, area.r, area.c) };
                Target { start, step: self.stride(slot) }
            }
            _ => Target { start: scratch, step: area.cols },
        };
        // SAFETY: behind the tile in the scratch memory; see `scratch_len`.
        let rest = unsafe { scratch.add((step.tile_rows * step.tile_cols).next_multiple_of(16)) };
        match &step.head {
            Head::None | Head::PackedProduct(_) => {}
            Head::Product(product) => self.product(product, step, area, target, rest),
            Head::SumOfTwo { from } => self.sum_of_two(step, *from, area, target),
            Head::Dots { a, b, inner } => self.dots(*a, *b, *inner, area, target),
            Head::Rows { function, x, width, labels: Some(labels) } => {
                self.labelled(*function, *x, *width, *labels, area, target);
            }
            head => (0..area.rows).for_each(|i| {
                // SAFETY: row i of the tile.
                let y = unsafe { target.start.add(i * target.step) };
                self.row(head, area.r + i, area, y);
            }),
        }
    }

    fn product(&self, p: &Product, step: &LoopStep, area: &Area, to: Target, rest: *mut f32) {
        let full = step.tile_rows * step.tile_cols;
        let (m, n) = oriented(p, area.rows, area.cols);
        let (i, j) = oriented(p, area.r, area.c);
        let half = p.inner / 2;
        let (i, inner) = match p.in_two {
            true if area.r > 0 => (0, half..p.inner),
            true => (0, 0..half),
            false => (i, 0..p.inner),
        };
        let stride = self.stride(p.a);
        // SAFETY: rows i..i+m of A, columns j..j+n of B, and the tile are inside of
        // their matrices; the scratch memory was measured by `scratch_len`.
        unsafe {
            let scratch =
                if p.result_transposed { rest.add(full.next_multiple_of(16)) } else { rest };
            let (c, c_stride) = if p.result_transposed { (rest, n) } else { (to.start, to.step) };
            let tile = ProductTile {
                m,
                n,
                k: inner.len(),
                a: match p.a_transposed {
                    true => self.at(p.a, inner.start, i),
                    false => self.at(p.a, i, inner.start),
                },
                a_row: if p.a_transposed { 1 } else { stride },
                a_column: if p.a_transposed { stride } else { 1 },
                b: self.at(p.b, inner.start, j),
                b_stride: self.stride(p.b),
                c,
                c_stride,
                far: p.far,
                soon: p.soon.map(|slots| {
                    slots.map(|s| (self.at(s, area.r, area.c).cast_const(), self.stride(s)))
                }),
                scratch,
            };
            let kernel = if p.narrow { self.kernels.narrow } else { self.kernels.product };
            kernel(&tile);
            if p.result_transposed {
                (self.kernels.transpose)(c, c_stride, m, n, to.start, to.step);
            }
        }
    }

    /// Adds up what the product of each half of the inner dimension has left.
    fn sum_of_two(&self, step: &LoopStep, from: Slot, area: &Area, to: Target) {
        let add = self.kernels.binary(Binary::Add).vv;
        let stride = self.stride(from);
        // SAFETY: the lower half lies below the upper one, each as large as the loop.
        unsafe {
            let upper = self.at(from, area.r, area.c);
            let lower = self.at(from, step.rows + area.r, area.c);
            let matrices = [(upper, stride), (lower, stride), (to.start, to.step)];
            add(&Rows { rows: area.rows, n: area.cols, matrices });
        }
    }

    fn dots(&self, a: Slot, b: Slot, inner: usize, area: &Area, to: Target) {
        for i in 0..area.rows {
            // SAFETY: a row of A, `cols` rows of B, a row of the tile.
            unsafe {
                let (x, rows) = (self.at(a, area.r + i, 0), self.at(b, area.c, 0));
                (self.kernels.dot_rows)(
                    x,
                    rows,
                    self.stride(b),
                    area.cols,
                    inner,
                    to.start.add(i * to.step),
                );
            }
        }
    }

    /// Cross-entropy or its gradient for all rows of the tile.
    fn labelled(
        &self,
        function: RowFunction,
        x: Slot,
        width: usize,
        labels: Slot,
        area: &Area,
        to: Target,
    ) {
        // SAFETY: the tile's rows of the scores; labels are one row, read as a column.
        unsafe {
            let scores = Scores {
                start: self.at(x, area.r, 0),
                stride: self.stride(x),
                rows: area.rows,
                classes: width,
                labels: self.at(labels, 0, area.r),
            };
            match function {
                // A column of losses has no gaps.
                RowFunction::CrossEntropy => (self.kernels.cross_entropies)(&scores, to.start),
                _ => (self.kernels.cross_entropy_gradients)(&scores, to.start, to.step),
            }
        }
    }

    /// Fills row `r` of the tile; the tile has all columns.
    fn row(&self, head: &Head, r: usize, area: &Area, y: *mut f32) {
        let n = area.cols;
        // SAFETY: row r of each operand, which lowering made as wide as the kernel
        // reads; labels are one row that is read as a column.
        unsafe {
            match head {
                Head::Rows { function, x, width, .. } => {
                    let x = self.at(*x, r, 0);
                    match function {
                        RowFunction::LogSumExp => *y = (self.kernels.log_sum_exp)(x, *width),
                        _ => (self.kernels.softmax)(x, *width, y),
                    }
                }
                Head::OneHot { labels } => {
                    let label = *self.at(*labels, 0, r);
                    for c in 0..n {
                        *y.add(c) = f32::from(u8::from(label == c as f32));
                    }
                }
                Head::PickWinner { scores, from, pieces } => {
                    let (s, f) = (self.at(*scores, r, 0), self.at(*from, r, 0));
                    (self.kernels.pick_winner)(s, f, *pieces, n, y);
                }
                Head::ScatterWinner { scores, values, pieces } => {
                    let (s, v) = (self.at(*scores, r, 0), self.at(*values, r, 0));
                    (self.kernels.scatter_winner)(s, v, *pieces, n / pieces, y);
                }
                Head::Gather { x, columns } => {
                    let x = self.at(*x, r, 0);
                    for (c, &from) in columns.iter().enumerate() {
                        *y.add(c) = *x.add(from as usize);
                    }
                }
                Head::Scatter { x, columns } => {
                    let x = self.at(*x, r, 0);
                    std::slice::from_raw_parts_mut(y, n).fill(0.0);
                    for (c, &to) in columns.iter().enumerate() {
                        *y.add(to as usize) += *x.add(c);
                    }
                }
                Head::Random { random, step } => {
                    let generator = random.generator(f64::from(*self.at(*step, 0, 0)));
                    (self.kernels.uniforms)(generator, (r * n) as u64, y, n);
                }
                Head::None | Head::Product(_) | Head::PackedProduct(_) => {}
                Head::SumOfTwo { .. } | Head::Dots { .. } => {}
            }
        }
    }
}
