//! Moments and extremes of numbers, in one pass over a block where all are finite.
//!
//! As for sums, the order is a function of the sizes alone.

use super::reduce::BLOCK;
use super::simd::Simd;

/// Moments and extremes of some numbers, to be merged with those of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MomentsPart {
    /// How many numbers are finite.
    pub count: u64,
    /// The mean of the finite numbers.
    pub mean: f64,
    /// Σ (x − mean)² of the finite numbers.
    pub m2: f64,
    /// The smallest finite number; +∞ if there is none.
    pub min: f32,
    /// The largest finite number; −∞ if there is none.
    pub max: f32,
    /// How many numbers are 0.
    pub zeros: u64,
    /// How many numbers are infinite or NaN.
    pub nonfinite: u64,
}

impl MomentsPart {
    /// The moments of no numbers.
    pub const EMPTY: MomentsPart = MomentsPart {
        count: 0,
        mean: 0.0,
        m2: 0.0,
        min: f32::INFINITY,
        max: f32::NEG_INFINITY,
        zeros: 0,
        nonfinite: 0,
    };

    /// The moments of both parts' numbers.
    ///
    /// Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise
    /// algorithm for computing sample variances", 1979.
    pub fn merge(self, other: MomentsPart) -> MomentsPart {
        let count = self.count + other.count;
        let share = if count == 0 { 0.0 } else { other.count as f64 / count as f64 };
        let apart = other.mean - self.mean;
        MomentsPart {
            count,
            mean: self.mean + apart * share,
            m2: self.m2 + other.m2 + apart * apart * share * self.count as f64,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            zeros: self.zeros + other.zeros,
            nonfinite: self.nonfinite + other.nonfinite,
        }
    }

    /// The same numbers' moments by Σ(x − m)² and Σ(x − m), m being the mean in f32.
    pub(super) fn about(self, (squares, apart): (f64, f64)) -> MomentsPart {
        let shift = apart / self.count as f64;
        let mean = f64::from(self.mean as f32) + shift;
        MomentsPart { mean, m2: (squares - apart * shift).max(0.0), ..self }
    }

    /// The seven numbers of the graph's `Moments`: count, mean, standard
    /// deviation, minimum, maximum, share of zeros, share of non-finite numbers.
    pub fn summary(&self) -> [f32; 7] {
        let all = self.count + self.nonfinite;
        let share = |n: u64| if all == 0 { 0.0 } else { (n as f64 / all as f64) as f32 };
        let (min, max) = if self.count == 0 { (0.0, 0.0) } else { (self.min, self.max) };
        let variance = if self.count == 0 { 0.0 } else { self.m2 / self.count as f64 };
        let (zeros, nonfinite) = (share(self.zeros), share(self.nonfinite));
        [all as f32, self.mean as f32, variance.sqrt() as f32, min, max, zeros, nonfinite]
    }
}

/// Finite lanes kept, others replaced.
#[inline(always)]
fn finite_or<S: Simd>(x: S, other: S) -> S {
    S::select((x * 0.0).equals(x.like(0.0)), x, other)
}

/// First pass over a block: count, sum, extremes and zeros.
#[inline(always)]
unsafe fn survey<S: Simd>(x: *const f32, n: usize) -> MomentsPart {
    // SAFETY: `i` stays below n, and lanes beyond it are NaN, which none counts.
    unsafe {
        let (zero, one) = (S::splat(0.0), S::splat(1.0));
        let (low, high) = (S::splat(f32::INFINITY), S::splat(f32::NEG_INFINITY));
        let (mut count, mut sum, mut zeros) = (zero, zero, zero);
        let (mut min, mut max) = (low, high);
        for i in (0..n).step_by(S::LANES) {
            let v = load_or_nan::<S>(x.add(i), n - i);
            count = count + S::select((v * 0.0).equals(zero), one, zero);
            sum = sum + finite_or(v, zero);
            zeros = zeros + S::select(v.equals(zero), one, zero);
            min = min.min(finite_or(v, low));
            max = max.max(finite_or(v, high));
        }
        let finite = count.sum();
        let mean = if finite == 0.0 { 0.0 } else { f64::from(sum.sum()) / f64::from(finite) };
        let count = finite as u64;
        MomentsPart {
            count,
            mean,
            m2: 0.0,
            min: min.smallest(),
            max: max.largest(),
            zeros: zeros.sum() as u64,
            nonfinite: n as u64 - count,
        }
    }
}

#[inline(always)]
unsafe fn load_or_nan<S: Simd>(x: *const f32, n: usize) -> S {
    // SAFETY: the caller vouches for n numbers and the instructions of S.
    unsafe {
        if n >= S::LANES { S::load(x) } else { S::load_part(x, S::part(n), S::splat(f32::NAN)) }
    }
}

