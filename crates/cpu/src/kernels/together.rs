//! Moments of several values, or moments and sums over columns, in one pass: what the
//! probes of a layer's weights want of each block, of which every load and every call
//! is paid once.

use super::grid::Rows;
use super::moments::{MomentsPart, Sweep, in_two_passes, moments, rows_apart};
use super::reduce::{BLOCK, add_rows, add_sizes};
use super::simd::Simd;

/// The moments of a − b and of b.
///
/// # Safety
/// The rows must be readable for n numbers; the processor must have the instructions of
/// `S`.
#[inline(always)]
pub(super) unsafe fn moments_of_step<S: Simd>(rows: &Rows<2>) -> [MomentsPart; 2] {
    // SAFETY: rows, and parts of rows, lie within what the caller vouches for.
    unsafe {
        if rows.rows * rows.n <= BLOCK {
            return of_block::<S>(rows);
        }
        let mut all = [MomentsPart::EMPTY; 2];
        for row in 0..rows.rows {
            for start in (0..rows.n).step_by(BLOCK) {
                let matrices = rows.row(row).map(|x| (x.add(start), 0));
                let n = BLOCK.min(rows.n - start);
                let [step, old] = of_block::<S>(&Rows { rows: 1, n, matrices });
                all = [all[0].merge(step), all[1].merge(old)];
            }
        }
        all
    }
}

#[inline(always)]
unsafe fn of_block<S: Simd>(rows: &Rows<2>) -> [MomentsPart; 2] {
    // SAFETY: vectors and parts of them stay within the rows.
    unsafe {
        let zero = S::splat(0.0);
        let (mut steps, mut olds, mut sums) = (Sweep::<S>::new(), Sweep::<S>::new(), [zero; 2]);
        let whole = rows.n - rows.n % S::LANES;
        for row in 0..rows.rows {
            let [a, b] = rows.row(row);
            for i in (0..whole).step_by(S::LANES) {
                let old = S::load(b.add(i));
                let step = S::load(a.add(i)) - old;
                sums = [sums[0] + step, sums[1] + old];
                steps.add(step);
                olds.add(old);
            }
            if whole < rows.n {
                let part = S::part(rows.n - whole);
                let (nan, old) = (S::splat(f32::NAN), S::load_part(b.add(whole), part, zero));
                let v = S::load_part(a.add(whole), part, zero) - old;
                steps.add_lanes(v, S::load_part(a.add(whole), part, nan) - old);
                let old = olds.add_part(b.add(whole), rows.n - whole);
                sums = [sums[0] + v, sums[1] + old];
            }
        }
        let (count, [step, old]) = (rows.rows * rows.n, sums.map(|sum| f64::from(sum.sum())));
        let step = match steps.part(step, count) {
            Some((part, true)) => part,
            Some((part, false)) => part.about(deviations_of_step::<S>(rows, part.mean as f32)),
            None => any_step::<S>(rows),
        };
        let (start, apart) = rows.matrices[1];
        [step, settled::<S>(olds.part(old, count), start, rows.rows, rows.n, apart)]
    }
}

/// The moments of rows that a sweep found, or what it cannot say.
#[inline(always)]
unsafe fn settled<S: Simd>(
    found: Option<(MomentsPart, bool)>,
    x: *const f32,
    rows: usize,
    n: usize,
    step: usize,
) -> MomentsPart {
    // SAFETY: as the caller vouches for the rows.
    unsafe {
        match found {
            Some((part, true)) => part,
            Some((part, false)) => part.about(rows_apart::<S>(x, rows, n, step, part.mean as f32)),
            None => moments::<S>(x, rows, n, step),
        }
    }
}

/// Σ (a − b − mean)² and Σ (a − b − mean).
#[inline(always)]
unsafe fn deviations_of_step<S: Simd>(rows: &Rows<2>, mean: f32) -> (f64, f64) {
    // SAFETY: lanes beyond the row are the mean, which is no deviation.
    unsafe {
        let (mean, zero) = (S::splat(mean), S::splat(0.0));
        let (mut squares, mut sum) = (zero, zero);
        for row in 0..rows.rows {
            let [a, b] = rows.row(row);
            for i in (0..rows.n).step_by(S::LANES) {
                let part = S::part((rows.n - i).min(S::LANES));
                let old = S::load_part(b.add(i), part, zero);
                let apart = S::load_part(a.add(i), part, mean) - old - mean;
                squares = apart.fma(apart, squares);
                sum = sum + apart;
            }
        }
        (f64::from(squares.sum()), f64::from(sum.sum()))
    }
}

/// The moments of any a − b.
#[inline(always)]
unsafe fn any_step<S: Simd>(rows: &Rows<2>) -> MomentsPart {
    let (mut all, mut buffer) = (MomentsPart::EMPTY, [0.0; 256]);
    for row in 0..rows.rows {
        let [a, b] = rows.row(row);
        for start in (0..rows.n).step_by(buffer.len()) {
            let n = buffer.len().min(rows.n - start);
            // SAFETY: the numbers stand in the rows, and that many in the buffer.
            unsafe {
                for (i, step) in (start..start + n).zip(&mut buffer) {
                    *step = *a.add(i) - *b.add(i);
                }
                all = all.merge(in_two_passes::<S>(buffer.as_ptr(), n));
            }
        }
    }
    all
}

