//! Eigenvectors from recorded reflections and rotations, strip by strip.

use super::ql::Rotations;
use super::tridiagonal::Reduced;
use crate::parallel;

/// Columns of a strip: 3,072 rows of them are 0.8 MB, which stays in a second-level
/// cache.
const WIDTH: usize = 32;

/// A line of a strip.
type Line = [f64; WIDTH];

/// The eigenvectors as rows, in the order of the eigenvalues that QL found.
pub(crate) fn apply(reduced: &Reduced, rotations: &Rotations, n: usize) -> Vec<f64> {
    let mut strips: Vec<Vec<Line>> = vec![Vec::new(); n.div_ceil(WIDTH)];
    let jobs = strips.iter_mut().enumerate();
    parallel::for_each(
        jobs,
        || (),
        |(i, strip), ()| {
            *strip = identity(i, n);
            reflect(strip, reduced, n);
            rotate(strip, rotations);
        },
    );
    let mut vectors = vec![0.0; n * n];
    for (i, strip) in strips.iter().enumerate() {
        for (row, line) in vectors.chunks_exact_mut(n).zip(strip) {
            let place = i * WIDTH..n.min((i + 1) * WIDTH);
            let width = place.len();
            row[place].copy_from_slice(&line[..width]);
        }
    }
    vectors
}

/// The columns of strip `i` of the identity.
fn identity(i: usize, n: usize) -> Vec<Line> {
    let mut lines = vec![[0.0; WIDTH]; n];
    for (column, line) in lines.iter_mut().skip(i * WIDTH).take(WIDTH).enumerate() {
        line[column] = 1.0;
    }
    lines
}

/// Qᵀ = … H₁ H₀ on the strip.
fn reflect(strip: &mut [Line], reduced: &Reduced, n: usize) {
    for k in (0..n).filter(|k| reduced.tau[*k] != 0.0) {
        let v = &reduced.reflectors[k * n + k + 1..(k + 1) * n];
        let mut sum = [0.0; WIDTH];
        for (line, v) in strip[k + 1..].iter().zip(v) {
            for (sum, x) in sum.iter_mut().zip(line) {
                *sum += v * x;
            }
        }
        for (line, v) in strip[k + 1..].iter_mut().zip(v) {
            let factor = reduced.tau[k] * v;
            for (x, sum) in line.iter_mut().zip(&sum) {
                *x -= factor * sum;
            }
        }
    }
}

/// The rotations of QL on the strip.
fn rotate(strip: &mut [Line], rotations: &Rotations) {
    let mut turns = rotations.turns.as_slice();
    for (first, count) in &rotations.sweeps {
        let (own, rest) = turns.split_at(*count);
        turns = rest;
        let Some(mut lower) = strip.get(first + 1).copied() else { continue };
        for (k, [c, s]) in own.iter().enumerate() {
            let i = first - k;
            let upper = strip[i];
            let mut turned = [0.0; WIDTH];
            for j in 0..WIDTH {
                strip[i + 1][j] = s * upper[j] + c * lower[j];
                turned[j] = c * upper[j] - s * lower[j];
            }
            lower = turned;
        }
        strip[first + 1 - own.len()] = lower;
    }
}