/// Second pass: Σ (x − mean)² and Σ (x − mean), which corrects the mean.
#[inline(always)]
pub(super) unsafe fn deviations<S: Simd>(x: *const f32, n: usize, mean: f32) -> (f64, f64) {
    // SAFETY: `i` stays below n, and lanes beyond it are NaN, which count as the mean.
    unsafe {
        let (mut squares, mut sum) = (S::splat(0.0), S::splat(0.0));
        let mean = S::splat(mean);
        for i in (0..n).step_by(S::LANES) {
            let apart = finite_or(load_or_nan::<S>(x.add(i), n - i), mean) - mean;
            squares = apart.fma(apart, squares);
            sum = sum + apart;
        }
        (f64::from(squares.sum()), f64::from(sum.sum()))
    }
}

/// The moments of `rows` rows of n numbers, each `step` numbers after the last.
///
/// # Safety
/// As for [`super::reduce::sum`], of every row.
#[inline(always)]
pub(super) unsafe fn moments<S: Simd>(
    x: *const f32,
    rows: usize,
    n: usize,
    step: usize,
) -> MomentsPart {
    // SAFETY: rows, and parts of rows, lie within what the caller vouches for.
    unsafe {
        if rows * n <= BLOCK {
            return block_moments::<S>(x, rows, n, step);
        }
        let mut all = MomentsPart::EMPTY;
        for row in 0..rows {
            for start in (0..n).step_by(BLOCK) {
                let part = x.add(row * step + start);
                all = all.merge(block_moments::<S>(part, 1, BLOCK.min(n - start), step));
            }
        }
        all
    }
}

/// The moments of rows that make a block: in one pass, if all numbers are finite.
#[inline(always)]
unsafe fn block_moments<S: Simd>(x: *const f32, rows: usize, n: usize, step: usize) -> MomentsPart {
    // SAFETY: as the caller vouches.
    unsafe {
        if let Some(part) = sweep::<S>(x, rows, n, step) {
            return part;
        }
        let mut all = MomentsPart::EMPTY;
        for row in 0..rows {
            all = all.merge(in_two_passes::<S>(x.add(row * step), n));
        }
        all
    }
}

/// The moments of a block in one pass; `None` if some numbers are not finite.
#[inline(always)]
unsafe fn sweep<S: Simd>(x: *const f32, rows: usize, n: usize, step: usize) -> Option<MomentsPart> {
    // SAFETY: vectors and parts of them stay within the rows.
    unsafe {
        let (mut all, mut sums) = ([Sweep::<S>::new(); 2], [S::splat(0.0); 2]);
        for row in 0..rows {
            let (start, pairs) = (x.add(row * step), n - n % (2 * S::LANES));
            for i in (0..pairs).step_by(2 * S::LANES) {
                for way in 0..2 {
                    let v = S::load(start.add(i + way * S::LANES));
                    sums[way] = sums[way] + v;
                    all[way].add(v);
                }
            }
            for i in (pairs..n).step_by(S::LANES) {
                sums[0] = sums[0] + all[0].add_part(start.add(i), (n - i).min(S::LANES));
            }
        }
        let sum = f64::from((sums[0] + sums[1]).sum());
        let [a, b] = all;
        match a.with(b).part(sum, rows * n)? {
            (part, true) => Some(part),
            (part, false) => Some(part.about(rows_apart::<S>(x, rows, n, step, part.mean as f32))),
        }
    }
}

/// Σ (x − mean)² and Σ (x − mean) of rows.
#[inline(always)]
pub(super) unsafe fn rows_apart<S: Simd>(
    x: *const f32,
    rows: usize,
    n: usize,
    step: usize,
    mean: f32,
) -> (f64, f64) {
    let (mut squares, mut sum) = (0.0, 0.0);
    for row in 0..rows {
        // SAFETY: the caller vouches for the rows.
        let of_row = unsafe { deviations::<S>(x.add(row * step), n, mean) };
        (squares, sum) = (squares + of_row.0, sum + of_row.1);
    }
    (squares, sum)
}

/// What a pass over finite numbers gathers beside their sum, lane by lane.
#[derive(Clone, Copy)]
pub(super) struct Sweep<S> {
    squares: S,
    min: S,
    max: S,
    zeros: u32,
}

impl<S: Simd> Sweep<S> {
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        // SAFETY: the caller vouches for the instructions of S.
        unsafe {
            let (low, high) = (S::splat(f32::INFINITY), S::splat(f32::NEG_INFINITY));
            Sweep { squares: S::splat(0.0), min: low, max: high, zeros: 0 }
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, v: S) {
        self.add_lanes(v, v);
    }

