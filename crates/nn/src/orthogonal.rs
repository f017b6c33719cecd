//! Random matrices with orthonormal rows or columns.
//!
//! Householder's QR of a Gaussian matrix in f64, each column of Q turned to the
//! sign of R's diagonal: then Q is uniform over all orthogonal matrices (Mezzadri,
//! "How to generate random matrices from the classical compact groups", 2007).
//! Source of the init: Saxe, McClelland and Ganguli, ICLR 2014.

use crate::draw::share;

/// A `rows × columns` matrix, row-major, with orthonormal columns if there are at
/// least as many rows as columns, else with orthonormal rows. `normal(i)` gives
/// independent standard normal numbers.
pub fn orthogonal(rows: usize, columns: usize, normal: impl Fn(usize) -> f64) -> Vec<f64> {
    let (long, short) = (rows.max(columns), rows.min(columns));
    let gaussian = (0..short).map(|c| (0..long).map(|r| normal(c * long + r)).collect()).collect();
    let q = orthonormalize(gaussian);
    let element = |i: usize| {
        let (row, column) = (i / columns, i % columns);
        if rows >= columns { q[column][row] } else { q[row][column] }
    };
    (0..rows * columns).map(element).collect()
}

/// Reflections are applied by this many at a time, so that a column stays in the
/// nearest cache while they pass over it.
const PANEL: usize = 16;

/// The Q of a matrix given as columns, no more of them than they are long.
fn orthonormalize(mut columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut signs = Vec::with_capacity(columns.len());
    for start in (0..columns.len()).step_by(PANEL) {
        let end = (start + PANEL).min(columns.len());
        for k in start..end {
            let (done, rest) = columns.split_at_mut(k + 1);
            let reflector = &mut done[k][k..];
            signs.push(to_reflector(reflector));
            rest[..end - k - 1].iter_mut().for_each(|column| reflect(&mut column[k..], reflector));
        }
        let (done, rest) = columns.split_at_mut(end);
        for_each(rest, |column| {
            (start..end).for_each(|k| reflect(&mut column[k..], &done[k][k..]));
        });
    }
    unroll(&columns, &signs)
}

/// Turns x into the unit vector v of the reflection 1 − 2vvᵀ that maps x to a
/// multiple of e₁, and returns the sign of that multiple: R's diagonal.
fn to_reflector(x: &mut [f64]) -> f64 {
    let norm = dot(x, x).sqrt();
    let Some(first) = x.first_mut() else { return 1.0 };
    let sign = if *first > 0.0 { -1.0 } else { 1.0 };
    *first -= sign * norm;
    let length = dot(x, x).sqrt();
    if length > 0.0 {
        x.iter_mut().for_each(|v| *v /= length);
    }
    sign
}

fn reflect(x: &mut [f64], v: &[f64]) {
    let twice = 2.0 * dot(x, v);
    x.iter_mut().zip(v).for_each(|(x, v)| *x -= twice * v);
}

/// The columns of Q = H₁H₂…, each turned to the sign of R's diagonal, from the
/// reflectors below the diagonal.
fn unroll(reflectors: &[Vec<f64>], signs: &[f64]) -> Vec<Vec<f64>> {
    let unit = |(k, sign): (usize, &f64)| {
        let mut column = vec![0.0; reflectors[k].len()];
        column[k] = *sign;
        column
    };
    let mut q: Vec<Vec<f64>> = signs.iter().enumerate().map(unit).collect();
    for start in (0..q.len()).step_by(PANEL).rev() {
        let panel = start..(start + PANEL).min(q.len());
        for_each(&mut q[start..], |column| {
            panel.clone().rev().for_each(|k| reflect(&mut column[k..], &reflectors[k][k..]));
        });
    }
    q
}

/// Runs `f` on each column, on as many threads as there are processors if there
/// is work enough for them.
fn for_each(columns: &mut [Vec<f64>], f: impl Fn(&mut [f64]) + Sync) {
    let length = columns.first().map_or(0, Vec::len);
    let part = share(columns.len(), (1 << 15) / length.max(1));
    let f = &f;
    std::thread::scope(|scope| {
        let mut parts = columns.chunks_mut(part);
        let first = parts.next();
        for part in parts {
            scope.spawn(move || part.iter_mut().for_each(|column| f(column)));
        }
        first.into_iter().flatten().for_each(|column| f(column));
    });
}

/// Σ xᵢyᵢ in eight interleaved sums, so that the compiler may use vectors.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let tail: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        sums.iter_mut().zip(x).zip(y).for_each(|((sum, x), y)| *sum += x * y);
    }
    sums.iter().sum::<f64>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_graph::random::Philox;
    use proptest::prelude::*;

    fn check(rows: usize, columns: usize) {
        let random = Philox::new(5, 9);
        let q = orthogonal(rows, columns, |i| random.normal(i as u64));
        assert_eq!(q.len(), rows * columns);
        let (short, tall) = (rows.min(columns), rows >= columns);
        let at = |vector: usize, i: usize| {
            if tall { q[i * columns + vector] } else { q[vector * columns + i] }
        };
        for a in 0..short {
            for b in 0..=a {
                let product: f64 = (0..rows.max(columns)).map(|i| at(a, i) * at(b, i)).sum();
                let expected = f64::from(a == b);
                assert!((product - expected).abs() < 1e-13, "{rows}×{columns}: {a}·{b} {product}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn rows_or_columns_are_orthonormal(rows in 0usize..40, columns in 0usize..40) {
            check(rows, columns);
        }
    }

    #[test]
    fn large_ones_too() {
        check(300, 130);
        check(130, 300);
    }

    /// Without the sign fix, q₁₁ would never be positive.
    #[test]
    fn the_distribution_is_even() {
        let sum: f64 = (0..2000u64)
            .map(|seed| orthogonal(2, 2, |i| Philox::new(seed, 0).normal(i as u64))[0])
            .sum();
        assert!((sum / 2000.0).abs() < 0.05, "mean of the first element {}", sum / 2000.0);
    }
}
