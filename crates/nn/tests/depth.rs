//! Lecture row L16: ten tanh layers of 500 without biases on unit Gaussian input.
//! The standard deviations were computed independently with 1000 samples; here
//! they are to be met within 2 % by weights drawn from our initializers.

mod support;

use gradwise_nn::init::Fan;
use gradwise_nn::{Activation, Init};

const UNITS: usize = 500;
const ROWS: usize = 200;

/// x·W in f32, fast enough for a test.
fn product(x: &[f32], weight: &[f32]) -> Vec<f32> {
    let mut result = vec![0.0; x.len()];
    for (from, to) in x.chunks_exact(UNITS).zip(result.chunks_exact_mut(UNITS)) {
        for (x, row) in from.iter().zip(weight.chunks_exact(UNITS)) {
            to.iter_mut().zip(row).for_each(|(to, w)| *to += x * w);
        }
    }
    result
}

/// Standard deviation and share beyond 0.97 of each layer's activations.
fn signals(init: &str) -> Vec<(f64, f64)> {
    let init: Init = init.parse().unwrap();
    let fan = Fan { inputs: UNITS, units: UNITS, activation: Activation::Tanh };
    let input = support::normal(8, &[ROWS, UNITS]);
    let mut x: Vec<f32> = input.data().iter().map(|x| *x as f32).collect();
    let mut found = Vec::new();
    for layer in 1..=10 {
        let mut weight = vec![0.0; UNITS * UNITS];
        init.initializer(2, &format!("dense{layer}.weight"), fan).fill(&mut weight);
        x = product(&x, &weight);
        x.iter_mut().for_each(|x| *x = x.tanh());
        let n = x.len() as f64;
        let square = x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / n;
        found.push((square.sqrt(), x.iter().filter(|x| x.abs() > 0.97).count() as f64 / n));
    }
    found
}

fn check(init: &str, deviations: [f64; 10], shares: [f64; 10]) {
    for ((found, deviation), share) in signals(init).iter().zip(deviations).zip(shares) {
        assert!((found.0 / deviation - 1.0).abs() < 0.02, "{init}: {}, not {deviation}", found.0);
        assert!((found.1 - share).abs() < 0.01, "{init}: {} saturate, not {share}", found.1);
    }
}

#[test]
fn small_weights_let_the_signal_vanish() {
    let deviations =
        [0.214, 0.0476, 0.0106, 2.38e-3, 5.29e-4, 1.18e-4, 2.64e-5, 5.92e-6, 1.32e-6, 2.94e-7];
    check("normal(0.01)", deviations, [0.0; 10]);
}

#[test]
fn large_weights_saturate_every_unit() {
    check("normal(1)", [0.982; 10], [0.92; 10]);
}

#[test]
fn xavier_keeps_the_signal() {
    let deviations = [0.627, 0.486, 0.407, 0.357, 0.322, 0.293, 0.271, 0.252, 0.237, 0.224];
    let mut shares = [0.0; 10];
    shares[0] = 0.04;
    check("xavier", deviations, shares);
}