    /// Adds n numbers, which are less than a vector; them, with zeros behind.
    #[inline(always)]
    pub(super) unsafe fn add_part(&mut self, x: *const f32, n: usize) -> S {
        // SAFETY: the caller vouches for n numbers.
        unsafe {
            let (part, zero) = (S::part(n), S::splat(0.0));
            let v = S::load_part(x, part, zero);
            self.add_lanes(v, S::load_part(x, part, zero.like(f32::NAN)));
            v
        }
    }

    /// Adds a vector; `known` is NaN in lanes that do not count, and `v` 0.
    #[inline(always)]
    pub(super) fn add_lanes(&mut self, v: S, known: S) {
        self.squares = v.fma(v, self.squares);
        self.zeros += S::count(known.equals(known.like(0.0)));
        self.min = known.min(self.min);
        self.max = known.max(self.max);
    }

    /// Both of two.
    #[inline(always)]
    pub(super) fn with(self, other: Self) -> Self {
        Sweep {
            squares: self.squares + other.squares,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            zeros: self.zeros + other.zeros,
        }
    }

    /// The moments of the `count` numbers that were added, whose sum this is; `None` if
    /// some are not finite.
    ///
    /// Σx² less what the mean has of it loses as many digits as the one has more than
    /// the other. So where the mean is beyond the deviation the answer is false, and
    /// [`MomentsPart::about`] is to have the last word.
    #[inline(always)]
    pub(super) fn part(self, sum: f64, count: usize) -> Option<(MomentsPart, bool)> {
        if count == 0 || !sum.is_finite() {
            return None;
        }
        let (mean, squares) = (sum / count as f64, f64::from(self.squares.sum()));
        let m2 = squares - sum * mean;
        let part = MomentsPart {
            count: count as u64,
            mean,
            m2: m2.max(0.0),
            min: self.min.smallest(),
            max: self.max.largest(),
            zeros: u64::from(self.zeros),
            nonfinite: 0,
        };
        Some((part, squares.is_finite() && m2 >= squares / 2.0))
    }
}

/// The moments of any numbers that fit into a block.
#[inline(always)]
pub(super) unsafe fn in_two_passes<S: Simd>(x: *const f32, n: usize) -> MomentsPart {
    // SAFETY: as the caller vouches.
    unsafe {
        let mut part = survey::<S>(x, n);
        if part.count > 0 {
            let near = part.mean as f32;
            part = part.about(deviations::<S>(x, n, near));
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each, near, normals};
    use gradwise_graph::ops::Moments;
    use gradwise_graph::{Operation, Tensor};

    fn check_moments(x: &[f32], cut: usize) {
        let wide = Tensor::vector(x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        let expected = Moments.value(&[&wide], &[7]);
        for kernels in each() {
            let (a, b) = x.split_at(cut);
            // SAFETY: slices with their lengths.
            let part = |x: &[f32]| unsafe { (kernels.moments)(x.as_ptr(), 1, x.len(), x.len()) };
            let actual = part(a).merge(part(b)).summary();
            for (i, name) in Moments::NAMES.iter().enumerate() {
                near(&format!("{} {name}", kernels.isa), actual[i], expected.data()[i], 1e-5, 1e-7);
            }
        }
    }

    /// Rows with gaps, whose numbers are the same as without.
    #[test]
    fn gaps_between_rows_do_not_count() {
        for (rows, n) in [(3, 5), (64, 64), (7, 33), (5, 1000), (0, 4), (4, 0)] {
            let mut x = normals(5, rows * n, 1.0);
            x.iter_mut().for_each(|x| *x = x.max(0.0));
            let mut gaps = vec![f32::NAN; rows * (n + 3)];
            for (to, from) in gaps.chunks_exact_mut(n + 3).zip(x.chunks_exact(n.max(1))) {
                to[..n].copy_from_slice(from);
            }
            for kernels in each() {
                // SAFETY: that many rows are there.
                let [a, b] = [(&x, n), (&gaps, n + 3)]
                    .map(|(x, step)| unsafe { (kernels.moments)(x.as_ptr(), rows, n, step) });
                assert_eq!(a.summary(), b.summary(), "{rows} rows of {n}");
            }
        }
    }

    #[test]
    fn moments_are_those_of_the_reference() {
        for n in LENGTHS {
            let mut x = normals(n as u64, n, 3.0);
            check_moments(&x, n / 3);
            x.iter_mut().for_each(|x| *x = x.max(0.0) + 100.0);
            check_moments(&x, n / 2);
            for (i, x) in x.iter_mut().enumerate() {
                match i % 7 {
                    1 => *x = 0.0,
                    3 => *x = f32::NAN,
                    4 => *x = f32::NEG_INFINITY,
                    _ => {}
                }
            }
            check_moments(&x, n / 5);
        }
        check_moments(&[f32::NAN, f32::INFINITY], 1);
    }
}
