//! The implicit QL algorithm for a symmetric tridiagonal matrix, which records its
//! rotations. Source: Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms
//! for symmetric matrices", 1968 (`imtql2`).

use super::tridiagonal::Reduced;

/// The rotations of all sweeps, in order.
#[derive(Default)]
pub(crate) struct Rotations {
    /// Cosine and sine.
    pub turns: Vec<[f64; 2]>,
    /// The first row pair (i, i + 1) of each sweep, and how many pairs follow downwards
    /// to smaller i.
    pub sweeps: Vec<(usize, usize)>,
}

/// An eigenvalue needs about two sweeps; this many are a failure.
const MOST_SWEEPS: usize = 80;

/// The share of the largest value that is rounding, in units of ε: a value of which this much
/// is known is left as exact as it is.
const ROUNDING: f64 = 0.5;

/// The eigenvalues, and the rotations that lead to them.
pub(crate) fn diagonalize(reduced: &Reduced) -> Option<(Vec<f64>, Rotations)> {
    let mut d = reduced.diagonal.clone();
    let mut e = reduced.beside.clone();
    e.push(0.0);
    let mut rotations = Rotations::default();
    // Where values are 0 but for rounding (fewer rows than columns), every sweep adds rounding
    // of the largest to them: they are never small beside each other.
    let size = d.iter().zip(&e).map(|(d, e)| d.abs() + e.abs()).fold(0.0, f64::max);
    for l in 0..d.len() {
        let mut sweeps = 0;
        while let Some(m) = block_end(&d, &e, l, size) {
            sweeps += 1;
            if sweeps > MOST_SWEEPS {
                return None;
            }
            sweep(&mut d, &mut e, l, m, &mut rotations);
        }
    }
    Some((d, rotations))
}

/// The last row of the block that starts at row `l`; `None` if it is `l` itself. What is left
/// out is at most the rounding of a matrix of this size, which the reduction has as well.
fn block_end(d: &[f64], e: &[f64], l: usize, size: f64) -> Option<usize> {
    let is_split = |m: &usize| {
        e[*m].abs() <= f64::EPSILON * (d[*m].abs() + d[*m + 1].abs()).max(ROUNDING * size)
    };
    let m = (l..d.len() - 1).find(is_split).unwrap_or(d.len() - 1);
    (m != l).then_some(m)
}

/// One QL step with Wilkinson's shift on rows `l..=m`.
fn sweep(d: &mut [f64], e: &mut [f64], l: usize, m: usize, rotations: &mut Rotations) {
    let half = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let mut g = d[m] - d[l] + e[l] / (half + half.hypot(1.0).copysign(half));
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    let before = rotations.turns.len();
    let mut finished = true;
    for i in (l..m).rev() {
        let (f, b) = (s * e[i], c * e[i]);
        let r = f.hypot(g);
        e[i + 1] = r;
        if r == 0.0 {
            d[i + 1] -= p;
            finished = false;
            break;
        }
        (s, c) = (f / r, g / r);
        g = d[i + 1] - p;
        let r = (d[i] - g) * s + 2.0 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotations.turns.push([c, s]);
    }
    if finished {
        d[l] -= p;
        e[l] = g;
    }
    e[m] = 0.0;
    rotations.sweeps.push((m - 1, rotations.turns.len() - before));
}
