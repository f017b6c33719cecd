//! Cross-entropy of many rows of few scores: a lane for each row.
//!
//! Ten classes fill no vector, and adding up the lanes of one takes longer than all
//! the rest. So a block of rows is turned on its side, and every lane works on a row
//! of its own. Wide rows, and scores that are not finite, go to [`super::rows`].

use super::simd::Simd;
use super::{math, rows};

/// The widest rows that are turned.
const FEW: usize = 32;
/// The most lanes of any instruction set.
const MOST_LANES: usize = 16;

/// Rows of scores with their labels.
#[derive(Clone, Copy, Debug)]
pub struct Scores {
    /// Score j of row i at `start[i·stride + j]`.
    pub start: *const f32,
    /// From one row to the next.
    pub stride: usize,
    /// Rows.
    pub rows: usize,
    /// Scores in a row.
    pub classes: usize,
    /// The label of each row.
    pub labels: *const f32,
}

/// As many rows as there are lanes: score j of all of them is vector j.
struct Turned<S> {
    scores: [f32; FEW * MOST_LANES],
    labels: S,
    /// The largest score of each row.
    top: S,
}

impl<S: Simd> Turned<S> {
    /// Turns rows `first` to `first + count`; `None` if they are wide or not finite.
    #[inline(always)]
    unsafe fn new(x: &Scores, first: usize, count: usize) -> Option<Self> {
        if x.classes > FEW || x.classes == 0 {
            return None;
        }
        // SAFETY: rows first..first + count exist; a block has at most LANES rows and
        // columns, and the room is LANES numbers for each column.
        unsafe {
            let zero = S::splat(0.0);
            let mut scores = [0.0; FEW * MOST_LANES];
            for column in (0..x.classes).step_by(S::LANES) {
                let from = x.start.add(first * x.stride + column);
                let to = scores.as_mut_ptr().add(column * S::LANES);
                S::transpose(from, x.stride, count, S::LANES.min(x.classes - column), to, S::LANES);
            }
            let labels = S::load_part(x.labels.add(first), S::part(count), zero);
            let mut turned = Turned { scores, labels, top: S::load(scores.as_ptr()) };
            let mut vanishing = zero;
            for j in 0..x.classes {
                let v = turned.vector(j);
                turned.top = turned.top.max(v);
                vanishing = v.fma(zero, vanishing);
            }
            (!S::any(vanishing.is_nan())).then_some(turned)
        }
    }

    #[inline(always)]
    unsafe fn vector(&self, j: usize) -> S {
        // SAFETY: j is below the number of classes.
        unsafe { S::load(self.scores.as_ptr().add(j * S::LANES)) }
    }

    #[inline(always)]
    unsafe fn set(&mut self, j: usize, v: S) {
        // SAFETY: as above.
        unsafe { v.store(self.scores.as_mut_ptr().add(j * S::LANES)) }
    }
}

