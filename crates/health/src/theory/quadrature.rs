//! Expectations of functions of normal numbers.
//!
//! Activations have a kink at 0, where Gauss–Hermite nodes converge slowly, and
//! tanh of a large multiple is nearly a step there. So the two half lines are
//! integrated apart, by Gauss–Legendre on panels that shrink towards 0.

use std::sync::OnceLock;

/// Nodes of a panel.
const NODES: usize = 16;
/// Ends of the panels of a half line. Beyond the last, the density is below 1e-37.
const ENDS: [f64; 11] = [0.0, 0.004, 0.015, 0.06, 0.25, 0.75, 1.5, 3.0, 5.0, 8.0, 13.0];

/// The nodes of the real line with their weights times the normal density.
fn rule() -> &'static [(f64, f64)] {
    static RULE: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    RULE.get_or_init(|| {
        let unit = legendre();
        let mut rule = Vec::new();
        for panel in ENDS.windows(2) {
            let (middle, half) = (0.5 * (panel[0] + panel[1]), 0.5 * (panel[1] - panel[0]));
            for &(x, w) in &unit {
                let z = middle + half * x;
                let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
                rule.extend([(z, half * w * density), (-z, half * w * density)]);
            }
        }
        rule
    })
}

/// Nodes and weights of Gauss–Legendre on [−1, 1], by Newton's method on the
/// Legendre polynomial from Tricomi's estimate of its roots.
fn legendre() -> Vec<(f64, f64)> {
    let n = NODES as f64;
    let node = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut before, mut p) = (1.0, x);
            for k in 2..=NODES {
                let k = k as f64;
                (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
            }
            slope = n * (x * p - before) / (x * x - 1.0);
            x -= p / slope;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..NODES).map(node).collect()
}

/// E f(z), z a standard normal number.
pub fn expectation(f: impl Fn(f64) -> f64) -> f64 {
    rule().iter().map(|&(z, w)| w * f(z)).sum()
}

/// E f(u, v), u and v standard normal numbers of correlation `c`, u having the
/// panels' care at 0.
pub fn expectation_of_pair(c: f64, f: impl Fn(f64, f64) -> f64) -> f64 {
    let across = (1.0 - c * c).max(0.0).sqrt();
    expectation(|u| expectation(|z| f(u, c * u + across * z)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_normal_distribution() {
        for (power, moment) in [(0, 1.0), (1, 0.0), (2, 1.0), (4, 3.0), (6, 15.0), (8, 105.0)] {
            let got = expectation(|z| z.powi(power));
            assert!((got - moment).abs() < 1e-11 * moment.max(1.0), "{power}: {got}");
        }
    }

    #[test]
    fn kinks_and_steps_at_zero() {
        assert!((expectation(|z| z.max(0.0)) - 1.0 / std::f64::consts::TAU.sqrt()).abs() < 1e-13);
        assert!((expectation(|z| f64::from(z > 0.0)) - 0.5).abs() < 1e-13);
        // E tanh(kz)² = 1 − E sech²(kz) → 1 − √(2/π)/k for large k.
        let steep = expectation(|z| (1000.0 * z).tanh().powi(2));
        assert!((steep - (1.0 - 0.797_884_56e-3)).abs() < 1e-5, "{steep}");
    }

    #[test]
    fn pairs_have_their_correlation() {
        for c in [-0.9, 0.0, 0.3, 1.0] {
            assert!((expectation_of_pair(c, |u, v| u * v) - c).abs() < 1e-11);
        }
        // Both positive: 1/4 + asin(c)/2π (Sheppard 1899).
        let both = expectation_of_pair(0.5, |u, v| f64::from(u > 0.0 && v > 0.0));
        assert!((both - (0.25 + 0.5f64.asin() / std::f64::consts::TAU)).abs() < 2e-3);
    }
}
