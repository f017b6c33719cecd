//! A symmetric matrix made tridiagonal by Householder reflections.
//!
//! The update of one step and the product of the next share a pass over the matrix:
//! this is bound by memory, and the pass is all of its time.

use crate::parallel::threads;
use std::thread;

/// T = Qᵀ A Q with Q = H₀ H₁ …, Hₖ = I − τₖ vₖ vₖᵀ.
pub(crate) struct Reduced {
    /// The diagonal of T.
    pub diagonal: Vec<f64>,
    /// What stands beside it; one less.
    pub beside: Vec<f64>,
    /// vₖ in row k from column k + 1 on; the rest is scratch.
    pub reflectors: Vec<f64>,
    pub tau: Vec<f64>,
}

/// Below this many rows a step is not worth a thread.
const ALONE: usize = 384;

/// A rank-two update that is due: A −= v wᵀ + w vᵀ.
struct Due {
    v: Vec<f64>,
    w: Vec<f64>,
}

impl Due {
    /// Brings columns `from..` of row `i` up to date.
    fn apply(&self, row: &mut [f64], i: usize, from: usize) {
        let (vi, wi) = (self.v[i], self.w[i]);
        for ((x, v), w) in row[from..].iter_mut().zip(&self.v[from..]).zip(&self.w[from..]) {
            *x -= vi * w + wi * v;
        }
    }
}

pub(crate) fn reduce(mut a: Vec<f64>, n: usize) -> Reduced {
    let (mut diagonal, mut beside, mut tau) =
        (vec![0.0; n], vec![0.0; n.saturating_sub(1)], vec![0.0; n]);
    let mut due = Due { v: vec![0.0; n], w: vec![0.0; n] };
    let mut product = vec![0.0; n];
    for k in 0..n {
        let (above, below) = a.split_at_mut((k + 1) * n);
        let row = &mut above[k * n..];
        due.apply(row, k, k);
        diagonal[k] = row[k];
        if k + 1 == n {
            break;
        }
        (tau[k], beside[k]) = reflector(&mut row[k + 1..]);
        let v = &row[k + 1..];
        pass(below, n, k + 1, &due, v, &mut product[k + 1..]);
        let half = tau[k] * tau[k] / 2.0 * dot(v, &product[k + 1..]);
        due.v[..=k].fill(0.0);
        due.w[..=k].fill(0.0);
        due.v[k + 1..].copy_from_slice(v);
        for ((w, p), v) in due.w[k + 1..].iter_mut().zip(&product[k + 1..]).zip(v) {
            *w = tau[k] * p - half * v;
        }
    }
    Reduced { diagonal, beside, reflectors: a, tau }
}

/// Replaces x by v so that (I − τ v vᵀ) x = (α, 0, …); gives τ and α.
fn reflector(x: &mut [f64]) -> (f64, f64) {
    let first = x[0];
    if x[1..].iter().all(|x| *x == 0.0) {
        x.fill(0.0);
        return (0.0, first);
    }
    let norm = dot(x, x).sqrt();
    let alpha = -norm.copysign(first);
    x[0] -= alpha;
    (2.0 / dot(x, x), alpha)
}

/// Brings the rows up to date and multiplies each by v, from column `from` on.
fn pass(rows: &mut [f64], n: usize, from: usize, due: &Due, v: &[f64], product: &mut [f64]) {
    let work = |rows: &mut [f64], product: &mut [f64], first: usize| {
        for (i, (row, p)) in rows.chunks_exact_mut(n).zip(product).enumerate() {
            due.apply(row, first + i, from);
            *p = dot(&row[from..], v);
        }
    };
    let count = product.len();
    if count < ALONE {
        return work(rows, product, from);
    }
    let share = count.div_ceil(threads());
    thread::scope(|scope| {
        let parts = rows.chunks_mut(share * n).zip(product.chunks_mut(share));
        for (i, (rows, product)) in parts.enumerate() {
            scope.spawn(move || work(rows, product, from + i * share));
        }
    });
}

/// In eight sums, which the compiler can keep in vector registers.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (mut a, mut b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut sums = [0.0; LANES];
    for (a, b) in a.by_ref().zip(b.by_ref()) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