/// The moments of rows; sums += each row, sizes += each row of absolute values.
///
/// # Safety
/// The rows must be readable for n numbers, `sums` and `sizes` writable for as many and
/// apart from them; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn moments_and_columns<S: Simd>(
    rows: &Rows<1>,
    sums: *mut f32,
    sizes: *mut f32,
) -> MomentsPart {
    let [(start, apart)] = rows.matrices;
    // SAFETY: columns stay below n, rows below theirs.
    unsafe {
        if rows.rows * rows.n > BLOCK {
            add_rows::<S>(sums, rows);
            add_sizes::<S>(sizes, rows);
            return moments::<S>(start, rows.rows, rows.n, apart);
        }
        let zero = S::splat(0.0);
        let (mut all, mut total) = ([Sweep::<S>::new(); 2], zero);
        let pairs = rows.n - rows.n % (2 * S::LANES);
        for i in (0..pairs).step_by(2 * S::LANES) {
            let (mut sum, mut size) = ([zero; 2], [zero; 2]);
            for row in 0..rows.rows {
                let [x] = rows.row(row);
                for way in 0..2 {
                    let v = S::load(x.add(i + way * S::LANES));
                    sum[way] = sum[way] + v;
                    size[way] = size[way] + v.abs();
                    all[way].add(v);
                }
            }
            for way in 0..2 {
                let at = i + way * S::LANES;
                (S::load(sums.add(at)) + sum[way]).store(sums.add(at));
                (S::load(sizes.add(at)) + size[way]).store(sizes.add(at));
                total = total + sum[way];
            }
        }
        for i in (pairs..rows.n).step_by(S::LANES) {
            let (n, mut sum, mut size) = ((rows.n - i).min(S::LANES), zero, zero);
            for row in 0..rows.rows {
                let v = all[0].add_part(rows.row(row)[0].add(i), n);
                sum = sum + v;
                size = size + v.abs();
            }
            let part = S::part(n);
            (S::load_part(sums.add(i), part, zero) + sum).store_part(sums.add(i), part);
            (S::load_part(sizes.add(i), part, zero) + size).store_part(sizes.add(i), part);
            total = total + sum;
        }
        let [a, b] = all;
        let found = a.with(b).part(f64::from(total.sum()), rows.rows * rows.n);
        settled::<S>(found, start, rows.rows, rows.n, apart)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{each, near, normals};
    use super::*;
    use gradwise_graph::ops::Moments;
    use gradwise_graph::{Operation, Tensor};

    const SIZES: [(usize, usize); 7] =
        [(1, 1), (3, 5), (64, 64), (7, 33), (5, 1000), (0, 4), (9, 500)];

    /// Rows of n numbers with gaps behind, of which none counts.
    fn spaced(x: &[f32], n: usize) -> Vec<f32> {
        let row = |row: &[f32]| [row, &[f32::NAN; 3]].concat();
        x.chunks(n).flat_map(row).collect()
    }

    /// Around 0, around a large mean, all the same, and with what is not finite.
    fn kinds(stream: u64, count: usize) -> [Vec<f32>; 4] {
        let x = normals(stream, count, 2.0);
        let far = x.iter().map(|x| 1000.0 + x).collect();
        let mut broken = x.clone();
        broken.iter_mut().step_by(11).for_each(|x| *x = f32::INFINITY);
        broken.iter_mut().skip(3).step_by(17).for_each(|x| *x = 0.0);
        [x, far, vec![0.1; count], broken]
    }

    fn are_those_of(what: &str, part: MomentsPart, x: &[f64]) {
        let expected = Moments.value(&[&Tensor::vector(x)], &[7]);
        for ((name, found), value) in Moments::NAMES.iter().zip(part.summary()).zip(expected.data())
        {
            near(&format!("{what}: {name}"), found, *value, 1e-5, 2e-7);
        }
    }

    #[test]
    fn moments_of_a_step_are_those_of_the_reference() {
        for (rows, n) in SIZES {
            for (old, other) in kinds(1, rows * n).iter().zip(kinds(2, rows * n)) {
                let new: Vec<f32> = old.iter().zip(&other).map(|(a, b)| a + b * 1e-2).collect();
                let (a, b) = (spaced(&new, n), spaced(old, n));
                let at = |x: &[f32]| (x.as_ptr().cast_mut(), n + 3);
                let step: Vec<f64> = new.iter().zip(old).map(|(a, b)| f64::from(a - b)).collect();
                let old: Vec<f64> = old.iter().map(|x| f64::from(*x)).collect();
                for kernels in each() {
                    let both = Rows { rows, n, matrices: [at(&a), at(&b)] };
                    // SAFETY: that many rows are there.
                    let [of_step, of_old] = unsafe { (kernels.moments_of_step)(&both) };
                    are_those_of(&format!("{} step {rows}×{n}", kernels.isa), of_step, &step);
                    are_those_of(&format!("{} old {rows}×{n}", kernels.isa), of_old, &old);
                }
            }
        }
    }

    #[test]
    fn moments_come_with_the_sums_of_columns() {
        for (rows, n) in SIZES {
            for x in kinds(3, rows * n) {
                let with_gaps = spaced(&x, n);
                let matrices = [(with_gaps.as_ptr().cast_mut(), n + 3)];
                let wide: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
                for kernels in each() {
                    let (mut sums, mut sizes) = (vec![1.0f32; n], vec![2.0f32; n]);
                    let (to, beside) = (sums.as_mut_ptr(), sizes.as_mut_ptr());
                    let of = Rows { rows, n, matrices };
                    // SAFETY: that many rows are there, and sums of columns.
                    let part = unsafe { (kernels.moments_and_columns)(&of, to, beside) };
                    are_those_of(&format!("{} {rows}×{n}", kernels.isa), part, &wide);
                    for c in 0..n {
                        let column = || wide.iter().skip(c).step_by(n);
                        let size = column().map(|x| x.abs()).sum::<f64>();
                        near("sum", sums[c], 1.0 + column().sum::<f64>(), 1e-5, size * 1e-6);
                        near("sizes", sizes[c], 2.0 + size, 1e-5, 0.0);
                    }
                }
            }
        }
    }
}