/// y[i] = the loss of row i, as [`rows::cross_entropy`].
///
/// # Safety
/// The rows and labels must be readable and y writable; the processor must have the
/// instructions of `S`.
#[inline(always)]
pub(super) unsafe fn cross_entropies<S: Simd>(x: &Scores, y: *mut f32) {
    // SAFETY: rows stay below the number of rows.
    unsafe {
        for first in (0..x.rows).step_by(S::LANES) {
            let count = S::LANES.min(x.rows - first);
            match Turned::<S>::new(x, first, count) {
                Some(turned) => {
                    losses(&turned, x.classes).store_part(y.add(first), S::part(count));
                }
                None => {
                    for i in first..first + count {
                        let row = x.start.add(i * x.stride);
                        *y.add(i) = rows::cross_entropy::<S>(row, x.classes, *x.labels.add(i));
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn losses<S: Simd>(turned: &Turned<S>, classes: usize) -> S {
    // SAFETY: j stays below the number of classes.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        let (mut others, mut tops, mut own) = (zero, zero, S::splat(f32::NAN));
        for j in 0..classes {
            let v = turned.vector(j);
            let is_top = v.equals(turned.top);
            others = others + S::select(is_top, zero, math::exp(v - turned.top));
            tops = tops + S::select(is_top, one, zero);
            own = S::select(turned.labels.equals(S::splat(j as f32)), v, own);
        }
        // Of equal largest scores all but one count e⁰.
        (turned.top - own) + math::ln1p(others + (tops - one))
    }
}

/// Row i of y = the gradient of row i, as [`rows::cross_entropy_gradient`].
///
/// # Safety
/// As for [`cross_entropies`]; y must be writable for as many rows, `y_stride` apart.
#[inline(always)]
pub(super) unsafe fn cross_entropy_gradients<S: Simd>(x: &Scores, y: *mut f32, y_stride: usize) {
    // SAFETY: rows stay below the number of rows, blocks within the classes.
    unsafe {
        for first in (0..x.rows).step_by(S::LANES) {
            let count = S::LANES.min(x.rows - first);
            let to = y.add(first * y_stride);
            match Turned::<S>::new(x, first, count) {
                Some(mut turned) => {
                    gradients(&mut turned, x.classes);
                    for column in (0..x.classes).step_by(S::LANES) {
                        let from = turned.scores.as_ptr().add(column * S::LANES);
                        let columns = S::LANES.min(x.classes - column);
                        S::transpose(from, S::LANES, columns, count, to.add(column), y_stride);
                    }
                }
                None => {
                    for i in 0..count {
                        let row = x.start.add((first + i) * x.stride);
                        let label = *x.labels.add(first + i);
                        rows::cross_entropy_gradient::<S>(
                            row,
                            x.classes,
                            label,
                            to.add(i * y_stride),
                        );
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn gradients<S: Simd>(turned: &mut Turned<S>, classes: usize) {
    // SAFETY: j stays below the number of classes.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        let (mut all, mut others, mut known) = (zero, zero, S::splat(f32::NAN));
        for j in 0..classes {
            let e = math::exp(turned.vector(j) - turned.top);
            let is_label = turned.labels.equals(S::splat(j as f32));
            turned.set(j, e);
            all = all + e;
            others = others + S::select(is_label, zero, e);
            known = S::select(is_label, one, known);
        }
        let factor = known / all;
        for j in 0..classes {
            let is_label = turned.labels.equals(S::splat(j as f32));
            let p = turned.vector(j) * factor;
            turned.set(j, S::select(is_label, (others * factor).negated(), p));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};
    use super::Scores;
    use gradwise_graph::ops::{SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient};
    use gradwise_graph::{Operation, Tensor};

    /// Rows of normals with some special scores and labels, at a stride.
    fn check(rows: usize, classes: usize, special: Option<f32>, label: impl Fn(usize) -> f32) {
        let stride = classes + 3;
        let mut x = normals(7, rows * stride, 3.0);
        if let (Some(special), true) = (special, rows > 2) {
            x[2 * stride] = special;
        }
        let labels: Vec<f32> = (0..rows).map(label).collect();
        let wide = |v: &[f32], n: usize| {
            (0..rows)
                .flat_map(|i| v[i * n..i * n + classes].to_vec())
                .map(f64::from)
                .collect::<Vec<_>>()
        };
        let scores = Tensor::new([rows, classes], wide(&x, stride)).unwrap();
        let y = Tensor::vector(labels.iter().map(|l| f64::from(*l)).collect::<Vec<_>>());
        let expected = SoftmaxCrossEntropy.value(&[&scores, &y], &[rows]);
        let slopes = SoftmaxCrossEntropyGradient.value(&[&scores, &y], &[rows, classes]);
        for kernels in each() {
            let what = format!("{} {rows}×{classes}", kernels.isa);
            let all = Scores { start: x.as_ptr(), stride, rows, classes, labels: labels.as_ptr() };
            let (mut found, mut slope) = (vec![0.0; rows], vec![0.0; rows * stride]);
            // SAFETY: the rows, labels and results are as long as said.
            unsafe {
                (kernels.cross_entropies)(&all, found.as_mut_ptr());
                (kernels.cross_entropy_gradients)(&all, slope.as_mut_ptr(), stride);
            }
            found.iter().zip(expected.data()).for_each(|(f, e)| near(&what, *f, *e, 2e-6, 1e-44));
            let found = wide(&slope, stride);
            found
                .iter()
                .zip(slopes.data())
                .for_each(|(f, e)| near(&what, *f as f32, *e, 3e-6, 1e-44));
        }
    }

    #[test]
    fn rows_are_those_of_the_reference() {
        for rows in [0, 1, 2, 7, 8, 16, 17, 40] {
            for classes in [2, 3, 10, 16, 17, 32, 33, 50] {
                check(rows, classes, None, |i| (i * 7 % classes) as f32);
            }
        }
    }

    #[test]
    fn wrong_labels_and_special_scores_are_those_of_the_reference() {
        check(20, 10, None, |i| if i == 3 { -1.0 } else { 0.5 * i as f32 });
        for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            check(20, 10, Some(special), |i| (i % 10) as f32);
        }
    }

    #[test]
    fn a_tiny_loss_is_not_zero() {
        for kernels in each() {
            let (x, labels) = ([5.0, -20.0, -20.0], [0.0]);
            let row = Scores {
                start: x.as_ptr(),
                stride: 3,
                rows: 1,
                classes: 3,
                labels: labels.as_ptr(),
            };
            let mut loss = 0.0;
            // SAFETY: one row of three scores.
            unsafe { (kernels.cross_entropies)(&row, &mut loss) };
            assert_eq!(loss, 2.777_588_8e-11, "{}", kernels.isa);
        }
    }
}
